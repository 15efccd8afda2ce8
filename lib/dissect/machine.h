/* machine.h -- compile a loop for several instruction sets and take the best that
 * the processor has.  For loops whose result does not depend on the choice:
 * integers, or float operations element by element. */
#ifndef DISSECT_MACHINE_H
#define DISSECT_MACHINE_H

#ifdef __x86_64__
#define MACHINE_VECTORS  __attribute__((target_clones("avx512f", "avx2", "default")))
#define MACHINE_POPCOUNT __attribute__((target_clones("popcnt", "default")))
#else
#define MACHINE_VECTORS
#define MACHINE_POPCOUNT
#endif

#endif
