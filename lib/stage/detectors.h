/* detectors.h -- how many units of result tables detect how many concepts: result ... -> a
 * table with a row for each and a column for every category. */
#ifndef STAGE_DETECTORS_H
#define STAGE_DETECTORS_H

#include "dissect/label.h"
#include "table/result.h"
#include "table/table.h"

/* A row: what was counted of one result. */
struct detectors_of {
	char *file;
	size_t units, categories;
	char **category;                        /* (categories): names */
	struct label_tally total, *by_category; /* (categories) */
};

/* Zero it before use. */
struct detectors {
	size_t results, capacity;
	struct detectors_of *of; /* (results) */
};

/* Count a result, which was read from the named file; both stay the caller's. */
int detectors_add(struct detectors *d, const char *file, const struct result *r,
                  double threshold, enum label_rule rule, struct error *e) CHECK_RESULT;

/* Write the table, a row for each result in their order, to fd, which stays the caller's; name
 * is for messages.  Columns are file, units, detectors and unique, then Broden's categories in
 * the order of the paper, then others as results have them: as text "detectors/unique" in one
 * column, else C-detectors and C-unique in two. */
int detectors_write(const struct detectors *d, enum table_format format, int fd,
                    const char *name, struct error *e) CHECK_RESULT;
void detectors_free(struct detectors *d);

#endif
