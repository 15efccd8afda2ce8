/* parts.h -- all segments of some inputs, found by a look at their headers, and their records
 * in the order of their items, whatever the order of the inputs.  What cannot seek is copied to
 * a temporary file first. */
#ifndef RECORD_PARTS_H
#define RECORD_PARTS_H

#include "record/ndr.h"

struct ndr_found {
	char *name;                 /* where to read it */
	const char *input;          /* where it came from, for messages */
	struct ndr_segment segment; /* offset is in name; META is that of all */
	bool thresholds;            /* it holds THRESH */
};

/* Set spool, which makes a temporary file and returns its descriptor, or -1 with e set; all
 * else to zero. */
struct ndr_parts {
	int (*spool)(struct error *e);
	size_t count, capacity;
	struct ndr_found *part;  /* (count): by their first items */
	struct ndr_union united; /* what they are as one; its strings are its own */
	/* private: */
	uint64_t most_label_pixels;
	struct ndr_meta meta;
	int fd;
	struct ndr_writer *spooler;
};

/* Find the segments in the inputs, as ndr_open() reads them; the names must outlive p.
 * EXIT_MALFORMED if they do not belong together: another META, items that overlap, or several
 * with thresholds, which do not make those of the whole.  Free p also after an error. */
int ndr_parts_find(struct ndr_parts *p, char *const *names, size_t count,
                   uint64_t most_label_pixels, struct error *e) CHECK_RESULT;
/* Hand the records of the i-th to take(), one after the other. */
int ndr_parts_read(const struct ndr_parts *p, size_t i,
                   int (*take)(void *ctx, const struct ndr_record *rec, struct error *e),
                   void *ctx, struct error *e) CHECK_RESULT;
void ndr_parts_free(struct ndr_parts *p);

#endif
