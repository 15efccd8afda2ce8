/* blas.c -- see blas.h. */
#include "tool/blas.h"

#include <cblas.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/error.h"
#include "base/machine.h"

#define CHOSEN "NDPIPE_KERNELS_CHOSEN"

#if defined __x86_64__
#define OLDEST "Prescott"
#else
#define OLDEST NULL /* those of other processors are left alone */
#endif

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
	for (size_t i = 0; i < sizeof kernels / sizeof kernels[0]; i++)
		if (strcasecmp(kernels[i].name, name) == 0)
			return kernels[i].rank;
	return 2;
}

/* The best kernels for the instructions that may be used, or NULL. */
static const char *best_kernels(void)
{
#if defined __x86_64__
	return machine_has(MACHINE_SKYLAKE) ? "SkylakeX"
	       : machine_has(MACHINE_AVX2)  ? "Haswell"
	                                    : "Prescott";
#else
	return NULL;
#endif
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
	int better;

	unsetenv(CHOSEN);
	if (again || !best || getenv("OPENBLAS_CORETYPE"))
		return;
	better = rank_of(best) - rank_of(openblas_get_corename());
	if (better == 0 || (better < 0 && !machine_limited()))
		return;
	if (setenv("OPENBLAS_CORETYPE", best, 1) != 0 ||
	    setenv("OPENBLAS_NUM_THREADS", "1", 0) != 0 || setenv(CHOSEN, "1", 1) != 0) {
		/* Others than the right kernels would round otherwise. */
		fprintf(stderr, "%s: no memory for the environment\n",
		        program_invocation_short_name);
		exit(EXIT_SYSTEM);
	}
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
