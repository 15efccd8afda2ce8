/* sums_top.c -- see sums_top.h.
 *
 * Each part's TOP comes before its TOPMAP.  So TOP is merged at once, and what it took
 * from where is kept until that part's maps come, unit by unit. */
#include "record/sums_top.h"
#include "base/memory.h"
#include "record/summary.h"

#include <stdlib.h>
#include <string.h>

/* An entry of TOP. */
struct strong {
	double value, item; /* item -1: none */
};

/* Which of the merged entries came from the part that was added last. */
enum { LATER = INT32_MIN };

struct top_sum {
	struct ndr_record record; /* without data */
	size_t cells;
	uint32_t height, width;
	size_t parts;
	struct strong *row; /* (units, k) */
	float **map;        /* (units): (k, cells) each, or NULL */
	int32_t *from;      /* (units, k): places before, those of the last part + LATER */
	size_t before;      /* k before the last part came */
	bool *due;          /* (units): the last part's map is still to come */
	size_t maps, dues;  /* units that have a map; that are due one */
};

void sums_top_free(struct top_sum *t)
{
	if (!t)
		return;
	for (size_t i = 0; t->map && i < t->record.dims[0]; i++)
		free(t->map[i]);
	free(t->row);
	free(t->map);
	free(t->from);
	free(t->due);
	free(t);
}

static int begin(struct top_sum **sum, const struct ndr_record *rec,
                 const struct ndr_layer *layer, struct error *e)
{
	struct top_sum *t = *sum = memory_new(1, sizeof *t, e);

	if (!t)
		return -1;
	t->record = *rec;
	t->record.data = NULL;
	t->height = layer->height;
	t->width = layer->width;
	t->parts = 1;
	t->row = memory_new(rec->length, 1, e);
	if (!t->row)
		return -1;
	if (!size_multiply(layer->height, layer->width, &t->cells))
		return error_set(e, EXIT_SYSTEM, "maps too large");
	memcpy(t->row, rec->data, rec->length);
	return 0;
}

static bool is_stronger(const struct strong *a, const struct strong *b)
{
	if (a->item < 0 || b->item < 0)
		return a->item >= 0;
	return a->value > b->value || (a->value == b->value && a->item < b->item);
}

static int all_or_none(const struct top_sum *t, struct error *e)
{
	if (t->dues == 0 && (t->maps == 0 || t->maps == t->record.dims[0]))
		return 0;
	return error_set(e, EXIT_MALFORMED,
	                 "only some parts of the stream have the maps (TOPMAP) of their "
	                 "strongest images");
}

/* Of two rows of each unit the strongest, as many as the shorter row has: what
 * comes after its end is not known. */
int sums_top_add(struct top_sum **sum, const struct ndr_record *rec,
                 const struct ndr_layer *layer, struct error *e)
{
	struct top_sum *t = *sum;
	const struct strong *a, *b = rec->data;
	struct strong *row, *to;
	size_t ka, kb = rec->dims[1], k;
	int32_t *from;

	if (!t)
		return begin(sum, rec, layer, e);
	if (all_or_none(t, e) < 0)
		return -1;
	ka = t->record.dims[1];
	k = ka < kb ? ka : kb;
	to = row = memory_new(rec->dims[0] * k, sizeof *row, e);
	free(t->from);
	from = t->from = memory_new(rec->dims[0] * k, sizeof *from, e);
	if (!row || !from) {
		free(row);
		return -1;
	}
	a = t->row;
	for (uint32_t unit = 0; unit < rec->dims[0]; unit++, a += ka, b += kb)
		for (size_t i = 0, j = 0; i + j < k;) {
			const bool later = is_stronger(&b[j], &a[i]);

			*from++ = later ? LATER + (int32_t)j : (int32_t)i;
			*to++ = later ? b[j++] : a[i++];
		}
	free(t->row);
	t->row = row;
	t->before = ka;
	t->record.dims[1] = (uint32_t)k;
	t->parts++;
	t->dues = t->maps;
	if (t->due)
		memset(t->due, t->maps > 0, rec->dims[0] * sizeof *t->due);
	return 0;
}

/* A unit's maps, of which those of the last part are at new. */
static int take_map(struct top_sum *t, uint32_t unit, const float *new, struct error *e)
{
	const size_t k = t->record.dims[1], bytes = t->cells * sizeof *new;
	float *map;

	if (t->parts > 1 ? !t->due[unit] : t->map[unit] != NULL)
		return error_set(e, EXIT_MALFORMED,
		                 "only some parts of the stream have the maps (TOPMAP) of "
		                 "their strongest images");
	map = memory_raw(k * t->cells, sizeof *map, e);
	if (!map)
		return -1;
	for (size_t i = 0; i < k; i++) {
		const int32_t from = t->parts > 1 ? t->from[unit * k + i] : LATER + (int32_t)i;
		const float *old = from < 0 ? new + (size_t)(from - LATER) * t->cells
		                            : t->map[unit] + (size_t)from * t->cells;

		memcpy(map + i * t->cells, old, bytes);
	}
	t->maps += !t->map[unit];
	t->dues -= t->due[unit];
	t->due[unit] = false;
	free(t->map[unit]);
	t->map[unit] = map;
	return 0;
}

int sums_top_add_maps(struct top_sum *t, const struct ndr_record *rec, struct error *e)
{
	const struct ndr_topmap m = ndr_topmap_view(rec);

	if (!t->map)
		t->map = memory_new(t->record.dims[0], sizeof *t->map, e);
	if (!t->due)
		t->due = memory_new(t->record.dims[0], sizeof *t->due, e);
	if (!t->map || !t->due)
		return -1;
	for (uint32_t i = 0; i < m.units; i++)
		if (take_map(t, m.first + i, m.maps + (size_t)i * m.k * t->cells, e) < 0)
			return -1;
	return 0;
}

static int write_maps(const struct top_sum *t, struct ndr_writer *w, struct error *e)
{
	struct ndr_topmap m = {.k = t->record.dims[1], .height = t->height, .width = t->width};
	const uint32_t units = t->record.dims[0],
	               most = ndr_topmap_units(m.k, m.height, m.width);
	const size_t each = m.k * t->cells;
	struct ndr_item block = {0};
	int status = 0;

	for (; m.first < units && status == 0; m.first += m.units) {
		float *to;

		m.units = units - m.first < most ? units - m.first : most;
		ndr_item_clear(&block, NDR_NO_ITEM);
		to = ndr_topmap_add(&block, t->record.group, &m, e);
		for (uint32_t i = 0; to && i < m.units; i++)
			memcpy(to + i * each, t->map[m.first + i], each * sizeof *to);
		status = to ? ndr_write_item(w, &block, e) : -1;
	}
	ndr_item_free(&block);
	return status;
}

uint64_t sums_top_bytes(const struct top_sum *t)
{
	const uint64_t rows = (uint64_t)t->record.dims[0] * t->record.dims[1];

	return rows * sizeof *t->row + t->maps * t->record.dims[1] * t->cells * sizeof **t->map;
}

int sums_top_write(const struct top_sum *t, struct ndr_writer *w, struct error *e)
{
	struct ndr_record rec = t->record;

	rec.data = t->row;
	if (all_or_none(t, e) < 0 || ndr_write(w, &rec, e) < 0)
		return -1;
	return t->maps > 0 ? write_maps(t, w, e) : 0;
}
