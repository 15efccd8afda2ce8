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
#include "stage/joint.h"
#include "stage/seeds.h"
#include "stage/split.h"

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

/* What a user chooses. */
struct chance_choice {
	uint64_t memory;   /* bytes that masks and labels may take */
	const char *block; /* images whose names it matches, an extended regular expression,
	                      are a block with those for which its first group, or all of it,
	                      matches the same; NULL: there are no blocks */
	const char *label_file; /* the stream that has the labels; NULL: that of the masks */
	uint64_t most_label_pixels; /* see ndr_open() */
	const struct split *split;  /* images that there are; NULL: all */
};

struct chance {
	const struct chance_choice *choice;
	struct ndr_union labels; /* the segments of label_file */
	struct label_categories known;
	int *category;
	size_t layers;
	size_t *units; /* (layers) */
	size_t threads;
	struct chance_thread *thread; /* (threads) */
	regex_t regex;
	bool blocks; /* whether there is a regex */
	_Atomic uint64_t used;
	struct chance_images images; /* after chance_finish(), by number */
	struct strata strata;
	size_t alone; /* images that are left out, as none can stand for them */
};

/* Get ready for masks of the layers that masks has, on as many of the threads as memory is
 * enough for (c->threads); read the labels where they have a stream of their own.  choice must
 * outlive c.  Zero c before, close it also after an error.  EXIT_USAGE at a bad expression,
 * EXIT_MALFORMED where there are no labels, items of the data set lack theirs, or the labels
 * are of another data set. */
int chance_open(struct chance *c, const struct chance_choice *choice,
                const struct ndr_meta *masks, size_t threads, struct error *e) CHECK_RESULT;
void chance_close(struct chance *c);

/* Keep an item's masks of all layers, and its labels where they come with them.  On any
 * thread. */
int chance_add(struct chance *c, size_t thread, const struct ndr_item *item,
               struct error *e) CHECK_RESULT;

/* Join masks and labels, and find the strata.  all says which items there are masks for:
 * EXIT_MALFORMED if they are a subset, or where one of them has labels but no masks, another
 * size or name. */
int chance_finish(struct chance *c, const struct ndr_segment *all,
                  struct error *e) CHECK_RESULT;
/* What is to be written of a range of items, in so many lots of records: SCORE of each layer
 * and COUNT, over the images that are not left out, and for each layer and seed CHANCE.  Labels
 * change places between all images, whatever the range: those of its masks' images count. */
size_t chance_lots(const struct chance *c, const struct seeds *seeds);
/* Append the records of a lot to out.  On any thread. */
int chance_make(const struct chance *c, const struct seeds *seeds,
                const struct ndr_range *range, size_t lot, struct ndr_item *out,
                struct error *e) CHECK_RESULT;

/* Instead, the joint counts that there would be if labels had changed places by a seed: j is
 * opened for the segment, and the masks of its images that are not left out are counted by the
 * labels that they get.  joint_close() it also after an error. */
int chance_count_joint(const struct chance *c, uint64_t seed, const struct ndr_segment *s,
                       struct memory_share *share, size_t threads, struct joint *j,
                       struct error *e) CHECK_RESULT;

/* Write the strata as a table to fd, which stays the caller's; categories are m's, name is for
 * messages. */
int chance_write_strata(const struct chance *c, const struct ndr_meta *m, int fd,
                        const char *name, struct error *e) CHECK_RESULT;

#endif
