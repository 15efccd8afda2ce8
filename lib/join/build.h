/* build.h -- a Broden directory in the making.
 *
 * All is done beside it, in DIR.part, in two passes over the images: labels are counted, then,
 * as it is known which are kept and what numbers they have, files are written.  Each pass keeps
 * a log, a line an image in their order, so that a run that was killed can go on: an image
 * whose line is there, and whose files have the size and time that the line knows, is done.  At
 * the end DIR.part becomes DIR. */
#ifndef JOIN_BUILD_H
#define JOIN_BUILD_H

#include "join/log.h"

struct join_limits {
	uint64_t min_images; /* labels on fewer are dropped */
	double min_coverage; /* so are those that cover fewer */
	double train;        /* share of images that are of the split train */
	const char *group; /* a POSIX extended regular expression, or NULL: names by whose match
	                      images are split */
	bool replace;      /* DIR may be there */
};

struct join_build;

/* Begin, or go on; the plan is the caller's meanwhile.  *again: work was there that is of no
 * use, and is gone. */
struct join_build *join_build_open(const struct join_plan *plan,
                                   const struct join_limits *limits, const char *directory,
                                   bool *again, struct error *e) CHECK_RESULT;
/* What is done stays for another run. */
void join_build_close(struct join_build *b);

/* Begin a pass: *done images of it are done. */
int join_build_begin(struct join_build *b, enum join_pass pass, size_t *done,
                     struct error *e) CHECK_RESULT;
/* An image into item, in JOIN_WRITE its files too: any number of threads at a time. */
int join_build_make(const struct join_build *b, size_t image, struct join_item *item,
                    struct text *line, struct error *e) CHECK_RESULT;
/* The same image has its line: one after the other, in their order. */
int join_build_note(struct join_build *b, const struct join_item *item, struct text *line,
                    struct error *e) CHECK_RESULT;
/* All are counted: which labels are kept, and what numbers they have. */
int join_build_number(struct join_build *b, struct error *e) CHECK_RESULT;
/* Both passes are through: tables, and the directory gets its name. */
int join_build_finish(struct join_build *b, struct error *e) CHECK_RESULT;

/* What there is to tell of it. */
struct join_facts {
	size_t images, left_out; /* of the directory; without labels */
	size_t bad;              /* left out for a fault of theirs */
	size_t missing, turned;  /* maps that are not there; cameras not upright */
	size_t labels, dropped;  /* kept; too rare */
	size_t first_without;    /* if maps are missing: the plan's first image without one */
};
struct join_facts join_build_facts(const struct join_build *b);

#endif
