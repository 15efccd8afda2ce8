/* study.h -- sets of units, taken out one after the other, by the rest of the network: all that
 * tables.h writes.
 *
 * Memory: the activations, a logit and an accuracy of each class for a group of images on each
 * thread, and two numbers of each class for each set. */
#ifndef REMOVAL_STUDY_H
#define REMOVAL_STUDY_H

#include "forward/forward.h"
#include "removal/removal.h"

/* Set what is not private, all else to zero; study_free() also after an error. */
struct study {
	struct tool *tool;
	struct forward *forward; /* resumes at the layer */
	struct removal *removal; /* all images came */
	const struct result *result;
	const char *result_name;     /* of its file */
	double cut;                  /* detectors' IoU is above it */
	uint64_t random, near, seed; /* random sets a concept; see match.h */
	/* What study_measure() finds: */
	double *norm; /* (units) of outgoing weights, or NULL: not known */
	struct removal_concepts concepts;
	struct removal_sets single, of_concepts, of_classes;
	/* private: */
	struct removal_work *work; /* (threads) */
	size_t works;
};

/* On all threads; the results do not depend on their number.  EXIT_SYSTEM where the sets take
 * more memory than the activations may. */
int study_measure(struct study *s) CHECK_RESULT;
void study_free(struct study *s);

#endif
