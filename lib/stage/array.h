/* array.h -- the records of one type as one NumPy array: IMAGE -> (N, H, W, 3) u8, ACT ->
 * (N, units, h, w) f32, THRESH -> (units, 8) f64, SCORE -> (units, labels, 3) u64, LABEL of one
 * item -> (maps, sh, sw) u16. */
#ifndef STAGE_ARRAY_H
#define STAGE_ARRAY_H

#include "record/ndr.h"
#include "table/npy_writer.h"

enum array_kind { ARRAY_IMAGE, ARRAY_LABEL, ARRAY_ACT, ARRAY_THRESH, ARRAY_SCORE };

/* Which records. */
struct array_choice {
	enum array_kind kind;
	const char *layer;    /* by name; NULL: the only one */
	const char *category; /* of labels; NULL: all */
	uint32_t item;        /* NDR_NO_ITEM: all */
};

/* Set what is not private, all else to zero. */
struct array {
	struct array_choice choice;
	int fd;                        /* to write to; stays the caller's */
	const char *name;              /* its name, for messages */
	int (*spool)(struct error *e); /* see npy_writer_open() */
	uint64_t most_label_pixels;    /* of the maps made; 0: NDR_LABEL_PIXELS */
	/* private: */
	struct npy_writer out; /* array.shape[0] grows when items are stacked, or labels */
	bool begun;
	uint64_t next;             /* the least number that an item can have */
	uint32_t group;            /* the layer or category, or NDR_ANY_GROUP */
	struct ndr_item_info info; /* of the current item */
};

/* A segment begins, read from the named input.  EXIT_USAGE if it does not have the chosen layer
 * or category, or several layers of which none is chosen. */
int array_segment(struct array *a, const struct ndr_meta *m, const char *input,
                  struct error *e) CHECK_RESULT;
/* Append what is chosen of an item.  EXIT_MALFORMED if items are not in order, an image is of
 * another size than the first, or there are several THRESH or SCORE. */
int array_add(struct array *a, const struct ndr_item *item, struct error *e) CHECK_RESULT;
/* The array is whole.  EXIT_MALFORMED if there is nothing in it. */
int array_finish(struct array *a, struct error *e) CHECK_RESULT;
/* In the end, also after an error. */
int array_close(struct array *a, struct error *e) CHECK_RESULT;

#endif
