/* reader.h -- a reader inside, and what its files do for each other; private to lib/record. */
#ifndef RECORD_READER_H
#define RECORD_READER_H

#include "record/check.h"
#include "record/count.h"
#include "record/input.h"

struct ndr_reader {
	struct input *input;
	bool any;     /* the current file has held a segment */
	bool pending; /* next is a header already read and checked */
	struct ndr_record next;
	uint32_t next_crc; /* of its payload */
	unsigned char header_crc[4];

	/* of the segment */
	uint64_t sequence;
	uint32_t crc_of_crcs;
	struct type_counts count; /* of records */
	struct segment_sums sums;
	bool preamble;
	int64_t item; /* the current one, -1 if none; last: highest yet */
	int64_t last;
	struct item_sizes sizes;    /* of the current item */
	struct ndr_segment segment; /* the caller's, who may change it */
	struct ndr_range range;
	struct ndr_meta meta;

	struct ndr_item own; /* where ndr_read() puts data */

	/* ndr_recover(): */
	bool recovering;
	bool gap;    /* something was lost since this was last made false */
	bool intact; /* the header refused last was undamaged: there is a payload */
	bool cut;    /* the file has ended, wherever */
	uint64_t faults, faults_before; /* in all; before this segment */
	uint32_t items;                 /* given out of which nothing is lost */
	uint64_t again;                 /* bytes of the file that were read again */
	struct error first_fault;
};

/* ---- reader_fault.c ---- */

/* Fail for that reason, with file, record and place.  Always -1. */
int reader_bad(struct ndr_reader *r, enum exit_code code, const struct ndr_record *rec,
               const char *reason, struct error *e);
/* Whether to go on after a fault; if not, it is e's. */
bool reader_forgive(struct ndr_reader *r, const struct error *fault,
                    struct error *e) CHECK_RESULT;

/* ---- reader_record.c ---- */

/* Read and check the next header into r->next, where it is pending.  1; 0 at the end of the
 * file, which is legal only between segments; or -1. */
int reader_header(struct ndr_reader *r, struct error *e) CHECK_RESULT;
/* The payload of the pending record into item, which gets the record. */
int reader_take(struct ndr_reader *r, struct ndr_item *item, struct error *e) CHECK_RESULT;
/* r->next was accepted, with its payload or without. */
int reader_count(struct ndr_reader *r, struct error *e) CHECK_RESULT;

/* ---- reader_segment.c ---- */

/* The segment ends here, with END (pending) or, when recovering, without.  0 or -1. */
int reader_finish_segment(struct ndr_reader *r, struct error *e) CHECK_RESULT;
/* Give back what is known of the segment. */
void reader_forget_segment(struct ndr_reader *r);

#endif
