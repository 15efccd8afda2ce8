/* strata.c -- see strata.h. */
#include "dissect/strata.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"

static int compare_blocks(const struct strata_image *a, const struct strata_image *b)
{
	const int order = strcmp(a->stratum, b->stratum);

	if (order)
		return order;
	if (!a->block || !b->block)
		return (a->block != NULL) - (b->block != NULL);
	return strcmp(a->block, b->block);
}

static int compare_images(const void *pa, const void *pb)
{
	const struct strata_image *a = *(const struct strata_image *const *)pa;
	const struct strata_image *b = *(const struct strata_image *const *)pb;
	int order = compare_blocks(a, b);

	if (!order && a->block)
		order = strcmp(a->name, b->name);
	return order ? order : (a->number > b->number) - (a->number < b->number);
}

int strata_find(struct strata *s, const struct strata_image *image, size_t images,
                struct error *e)
{
	const struct strata_image **sorted = memory_new(images, sizeof *sorted, e);

	s->image = memory_new(images, sizeof *s->image, e);
	s->block = memory_new(images + 1, sizeof *s->block, e);
	s->stratum = memory_new(images + 1, sizeof *s->stratum, e);
	if (!sorted || !s->image || !s->block || !s->stratum) {
		free(sorted);
		return -1;
	}
	for (size_t i = 0; i < images; i++)
		sorted[i] = &image[i];
	if (images > 0)
		qsort(sorted, images, sizeof *sorted, compare_images);
	for (size_t i = 0; i < images; i++) {
		const struct strata_image *last = i ? sorted[i - 1] : NULL;

		s->image[i] = (size_t)(sorted[i] - image);
		if (!last || strcmp(last->stratum, sorted[i]->stratum) != 0)
			s->stratum[s->strata++] = s->blocks;
		if (!last || !last->block || compare_blocks(last, sorted[i]) != 0)
			s->block[s->blocks++] = i;
	}
	s->images = images;
	s->block[s->blocks] = images;
	s->stratum[s->strata] = s->blocks;
	free(sorted);
	return 0;
}

void strata_free(struct strata *s)
{
	free(s->image);
	free(s->block);
	free(s->stratum);
	*s = (struct strata){0};
}

bool strata_single(const struct strata *s, size_t stratum)
{
	return s->stratum[stratum + 1] - s->stratum[stratum] == 1;
}

/* Fisher and Yates. */
static void shuffle(size_t *v, size_t n, struct xoshiro *random)
{
	for (; n > 1; n--) {
		const size_t i = (size_t)xoshiro_below(random, n), last = v[n - 1];

		v[n - 1] = v[i];
		v[i] = last;
	}
}

int strata_permute(const struct strata *s, uint64_t seed, size_t *from, struct error *e)
{
	struct xoshiro random = xoshiro_seed(seed);
	size_t *order = memory_new(s->blocks, sizeof *order, e);
	size_t at = 0;

	if (!order)
		return -1;
	for (size_t b = 0; b < s->blocks; b++)
		order[b] = b;
	for (size_t i = 0; i < s->strata; i++)
		shuffle(order + s->stratum[i], s->stratum[i + 1] - s->stratum[i], &random);
	for (size_t b = 0; b < s->blocks; b++)
		for (size_t i = s->block[order[b]]; i < s->block[order[b] + 1]; i++)
			from[s->image[at++]] = s->image[i];
	free(order);
	return 0;
}
