/* labelling.h -- scores on their way to results: what is chosen among the layers and labels of
 *a stream, what the result is worth, and what goes into it.
 *
 *	SCORE, COUNT; thresholds -> struct result of each layer
 */
#ifndef STAGE_LABELLING_H
#define STAGE_LABELLING_H

#include "stage/score.h"
#include "stage/thresholds.h"
#include "stage/uncertainty.h"

/* With fewer images, labels that only tens of them hold pass 0.04 by chance. */
enum { LABELLING_FEW_IMAGES = 1000 };

/* What a user chooses. */
struct labelling_choice {
	const char *layer; /* its name; NULL: all */
	const char *
	        directory; /* where each layer's result has a file; NULL: there is one result */
	const char *extension; /* of these */
	uint64_t min_images;   /* that hold a label, or it is left out */
	double threshold;      /* units above this IoU are detectors */
	uint64_t bootstrap;    /* samples of blocks for intervals; 0: none */
	uint64_t seed;         /* which samples */
};

/* Set choice, and thresholds where results are to have them, all else to zero. */
struct labelling {
	const struct labelling_choice *choice;
	struct thresholds thresholds;
	struct scores scores;
	struct score_labels labels; /* after labelling_finish() */
	char **path;                /* (layers of META): of results in a directory; or NULL */
	/* private: */
	struct uncertainty blocks;
	const struct ndr_meta *meta; /* of the segment */
};

/* A segment begins; s must last while records of it come. */
int labelling_segment(struct labelling *l, const struct ndr_segment *s,
                      struct error *e) CHECK_RESULT;
/* Add a record, if it is SCORE or COUNT.  One thread at a time. */
int labelling_add(struct labelling *l, const struct ndr_record *rec,
                  struct error *e) CHECK_RESULT;
/* All is there, of META m: choose layers, their paths, and labels.  Errors as those of
 * scores_choose_layers() and scores_paths(), or EXIT_MALFORMED where there are no labels. */
int labelling_finish(struct labelling *l, const struct ndr_meta *m,
                     struct error *e) CHECK_RESULT;
void labelling_close(struct labelling *l);

/* What is odd about results of so many images, to warn of: the which-th thing, from 0, as a
 * line to free(); NULL where there are no more, or with e set. */
char *labelling_doubt(const struct labelling *l, uint32_t images, size_t which,
                      struct error *e) CHECK_RESULT;
/* EXIT_USAGE where all labels are left out. */
int labelling_check(const struct labelling *l, struct error *e) CHECK_RESULT;

/* What a layer's result says, in short. */
struct labelling_summary {
	struct label_tally detectors; /* by the paper's rule */
	size_t borderline;            /* units in whose interval the threshold is */
};
/* The result of a layer that has scores, into r, zeroed but for its warnings; to result_free(),
 * also after an error. */
int labelling_result(const struct labelling *l, const struct ndr_meta *m, size_t layer,
                     struct result *r, struct labelling_summary *summary,
                     struct error *e) CHECK_RESULT;

#endif
