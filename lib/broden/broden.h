/* broden.h -- a Broden directory: photographs with labelled pixels.
 *
 *	DIR/index.csv     a row an image: image, split, ih, iw, sh, sw and a
 *	                  column a category, whose cells hold any number of
 *	                  label PNGs and whole-image label numbers, joined by ';'
 *	DIR/category.csv  name, ...: the categories in their order
 *	DIR/label.csv     number, name, ...: the labels
 *	DIR/c_NAME.csv    number, coverage, ...: a category's labels
 *	DIR/images/       what index.csv names
 *
 * as written by NetDissect (src/joinseg.py, D. Bau et al. 2017).  A label's
 * primary category is, among those chosen, the one where its coverage is
 * greatest; on a tie, the later in category.csv.  Label 0 means unlabelled.
 *
 * Items are the rows of the chosen split, the first so many of them, numbered
 * from 0.  Rows without a label in a chosen category have a number but make no
 * item. */
#ifndef BRODEN_BRODEN_H
#define BRODEN_BRODEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "record/ndr.h"

struct broden_choice {
	const char *categories; /* names joined by ','; NULL: all */
	const char *split;      /* NULL: all */
	uint64_t limit;         /* rows at most */
};

struct broden_form {
	bool images, labels; /* which records to make */
	bool crop;           /* only the middle square of image and label maps */
	uint32_t size;       /* then scale the image to size x size; 0: leave it */
};

struct broden;

/* Read the CSV files.  NULL with e set. */
struct broden *broden_open(const char *directory, const struct broden_choice *choice,
                           struct error *e) CHECK_RESULT;
void broden_close(struct broden *b);

/* Rows, categories and labels; b's. */
const struct ndr_meta *broden_meta(const struct broden *b);

/* How many of the rows first to end-1 make an item. */
uint32_t broden_count(const struct broden *b, uint32_t first, uint32_t end);

/* Append to item, which is empty and numbered below meta's items, its ITEM,
 * IMAGE and LABEL records: per category the pixel maps (layers, sh, sw), then
 * the whole-image labels (n, 1, 1).  Nothing if the row makes no item.  Any
 * number of threads at a time.
 *
 * Refused, with the file and the row of index.csv in the message: names that
 * lead out of DIR/images, files that do not decode, sizes other than the row
 * says, pixels whose label the chosen categories do not have. */
int broden_item(const struct broden *b, const struct broden_form *form, struct ndr_item *item,
                struct error *e) CHECK_RESULT;

#endif
