/* kept.h -- which labels a directory keeps, and what numbers these and their categories have
 * there. */
#ifndef JOIN_KEPT_H
#define JOIN_KEPT_H

#include "broden/statistics.h"
#include "join/names.h"

/* Zero it before use. */
struct join_kept {
	uint16_t *number; /* [65536] by join_label(): the directory's, or 0 */
	size_t labels, dropped;
	char **name, **synonyms; /* [65536] by the directory's number */
	const char **category;   /* [categories] in the directory's order, the names' own */
	uint32_t *category_of;   /* [categories] which of the names' it is */
	size_t categories;
};

/* Keep the labels that at least so many images hold, and that cover at least so many of them:
 * those of more images have lower numbers.  Categories come by the lowest number that they
 * have. EXIT_MALFORMED if none is kept.  join_kept_free() also after an error. */
int join_kept_choose(struct join_kept *k, const struct join_names *names,
                     const struct broden_statistics *counted, uint64_t min_images,
                     double min_coverage, struct error *e) CHECK_RESULT;
void join_kept_free(struct join_kept *k);

#endif
