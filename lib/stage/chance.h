/* chance.h -- masks scored against the labels of other images: SEG, LABEL -> SCORE, COUNT,
 * CHANCE.
 *
 * Labels change places within strata: images of one source (the first folder of their
 * names), of which the same primary categories are labelled, at the same size.  So areas and
 * truths stay, and the intersections say what chance gives.  Masks and labels of all images
 * are kept; every thread keeps those that it was given. */
#ifndef STAGE_CHANCE_H
#define STAGE_CHANCE_H

#include <regex.h>
#include <stdatomic.h>

#include "dissect/intersect.h"
#include "dissect/sparse.h"
#include "dissect/strata.h"
#include "record/ndr.h"
#include "stage/seeds.h"

/* What is kept of an image: of its labels, or its masks, in the end of both. */
struct chance_image {
	uint32_t number, height, width;
	char *name, *stratum, *block;
	bool *holds; /* (categories) */
	struct sparse_labels labels;
	struct sparse_masks *masks; /* (layers), or NULL */
};

struct chance_images {
	size_t count, capacity;
	struct chance_image *image;
};

struct chance_thread {
	struct image_labels read;
	struct chance_images labels, masks;
};

struct chance {
	struct label_categories known;
	int *category;
	size_t layers;
	size_t *units; /* (layers) */
	size_t threads;
	struct chance_thread *thread; /* (threads) */
	regex_t regex;
	bool blocks; /* whether there is a regex */
	uint64_t memory;
	_Atomic uint64_t used;
	struct chance_images images; /* after chance_finish(), by number */
	struct strata strata;
	size_t alone; /* images that are left out, as none can stand for them */
};

/* Get ready for masks of the layers that masks has, and the labels that labels has, to be kept
 * in memory bytes.  Images whose names block matches, an extended regular expression, are a
 * block with those for which its first group, or all of it, matches the same; NULL: there are
 * no blocks.  Zero c before, close it also after an error.  EXIT_USAGE at a bad expression. */
int chance_open(struct chance *c, const struct ndr_meta *masks, const struct ndr_meta *labels,
                size_t threads, uint64_t memory, const char *block,
                struct error *e) CHECK_RESULT;
void chance_close(struct chance *c);

/* Keep an item's labels, or the masks of all layers.  On any thread. */
int chance_add_labels(struct chance *c, size_t thread, const struct ndr_item *item,
                      struct error *e) CHECK_RESULT;
int chance_add_masks(struct chance *c, size_t thread, const struct ndr_item *item,
                     struct error *e) CHECK_RESULT;
/* Keep the labels of a stream, whose first segment s has begun; u, zeroed, becomes the union of
 * all.  EXIT_MALFORMED where items of the data set are missing. */
int chance_read_labels(struct chance *c, struct ndr_reader *r, struct ndr_segment *s,
                       struct ndr_union *u, struct error *e) CHECK_RESULT;

/* Join masks and labels, and find the strata.  masks says which items there are masks for:
 * EXIT_MALFORMED where one of them has labels but no masks, another size or name. */
int chance_finish(struct chance *c, const struct ndr_range *masks,
                  struct error *e) CHECK_RESULT;
/* What is to be written, in so many lots of records: SCORE of each layer and COUNT, over the
 * images that are not left out, and for each layer and seed CHANCE. */
size_t chance_lots(const struct chance *c, const struct seeds *seeds);
/* Append the records of a lot to out.  On any thread. */
int chance_make(const struct chance *c, const struct seeds *seeds, size_t lot,
                struct ndr_item *out, struct error *e) CHECK_RESULT;

/* Write the strata as a table to fd, which stays the caller's; categories are m's, name is for
 * messages. */
int chance_write_strata(const struct chance *c, const struct ndr_meta *m, int fd,
                        const char *name, struct error *e) CHECK_RESULT;

#endif
