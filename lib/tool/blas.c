/* blas.c -- see blas.h. */
#include "tool/blas.h"

#include <cblas.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define CHOSEN "NDPIPE_KERNELS_CHOSEN"

/* Kernels from the oldest instruction sets to the newest; what is not listed is left
 * alone. */
static const struct {
	const char *name;
	int rank;
} kernels[] = {
        {"Prescott", 0},     {"Core2", 0},          {"Penryn", 0},      {"Dunnington", 0},
        {"Nehalem", 0},      {"Atom", 0},           {"Athlon", 0},      {"Opteron", 0},
        {"Opteron_SSE3", 0}, {"Barcelona", 0},      {"Nano", 0},        {"Bobcat", 0},
        {"Bulldozer", 0},    {"Piledriver", 0},     {"Steamroller", 0}, {"Excavator", 0},
        {"Sandybridge", 0},  {"Haswell", 1},        {"Zen", 1},         {"SkylakeX", 2},
        {"Cooperlake", 2},   {"SapphireRapids", 2},
};

static int rank_of(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof kernels / sizeof kernels[0]; i++)
		if (strcasecmp(kernels[i].name, name) == 0)
			return kernels[i].rank;
	return 2;
}

/* The best kernels that this processor (and its operating system) can run, or NULL. */
static const char *best_kernels(void)
{
#if defined(__x86_64__)
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
	    __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
	    __builtin_cpu_supports("avx512cd"))
		return "SkylakeX";
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
		return "Haswell";
#endif
	return NULL;
}

/* By the real name, as ps(1) would else show "exe". */
static void run_again(char *argv[])
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);

	if (n > 0) {
		path[n] = '\0';
		execv(path, argv);
	}
	execv("/proc/self/exe", argv);
}

void blas_choose_kernels(char *argv[])
{
	const char *best = best_kernels();
	bool again = getenv(CHOSEN) != NULL;

	unsetenv(CHOSEN);
	if (again || !best || getenv("OPENBLAS_CORETYPE") ||
	    rank_of(openblas_get_corename()) >= rank_of(best))
		return;
	if (setenv("OPENBLAS_CORETYPE", best, 1) != 0 ||
	    setenv("OPENBLAS_NUM_THREADS", "1", 0) != 0 || setenv(CHOSEN, "1", 1) != 0)
		return;
	run_again(argv);
	/* Slow, but it runs. */
	unsetenv(CHOSEN);
	unsetenv("OPENBLAS_CORETYPE");
}

const char *blas_kernels(void)
{
	static char text[128];
	const char *config = openblas_get_config();
	char version[32] = "";

	sscanf(config, "OpenBLAS %31s", version);
	snprintf(text, sizeof text, "OpenBLAS %s, %s kernels\n", version,
	         openblas_get_corename());
	return text;
}
