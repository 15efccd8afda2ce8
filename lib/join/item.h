/* item.h -- an image and its label maps as the directory has them. */
#ifndef JOIN_ITEM_H
#define JOIN_ITEM_H

#include "base/text.h"
#include "broden/statistics.h"
#include "join/plan.h"

/* A layer of an image: a label map, or none. */
struct join_plane {
	uint32_t category, ordinal; /* ordinal: which of the category's, from 0 */
	uint16_t *label;            /* [sh][sw] */
};

/* One image on its way; zero it before use.  One thread at a time. */
struct join_item {
	uint64_t signature; /* of the sizes and times of the files that it is made of */
	bool labelled;      /* else it is left out, and what follows is nothing */
	bool bad;           /* it is left out for its fault */
	struct error fault;
	uint32_t missing;        /* sets that have no map of it */
	bool turned;             /* a camera was not held upright */
	uint32_t ih, iw, sh, sw; /* as index.csv has them */
	struct join_plane *plane;
	size_t planes, plane_capacity;
	struct join_whole *whole; /* [wholes] labels of the whole image; image is NULL */
	size_t wholes, whole_capacity;
	struct broden_tally tally; /* by category, of labels as join_label() numbers them */
	struct text file;          /* the image's, if wanted */
	const char *ending;        /* ".jpg" */
};

/* The path of the first map that image i does not have; free() it. */
char *join_item_missing(const struct join_plan *p, size_t i, struct error *e) CHECK_RESULT;
/* The signature of image i of the plan. */
int join_item_sign(const struct join_plan *p, size_t i, uint64_t *signature,
                   struct error *e) CHECK_RESULT;
/* Make image i; with_file: its file, too. */
int join_item_make(const struct join_plan *p, size_t i, bool with_file, struct join_item *item,
                   struct error *e) CHECK_RESULT;
void join_item_free(struct join_item *item);

#endif
