/* concepts.h -- which concepts units detect, and how many units detect each. */
#ifndef STAGE_CONCEPTS_H
#define STAGE_CONCEPTS_H

#include "dissect/label.h"
#include "table/result.h"

/* A label of one category that units of one result detect. */
struct concept {
	size_t file; /* of the results in the order in which they came */
	const char *name;
	char *category, *label;
	size_t detectors;
	double score;  /* the greatest IoU of them */
	uint32_t unit; /* which has it, the first of equal ones */
};

/* Zero it before use. */
struct concepts {
	struct concept *concept; /* (count) */
	size_t count;
	/* private: */
	size_t capacity, files;
};

/* Add those of a result, counted as label_count() counts; name, which outlives c, is of its
 * file. */
int concepts_add(struct concepts *c, const char *name, const struct result *r, double threshold,
                 enum label_rule rule, struct error *e) CHECK_RESULT;
/* After the last result: a row each, file by file, by category in the order of plots, most
 * detectors first, then greatest IoU; text to fd, which stays the caller's, called place. */
int concepts_write(struct concepts *c, enum table_format format, int fd, const char *place,
                   struct error *e) CHECK_RESULT;
void concepts_free(struct concepts *c);

#endif
