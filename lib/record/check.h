/* check.h -- whether a data record fits the segment that it is in; private to
 * lib/record.  Each function returns the reason why not, or NULL. */
#ifndef RECORD_CHECK_H
#define RECORD_CHECK_H

#include "record/format.h"

/* What the current item's ITEM says. */
struct item_sizes {
	uint32_t height, width, label_height, label_width;
	uint64_t maps;              /* of all label pixels, so far */
	uint64_t most_label_pixels; /* see ndr_check_label_pixels() */
};

/* What the summaries of a segment were so far, on which later ones depend. */
struct layer_sums {
	unsigned once; /* THRESH, SCORE and TOP: bits 1 << type */
	uint32_t top;  /* TOP's k */
	double *row;   /* (units, top, 2): TOP */
	/* The least unit to come: */
	uint32_t next_map, next_chance, next_tail, next_joint, next_maxima;
	bool chance; /* there was a CHANCE, with that seed */
	uint64_t seed;
};

struct segment_sums {
	size_t layers;
	struct layer_sums *layer; /* (layers) */
	bool classes_known;
	uint64_t classes, *class_pixels; /* (classes) */
};

/* For a segment whose META has that many layers; zero s before the first. */
int segment_sums_begin(struct segment_sums *s, size_t layers, struct error *e) CHECK_RESULT;
void segment_sums_free(struct segment_sums *s);

/* The payload of a summary that ndr 1.1 added.  e is set where there is no memory. */
const char *check_summary(const struct ndr_record *rec, const struct ndr_meta *m,
                          struct segment_sums *sums, struct error *e) CHECK_RESULT;

/* The shape in the header, before there is a payload. */
const char *check_shape(const struct ndr_record *rec, const struct ndr_meta *m,
                        const struct item_sizes *item);
/* The payload; an ITEM's goes to *item. */
const char *check_content(const struct ndr_record *rec, const struct ndr_meta *m,
                          struct item_sizes *item);

#endif
