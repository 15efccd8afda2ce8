/* item.c -- the records of one item, in memory that does not move. */
#include "record/format.h"
#include "record/item.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 1 << 14 }; /* of the first; each further one doubles them all */

struct ndr_block {
	struct ndr_block *next;
	size_t used, size;
	_Alignas(RECORD_ALIGNMENT) unsigned char bytes[];
};

bool item_has_room(const struct ndr_item *item, size_t n)
{
	return item->block && item->block->size - item->block->used >= padded(n);
}

/* A new block has room for as much as any item so far has held, so that after
 * some items one block is enough, and stays. */
void *item_room(struct ndr_item *item, size_t n, struct error *e)
{
	struct ndr_block *b = item->block;
	size_t need = (size_t)padded(n);
	void *p;

	if (!item_has_room(item, n)) {
		size_t size = need > item->most ? need : item->most;

		if (size < item->used)
			size = item->used;
		if (size < BLOCK_BYTES)
			size = BLOCK_BYTES;
		b = memory_raw(1, sizeof *b + size, e);
		if (!b)
			return NULL;
		b->used = 0;
		b->size = size;
		b->next = item->block;
		item->block = b;
	}
	p = b->bytes + b->used;
	b->used += need;
	item->used += need;
	return p;
}

void item_abandon(struct ndr_item *item, size_t n)
{
	item->used -= (size_t)padded(n);
}

int ndr_item_share(struct ndr_item *item, const struct ndr_record *rec, struct error *e)
{
	struct ndr_record *mine;

	if (memory_grow(&item->record, &item->capacity, item->count + 1, sizeof *item->record,
	                e) < 0)
		return -1;
	mine = &item->record[item->count];
	*mine = *rec;
	mine->item = item->number;
	for (int i = rec->ndim; i < 4; i++)
		mine->dims[i] = 1;
	if (!record_bytes(mine, &mine->length))
		return error_set(e, EXIT_SYSTEM, "item %u: record too large", item->number);
	item->count++;
	return 0;
}

void *ndr_item_add(struct ndr_item *item, const struct ndr_record *rec, struct error *e)
{
	struct ndr_record *mine;
	void *room;

	if (ndr_item_share(item, rec, e) < 0)
		return NULL;
	mine = &item->record[item->count - 1];
	if (mine->length > RECORD_CAP) {
		error_set(e, EXIT_SYSTEM, "item %u: a record cannot hold more than 1 GiB",
		          item->number);
		return NULL;
	}
	room = item_room(item, (size_t)mine->length, e);
	if (!room)
		return NULL;
	mine->data = room;
	if (rec->data)
		memcpy(room, rec->data, (size_t)mine->length);
	else
		memset(room, 0, (size_t)mine->length);
	return room;
}

static void free_blocks(struct ndr_item *item)
{
	while (item->block) {
		struct ndr_block *next = item->block->next;

		free(item->block);
		item->block = next;
	}
}

void ndr_item_clear(struct ndr_item *item, uint32_t number)
{
	if (item->used > item->most)
		item->most = item->used;
	item->used = 0;
	if (item->block && item->block->next)
		free_blocks(item);
	if (item->block)
		item->block->used = 0;
	item->count = 0;
	item->number = number;
}

void ndr_item_free(struct ndr_item *item)
{
	free_blocks(item);
	free(item->record);
	*item = (struct ndr_item){0};
}

const struct ndr_record *ndr_item_find(const struct ndr_item *item, unsigned type,
                                       uint32_t group)
{
	for (size_t i = 0; i < item->count; i++)
		if (item->record[i].type == type &&
		    (group == NDR_ANY_GROUP || item->record[i].group == group))
			return &item->record[i];
	return NULL;
}

/* ---- ITEM ---- */

enum { INFO_BYTES = 16 };

int ndr_item_info(const struct ndr_item *item, struct ndr_item_info *info, struct error *e)
{
	const struct ndr_record *rec = ndr_item_find(item, NDR_ITEM, NDR_ANY_GROUP);
	const unsigned char *p;

	if (!rec)
		return error_set(e, EXIT_MALFORMED, "%s: item %u has no ITEM record",
		                 item->input, item->number);
	p = rec->data; /* the reader saw to the length and to a terminating zero */
	*info = (struct ndr_item_info){get32(p), get32(p + 4), get32(p + 8), get32(p + 12),
	                               (const char *)p + INFO_BYTES};
	return 0;
}

int ndr_item_add_info(struct ndr_item *item, const struct ndr_item_info *info, struct error *e)
{
	size_t n = strlen(info->name) + 1;
	struct ndr_record rec = {.type = NDR_ITEM,
	                         .dtype = NDR_BYTES,
	                         .ndim = 1,
	                         .dims = {(uint32_t)(INFO_BYTES + n)}};
	unsigned char *p = ndr_item_add(item, &rec, e);

	if (!p)
		return -1;
	put32(p, info->image_height);
	put32(p + 4, info->image_width);
	put32(p + 8, info->label_height);
	put32(p + 12, info->label_width);
	memcpy(p + INFO_BYTES, info->name, n);
	return 0;
}

int ndr_check_label_pixels(uint32_t height, uint32_t width, uint64_t maps, uint64_t most,
                           const char *place, struct error *e)
{
	uint64_t layers = maps ? maps : 1, pixels;

	if (!__builtin_mul_overflow((uint64_t)height * width, layers, &pixels) &&
	    pixels <= most)
		return 0;
	return error_set(e, EXIT_MALFORMED,
	                 "%s: labels of %u x %u pixels times %llu are more than %llu "
	                 "(--max-label-pixels)",
	                 place, width, height, (unsigned long long)layers,
	                 (unsigned long long)most);
}

/* ---- SEG ---- */

enum { SEG_HEADER = 16 }; /* height, width, count, zero */

uint32_t ndr_seg_words(uint32_t height, uint32_t width)
{
	uint64_t bits = (uint64_t)height * width;

	return (uint32_t)((bits + 511) / 512 * 8);
}

static uint64_t bitmaps_at(uint64_t count)
{
	return padded(SEG_HEADER + 4 * count);
}

const char *seg_decode(const struct ndr_record *rec, uint32_t units, struct ndr_seg *seg)
{
	const unsigned char *p = rec->data;
	uint64_t pixels, n;

	if (rec->length < SEG_HEADER)
		return "SEG is too short";
	*seg = (struct ndr_seg){
	        .height = get32(p), .width = get32(p + 4), .count = get32(p + 8)};
	pixels = (uint64_t)seg->height * seg->width;
	if (get32(p + 12) != 0 || pixels == 0 || pixels > RECORD_CAP || seg->count > units)
		return "SEG has a bad header";
	seg->words = ndr_seg_words(seg->height, seg->width);
	n = bitmaps_at(seg->count);
	if (rec->length != n + (uint64_t)seg->count * seg->words * 8)
		return "SEG has the wrong length";
	seg->unit = (const uint32_t *)(const void *)(p + SEG_HEADER);
	seg->bitmap = (const uint64_t *)(const void *)(p + n);
	for (uint32_t i = 0; i < seg->count; i++) {
		const uint64_t *bits = seg->bitmap + (size_t)i * seg->words;
		uint64_t stray = pixels % 64 ? bits[pixels / 64] >> pixels % 64 : 0;

		for (uint64_t w = (pixels + 63) / 64; w < seg->words; w++)
			stray |= bits[w];
		if (seg->unit[i] >= units || (i && seg->unit[i] <= seg->unit[i - 1]))
			return "SEG units are out of order or range";
		if (stray)
			return "SEG has bits outside the image";
	}
	return NULL;
}

int ndr_seg_parse(const struct ndr_record *rec, uint32_t units, struct ndr_seg *seg,
                  struct error *e)
{
	const char *why = seg_decode(rec, units, seg);

	return why ? error_set(e, EXIT_MALFORMED, "item %u: %s", rec->item, why) : 0;
}

void ndr_seg_cut(struct ndr_item *item, uint32_t count)
{
	struct ndr_record *rec = &item->record[item->count - 1];
	unsigned char *p = (unsigned char *)rec->data;
	const uint32_t old = get32(p + 8);
	const size_t words = ndr_seg_words(get32(p), get32(p + 4));
	const size_t from = bitmaps_at(old), to = bitmaps_at(count), n = count * words * 8;

	if (count == old)
		return;
	put32(p + 8, count);
	if (to < from)
		memmove(p + to, p + from, n);
	rec->length = to + n;
	rec->dims[0] = (uint32_t)rec->length;
}

int ndr_seg_add(struct ndr_item *item, uint32_t layer, uint32_t height, uint32_t width,
                uint32_t count, uint32_t **unit, uint64_t **bitmap, struct error *e)
{
	uint64_t at = bitmaps_at(count);
	uint64_t length = at + (uint64_t)count * ndr_seg_words(height, width) * 8;
	struct ndr_record rec = {
	        .type = NDR_SEG, .group = layer, .dtype = NDR_BYTES, .ndim = 1};
	unsigned char *p;

	if (length > RECORD_CAP)
		return error_set(e, EXIT_SYSTEM,
		                 "item %u: masks of layer %u take more than 1 GiB",
		                 item->number, layer);
	rec.dims[0] = (uint32_t)length;
	p = ndr_item_add(item, &rec, e);
	if (!p)
		return -1;
	put32(p, height);
	put32(p + 4, width);
	put32(p + 8, count);
	*unit = (uint32_t *)(void *)(p + SEG_HEADER);
	*bitmap = (uint64_t *)(void *)(p + at);
	return 0;
}
