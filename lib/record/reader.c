/* reader.c -- records in, one by one or item by item; see ndr.h. */
#include "record/reader.h"

#include <stdlib.h>

#include "base/memory.h"

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

void ndr_close(struct ndr_reader *r)
{
	if (!r)
		return;
	reader_forget_segment(r);
	ndr_item_free(&r->own);
	input_close(r->input);
	counts_free(&r->count);
	free(r);
}

const char *ndr_reader_name(const struct ndr_reader *r)
{
	return input_name(r->input);
}

void ndr_interrupt(struct ndr_reader *r)
{
	input_interrupt(r->input);
}

uint64_t ndr_count(const struct ndr_reader *r, unsigned type)
{
	return counts_of(&r->count, (uint16_t)type);
}

/* ---- data ---- */

/* Whether the next record, if there is one, is data; its header is then pending. */
static int data_follows(struct ndr_reader *r, struct error *e)
{
	int status = r->pending ? 1 : reader_header(r, e);

	return status <= 0 ? status : r->next.type != NDR_END && r->next.type != NDR_HEAD;
}

int ndr_read(struct ndr_reader *r, struct ndr_record *rec, struct error *e)
{
	int status = data_follows(r, e);

	if (status <= 0)
		return status < 0 ? -1 : reader_finish_segment(r, e);
	ndr_item_clear(&r->own, r->next.item);
	if (reader_take(r, &r->own, e) < 0)
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

		if (reader_take(r, item, &fault) < 0)
			return reader_forgive(r, &fault, e) ? 0 : -1;
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
	return status < 0 ? -1 : reader_finish_segment(r, e);
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
		return reader_take(r, &r->own, e);
	}
	if (input_skip(r->input, padded(rec->length), e) < 0)
		return -1;
	if (rec->item == NDR_NO_ITEM)
		r->item = -1;
	r->pending = false;
	return reader_count(r, e);
}

int ndr_skip(struct ndr_reader *r, struct error *e)
{
	const bool seek = ndr_can_seek(r);
	int status;

	while ((status = data_follows(r, e)) == 1)
		if (skip_record(r, seek, e) < 0)
			return -1;
	return status < 0 ? -1 : reader_finish_segment(r, e);
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
	return status < 0 ? -1 : reader_finish_segment(r, e);
}
