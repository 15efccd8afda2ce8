/* lookup.h -- find a stream's items by number, as they come. */
#ifndef RECORD_LOOKUP_H
#define RECORD_LOOKUP_H

#include "record/ndr.h"

struct lookup {
	struct ndr_union parts; /* the segments so far; all.meta is that of each */
	struct ndr_item item;   /* the one that was found */
	/* private: */
	const char *name;
	struct ndr_reader *in;
	struct ndr_segment *part;
	struct ndr_range left; /* of part: what was not asked for yet */
	int more;              /* whether there is an item */
	uint32_t missing;      /* of part: the first item asked for in vain */
};

/* Zero it before, close it after; name must outlive it. */
int lookup_open(struct lookup *l, const char *name, uint64_t most_label_pixels,
                struct error *e) CHECK_RESULT;
void lookup_close(struct lookup *l);

/* Numbers ascend, as far as the stream's segments do.  1: l->item is the item;
 * 0: it is within the range of a segment that does not hold it, and is not known
 * to be a subset.  Else -1, EXIT_MALFORMED for an item out of all ranges. */
int lookup_find(struct lookup *l, uint32_t number, struct error *e) CHECK_RESULT;

/* The same for an item of the number and name that like has; if it is found, it goes to *item,
 * which keeps it however far the look-up goes on.  EXIT_MALFORMED where the name is another:
 * the streams are of two data sets. */
int lookup_take(struct lookup *l, const struct ndr_item *like, struct ndr_item *item,
                struct error *e) CHECK_RESULT;

/* Read the rest, so that all of the stream has been checked. */
int lookup_finish(struct lookup *l, struct error *e) CHECK_RESULT;

#endif
