/* reader_record.c -- the next record, checked before anyone sees it; see reader.h.
 *
 * In this order: header checksum and fields; sequence; grammar; shape against
 * META; then memory for the payload, its checksum, and its content. */
#include "record/reader.h"

#include <string.h>

#include "base/checksum.h"
#include "base/half.h"
#include "base/memory.h"
#include "record/item.h"

enum { STEP_BYTES = 1 << 24 };     /* a longer payload is believed only as it arrives */
enum { INFLATED_BYTES = 1 << 27 }; /* the most that an item of a gzip file takes */
/* Recovering, payloads are read again in search of headers, each header within them may
 * announce another payload: so many times the bytes that there are, and no more. */
enum { AGAIN_TIMES = 4 };

/* ---- header ---- */

static bool is_sum(const struct ndr_record *rec)
{
	return rec->type == NDR_THRESH || rec->type == NDR_SCORE || rec->type == NDR_TOP;
}

/* Of f16 are activations alone. */
static bool has_dtype(const struct ndr_record *rec, const struct type_info *type)
{
	return rec->dtype == type->dtype || (rec->dtype == NDR_F16 && rec->type == NDR_ACT);
}

static const char *check_place(struct ndr_reader *r, const struct ndr_record *rec)
{
	const struct type_info *type = record_type(rec->type);

	if (rec->sequence != r->sequence)
		return "out of sequence";
	if ((rec->type == NDR_HEAD) != (r->sequence == 0))
		return r->sequence ? "HEAD within a segment" : "a segment starts with HEAD";
	if ((rec->type == NDR_META) != (r->sequence == 1))
		return "META follows HEAD, once";
	if (rec->dtype == NDR_F16 && !r->range.half)
		return "f16 in a version before 2.0";
	if (!type && rec->flags & NDR_CRITICAL)
		return "critical record of an unknown type, needs a newer reader";
	if (!type && rec->dtype == NDR_F16)
		return "f16 in a type other than ACT";
	if (!type)
		return rec->item == NDR_NO_ITEM || rec->item == r->item
		               ? NULL
		               : "belongs to no item that is open";
	if (!has_dtype(rec, type) || rec->ndim != type->ndim)
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
	reader_bad(r, EXIT_MALFORMED, rec, "records before it are missing", &fault);
	if (reader_forgive(r, &fault, &fault)) /* it does */
		r->sequence = rec->sequence;
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
		return reader_bad(r, EXIT_TRUNCATED, rec, "truncated within a header", e);
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
		return reader_bad(r, EXIT_MALFORMED, rec, why, e);
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
	    input_find(r->input, header_sync_word, SYNC_BYTES, RECORD_ALIGNMENT, &fault) == 0)
		return 0;
	r->cut = true;
	return reader_forgive(r, &fault, e) ? 0 : -1;
}

/* Read and check the next header into r->next.  1; 0 at the end of the file,
 * which is legal only between segments; or -1. */
int reader_header(struct ndr_reader *r, struct error *e)
{
	while (!r->cut) {
		struct error fault = {0};
		int status = read_strictly(r, &fault);

		if (status >= 0)
			return status;
		if (!reader_forgive(r, &fault, e))
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
			return reader_bad(r, EXIT_TRUNCATED, &r->next,
			                  "truncated within the payload", e);
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
		return reader_bad(
		        r, EXIT_MALFORMED, rec,
		        "more than 128 MiB of gzip data belong together: inflate the file "
		        "first",
		        e);
	status = read_payload(r, n, item, &p, &done, e);
	rec->data = p;
	if (status == 0 && checksum(0, p, n) != r->next_crc)
		status = reader_bad(r, EXIT_MALFORMED, rec, "payload crc mismatch", e);
	if (status < 0 && r->recovering && done > 0 &&
	    r->again + done <= AGAIN_TIMES * input_offset(r->input)) {
		r->again += done; /* there may be headers in it */
		status = input_put_back(r->input, p, done, e) < 0 ? -1 : status;
	}
	for (size_t i = (size_t)rec->length; status == 0 && i < n; i++)
		if (p[i])
			status = reader_bad(r, EXIT_MALFORMED, rec, "padding is not zero", e);
	return status;
}

/* What is f16 in the stream is f32 for all that read it, in room of item's. */
static int widen(struct ndr_record *rec, struct ndr_item *item, struct error *e)
{
	const size_t n = (size_t)rec->length / sizeof(uint16_t);
	float *to = item_room(item, n * sizeof *to, e);

	if (!to)
		return -1;
	half_widen(rec->data, to, n);
	rec->data = to;
	rec->dtype = NDR_F32;
	rec->length = n * sizeof *to;
	rec->half = true;
	return 0;
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
int reader_count(struct ndr_reader *r, struct error *e)
{
	if (r->next.type != NDR_END)
		r->crc_of_crcs = checksum(r->crc_of_crcs, r->header_crc, 4);
	if (is_sum(&r->next))
		r->sums.layer[r->next.group].once |= 1u << r->next.type;
	r->sequence++;
	return counts_add(&r->count, r->next.type, e);
}

/* The payload of r->next into item, which gets the record. */
int reader_take(struct ndr_reader *r, struct ndr_item *item, struct error *e)
{
	struct ndr_record *rec = &r->next;
	const char *why;

	if (fetch(r, item, e) < 0 || (rec->dtype == NDR_F16 && widen(rec, item, e) < 0))
		return -1;
	if (rec->type == NDR_ITEM)
		r->item = r->last = rec->item;
	else if (rec->item == NDR_NO_ITEM)
		r->item = -1;
	why = check_content(rec, &r->meta, &r->sizes);
	if (!why)
		why = check_summary(rec, &r->meta, &r->sums, e);
	if (why)
		return reader_bad(r, EXIT_MALFORMED, rec, why, e);
	if (memory_grow(&item->record, &item->capacity, item->count + 1, sizeof *item->record,
	                e) < 0)
		return -1;
	item->record[item->count++] = *rec;
	return reader_count(r, e);
}
