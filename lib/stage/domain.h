/* domain.h -- the pixels and labels that formulas are compared on: COUNT, CLASSES -> struct
 * formula_table.
 *
 * That is all pixels and labels, or of some categories: the pixels of images that hold them
 * all, and their labels. */
#ifndef STAGE_DOMAIN_H
#define STAGE_DOMAIN_H

#include "formula/search.h"
#include "record/summary.h"

struct domain {
	size_t categories, labels; /* of META */
	bool *wanted;              /* (categories): all false: all pixels of all images */
	bool *named;               /* (labels): may be in a formula */
	size_t rare;               /* labels left out as too few images hold them */
	int64_t pixels;
	struct formula_table table;
	size_t classes;
	uint32_t *place; /* (classes of CLASSES): that of the table, FORMULA_NO_CLASS, or: */
};
#define DOMAIN_OUTSIDE (UINT32_MAX - 1)

/* Which categories: names with commas between, or "all".  Free d also after an error.
 * EXIT_USAGE if there is no such category. */
int domain_begin(struct domain *d, const struct ndr_meta *m, const char *categories,
                 struct error *e) CHECK_RESULT;
/* All labels may be in a formula that are on at least min_images images of the domain: as
 * images (labels; NULL: not known) says of all images or a single category, else as far as
 * classes show.  EXIT_MALFORMED if there are 2^37 pixels or more, or as
 * formula_table_make(). */
int domain_make(struct domain *d, const struct ndr_meta *m, const struct ndr_record *classes,
                const uint64_t *images, uint64_t min_images, struct error *e) CHECK_RESULT;
/* The same for the labels that another one of the same categories found. */
int domain_make_like(struct domain *d, const struct domain *other,
                     const struct ndr_record *classes, struct error *e) CHECK_RESULT;
void domain_free(struct domain *d);

/* A unit's pixels in the domain, and of them those of each class of the table. */
int64_t domain_unit(const struct domain *d, const struct ndr_joint *j, int64_t *both);

#endif
