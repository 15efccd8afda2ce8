/* reader.c -- records in, each checked before anyone sees it.
 *
 * In this order: header checksum and fields; sequence; grammar; shape against
 * META; then memory for the payload, its checksum, and its content.
 *
 * What fails is an error, unless the reader is recovering: then it is passed
 * over, and the item that it may have belonged to is given up. */
#include "record/check.h"
#include "record/count.h"
#include "record/input.h"
#include "record/item.h"
#include "base/checksum.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEP_BYTES = 1 << 24 };     /* a longer payload is believed only as it arrives */
enum { INFLATED_BYTES = 1 << 27 }; /* the most that an item of a gzip file takes */
/* Recovering, payloads are read again in search of headers, each header within them may
 * announce another payload: so many times the bytes that there are, and no more. */
enum { AGAIN_TIMES = 4 };

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

struct ndr_reader *ndr_open(char *const *names, size_t count, uint64_t most_label_pixels,
                            struct error *e)
{
	struct ndr_reader *r = memory_new(1, sizeof *r, e);

	if (!r)
		return NULL;
	r->sizes.most_label_pixels = most_label_pixels ? most_label_pixels : NDR_LABEL_PIXELS;
	r->input = input_open(names, count, e);
	if (!r->input || input_next_file(r->input, e) < 0) {
		ndr_close(r);
		return NULL;
	}
	return r;
}

static void forget_segment(struct ndr_reader *r)
{
	ndr_meta_free(&r->segment.meta);
	ndr_provenance_free(&r->segment.provenance);
	ndr_meta_free(&r->meta);
	segment_sums_free(&r->sums);
	r->segment = (struct ndr_segment){0};
}

void ndr_close(struct ndr_reader *r)
{
	if (!r)
		return;
	forget_segment(r);
	ndr_item_free(&r->own);
	input_close(r->input);
	counts_free(&r->count);
	free(r);
}

const char *ndr_reader_name(const struct ndr_reader *r)
{
	return input_name(r->input);
}

static int bad(struct ndr_reader *r, enum exit_code code, const struct ndr_record *rec,
               const char *reason, struct error *e)
{
	char buffer[8];

	if (rec->type == 0) /* not even a type to name */
		return error_set(e, code, "%s: record %llu at byte %llu: %s",
		                 input_name(r->input), (unsigned long long)r->sequence,
		                 (unsigned long long)rec->offset, reason);
	return error_set(e, code, "%s: record %llu (%s) at byte %llu: %s", input_name(r->input),
	                 (unsigned long long)rec->sequence, ndr_type_name(rec->type, buffer),
	                 (unsigned long long)rec->offset, reason);
}

/* Whether to go on after a fault; if not, it is e's. */
static bool forgive(struct ndr_reader *r, const struct error *fault, struct error *e)
{
	if (!r->recovering || fault->code == EXIT_SYSTEM) {
		error_set(e, fault->code, "%s", fault->text);
		return false;
	}
	if (r->faults == 0)
		r->first_fault = *fault;
	r->faults += !r->gap; /* a whole stretch counts once */
	r->gap = true;
	r->item = -1; /* what is left of the item does not begin another */
	return true;
}

/* ---- header ---- */

static bool is_sum(const struct ndr_record *rec)
{
	return rec->type == NDR_THRESH || rec->type == NDR_SCORE || rec->type == NDR_TOP;
}

static const char *check_place(struct ndr_reader *r, const struct ndr_record *rec)
{
	const struct type_info *type = type_info(rec->type);

	if (rec->sequence != r->sequence)
		return "out of sequence";
	if ((rec->type == NDR_HEAD) != (r->sequence == 0))
		return r->sequence ? "HEAD within a segment" : "a segment starts with HEAD";
	if ((rec->type == NDR_META) != (r->sequence == 1))
		return "META follows HEAD, once";
	if (!type && rec->flags & NDR_CRITICAL)
		return "critical record of an unknown type, needs a newer reader";
	if (!type)
		return rec->item == NDR_NO_ITEM || rec->item == r->item
		               ? NULL
		               : "belongs to no item that is open";
	if (rec->dtype != type->dtype || rec->ndim != type->ndim)
		return "wrong dtype or number of dimensions";
	if (type->place == PREAMBLE && !r->preamble)
		return "comes after the data has begun";
	if (rec->type == NDR_ITEM) {
		if (rec->item == NDR_NO_ITEM || rec->item < r->range.first ||
		    rec->item >= r->range.end)
			return "item is not in HEAD's range";
		if (counts_of(&r->count, NDR_ITEM) >= r->range.most)
			return "more items than HEAD announces";
		return rec->item > r->last ? NULL : "items are not in order";
	}
	if (type->place == OF_ITEM || type->place == OF_LAYER_ITEM)
		return r->item >= 0 && rec->item == r->item ? NULL : "does not follow its ITEM";
	return rec->item == NDR_NO_ITEM ? NULL : "belongs to no item";
}

/* What is said of all the items is said once, of each layer. */
static const char *check_once(const struct ndr_reader *r, const struct ndr_record *rec)
{
	const bool again = rec->type == NDR_COUNT ? counts_of(&r->count, NDR_COUNT) > 0
	                   : is_sum(rec) ? r->sums.layer[rec->group].once & 1u << rec->type
	                                 : false;

	return again ? "comes twice in a segment" : NULL;
}

/* When records before rec are missing, go on with its number. */
static void bridge_gap(struct ndr_reader *r, const struct ndr_record *rec)
{
	struct error fault = {0};

	if (!r->recovering || r->sequence < 2 || rec->sequence <= r->sequence)
		return;
	bad(r, EXIT_MALFORMED, rec, "records before it are missing", &fault);
	forgive(r, &fault, &fault);
	r->sequence = rec->sequence;
	r->item = -1;
}

/* What is no header from its first bytes on is not waited for. */
static long read_header_bytes(struct ndr_reader *r, unsigned char h[static HEADER_BYTES],
                              struct error *e)
{
	long n = input_read(r->input, h, SYNC_BYTES, e), more;

	if (n < SYNC_BYTES || (!r->recovering && !header_begins(h, SYNC_BYTES)))
		return n;
	more = input_read(r->input, h + SYNC_BYTES, HEADER_BYTES - SYNC_BYTES, e);
	return more < 0 ? -1 : n + more;
}

static int read_strictly(struct ndr_reader *r, struct error *e)
{
	unsigned char h[HEADER_BYTES] = {0};
	struct ndr_record *rec = &r->next;
	uint64_t offset = input_offset(r->input);
	const char *why;
	long n = read_header_bytes(r, h, e);

	r->intact = false;
	r->cut = n < 0; /* gzip data do not go on after a fault */
	if (n < 0)
		return -1;
	if (n == 0 && r->sequence == 0 && r->any)
		return 0;
	if (n == 0)
		return error_set(e, EXIT_TRUNCATED,
		                 "%s: truncated: no END record after %llu bytes",
		                 input_name(r->input), (unsigned long long)offset);
	*rec = (struct ndr_record){.offset = offset};
	if (n < HEADER_BYTES && header_begins(h, (size_t)n))
		return bad(r, EXIT_TRUNCATED, rec, "truncated within a header", e);
	why = header_decode(h, rec, &r->next_crc);
	rec->offset = offset;
	if (!why) {
		r->intact = true;
		memcpy(r->header_crc, h + HEADER_CRC_AT, sizeof r->header_crc);
		r->pending = r->recovering && rec->type == NDR_HEAD && rec->sequence == 0;
		if (r->pending) /* wherever it comes, a segment begins */
			return 1;
		bridge_gap(r, rec);
		why = check_place(r, rec);
	}
	if (!why && rec->type >= NDR_ITEM && rec->type != NDR_END)
		why = check_shape(rec, &r->meta, &r->sizes);
	if (!why)
		why = check_once(r, rec);
	if (why)
		return bad(r, EXIT_MALFORMED, rec, why, e);
	r->pending = true;
	return 1;
}

static int pass_over(struct ndr_reader *r, struct error *e);

/* From a header that was refused on to where the next may be. */
static int look_further(struct ndr_reader *r, struct error *e)
{
	struct error fault = {0};

	if (r->intact)
		return pass_over(r, e);
	if (r->cut ||
	    input_find(r->input, sync_word, SYNC_BYTES, RECORD_ALIGNMENT, &fault) == 0)
		return 0;
	r->cut = true;
	return forgive(r, &fault, e) ? 0 : -1;
}

/* Read and check the next header into r->next.  1; 0 at the end of the file,
 * which is legal only between segments; or -1. */
static int read_header(struct ndr_reader *r, struct error *e)
{
	while (!r->cut) {
		struct error fault = {0};
		int status = read_strictly(r, &fault);

		if (status >= 0)
			return status;
		if (!forgive(r, &fault, e))
			return -1;
		r->cut |= fault.code == EXIT_TRUNCATED;
		if (look_further(r, e) < 0)
			return -1;
	}
	return 0;
}

/* ---- payload ---- */

/* n bytes of payload into fresh room of item's, *p; *done of them have come.
 * A hostile length costs no more memory than bytes have come. */
static int read_payload(struct ndr_reader *r, size_t n, struct ndr_item *item,
                        unsigned char **p, size_t *done, struct error *e)
{
	size_t step = n < STEP_BYTES || item_has_room(item, n) ? n : STEP_BYTES;

	*p = NULL;
	*done = 0;
	do {
		unsigned char *larger = item_room(item, step, e);
		long k;

		if (!larger)
			return -1;
		if (*p) {
			memcpy(larger, *p, *done);
			item_abandon(item, *done);
		}
		*p = larger;
		k = input_read(r->input, *p + *done, step - *done, e);
		r->cut = k < 0;
		if (k < 0)
			return -1;
		*done += (size_t)k;
		if (*done < step)
			return bad(r, EXIT_TRUNCATED, &r->next, "truncated within the payload",
			           e);
		step = n - *done < *done ? n : 2 * *done;
	} while (*done < n);
	return 0;
}

/* The payload of r->next, undamaged, into item's room. */
static int fetch(struct ndr_reader *r, struct ndr_item *item, struct error *e)
{
	struct ndr_record *rec = &r->next;
	size_t n = (size_t)padded(rec->length), done;
	unsigned char *p;
	int status;

	r->pending = false;
	if (input_is_inflated(r->input) && n > INFLATED_BYTES - item->used)
		return bad(r, EXIT_MALFORMED, rec,
		           "more than 128 MiB of gzip data belong together: inflate the file "
		           "first",
		           e);
	status = read_payload(r, n, item, &p, &done, e);
	rec->data = p;
	if (status == 0 && checksum(0, p, n) != r->next_crc)
		status = bad(r, EXIT_MALFORMED, rec, "payload crc mismatch", e);
	if (status < 0 && r->recovering && done > 0 &&
	    r->again + done <= AGAIN_TIMES * input_offset(r->input)) {
		r->again += done; /* there may be headers in it */
		status = input_put_back(r->input, p, done, e) < 0 ? -1 : status;
	}
	for (size_t i = (size_t)rec->length; status == 0 && i < n; i++)
		if (p[i])
			status = bad(r, EXIT_MALFORMED, rec, "padding is not zero", e);
	return status;
}

/* On to the end of the payload of a record that was refused. */
static int pass_over(struct ndr_reader *r, struct error *e)
{
	struct ndr_item scratch = {0};
	struct error fault = {0};
	int status = fetch(r, &scratch, &fault);

	ndr_item_free(&scratch);
	return status < 0 && fault.code == EXIT_SYSTEM
	               ? error_set(e, fault.code, "%s", fault.text)
	               : 0;
}

/* r->next was accepted. */
static int count_record(struct ndr_reader *r, struct error *e)
{
	if (r->next.type != NDR_END)
		r->crc_of_crcs = checksum(r->crc_of_crcs, r->header_crc, 4);
	if (is_sum(&r->next))
		r->sums.layer[r->next.group].once |= 1u << r->next.type;
	r->sequence++;
	return counts_add(&r->count, r->next.type, e);
}

/* The payload of r->next into item, which gets the record. */
static int take(struct ndr_reader *r, struct ndr_item *item, struct error *e)
{
	const struct ndr_record *rec = &r->next;
	const char *why;

	if (fetch(r, item, e) < 0)
		return -1;
	if (rec->type == NDR_ITEM)
		r->item = r->last = rec->item;
	else if (rec->item == NDR_NO_ITEM)
		r->item = -1;
	why = check_content(rec, &r->meta, &r->sizes);
	if (!why)
		why = check_summary(rec, &r->meta, &r->sums, e);
	if (why)
		return bad(r, EXIT_MALFORMED, rec, why, e);
	if (memory_grow(&item->record, &item->capacity, item->count + 1, sizeof *item->record,
	                e) < 0)
		return -1;
	item->record[item->count++] = *rec;
	return count_record(r, e);
}

/* ---- segments ---- */

static int take_head(struct ndr_reader *r, const struct ndr_record *rec, struct error *e)
{
	const unsigned char *p = rec->data;

	if (rec->length < HEAD_BYTES)
		return bad(r, EXIT_MALFORMED, rec, "HEAD is too short", e);
	if (get16(p) != NDR_MAJOR || get16(p + 4) > NDR_MINOR)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: format version %u.%u needs a newer reader",
		                 input_name(r->input), get16(p), get16(p + 2));
	r->segment.schema = get32(p + 8);
	r->range = (struct ndr_range){.first = get32(p + 12),
	                              .end = get32(p + 16),
	                              .most = get32(p + 20),
	                              .minor = get16(p + 2)};
	if (r->range.minor >= 1 && rec->length >= HEAD_CUT_BYTES)
		r->range.cut = get32(p + 24);
	if (r->range.minor > NDR_MINOR) /* what it added is passed on by none who read this */
		r->range.minor = NDR_MINOR;
	if (r->range.first > r->range.end || get16(p + 6))
		return bad(r, EXIT_MALFORMED, rec, "HEAD makes no sense", e);
	return 0;
}

static int take_meta(struct ndr_reader *r, const struct ndr_record *rec, struct error *e)
{
	char place[320];

	if (checksum(0, rec->data, rec->length) != r->segment.schema)
		return bad(r, EXIT_MALFORMED, rec, "not the META that HEAD announces", e);
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
	                 ? bad(r, EXIT_MALFORMED, rec, "not text", e)
	                 : ndr_provenance_unite(&r->segment.provenance, &one, e);
	free(text);
	return status;
}

static int take_preamble(struct ndr_reader *r, struct error *e)
{
	const struct ndr_record *rec;

	ndr_item_clear(&r->own, NDR_NO_ITEM);
	if (take(r, &r->own, e) < 0)
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
		    (r->next.type != NDR_PROV || !forgive(r, &fault, e)))
			return error_set(e, fault.code, "%s", fault.text);
		status = read_header(r, e);
		if (status < 0)
			return -1;
	} while (status == 1 && (r->next.type == NDR_META || r->next.type == NDR_PROV));
	if (r->sequence < 2)
		return bad(r, EXIT_MALFORMED, &r->next, "META is lost", e);
	r->preamble = false;
	r->segment.range = r->range;
	return ndr_meta_copy(&r->segment.meta, &r->meta, e);
}

static int begin_segment(struct ndr_reader *r, struct error *e)
{
	int status;

	forget_segment(r);
	r->preamble = true;
	r->sequence = 0;
	r->crc_of_crcs = 0;
	r->item = r->last = -1;
	r->items = 0;
	counts_clear(&r->count);
	while ((status = r->pending ? 1 : read_header(r, e)) == 0) {
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
		if (!forgive(r, &fault, e))
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
	if (take(r, &r->own, e) < 0)
		return -1;
	rec = r->own.record;
	p = rec->data;
	types = rec->length < END_BYTES ? 0 : get32(p + 12);
	if (rec->length < END_BYTES || rec->length != END_BYTES + types * END_COUNT_BYTES)
		return bad(r, EXIT_MALFORMED, rec, "END has the wrong length", e);
	if (get32(p) & ~(uint32_t)NDR_SUBSET)
		return bad(r, EXIT_MALFORMED, rec, "unknown flag, needs a newer reader", e);
	r->segment.flags = get32(p);
	r->segment.items = get32(p + 8);
	if (r->faults > r->faults_before)
		return 0; /* they cannot agree */
	if (get32(p + 4) != r->crc_of_crcs)
		return bad(r, EXIT_MALFORMED, rec, "crc over the segment mismatches", e);
	for (uint64_t i = 0; i < types; i++) {
		const unsigned char *q = p + END_BYTES + i * END_COUNT_BYTES;

		if (get32(q) > UINT16_MAX || (i && get32(q) <= previous) || get32(q + 4) ||
		    get64(q + 8) != counts_of(&r->count, (uint16_t)get32(q)) ||
		    get32(q) == NDR_END)
			return bad(r, EXIT_MALFORMED, rec, "END's counts are not what was read",
			           e);
		previous = get32(q);
		listed += get64(q + 8);
	}
	if (listed != rec->sequence || r->segment.items != counts_of(&r->count, NDR_ITEM))
		return bad(r, EXIT_MALFORMED, rec, "END's counts are not what was read", e);
	return 0;
}

/* The segment ends here, with END (pending) or, when recovering, without. */
static int finish_segment(struct ndr_reader *r, struct error *e)
{
	struct error fault = {0};

	if (r->pending && r->next.type == NDR_END && check_end(r, &fault) < 0 &&
	    !forgive(r, &fault, e))
		return -1;
	if (r->faults > r->faults_before) {
		r->segment.flags |= NDR_SUBSET;
		r->segment.items = r->items;
	}
	return 0;
}

/* Whether the next record, if there is one, is data; its header is then pending. */
static int data_follows(struct ndr_reader *r, struct error *e)
{
	int status = r->pending ? 1 : read_header(r, e);

	return status <= 0 ? status : r->next.type != NDR_END && r->next.type != NDR_HEAD;
}

/* ---- data ---- */

int ndr_read(struct ndr_reader *r, struct ndr_record *rec, struct error *e)
{
	int status = data_follows(r, e);

	if (status <= 0)
		return status < 0 ? -1 : finish_segment(r, e);
	ndr_item_clear(&r->own, r->next.item);
	if (take(r, &r->own, e) < 0)
		return -1;
	*rec = r->own.record[0];
	return 1;
}

/* The item that begins with the pending header: 1, or 0 if some of it is lost. */
static int take_item(struct ndr_reader *r, struct ndr_item *item, struct error *e)
{
	int more;

	ndr_item_clear(item, r->next.item);
	item->input = input_name(r->input);
	r->gap = false;
	do {
		struct error fault = {0};

		if (take(r, item, &fault) < 0)
			return forgive(r, &fault, e) ? 0 : -1;
		more = data_follows(r, e);
		if (more < 0)
			return -1;
	} while (more && item->number != NDR_NO_ITEM && r->next.item == item->number &&
	         r->next.type != NDR_ITEM);
	if (item->number == NDR_NO_ITEM)
		return 1;
	r->items += !r->gap;
	return !r->gap;
}

int ndr_read_item(struct ndr_reader *r, struct ndr_item *item, struct error *e)
{
	int status;

	while ((status = data_follows(r, e)) == 1) {
		status = take_item(r, item, e);
		if (status != 0)
			return status;
	}
	return status < 0 ? -1 : finish_segment(r, e);
}

/* ---- here and there ---- */

bool ndr_can_seek(const struct ndr_reader *r)
{
	return input_can_seek(r->input);
}

int ndr_seek(struct ndr_reader *r, uint64_t offset, struct error *e)
{
	r->pending = r->cut = false;
	return input_seek(r->input, offset, e);
}

/* Pass over the record whose header is pending. */
static int skip_record(struct ndr_reader *r, bool seek, struct error *e)
{
	struct ndr_record *rec = &r->next;

	if (!seek || rec->type == NDR_ITEM) { /* whose sizes the others refer to */
		ndr_item_clear(&r->own, rec->item);
		return take(r, &r->own, e);
	}
	if (input_skip(r->input, padded(rec->length), e) < 0)
		return -1;
	if (rec->item == NDR_NO_ITEM)
		r->item = -1;
	r->pending = false;
	return count_record(r, e);
}

int ndr_skip(struct ndr_reader *r, struct error *e)
{
	const bool seek = ndr_can_seek(r);
	int status;

	while ((status = data_follows(r, e)) == 1)
		if (skip_record(r, seek, e) < 0)
			return -1;
	return status < 0 ? -1 : finish_segment(r, e);
}

int ndr_read_wanted(struct ndr_reader *r, struct ndr_item *item,
                    bool (*wanted)(const void *ctx, uint32_t item), const void *ctx,
                    struct error *e)
{
	const bool seek = ndr_can_seek(r);
	int status;

	while ((status = data_follows(r, e)) == 1) {
		const bool take = r->next.type == NDR_ITEM && wanted(ctx, r->next.item);

		status = take ? take_item(r, item, e) : skip_record(r, seek, e);
		if (status < 0 || (take && status == 1))
			return status;
	}
	return status < 0 ? -1 : finish_segment(r, e);
}

uint64_t ndr_count(const struct ndr_reader *r, unsigned type)
{
	return counts_of(&r->count, (uint16_t)type);
}

void ndr_interrupt(struct ndr_reader *r)
{
	input_interrupt(r->input);
}

void ndr_recover(struct ndr_reader *r)
{
	r->recovering = true;
}

uint64_t ndr_faults(const struct ndr_reader *r, struct error *first)
{
	if (first)
		*first = r->first_fault;
	return r->faults;
}
