/* machine.c -- see machine.h. */
#include "base/machine.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined __x86_64__
#include <cpuid.h>
#endif

enum { ASKED = 1 << 16 };

/* Sets of instructions, from the oldest to the newest: what must be there, and what may be
 * used. */
static const struct set {
	const char *name;
	unsigned needs, uses;
} sets[] = {
        {.name = "plain"},
#if defined __x86_64__
        {.name = "avx2",
         .needs = MACHINE_AVX2,
         .uses = MACHINE_POPCNT | MACHINE_PCLMUL | MACHINE_AVX2 | MACHINE_F16C},
        {.name = "avx512", .needs = MACHINE_AVX512, .uses = ~0u},
#elif defined __aarch64__
        {.name = "neon", .needs = MACHINE_NEON, .uses = ~0u},
#endif
};

enum { SETS = sizeof sets / sizeof sets[0] };

static unsigned ask(void)
{
	unsigned has = 0;

#if defined __x86_64__
	unsigned a, b, c, d;

	__builtin_cpu_init();
	if (__builtin_cpu_supports("popcnt"))
		has |= MACHINE_POPCNT;
	if (__builtin_cpu_supports("pclmul"))
		has |= MACHINE_PCLMUL;
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
		has |= MACHINE_AVX2;
	/* Not every compiler knows the name of this one. */
	if (has & MACHINE_AVX2 && __get_cpuid(1, &a, &b, &c, &d) && c & bit_F16C)
		has |= MACHINE_F16C;
	if (has & MACHINE_AVX2 && __builtin_cpu_supports("avx512f"))
		has |= MACHINE_AVX512;
	if (has & MACHINE_AVX512 && __builtin_cpu_supports("avx512cd") &&
	    __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
	    __builtin_cpu_supports("avx512vl"))
		has |= MACHINE_SKYLAKE;
#elif defined __aarch64__
	has |= MACHINE_NEON;
#endif
	return has;
}

/* The set that the user names, of those that this processor has; or NULL. */
static const struct set *limit(unsigned has)
{
	const char *name = getenv(MACHINE_VARIABLE);

	for (size_t i = 0; name && i < SETS; i++)
		if (strcmp(sets[i].name, name) == 0 && (has & sets[i].needs) == sets[i].needs)
			return &sets[i];
	return NULL;
}

/* Threads that come at once all find the same. */
static unsigned features(void)
{
	static _Atomic unsigned known;
	unsigned has = atomic_load_explicit(&known, memory_order_relaxed);

	if (!has) {
		const struct set *most = limit(has = ask());

		has = (most ? has & most->uses : has) | ASKED;
		atomic_store_explicit(&known, has, memory_order_relaxed);
	}
	return has;
}

bool machine_has(unsigned wanted)
{
	return (features() & wanted) == wanted;
}

const char *machine_name(void)
{
	size_t best = SETS - 1;

	while (!machine_has(sets[best].needs))
		best--;
	return sets[best].name;
}

void machine_names(char *text, size_t size)
{
	unsigned has = ask();

	*text = '\0';
	for (size_t i = 0; i < SETS; i++) {
		size_t n = strlen(text);

		if ((has & sets[i].needs) == sets[i].needs)
			snprintf(text + n, size - n, "%s%s", n ? ", " : "", sets[i].name);
	}
}

bool machine_limited(void)
{
	return limit(ask()) != NULL;
}
