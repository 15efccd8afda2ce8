/* machine.h -- loops compiled for several processors, the best of which is taken
 * at run time.  For loops whose result does not depend on the choice: integers, or
 * float operations element by element, so each version gives the same bytes.
 *
 * Only gcc on x86: clang 14 gives the resolvers of static functions external
 * names, which collide.  Not with ThreadSanitizer: resolvers run before it is ready. */
#ifndef BASE_MACHINE_H
#define BASE_MACHINE_H

#if defined __x86_64__ && !defined __clang__ && !defined __SANITIZE_THREAD__
#define VECTOR_CLONES   __attribute__((target_clones("avx512f", "avx2", "default")))
#define POPCOUNT_CLONES __attribute__((target_clones("popcnt", "default")))
#else
#define VECTOR_CLONES
#define POPCOUNT_CLONES
#endif

#endif
