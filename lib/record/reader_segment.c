/* reader_segment.c -- where a segment begins and ends: HEAD, META, PROV, END; see reader.h. */
#include "record/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "base/memory.h"

void reader_forget_segment(struct ndr_reader *r)
{
	ndr_meta_free(&r->segment.meta);
	ndr_provenance_free(&r->segment.provenance);
	ndr_meta_free(&r->meta);
	segment_sums_free(&r->sums);
	r->segment = (struct ndr_segment){0};
}

static int take_head(struct ndr_reader *r, const struct ndr_record *rec, struct error *e)
{
	const unsigned char *p = rec->data;
	unsigned major;

	if (rec->length < HEAD_BYTES)
		return reader_bad(r, EXIT_MALFORMED, rec, "HEAD is too short", e);
	major = get16(p);
	if ((major != NDR_MAJOR && major != NDR_MAJOR_HALF) ||
	    get16(p + 4) > (major == NDR_MAJOR ? NDR_MINOR : 0))
		return error_set(e, EXIT_MALFORMED,
		                 "%s: format version %u.%u needs a newer reader",
		                 input_name(r->input), get16(p), get16(p + 2));
	r->segment.schema = get32(p + 8);
	r->range = (struct ndr_range){.first = get32(p + 12),
	                              .end = get32(p + 16),
	                              .most = get32(p + 20),
	                              .minor = major == NDR_MAJOR ? get16(p + 2) : NDR_MINOR,
	                              .half = major == NDR_MAJOR_HALF};
	if (r->range.minor >= 1 && rec->length >= HEAD_CUT_BYTES)
		r->range.cut = get32(p + 24);
	if (r->range.minor > NDR_MINOR) /* what it added is passed on by none who read this */
		r->range.minor = NDR_MINOR;
	if (r->range.first > r->range.end || get16(p + 6))
		return reader_bad(r, EXIT_MALFORMED, rec, "HEAD makes no sense", e);
	return 0;
}

static int take_meta(struct ndr_reader *r, const struct ndr_record *rec, struct error *e)
{
	char place[320];

	if (checksum(0, rec->data, rec->length) != r->segment.schema)
		return reader_bad(r, EXIT_MALFORMED, rec, "not the META that HEAD announces",
		                  e);
	snprintf(place, sizeof place, "%.200s: record %llu (META) at byte %llu",
	         input_name(r->input), (unsigned long long)rec->sequence,
	         (unsigned long long)rec->offset);
	return ndr_meta_decode(&r->meta, rec->data, rec->length, place, e) < 0
	               ? -1
	               : segment_sums_begin(&r->sums, r->meta.layers, e);
}

static int take_provenance(struct ndr_reader *r, const struct ndr_record *rec, struct error *e)
{
	char *text = memory_new(rec->length + 1, 1, e);
	struct ndr_provenance one = {.count = 1, .text = &text};
	int status;

	if (!text)
		return -1;
	memcpy(text, rec->data, rec->length);
	status = memchr(text, 0, rec->length)
	                 ? reader_bad(r, EXIT_MALFORMED, rec, "not text", e)
	                 : ndr_provenance_unite(&r->segment.provenance, &one, e);
	free(text);
	return status;
}

static int take_preamble(struct ndr_reader *r, struct error *e)
{
	const struct ndr_record *rec;

	ndr_item_clear(&r->own, NDR_NO_ITEM);
	if (reader_take(r, &r->own, e) < 0)
		return -1;
	rec = r->own.record;
	return rec->type == NDR_HEAD   ? take_head(r, rec, e)
	       : rec->type == NDR_META ? take_meta(r, rec, e)
	                               : take_provenance(r, rec, e);
}

/* HEAD (pending), META and PROV; the first header after them is left pending. */
static int read_preamble(struct ndr_reader *r, struct error *e)
{
	int status;

	do {
		struct error fault = {0};

		if (take_preamble(r, &fault) < 0 &&
		    (r->next.type != NDR_PROV || !reader_forgive(r, &fault, e)))
			return error_set(e, fault.code, "%s", fault.text);
		status = reader_header(r, e);
		if (status < 0)
			return -1;
	} while (status == 1 && (r->next.type == NDR_META || r->next.type == NDR_PROV));
	if (r->sequence < 2)
		return reader_bad(r, EXIT_MALFORMED, &r->next, "META is lost", e);
	r->preamble = false;
	r->segment.range = r->range;
	return ndr_meta_copy(&r->segment.meta, &r->meta, e);
}

static int begin_segment(struct ndr_reader *r, struct error *e)
{
	int status;

	reader_forget_segment(r);
	r->preamble = true;
	r->sequence = 0;
	r->crc_of_crcs = 0;
	r->item = r->last = -1;
	r->items = 0;
	counts_clear(&r->count);
	while ((status = r->pending ? 1 : reader_header(r, e)) == 0) {
		status = input_next_file(r->input, e);
		if (status <= 0)
			return status;
		r->any = r->cut = false;
		r->again = 0;
	}
	if (status < 0)
		return -1;
	r->faults_before = r->faults;
	r->gap = false;
	r->segment.offset = r->next.offset;
	if (read_preamble(r, e) < 0)
		return -1;
	r->any = true;
	return 1;
}

int ndr_next_segment(struct ndr_reader *r, struct ndr_segment **s, struct error *e)
{
	for (;;) {
		struct error fault = {0};
		int status = begin_segment(r, &fault);

		*s = &r->segment;
		if (status >= 0)
			return status;
		if (!reader_forgive(r, &fault, e))
			return -1;
		r->pending = r->pending && r->next.type == NDR_HEAD;
	}
}

/* END (pending): its counts and checksum against what was read. */
static int check_end(struct ndr_reader *r, struct error *e)
{
	const struct ndr_record *rec;
	const unsigned char *p;
	uint64_t listed = 0, types;
	uint32_t previous = 0;

	ndr_item_clear(&r->own, NDR_NO_ITEM);
	if (reader_take(r, &r->own, e) < 0)
		return -1;
	rec = r->own.record;
	p = rec->data;
	types = rec->length < END_BYTES ? 0 : get32(p + 12);
	if (rec->length < END_BYTES || rec->length != END_BYTES + types * END_COUNT_BYTES)
		return reader_bad(r, EXIT_MALFORMED, rec, "END has the wrong length", e);
	if (get32(p) & ~(uint32_t)NDR_SUBSET)
		return reader_bad(r, EXIT_MALFORMED, rec, "unknown flag, needs a newer reader",
		                  e);
	r->segment.flags = get32(p);
	r->segment.items = get32(p + 8);
	if (r->faults > r->faults_before)
		return 0; /* they cannot agree */
	if (get32(p + 4) != r->crc_of_crcs)
		return reader_bad(r, EXIT_MALFORMED, rec, "crc over the segment mismatches", e);
	for (uint64_t i = 0; i < types; i++) {
		const unsigned char *q = p + END_BYTES + i * END_COUNT_BYTES;

		if (get32(q) > UINT16_MAX || (i && get32(q) <= previous) || get32(q + 4) ||
		    get64(q + 8) != counts_of(&r->count, (uint16_t)get32(q)) ||
		    get32(q) == NDR_END)
			return reader_bad(r, EXIT_MALFORMED, rec,
			                  "END's counts are not what was read", e);
		previous = get32(q);
		listed += get64(q + 8);
	}
	if (listed != rec->sequence || r->segment.items != counts_of(&r->count, NDR_ITEM))
		return reader_bad(r, EXIT_MALFORMED, rec, "END's counts are not what was read",
		                  e);
	return 0;
}

/* The segment ends here, with END (pending) or, when recovering, without. */
int reader_finish_segment(struct ndr_reader *r, struct error *e)
{
	struct error fault = {0};

	if (r->pending && r->next.type == NDR_END && check_end(r, &fault) < 0 &&
	    !reader_forgive(r, &fault, e))
		return -1;
	if (r->faults > r->faults_before) {
		r->segment.flags |= NDR_SUBSET;
		r->segment.items = r->items;
	}
	return 0;
}
