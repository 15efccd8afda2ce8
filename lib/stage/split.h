/* split.h -- some of the images of a data set, by a table that says of which split each is: as
 * index.csv of a Broden directory does. */
#ifndef STAGE_SPLIT_H
#define STAGE_SPLIT_H

#include "stage/truth.h"

struct split {
	/* private: */
	struct truth table;
	const char *path, *name;
};

/* Read the columns "image" and "split" of a table; path and name must outlive s.  Zero it
 * before, free it also after an error.  EXIT_USAGE if no image is of the split, EXIT_MALFORMED,
 * naming file and row, if one stands twice. */
int split_read(struct split *s, const char *path, const char *name,
               struct error *e) CHECK_RESULT;
void split_free(struct split *s);

/* 1: the item is of the split; 0: of another; EXIT_MALFORMED if the table does not have it.
 * On any thread. */
int split_has(const struct split *s, const struct ndr_item *item, struct error *e) CHECK_RESULT;

#endif
