/* truth.h -- the class that an image is of, as people know it: ITEM, LABEL -> the name of a
 * class.
 *
 * Either a table says it, CSV with the columns "image" and "class", or it is the image's label
 * of a category: that on most pixels, and of equal ones that with the lower number; a label of
 * the whole image is on all. */
#ifndef STAGE_TRUTH_H
#define STAGE_TRUTH_H

#include "dissect/intersect.h"
#include "record/ndr.h"
#include "table/csv.h"

struct truth_row {
	const char *image, *class;
};

/* Zero it before use; truth_free() also after an error. */
struct truth {
	/* private: */
	size_t rows, capacity;
	struct truth_row *row; /* (rows), by image; NULL: a category says it */
	struct csv table;      /* whose text rows point into */
	int category;
	struct label_categories known;
	int *label_category; /* (known.labels) */
	struct image_labels labels;
};

/* Read the table, in which that column has the class.  EXIT_MALFORMED, naming file and row,
 * where an image stands twice. */
int truth_read(struct truth *t, const char *path, const char *column,
               struct error *e) CHECK_RESULT;
/* What it says of an image; NULL: nothing. */
const char *truth_find(const struct truth *t, const char *image);
/* Take the labels of that category of META, which must outlive t.  EXIT_USAGE, saying which
 * there are, if it has none of that name. */
int truth_of_category(struct truth *t, const struct ndr_meta *m, const char *name,
                      struct error *e) CHECK_RESULT;
/* Either: the table where path is not NULL, else the category. */
int truth_open(struct truth *t, const struct ndr_meta *m, const char *category,
               const char *path, struct error *e) CHECK_RESULT;
void truth_free(struct truth *t);

/* 1: *class is the name of the item's class, which lives as long as t and META; 0: nothing says
 * what it is.  For one thread at a time. */
int truth_of(struct truth *t, const struct ndr_meta *m, const struct ndr_item *item,
             const char **class, struct error *e) CHECK_RESULT;

#endif
