/* significance.h -- which units describe more than chance does: SCORE, COUNT, CHANCE -> tables.
 *
 * Of each permutation only each unit's best IoU stays, so that any number can go by. */
#ifndef STAGE_SIGNIFICANCE_H
#define STAGE_SIGNIFICANCE_H

#include "record/ndr.h"
#include "table/table.h"

enum { CUTS = 40 }; /* of IoU: 0.005, 0.01, ..., 0.2 */

/* A unit. */
struct significance_unit {
	uint32_t number; /* best label, 0: none */
	int category;
	double iou;
	uint64_t permutations, reached; /* those whose best IoU is not less */
	double sum, most;               /* of their best IoUs */
	double p, q;                    /* after significance_finish() */
};

/* A layer; detectors are units whose best IoU is greater than a cut, of the category of that
 * label, and in the last column of any. */
struct significance_layer {
	const struct ndr_layer *layer;
	size_t units, labels, categories;
	uint64_t *scores; /* SCORE (units, labels, 3); NULL: there was none */
	struct significance_unit *unit;
	uint64_t *observed; /* (CUTS + 1, categories + 1): the last row is of the threshold */
	uint64_t *permuted; /* (CUTS + 1, categories + 1): of all permutations together */
	uint64_t permutations;
	double *interval; /* (CUTS + 1, categories + 1, 2) of the rates; NULL: not known */
};

struct significance {
	const struct ndr_meta *meta;
	uint64_t min_images; /* labels that fewer images hold are left out */
	double threshold;    /* one more cut */
	int *category;       /* (labels): -1: left out */
	size_t layers;
	struct significance_layer *layer;
	size_t segments;
	bool counted; /* whether there was a COUNT */
};

/* A segment begins, of which there can be but one; m stays the caller's.  Zero s before, but
 * for min_images and threshold; free it also after an error. */
int significance_begin(struct significance *s, const struct ndr_meta *m,
                       struct error *e) CHECK_RESULT;
void significance_free(struct significance *s);

/* Add SCORE, COUNT or CHANCE, in that order. EXIT_MALFORMED at another, and at counts that
 * masks cannot have. */
int significance_add(struct significance *s, const struct ndr_record *rec,
                     struct error *e) CHECK_RESULT;
/* One more detector of a category in a table (CUTS + 1, categories + 1), at the cuts below its
 * IoU. */
void significance_count(const struct significance *s, uint64_t *table, int category,
                        double iou);
/* p and q of all, after the last record. */
int significance_finish(struct significance *s, struct error *e) CHECK_RESULT;

/* IoU of a cut, the last of which is the threshold. */
double significance_cut(const struct significance *s, size_t i);
/* Mean detectors by chance of those that were seen; NAN where none were. */
double significance_fdr(const struct significance_layer *l, size_t cut, size_t category);
/* The least cut from which on the false discovery rate is at most level as far as there are
 * detectors; CUTS: there is none. */
size_t significance_least_cut(const struct significance_layer *l, double level);

/* The tables; fd stays the caller's, name is for messages. */
int significance_write_units(const struct significance *s, enum table_format format, int fd,
                             const char *name, struct error *e) CHECK_RESULT;
int significance_write_fdr(const struct significance *s, int fd, const char *name,
                           struct error *e) CHECK_RESULT;
/* A row a layer: how many detectors there are above the threshold, how many in the mean by
 * chance, how many units have q <= level, and the least cut at that level. */
int significance_write_summary(const struct significance *s, double level, int fd,
                               const char *name, struct error *e) CHECK_RESULT;

#endif
