/* joint.h -- the pixels that masks have in each class of pixels, counted over items: SEG,
 * LABEL -> SCORE, COUNT, CLASSES, JOINT.
 *
 * Of the classes that there are a unit meets few, so its counts are a table of its own; all
 * threads share the tables, and whoever adds to one locks it.  SCORE follows from them. */
#ifndef STAGE_JOINT_H
#define STAGE_JOINT_H

#include "dissect/intersect.h"
#include "dissect/partition.h"
#include "stage/class_sets.h"

enum { JOINT_LOCKS = 64 };

/* What a thread, or whoever is alone with it for a time, needs. */
struct joint_thread {
	struct image_labels image;
	struct sparse_labels labels;
	struct partition partition;
	size_t number_capacity, list_capacity;
	uint32_t *number;        /* (classes of the partition): what the tables call them */
	uint16_t *list;          /* of a class */
	struct label_counts sum; /* images alone */
};

/* Counts of a unit, by hashes of the classes' numbers. */
struct joint_row {
	size_t count, slots;          /* a power of 2, or 0 */
	struct ndr_joint_class *slot; /* (slots); without pixels: empty */
};

struct joint_layer {
	size_t units;
	struct joint_row *row; /* (units) */
};

struct joint {
	struct label_categories known;
	int *category; /* (known.labels) */
	struct memory_share *memory;
	struct class_sets sets;
	size_t layers;
	struct joint_layer *layer; /* (layers) */
	size_t threads;
	struct joint_thread *thread; /* (threads) */
	bool locks;
	pthread_mutex_t lock[JOINT_LOCKS]; /* by unit */
};

/* Get ready for masks of the layers that masks has, and the labels that labels has; memory must
 * outlive j.  Zero it before, close it also after an error.  EXIT_MALFORMED if there are no
 * labels, EXIT_SYSTEM if the memory is not enough for the scores of the largest layer. */
int joint_open(struct joint *j, const struct ndr_meta *masks, const struct ndr_meta *labels,
               size_t threads, struct memory_share *memory, struct error *e) CHECK_RESULT;
void joint_close(struct joint *j);

/* Count an item's masks by the labels of an item, which may be the same; NULL: it has no
 * labels.  Every layer must have masks, of the labels' size.  EXIT_SYSTEM where the memory is
 * not enough. */
int joint_add(struct joint *j, size_t thread, const struct ndr_item *masks,
              const struct ndr_item *labels, struct error *e) CHECK_RESULT;

/* The same piece by piece: the labels of an image, and whether they are of each category; then
 * masks of it, those words of a bitmap that are not 0, and their places there, or with NULL all
 * from the first one on. */
int joint_add_labels(struct joint *j, size_t thread, uint32_t height, uint32_t width,
                     const struct sparse_labels *labels, const bool *holds,
                     struct error *e) CHECK_RESULT;
int joint_add_mask(struct joint *j, size_t thread, size_t layer, size_t unit,
                   const uint64_t *word, const uint32_t *place, size_t words,
                   struct error *e) CHECK_RESULT;

/* Put in order what was counted.  Once, before it is written. */
int joint_finish(struct joint *j, struct error *e) CHECK_RESULT;
/* Write the SCORE of each layer, COUNT, CLASSES, and a JOINT for each layer and unit. */
int joint_write(const struct joint *j, struct ndr_writer *w, struct error *e) CHECK_RESULT;

#endif
