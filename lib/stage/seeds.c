/* seeds.c -- see seeds.h. */
#include "stage/seeds.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/memory.h"

enum { MOST_SEEDS = 1000000 };

static int not_seeds(const char *list, struct error *e)
{
	return error_set(e, EXIT_USAGE,
	                 "--permute: '%s' is no list of seeds, as 1-1000 or 1,2,7-9 are", list);
}

static int read_number(const char **p, uint64_t *v)
{
	char *end;

	if (!isdigit((unsigned char)**p))
		return -1;
	errno = 0;
	*v = strtoull(*p, &end, 10);
	*p = end;
	return errno ? -1 : 0;
}

static int compare(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static int add_range(struct seeds *s, uint64_t first, uint64_t last, size_t *capacity,
                     struct error *e)
{
	const uint64_t more = last - first;

	if (more >= MOST_SEEDS || s->count + more >= MOST_SEEDS)
		return error_set(e, EXIT_USAGE, "--permute: more than %d seeds", MOST_SEEDS);
	if (memory_grow(&s->seed, capacity, s->count + (size_t)more + 1, sizeof *s->seed, e) <
	    0)
		return -1;
	for (uint64_t i = 0; i <= more; i++)
		s->seed[s->count++] = first + i;
	return 0;
}

int seeds_parse(struct seeds *s, const char *list, struct error *e)
{
	const char *p = list;
	size_t capacity = 0;
	uint64_t first, last;

	do {
		if (read_number(&p, &first) < 0)
			return not_seeds(list, e);
		last = first;
		if (*p == '-' && (p++, read_number(&p, &last) < 0 || last < first))
			return not_seeds(list, e);
		if (add_range(s, first, last, &capacity, e) < 0)
			return -1;
	} while (*p == ',' && p++);
	if (*p)
		return not_seeds(list, e);
	qsort(s->seed, s->count, sizeof *s->seed, compare);
	for (size_t i = 1; i < s->count; i++)
		if (s->seed[i] == s->seed[i - 1])
			return error_set(e, EXIT_USAGE,
			                 "--permute: seed %" PRIu64 " is there twice",
			                 s->seed[i]);
	return 0;
}

void seeds_free(struct seeds *s)
{
	free(s->seed);
	*s = (struct seeds){0};
}
