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
 * The column split may be missing, and coverage, which then counts as 0.  Blanks
 * around headers and fields do not count.  Names are UTF-8.  2.0 is the number 2.
 *
 * Items are the rows of the chosen split, the first so many of them, numbered
 * from 0.  Rows without a label in a chosen category have a number but make no
 * item; if that are all rows, it is an error. */
#ifndef BRODEN_BRODEN_H
#define BRODEN_BRODEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "image/image.h"
#include "record/ndr.h"

struct broden_choice {
	const char *categories; /* names joined by ','; NULL: all */
	const char *split;      /* NULL: all */
	uint64_t limit;         /* rows at most */
};

struct broden_form {
	bool images, labels; /* which records to make */
	bool crop;           /* only the middle square of image and label maps */
	bool outside;        /* names and links may lead out of the directory */
	uint32_t size;       /* then scale the image to size x size; 0: leave it */
	enum palette palette;
	const bool
	        *void_label; /* [NDR_LABELS] pixels of such a number have no label; or NULL */
	uint64_t max_label_pixels; /* of an item, before it is cropped: NDR_LABEL_PIXELS */
};

/* Mark the numbers of a list, joined by commas, in void_label (NDR_LABELS).  EXIT_USAGE, naming
 * --void, where it is none. */
int broden_parse_void(const char *list, bool *void_label, struct error *e) CHECK_RESULT;

struct broden;

/* Read the CSV files.  NULL with e set. */
struct broden *broden_open(const char *directory, const struct broden_choice *choice,
                           struct error *e) CHECK_RESULT;
void broden_close(struct broden *b);

/* What is no fault but not what one would expect in the tables, a line each, for
 * i = 0, 1, ...; NULL after the last. */
const char *broden_warning(const struct broden *b, size_t i);

/* What a table's file held when it was read, once: it may be a pipe. */
enum broden_table { BRODEN_INDEX, BRODEN_CATEGORY, BRODEN_LABEL, BRODEN_TABLES };
struct broden_file {
	uint32_t crc32;
	uint64_t size;
};
struct broden_file broden_file_read(const struct broden *b, enum broden_table table);

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
 * says, pixels whose label the chosen categories do not have, more label pixels
 * than form allows.
 *
 * Pixels of images and label maps are as they are stored: a map's belong to the image's. */
struct broden_item {
	bool bad;    /* an error, and the data are at fault, in which a file may be missing,
	                and not the system */
	bool turned; /* the image notes that a camera was not held upright */
	char remark[IMAGE_REMARK]; /* of the image, see struct image_room; or empty */
};
int broden_item(const struct broden *b, const struct broden_form *form, struct ndr_item *item,
                struct broden_item *found, struct error *e) CHECK_RESULT;

#endif
