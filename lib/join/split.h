/* split.h -- which split an image is of: by the digest of its name, so that it stays in it
 * whatever else there is. */
#ifndef JOIN_SPLIT_H
#define JOIN_SPLIT_H

#include <regex.h>
#include <stdbool.h>

#include "base/error.h"

/* Zero it before use. */
struct join_split {
	double train;        /* share of images that are of the split train */
	const char *pattern; /* of group, or NULL; the caller's */
	regex_t group;
	bool grouped;
};

/* group: a POSIX extended regular expression, images with the same match of which, or of its
 * first parentheses, are of one split; or NULL. */
int join_split_open(struct join_split *s, double train, const char *group,
                    struct error *e) CHECK_RESULT;
void join_split_close(struct join_split *s);

/* 1: the image of that name is of train; 0: of val; -1 with e set.  Any number of threads. */
int join_split_is_train(const struct join_split *s, const char *name,
                        struct error *e) CHECK_RESULT;

#endif
