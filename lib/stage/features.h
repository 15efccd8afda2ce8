/* features.h -- the activations of a stream as features of its images, with their classes:
 * ACT -> rows to train classifiers on, and rows to test them on. */
#ifndef STAGE_FEATURES_H
#define STAGE_FEATURES_H

#include "record/ndr.h"

/* What becomes of a unit's map: its values in their order, their mean, their maximum. */
enum features_pool { FEATURES_ALL, FEATURES_MEAN, FEATURES_MAX };

struct features_image {
	uint32_t number;
	bool trains;
	char *class;
	float **row; /* (layers) */
};

/* Zero it before use; features_free() also after an error. */
struct features {
	size_t layers, images;
	uint64_t without_class; /* images that were left out */
	/* private: */
	enum features_pool pool;
	double share;
	size_t *width, capacity; /* (layers): features */
	struct features_image *image;
	uint64_t bytes, most;
};

/* Keep what m's layers give, in at most so many bytes with what classifiers take of them.  Of
 * the images that share trains whose name's CRC-32 is below share * 2^32: the same in every
 * layer, network and run. */
int features_open(struct features *f, const struct ndr_meta *m, enum features_pool pool,
                  double share, uint64_t bytes, struct error *e) CHECK_RESULT;
/* An item of that class; NULL: it has none.  EXIT_SYSTEM beyond the bytes. */
int features_add(struct features *f, const struct ndr_item *item, const char *class,
                 struct error *e) CHECK_RESULT;
void features_free(struct features *f);

/* Rows of one side, by class and item number. */
struct features_side {
	size_t images;
	uint32_t *class;    /* (images): index */
	const float ***row; /* (layers)(images)(width[layer]): the features' own */
};

struct features_split {
	size_t layers, classes;
	const size_t *width; /* (layers) */
	uint64_t left_out;   /* images whose class is not on both sides */
	struct features_side train, test;
};

/* The two sides of what was added; it lives as long as f.  Classes have an image on either.
 * EXIT_MALFORMED if fewer than two have.  Zero s before, features_split_free() also after an
 * error. */
int features_split(const struct features *f, struct features_split *s,
                   struct error *e) CHECK_RESULT;
void features_split_free(struct features_split *s);

#endif
