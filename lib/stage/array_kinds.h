/* array_kinds.h -- what becomes of each type of record; use array.h instead. */
#ifndef STAGE_ARRAY_KINDS_H
#define STAGE_ARRAY_KINDS_H

#include "record/ndr.h"
#include "table/npy_writer.h"

enum array_kind {
	ARRAY_IMAGE,
	ARRAY_PLANES,
	ARRAY_LABEL,
	ARRAY_ACT,
	ARRAY_SEG,
	ARRAY_THRESH,
	ARRAY_SCORE,
	ARRAY_COUNT,
	ARRAY_TOP,
	ARRAY_TOPMAP,
	ARRAY_MATRIX,
	ARRAY_LINEAR,
	ARRAY_SKETCH,
	ARRAY_TAIL,
	ARRAY_MAXIMA,
	ARRAY_CHANCE,
	ARRAY_CLASSES,
	ARRAY_JOINT,
};
#define ARRAY_KINDS                                                                            \
	"image|planes|label|act|seg|thresh|score|count|top|topmap|matrix|linear|sketch|tail|"  \
	"maxima|"                                                                              \
	"chance|classes|joint"

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
	struct npy_writer out; /* array.shape[0] grows with what comes */
	bool begun;
	uint64_t next;            /* the least number that an item can have */
	uint32_t group;           /* the layer or category, or NDR_ANY_GROUP */
	uint32_t units;           /* of the layer */
	size_t segment, found_in; /* number of the segment, and of that of the last record */
	uint64_t seed;            /* of the last CHANCE, and the units of it so far */
	uint32_t seed_units;
	struct ndr_item_info info; /* of the current item */
};

enum array_layer { LAYER_NONE, LAYER_IF_ANY, LAYER_NEEDED };

struct array_kind_info {
	unsigned record;
	const char *descr, *name;
	enum array_layer layer; /* which records belong to */
	bool of_item;           /* they stack, item by item */
	bool of_all;            /* they are made of the items of the data set */
	/* Append a record to the array. */
	int (*add)(struct array *a, const struct ndr_record *rec, struct error *e);
};
/* By enum array_kind. */
extern const struct array_kind_info array_kinds[];

/* shape[0] more of shape (ndim): begin the array, or make it longer.  All but the first of
 * shape are what they were. */
int array_grow(struct array *a, unsigned ndim, const uint64_t *shape,
               struct error *e) CHECK_RESULT;

#endif
