/* seeds.h -- seeds as a user lists them: "1-1000,2000". */
#ifndef STAGE_SEEDS_H
#define STAGE_SEEDS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct seeds {
	size_t count;
	uint64_t *seed; /* (count), ascending, none twice */
};

/* Read a list of seeds and ranges of them, at most a million, into a zeroed s.  EXIT_USAGE,
 * with what is wrong, where it is none, or names a seed twice. */
int seeds_parse(struct seeds *s, const char *list, struct error *e) CHECK_RESULT;
void seeds_free(struct seeds *s);

#endif
