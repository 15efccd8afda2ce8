/* scoring.h -- what masks and labels have in common, counted in one of three ways:
 *
 *	pixels of units and labels, in ranges of items: SCORE, COUNT
 *	the same against labels that changed places, too: CHANCE
 *	pixels of units by sets of labels, too: CLASSES, JOINT
 *
 * Labels come with the masks, or from another stream by item number. */
#ifndef STAGE_SCORING_H
#define STAGE_SCORING_H

#include "record/lookup.h"
#include "stage/chance.h"
#include "stage/counters.h"
#include "stage/joint.h"

/* What a user chooses. */
struct scoring_choice {
	uint64_t memory, most_label_pixels; /* bytes; see ndr_open() */
	uint64_t segments;                  /* ranges of items, or 0: one */
	const char *seeds;                  /* by which labels change places, or NULL */
	const char *block;                  /* see struct chance_choice */
	const char *label_file;             /* NULL: labels come with the masks */
	const char *split, *index_file;     /* only images of this split, by that table */
	bool joint;
};

struct scoring {
	const struct scoring_choice *choice;
	struct chance_choice permuting;
	struct seeds seeds;
	struct split split;
	struct lookup labels;
	struct memory_share share;
	struct counters counters; /* one of these three, or chance and joint */
	struct chance chance;
	struct joint joint;
	bool begun;
};

/* Read seeds and splits, and open the stream of labels.  choice must outlive s; zero s before,
 * close it also after an error.  EXIT_USAGE where choices exclude each other. */
int scoring_open(struct scoring *s, const struct scoring_choice *choice,
                 struct error *e) CHECK_RESULT;
void scoring_close(struct scoring *s);

/* A segment of masks, all of which have the same META; *threads: on how many scoring_add() may
 * be called, which become fewer where memory is scarce. */
int scoring_begin(struct scoring *s, const struct ndr_meta *masks, size_t *threads,
                  struct error *e) CHECK_RESULT;

/* Whether scoring_labels() is to be called, item by item in their order: it finds the labels of
 * an item of masks, or leaves labels empty. */
bool scoring_looks_up(const struct scoring *s);
int scoring_labels(struct scoring *s, const struct ndr_item *masks, struct ndr_item *labels,
                   struct error *e) CHECK_RESULT;
/* Count an item of masks, by the labels that were found.  On any thread. */
int scoring_add(struct scoring *s, const struct ndr_item *masks, struct ndr_item *labels,
                size_t thread, struct error *e) CHECK_RESULT;

/* All items were there: all becomes what the result says of itself, whose labels and categories
 * are those that were counted. */
int scoring_end(struct scoring *s, struct ndr_segment *all, struct error *e) CHECK_RESULT;
/* Then, once: add up what was counted, so that it can be written: joint; or with seeds chance,
 * by chance_make(); or counters. */
int scoring_sum(struct scoring *s, const struct ndr_segment *all, size_t threads,
                struct error *e) CHECK_RESULT;

#endif
