/* ablation.h -- units of a layer that are taken out: ACT -> ACT, where each of their cells has
 * one value. */
#ifndef STAGE_ABLATION_H
#define STAGE_ABLATION_H

#include "record/ndr.h"

/* What a user chooses: units or concept. */
struct ablation_choice {
	const char *layer;   /* or NULL: the only one */
	const char *units;   /* "1,3-5", counted from 1; or NULL */
	const char *concept; /* or NULL: those that the result says detect it */
	const char *result;  /* a table of unit-label */
	double cut;          /* IoU of a detector is above it */
	bool keep;           /* these stay, and all others go */
	const char *mean_of; /* a stream: cells become the unit's mean there; NULL: 0 */
};

/* Zero it before use; ablation_free() also after an error. */
struct ablation {
	uint32_t layer; /* its group in the segment */
	size_t units;   /* of the layer */
	uint8_t *goes;  /* a bit a unit, the least significant first */
	float *value;   /* (units): what their cells become; NULL: 0 */
};

/* Of a segment's META, once for all segments of that schema.  EXIT_USAGE where a list or a name
 * is none of the layer's, EXIT_MALFORMED where the table has no detector of the concept or the
 * stream of means is of another layer. */
int ablation_open(struct ablation *a, const struct ablation_choice *c, const struct ndr_meta *m,
                  uint64_t most_label_pixels, struct error *e) CHECK_RESULT;
void ablation_free(struct ablation *a);
/* Whether META has its layer at its place still, where the schema says so. */
bool ablation_fits(const struct ablation *a, const struct ndr_meta *m);

/* Of a map (units, cells). */
void ablation_apply(const struct ablation *a, size_t cells, float *map);

#endif
