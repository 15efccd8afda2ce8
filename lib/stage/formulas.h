/* formulas.h -- each unit's best formula of labels, from pixels counted by sets of labels:
 * SCORE, COUNT, CLASSES, JOINT -> struct formulas.
 *
 * The search runs on the JOINT of each unit as it comes, on any thread.  Other streams of the
 * same layers and labels then say what the formulas score on other images, and what the same
 * search finds by chance. */
#ifndef STAGE_FORMULAS_H
#define STAGE_FORMULAS_H

#include "stage/domain.h"
#include "table/table.h"

enum { FORMULAS_CUTS = 40 }; /* of IoU: 0.005, 0.01, ..., 0.2, and one more */

/* What a user chooses. */
struct formulas_choice {
	struct formula_choice search;
	uint64_t min_images; /* that hold a label, or it is left out */
	const char *domain;  /* "all", or categories with commas between */
	const char *layer;   /* its name; NULL: all */
	double threshold;    /* one more cut */
};

/* A unit.  Arrays have an element for each length, from 1. */
struct formulas_unit {
	int64_t area;
	struct formula_found *found; /* NULL: its masks have no pixels */
	int64_t area_scored;         /* and the same on other images: */
	struct formula_counts *scored;
	uint64_t images; /* on which the longest one holds, where that was counted */
};

struct formulas_layer {
	const struct ndr_layer *layer;
	bool wanted;
	size_t units;
	struct formulas_unit *unit; /* (units); NULL: there is no SCORE */
	uint64_t *observed; /* (length, FORMULAS_CUTS + 1): units with an IoU above the cut */
	uint64_t *permuted; /* the same of all permutations together */
};

/* Of one stream. */
struct formulas_input {
	struct domain domain;
	uint64_t *images; /* COUNT, or NULL */
	size_t threads;
	struct formula_search **search; /* (threads) */
	int64_t **both;                 /* (threads) */
	struct formula_found **found;   /* (threads) */
};

struct formulas {
	const struct formulas_choice *choice;
	struct ndr_meta meta;
	size_t layers;
	struct formulas_layer *layer;
	struct formulas_input main, other; /* other: the stream that is read now */
	size_t segments;
	bool scored, counted; /* counted: images */
	uint64_t permutations;
	int64_t pixels_permuted; /* of the first of them */
};

/* A segment begins, of which there can be but one, and that of all items.  Zero f before the
 * first but for choice; free it also after an error. */
int formulas_segment(struct formulas *f, const struct ndr_segment *s, size_t threads,
                     struct error *e) CHECK_RESULT;
/* A record in its order, before formulas_unit(). */
int formulas_arrive(struct formulas *f, const struct ndr_record *rec,
                    struct error *e) CHECK_RESULT;
/* If it is a JOINT, find its unit's formulas.  On any thread. */
int formulas_find(struct formulas *f, const struct ndr_record *rec, size_t thread,
                  struct error *e) CHECK_RESULT;
void formulas_free(struct formulas *f);

/* Read a file: the formulas' counts on its images, of one segment; or of each segment what the
 * same search finds there.  EXIT_MALFORMED, naming the file, where it is of other layers or
 * labels. */
int formulas_score(struct formulas *f, char *file, uint64_t most_label_pixels,
                   struct error *e) CHECK_RESULT;
int formulas_permuted(struct formulas *f, char *file, uint64_t most_label_pixels,
                      struct error *e) CHECK_RESULT;

/* Whether a segment of another stream is of the same layers and labels: else EXIT_MALFORMED,
 * naming the file. */
int formulas_agree(const struct formulas *f, const struct ndr_segment *s, const char *name,
                   struct error *e) CHECK_RESULT;

/* Count the longest formulas again, in masks and labels: SEG, LABEL of the images that formulas
 * were found and scored on; and the images on which they hold.  EXIT_MALFORMED where counts
 * differ. */
int formulas_verify(struct formulas *f, char *file, uint64_t most_label_pixels,
                    struct error *e) CHECK_RESULT;

/* IoU of a cut, the last of which is the threshold. */
double formulas_cut(const struct formulas *f, size_t i);
/* The place in observed and permuted. */
static inline size_t formulas_cell(size_t length, size_t cut)
{
	return (length - 1) * (FORMULAS_CUTS + 1) + cut;
}

/* The tables; fd stays the caller's, name is for messages.  Of units, by descending score: */
int formulas_write(const struct formulas *f, enum table_format format, int fd, const char *name,
                   struct error *e) CHECK_RESULT;
/* of units and lengths: */
int formulas_write_lengths(const struct formulas *f, int fd, const char *name,
                           struct error *e) CHECK_RESULT;
/* of lengths and cuts. */
int formulas_write_fdr(const struct formulas *f, int fd, const char *name,
                       struct error *e) CHECK_RESULT;

#endif
