/* machine.h -- what the processor can, and loops that are compiled for several.
 *
 * The processor is asked once, and with it its operating system, which must save the
 * registers.  NDPIPE_MACHINE in the environment limits what is used to one set of
 * instructions and those before it: plain, avx2, avx512; on AArch64 plain, neon. */
#ifndef BASE_MACHINE_H
#define BASE_MACHINE_H

#include <stdbool.h>
#include <stddef.h>

#define MACHINE_VARIABLE "NDPIPE_MACHINE"

enum machine_feature {
	MACHINE_POPCNT = 1 << 0,
	MACHINE_PCLMUL = 1 << 1,
	MACHINE_AVX2 = 1 << 2,    /* with FMA */
	MACHINE_AVX512 = 1 << 3,  /* F, with AVX2 and FMA */
	MACHINE_SKYLAKE = 1 << 4, /* AVX-512 with CD, BW, DQ and VL too */
	MACHINE_NEON = 1 << 5,    /* of AArch64 */
	MACHINE_F16C = 1 << 6,    /* with AVX2 */
};

/* May all of these features be used? */
bool machine_has(unsigned features);

/* The best set of instructions in use: a name that NDPIPE_MACHINE takes. */
const char *machine_name(void);
/* All names that it takes on this processor: "plain, avx2, avx512". */
void machine_names(char *text, size_t size);
/* Does it hold one of them? */
bool machine_limited(void);

#define MACHINE_INLINE static inline __attribute__((always_inline))

/* A function in versions for several processors, the best of which runs:
 *
 *	VECTOR_CLONES(static, void, add, (float *y, const float *x, size_t n), (y, x, n))
 *	{
 *		for (size_t i = 0; i < n; i++)
 *			y[i] += x[i];
 *	}
 *
 * For loops whose result does not depend on the choice: integers, or float operations
 * element by element, so each version gives the same bytes.  (The attribute target_clones
 * does as much for gcc with glibc alone, and its choice cannot be limited.) */
#if defined __x86_64__

#define MACHINE_CLONE(features, suffix, type, name, parameters, arguments)                     \
	__attribute__((target(features))) static type name##suffix parameters                  \
	{                                                                                      \
		return name##_body arguments;                                                  \
	}

#define VECTOR_CLONES(scope, type, name, parameters, arguments)                                \
	MACHINE_INLINE type name##_body parameters;                                            \
	MACHINE_CLONE("avx512f", _avx512, type, name, parameters, arguments)                   \
	MACHINE_CLONE("avx2", _avx2, type, name, parameters, arguments)                        \
	scope type name parameters                                                             \
	{                                                                                      \
		return machine_has(MACHINE_AVX512) ? name##_avx512 arguments                   \
		       : machine_has(MACHINE_AVX2) ? name##_avx2 arguments                     \
		                                   : name##_body arguments;                    \
	}                                                                                      \
	MACHINE_INLINE type name##_body parameters

#define POPCOUNT_CLONES(scope, type, name, parameters, arguments)                              \
	MACHINE_INLINE type name##_body parameters;                                            \
	MACHINE_CLONE("popcnt", _popcnt, type, name, parameters, arguments)                    \
	scope type name parameters                                                             \
	{                                                                                      \
		return machine_has(MACHINE_POPCNT) ? name##_popcnt arguments                   \
		                                   : name##_body arguments;                    \
	}                                                                                      \
	MACHINE_INLINE type name##_body parameters

#else

#define VECTOR_CLONES(scope, type, name, parameters, arguments)   scope type name parameters
#define POPCOUNT_CLONES(scope, type, name, parameters, arguments) scope type name parameters

#endif

#endif
