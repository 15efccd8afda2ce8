/* chance_lots.c -- what chance_finish() found, as records in lots, and the strata as a table;
 * see chance.h. */
#include "stage/chance.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "record/summary.h"
#include "stage/counter.h"
#include "table/table.h"
#include "tool/parallel.h"

/* The masks of an image, if it counts and is in the range; or NULL. */
static const struct sparse_masks *masks_of(const struct chance_image *image, size_t layer,
                                           const struct ndr_range *range)
{
	return image->masks && image->number >= range->first && image->number < range->end
	               ? &image->masks[layer]
	               : NULL;
}

/* ---- as it is ---- */

static void count_labels(const struct chance *c, const struct ndr_range *range,
                         struct label_counts *sum)
{
	for (size_t i = 0; i < c->images.count; i++) {
		const struct chance_image *image = &c->images.image[i];
		const bool counts = masks_of(image, 0, range) != NULL;

		for (size_t l = 0; counts && l < image->labels.count; l++) {
			sum->area[image->labels.label[l].number] += image->labels.label[l].area;
			sum->images[image->labels.label[l].number]++;
		}
	}
}

static void count_units(const struct chance *c, const struct ndr_range *range, size_t layer,
                        struct unit_counts *sum)
{
	for (size_t i = 0; i < c->images.count; i++) {
		const struct chance_image *image = &c->images.image[i];
		const struct sparse_masks *masks = masks_of(image, layer, range);

		if (!masks)
			continue;
		sparse_intersect(masks, &image->labels, c->known.labels, sum->intersection);
		for (size_t m = 0; m < masks->count; m++)
			for (size_t k = 0; k < c->known.categories; k++)
				if (image->holds[k])
					sum->activated[masks->mask[m].unit *
					                       c->known.categories +
					               k] += masks->mask[m].area;
	}
}

static int add_score(const struct chance *c, const struct ndr_range *range, size_t layer,
                     struct ndr_item *out, struct error *e)
{
	struct label_counts labels = {0};
	struct unit_counts sum = {0};
	int status = -1;

	if (label_counts_init(&labels, c->known.labels, e) == 0 &&
	    unit_counts_init(&sum, c->units[layer], &c->known, e) == 0) {
		count_labels(c, range, &labels);
		count_units(c, range, layer, &sum);
		status = counter_add_scores(&sum, &labels, &c->known, (uint32_t)layer, out, e);
	}
	unit_counts_free(&sum);
	label_counts_free(&labels);
	return status;
}

static int add_images(const struct chance *c, const struct ndr_range *range,
                      struct ndr_item *out, struct error *e)
{
	struct label_counts labels = {0};
	int status = label_counts_init(&labels, c->known.labels, e);

	if (status == 0) {
		count_labels(c, range, &labels);
		status = counter_add_images(&labels, out, e);
	}
	label_counts_free(&labels);
	return status;
}

/* ---- permuted ---- */

static int count_permuted(const struct chance *c, const struct ndr_range *range, size_t layer,
                          uint64_t seed, uint64_t *pixels, struct error *e)
{
	size_t *from = memory_new(c->images.count, sizeof *from, e);
	int status = from ? strata_permute(&c->strata, seed, from, e) : -1;

	for (size_t i = 0; i < c->images.count && status == 0; i++) {
		const struct sparse_masks *masks = masks_of(&c->images.image[i], layer, range);

		if (masks)
			sparse_intersect(masks, &c->images.image[from[i]].labels,
			                 c->known.labels, pixels);
	}
	free(from);
	return status;
}

/* In as many records as it takes. */
static int add_pixels(const struct chance *c, size_t layer, uint64_t seed,
                      const uint64_t *pixels, struct ndr_item *out, struct error *e)
{
	const uint32_t labels = (uint32_t)c->known.labels;
	const uint32_t units = (uint32_t)c->units[layer], most = ndr_chance_units(labels);

	for (uint32_t u = 0; u < units; u += most) {
		const struct ndr_chance part = {.seed = seed,
		                                .first = u,
		                                .units = units - u < most ? units - u : most,
		                                .labels = labels};
		uint64_t *to = ndr_chance_add(out, (uint32_t)layer, &part, e);

		if (!to)
			return -1;
		memcpy(to, pixels + (size_t)u * labels,
		       (size_t)part.units * labels * sizeof *to);
	}
	return 0;
}

static int add_permuted(const struct chance *c, const struct ndr_range *range, size_t layer,
                        uint64_t seed, struct ndr_item *out, struct error *e)
{
	uint64_t *pixels = memory_new(c->units[layer], c->known.labels * sizeof *pixels, e);
	int status = -1;

	if (pixels && count_permuted(c, range, layer, seed, pixels, e) == 0)
		status = add_pixels(c, layer, seed, pixels, out, e);
	free(pixels);
	return status;
}

size_t chance_lots(const struct chance *c, const struct seeds *seeds)
{
	return c->layers + 1 + c->layers * seeds->count;
}

int chance_make(const struct chance *c, const struct seeds *seeds,
                const struct ndr_range *range, size_t i, struct ndr_item *out, struct error *e)
{
	if (i < c->layers)
		return add_score(c, range, i, out, e);
	if (i == c->layers)
		return add_images(c, range, out, e);
	i -= c->layers + 1;
	return add_permuted(c, range, i / seeds->count, seeds->seed[i % seeds->count], out, e);
}

/* ---- joint ---- */

struct joining {
	const struct chance *chance;
	const struct ndr_range *range;
	struct joint *joint;
	size_t *from; /* (images): whose labels an image gets */
};

static int join_image(void *ctx, size_t i, size_t slot, struct error *e)
{
	const struct joining *g = ctx;
	const struct chance *c = g->chance;
	const struct chance_image *image = &c->images.image[i];
	const struct chance_image *other = &c->images.image[g->from[i]];

	if (!masks_of(image, 0, g->range))
		return 0;
	if (joint_add_labels(g->joint, slot, other->height, other->width, &other->labels,
	                     other->holds, e) < 0)
		return -1;
	for (size_t l = 0; l < c->layers; l++) {
		const struct sparse_masks *masks = masks_of(image, l, g->range);

		for (size_t m = 0; m < masks->count; m++) {
			const struct sparse_mask *mask = &masks->mask[m];

			if (joint_add_mask(
			            g->joint, slot, l, mask->unit, masks->word + mask->begin,
			            masks->place + mask->begin, mask->end - mask->begin, e) < 0)
				return -1;
		}
	}
	return 0;
}

int chance_count_joint(const struct chance *c, uint64_t seed, const struct ndr_segment *s,
                       struct memory_share *share, size_t threads, struct joint *j,
                       struct error *e)
{
	struct joining g = {.chance = c, .range = &s->range, .joint = j};
	const struct parallel_count p = {
	        .count = c->images.count, .threads = threads, .work = join_image, .ctx = &g};
	int status = -1;

	share->used = c->used;
	g.from = memory_new(p.count, sizeof *g.from, e);
	if (g.from && strata_permute(&c->strata, seed, g.from, e) == 0 &&
	    joint_open(j, &s->meta, &s->meta, PARALLEL_SLOTS(threads), share, e) == 0)
		status = parallel_count(&p, e);
	free(g.from);
	return status;
}

/* ---- strata ---- */

static void write_stratum(struct table *t, const struct chance *c, size_t stratum,
                          char *const *category, const char **held)
{
	const struct strata *s = &c->strata;
	const size_t first = s->stratum[stratum], last = s->stratum[stratum + 1];
	const struct chance_image *image = &c->images.image[s->image[s->block[first]]];
	size_t n = 0;

	for (size_t i = 0; i < c->known.categories; i++)
		if (image->holds[i])
			held[n++] = category[i];
	table_text(t, strchr(strchr(image->stratum, ' ') + 1, ' ') + 1);
	table_list(t, held, n);
	table_count(t, image->height);
	table_count(t, image->width);
	table_count(t, s->block[last] - s->block[first]);
	table_count(t, last - first);
	table_text(t, strata_single(s, stratum) ? "yes" : "no");
}

int chance_write_strata(const struct chance *c, const struct ndr_meta *m, int fd,
                        const char *name, struct error *e)
{
	static const char *const column[] = {"source", "categories", "height",  "width",
	                                     "images", "blocks",     "left-out"};
	const char **held = memory_new(m->categories, sizeof *held, e);
	struct table t = {0};
	int status;

	if (!held)
		return -1;
	table_begin(&t, TABLE_TSV, column, sizeof column / sizeof *column);
	for (size_t i = 0; i < c->strata.strata; i++)
		write_stratum(&t, c, i, m->category, held);
	status = table_end(&t, fd, name, e);
	table_free(&t);
	free(held);
	return status;
}
