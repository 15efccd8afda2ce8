/* reader.c -- records in, each checked before anyone sees it.
 *
 * In this order: header checksum and fields; sequence; grammar; shape against
 * META; then memory for the payload, its checksum, and its content. */
#include "record/format.h"
#include "record/input.h"
#include "record/item.h"
#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { STEP_BYTES = 1 << 24 }; /* a longer payload is believed only as it arrives */

struct ndr_reader {
	struct input *input;
	bool any;     /* the current file has held a segment */
	bool pending; /* next is a header already read and checked */
	struct ndr_record next;
	uint32_t next_crc;

	/* of the segment */
	uint64_t sequence;
	uint32_t crc_of_crcs;
	uint64_t *count; /* records by type */
	bool preamble;
	int64_t item; /* the current one, -1 if none; last: highest yet */
	int64_t last;
	uint32_t height, width, label_height, label_width; /* of the current item */
	struct ndr_segment segment;

	struct ndr_item own; /* where ndr_read() puts data */
};

struct ndr_reader *ndr_open(char *const *names, size_t count, struct error *e)
{
	struct ndr_reader *r = memory_new(1, sizeof *r, e);

	if (!r)
		return NULL;
	r->input = input_open(names, count, e);
	r->count = memory_new(65536, sizeof *r->count, e);
	if (!r->input || !r->count || input_next_file(r->input, e) < 0) {
		ndr_close(r);
		return NULL;
	}
	return r;
}

static void forget_segment(struct ndr_reader *r)
{
	ndr_meta_free(&r->segment.meta);
	ndr_provenance_free(&r->segment.provenance);
	r->segment = (struct ndr_segment){0};
}

void ndr_close(struct ndr_reader *r)
{
	if (!r)
		return;
	forget_segment(r);
	ndr_item_free(&r->own);
	input_close(r->input);
	free(r->count);
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

/* ---- header ---- */

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
		if (rec->item == NDR_NO_ITEM || rec->item < r->segment.range.first ||
		    rec->item >= r->segment.range.end)
			return "item is not in HEAD's range";
		if (r->count[NDR_ITEM] >= r->segment.range.most)
			return "more items than HEAD announces";
		return rec->item > r->last ? NULL : "items are not in order";
	}
	if (type->place == OF_ITEM || type->place == OF_LAYER_ITEM)
		return r->item >= 0 && rec->item == r->item ? NULL : "does not follow its ITEM";
	return rec->item == NDR_NO_ITEM ? NULL : "belongs to no item";
}

static bool dims_are(const struct ndr_record *rec, uint32_t a, uint32_t b, uint32_t c)
{
	return rec->dims[0] == a && rec->dims[1] == b && rec->dims[2] == c;
}

/* The shape of a data record against META and ITEM. */
static const char *check_shape(const struct ndr_reader *r, const struct ndr_record *rec)
{
	static const char *wrong = "shape does not fit META or ITEM";
	const struct type_info *type = type_info(rec->type);
	const struct ndr_meta *m = &r->segment.meta;
	const struct ndr_layer *layer = NULL;
	const uint32_t *d = rec->dims;

	if (!type)
		return NULL;
	if (type->place == OF_LAYER_ITEM || type->place == OF_LAYER) {
		if (rec->group >= m->layers)
			return "layer is not in META";
		layer = &m->layer[rec->group];
	}
	switch (rec->type) {
	case NDR_IMAGE:
		return dims_are(rec, r->height, r->width, 3) && d[0] && d[1] ? NULL : wrong;
	case NDR_LABEL:
		if (rec->group >= m->categories)
			return "category is not in META";
		return d[0] && ((d[1] == 1 && d[2] == 1) ||
		                (d[1] && d[2] && d[1] == r->label_height &&
		                 d[2] == r->label_width))
		               ? NULL
		               : wrong;
	case NDR_ACT:
		return dims_are(rec, layer->units, layer->height, layer->width) ? NULL : wrong;
	case NDR_THRESH:
		return dims_are(rec, layer->units, NDR_THRESH_FIELDS, 1) ? NULL : wrong;
	case NDR_SCORE:
		return dims_are(rec, layer->units, (uint32_t)m->labels, NDR_SCORE_FIELDS)
		               ? NULL
		               : wrong;
	case NDR_COUNT:
		return d[0] == m->labels ? NULL : wrong;
	case NDR_TOP:
		return d[0] == layer->units && d[2] == 2 ? NULL : wrong;
	case NDR_MATRIX:
		return d[0] == d[1] && d[0] ? NULL : wrong;
	default:
		return NULL;
	}
}

/* Read and check the next header into r->next.  1; 0 at the end of the file,
 * which is legal only between segments; or -1. */
static int read_header(struct ndr_reader *r, struct error *e)
{
	unsigned char h[HEADER_BYTES] = {0};
	struct ndr_record *rec = &r->next;
	uint64_t offset = input_offset(r->input);
	const char *why;
	long n = input_read(r->input, h, sizeof h, e);

	if (n < 0)
		return -1;
	if (n == 0 && r->sequence == 0 && r->any)
		return 0;
	if (n == 0)
		return error_set(e, EXIT_TRUNCATED,
		                 "%s: truncated: no END record after %llu bytes",
		                 input_name(r->input), (unsigned long long)offset);
	*rec = (struct ndr_record){0};
	rec->offset = offset;
	if (n < HEADER_BYTES && header_begins(h, (size_t)n))
		return bad(r, EXIT_TRUNCATED, rec, "truncated within a header", e);
	why = header_decode(h, rec, &r->next_crc);
	rec->offset = offset;
	if (!why)
		why = check_place(r, rec);
	if (!why && rec->type >= NDR_ITEM && rec->type != NDR_END)
		why = check_shape(r, rec);
	if (why)
		return bad(r, EXIT_MALFORMED, rec, why, e);
	if (rec->type != NDR_END)
		r->crc_of_crcs = (uint32_t)crc32(r->crc_of_crcs, h + HEADER_CRC_AT, 4);
	r->pending = true;
	return 1;
}

/* ---- payload ---- */

static const char *check_item(struct ndr_reader *r, const struct ndr_record *rec)
{
	const unsigned char *p = rec->data;

	if (rec->length < 17 || p[rec->length - 1] != '\0' ||
	    strlen((const char *)p + 16) != rec->length - 17)
		return "not an item: sizes and a terminated name";
	r->height = get32(p);
	r->width = get32(p + 4);
	r->label_height = get32(p + 8);
	r->label_width = get32(p + 12);
	return NULL;
}

static const char *check_labels(const struct ndr_meta *m, const struct ndr_record *rec)
{
	const uint16_t *v = rec->data;
	uint64_t n = rec->length / 2;
	uint16_t highest = 0;

	for (uint64_t i = 0; i < n; i++)
		highest = v[i] > highest ? v[i] : highest;
	return highest == 0 || highest < m->labels ? NULL : "label is not in META";
}

/* All exponent bits set is infinity or NaN. */
__attribute__((target_clones("avx512f", "avx2", "default"))) static bool
all_finite(const uint32_t *bits, uint64_t n)
{
	uint32_t found = 0;

	for (uint64_t i = 0; i < n; i++)
		found |= (bits[i] & 0x7f800000) == 0x7f800000;
	return !found;
}

static bool all_finite64(const double *v, uint64_t n)
{
	bool finite = true;

	for (uint64_t i = 0; i < n; i++)
		finite &= isfinite(v[i]) != 0;
	return finite;
}

static const char *check_top(const struct ndr_record *rec)
{
	const double *v = rec->data;

	for (uint64_t i = 1; i < rec->length / 8; i += 2)
		if (v[i] < -1 || v[i] >= NDR_NO_ITEM || v[i] != floor(v[i]))
			return "not the number of an item";
	return NULL;
}

/* One unit's state; what its bins hold is its reader's business. */
static const char *check_sketch(const struct ndr_layer *layer, const struct ndr_record *rec)
{
	const unsigned char *p = rec->data;

	if (rec->length < SKETCH_BYTES || get32(p) >= layer->units ||
	    get64(p + 8) != (rec->length - SKETCH_BYTES) / SKETCH_BIN_BYTES ||
	    rec->length % SKETCH_BIN_BYTES)
		return "not a sketch of one of the layer's units";
	return NULL;
}

static const char *check_content(struct ndr_reader *r, const struct ndr_record *rec)
{
	struct ndr_seg seg;

	switch (rec->type) {
	case NDR_ITEM:
		return check_item(r, rec);
	case NDR_LABEL:
		return check_labels(&r->segment.meta, rec);
	case NDR_ACT:
	case NDR_MATRIX:
		return all_finite(rec->data, rec->length / 4) ? NULL : "NaN or infinity";
	case NDR_TOP:
	case NDR_THRESH:
		if (!all_finite64(rec->data, rec->length / 8))
			return "NaN or infinity";
		return rec->type == NDR_TOP ? check_top(rec) : NULL;
	case NDR_SKETCH:
		return check_sketch(&r->segment.meta.layer[rec->group], rec);
	case NDR_SEG:
		return seg_decode(rec, r->segment.meta.layer[rec->group].units, &seg);
	default:
		return NULL;
	}
}

/* n bytes of payload into fresh room of item's.  A hostile length costs no
 * more memory than bytes have come. */
static void *read_payload(struct ndr_reader *r, size_t n, struct ndr_item *item,
                          struct error *e)
{
	size_t step = n < STEP_BYTES ? n : STEP_BYTES, done = 0;
	unsigned char *p = NULL;

	do {
		unsigned char *larger = item_room(item, step, e);
		long k;

		if (!larger)
			return NULL;
		if (p)
			memcpy(larger, p, done);
		p = larger;
		k = input_read(r->input, p + done, step - done, e);
		if (k < 0)
			return NULL;
		done += (size_t)k;
		if (done < step) {
			bad(r, EXIT_TRUNCATED, &r->next, "truncated within the payload", e);
			return NULL;
		}
		step = n - done < done ? n : 2 * done;
	} while (done < n);
	return p;
}

/* The payload of r->next into item, which gets the record. */
static int take(struct ndr_reader *r, struct ndr_item *item, struct error *e)
{
	struct ndr_record *rec = &r->next;
	size_t n = (size_t)padded(rec->length);
	const unsigned char *p = read_payload(r, n, item, e);
	const char *why = NULL;

	if (!p)
		return -1;
	rec->data = p;
	if ((uint32_t)crc32_z(0, p, n) != r->next_crc)
		return bad(r, EXIT_MALFORMED, rec, "payload crc mismatch", e);
	for (size_t i = (size_t)rec->length; i < n; i++)
		if (p[i])
			return bad(r, EXIT_MALFORMED, rec, "padding is not zero", e);
	if (rec->type == NDR_ITEM)
		r->item = r->last = rec->item;
	else if (rec->item == NDR_NO_ITEM)
		r->item = -1;
	why = check_content(r, rec);
	if (why)
		return bad(r, EXIT_MALFORMED, rec, why, e);
	if (memory_grow(&item->record, &item->capacity, item->count + 1, sizeof *item->record,
	                e) < 0)
		return -1;
	item->record[item->count++] = *rec;
	r->count[rec->type]++;
	r->sequence++;
	r->pending = false;
	return 0;
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
	r->segment.range = (struct ndr_range){get32(p + 12), get32(p + 16), get32(p + 20)};
	if (r->segment.range.first > r->segment.range.end || get16(p + 6))
		return bad(r, EXIT_MALFORMED, rec, "HEAD makes no sense", e);
	return 0;
}

static int take_meta(struct ndr_reader *r, const struct ndr_record *rec, struct error *e)
{
	char place[320];

	if ((uint32_t)crc32_z(0, rec->data, rec->length) != r->segment.schema)
		return bad(r, EXIT_MALFORMED, rec, "not the META that HEAD announces", e);
	snprintf(place, sizeof place, "%.200s: record %llu (META) at byte %llu",
	         input_name(r->input), (unsigned long long)rec->sequence,
	         (unsigned long long)rec->offset);
	return ndr_meta_decode(&r->segment.meta, rec->data, rec->length, place, e);
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

/* HEAD (pending), META and PROV; the first header after them is left pending. */
static int read_preamble(struct ndr_reader *r, struct error *e)
{
	do {
		const struct ndr_record *rec;
		int status;

		ndr_item_clear(&r->own, NDR_NO_ITEM);
		if (take(r, &r->own, e) < 0)
			return -1;
		rec = r->own.record;
		status = rec->type == NDR_HEAD   ? take_head(r, rec, e)
		         : rec->type == NDR_META ? take_meta(r, rec, e)
		                                 : take_provenance(r, rec, e);
		if (status < 0 || read_header(r, e) < 0)
			return -1;
	} while (r->next.type == NDR_META || r->next.type == NDR_PROV);
	r->preamble = false;
	return 0;
}

int ndr_next_segment(struct ndr_reader *r, struct ndr_segment **s, struct error *e)
{
	int status;

	forget_segment(r);
	r->preamble = true;
	r->sequence = 0;
	r->crc_of_crcs = 0;
	r->item = r->last = -1;
	memset(r->count, 0, 65536 * sizeof *r->count);
	while ((status = read_header(r, e)) == 0) {
		status = input_next_file(r->input, e);
		if (status <= 0)
			return status;
		r->any = false;
	}
	if (status < 0 || read_preamble(r, e) < 0)
		return -1;
	r->any = true;
	*s = &r->segment;
	return 1;
}

/* END (pending): its counts and checksum against what was read. */
static int take_end(struct ndr_reader *r, struct error *e)
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
	if (get32(p + 4) != r->crc_of_crcs)
		return bad(r, EXIT_MALFORMED, rec, "crc over the segment mismatches", e);
	for (uint64_t i = 0; i < types; i++) {
		const unsigned char *q = p + END_BYTES + i * END_COUNT_BYTES;

		if (get32(q) > UINT16_MAX || (i && get32(q) <= previous) || get32(q + 4) ||
		    get64(q + 8) != r->count[get32(q)] || get32(q) == NDR_END)
			return bad(r, EXIT_MALFORMED, rec, "END's counts are not what was read",
			           e);
		previous = get32(q);
		listed += get64(q + 8);
	}
	if (listed != rec->sequence || r->segment.items != r->count[NDR_ITEM])
		return bad(r, EXIT_MALFORMED, rec, "END's counts are not what was read", e);
	return 0;
}

int ndr_read(struct ndr_reader *r, struct ndr_record *rec, struct error *e)
{
	if (!r->pending && read_header(r, e) < 0)
		return -1;
	if (r->next.type == NDR_END)
		return take_end(r, e);
	ndr_item_clear(&r->own, r->next.item);
	if (take(r, &r->own, e) < 0)
		return -1;
	*rec = r->own.record[0];
	return 1;
}

int ndr_read_item(struct ndr_reader *r, struct ndr_item *item, struct error *e)
{
	if (!r->pending && read_header(r, e) < 0)
		return -1;
	if (r->next.type == NDR_END)
		return take_end(r, e);
	ndr_item_clear(item, r->next.item);
	item->input = input_name(r->input);
	do
		if (take(r, item, e) < 0 || read_header(r, e) < 0)
			return -1;
	while (item->number != NDR_NO_ITEM && r->next.item == item->number &&
	       r->next.type != NDR_ITEM && r->next.type != NDR_END);
	return 1;
}
