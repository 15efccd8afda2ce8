/* report.h -- a dissection's records as a report: THRESH, SCORE, COUNT, TOP, TOPMAP of its
 * layer, then IMAGE and LABEL of the items that TOP names -> struct report. */
#ifndef STAGE_REPORT_H
#define STAGE_REPORT_H

#include "dissect/upsample.h"
#include "record/ndr.h"
#include "report/report.h"

struct reporting_choice {
	const char *layer; /* NULL: the one that there are scores of */
	uint64_t min_images;
	double cut;
	enum upsample_method upsample;
	bool strict;             /* segment above the threshold */
	uint32_t thumbnail;      /* the longer side of pictures on the page, in pixels */
	bool folder;             /* pictures in their own size */
	const char *formulas[2]; /* each side's table of formulas, as unit-formula --lengths
	                            writes it; NULL: none */
	const char *network[2];  /* what each side's is called; NULL: not told */
	const char *data;        /* the same */
	const char *activations; /* kind of the files that they are read of; NULL: of none */
	uint64_t most_label_pixels;
};

struct reporting_side;

struct reporting {
	struct report report;
	/* private: */
	const struct reporting_choice *choice;
	struct reporting_side *side[2];
};

/* Zero it before, close it also after an error.  choice must outlive it. */
void reporting_open(struct reporting *r, const struct reporting_choice *choice);
void reporting_close(struct reporting *r);

/* Add a dissection from STEM.thr.ndr, STEM.score.ndr and STEM.top.ndr, as dissect leaves
 * them; the first of at most two, or one of the same data.  Messages name the file.
 * EXIT_MALFORMED if they are not of one layer, or TOP comes without maps. */
int reporting_add(struct reporting *r, const char *stem, struct error *e) CHECK_RESULT;

/* After the last dissection: the pictures that items are wanted for. */
int reporting_begin(struct reporting *r, struct error *e) CHECK_RESULT;
/* Then, if wanted: from STEM.kind.ndr of each side the activations of these, for the masks of
 * all detectors that fire on them, and for examples at quantiles.  In files that can seek
 * those of other items are not read. */
int reporting_activations(struct reporting *r, struct error *e) CHECK_RESULT;
/* Then the pictures: from a stream of images and labels, "-" for standard input, those that are
 * wanted, with masks at the resolution of its labels by the functions that act-segment uses;
 * others are passed by.  progress, if not NULL, is told with ctx how many items were read, of
 * how many.  EXIT_MALFORMED if the stream is of other data, or a wanted item is not in it. */
int reporting_read(struct reporting *r, const char *path,
                   void (*progress)(void *ctx, uint64_t done, uint64_t total), void *ctx,
                   struct error *e) CHECK_RESULT;

#endif
