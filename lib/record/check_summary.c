/* check_summary.c -- whether the summaries that ndr 1.1 added are what ndr(5) says. */
#include "base/finite.h"
#include "base/memory.h"
#include "record/check.h"
#include "record/summary.h"

#include <stdlib.h>
#include <string.h>

/* A product of lengths, or more than any record has. */
static uint64_t times(uint64_t a, uint64_t b)
{
	uint64_t product;

	return __builtin_mul_overflow(a, b, &product) || product > RECORD_CAP ? RECORD_CAP + 1
	                                                                      : product;
}

/* What the 64 bytes say must be all that there is, and zeros behind it. */
static bool is_summary(const struct ndr_record *rec, size_t head)
{
	const unsigned char *p = rec->data;

	if (rec->length < SUMMARY_BYTES)
		return false;
	for (size_t i = head; i < SUMMARY_BYTES; i++)
		if (p[i])
			return false;
	return true;
}

static bool holds(const struct ndr_record *rec, uint64_t bytes)
{
	return rec->length - SUMMARY_BYTES == bytes;
}

/* TOP, for the maps that may follow. */
static const char *keep_top(const struct ndr_record *rec, struct layer_sums *sums,
                            struct error *e)
{
	free(sums->row);
	sums->top = rec->dims[1];
	sums->row = memory_raw(rec->length, 1, e);
	if (!sums->row)
		return "no memory";
	memcpy(sums->row, rec->data, rec->length);
	return NULL;
}

/* Whether each map is one of the image that TOP names: its maximum is there. */
static bool are_of_top(const struct ndr_topmap *t, const double *row)
{
	const size_t cells = (size_t)t->height * t->width, n = (size_t)t->units * t->k;
	const float *map = t->maps;

	row += (size_t)t->first * t->k * 2;
	for (size_t i = 0; i < n; i++, row += 2, map += cells) {
		float least = map[0], greatest = map[0];

		for (size_t c = 1; c < cells; c++) {
			least = map[c] < least ? map[c] : least;
			greatest = map[c] > greatest ? map[c] : greatest;
		}
		if ((double)greatest != row[0] || (row[1] < 0 && least < 0))
			return false;
	}
	return true;
}

static const char *check_topmap(const struct ndr_record *rec, const struct ndr_layer *layer,
                                struct layer_sums *sums)
{
	struct ndr_topmap t;
	uint64_t values;

	if (!is_summary(rec, 20))
		return "not a TOPMAP";
	t = ndr_topmap_view(rec);
	if (!sums->row || t.k != sums->top)
		return "not the maps of the TOP before it";
	if (t.height != layer->height || t.width != layer->width || t.units == 0)
		return "shape does not fit META or ITEM";
	if (t.first < sums->next_map || t.units > layer->units ||
	    t.first > layer->units - t.units)
		return "units are out of order or range";
	values = times(times(t.units, t.k), times(t.height, t.width));
	if (!holds(rec, times(values, sizeof *t.maps)))
		return "dimensions and length disagree";
	sums->next_map = t.first + t.units;
	if (finite_prefix(t.maps, values) != values)
		return "NaN or infinity";
	return are_of_top(&t, sums->row) ? NULL : "not the maps of the TOP before it";
}

static const char *check_chance(const struct ndr_record *rec, const struct ndr_meta *m,
                                struct layer_sums *sums)
{
	const uint32_t units = m->layer[rec->group].units;
	struct ndr_chance c;

	if (!is_summary(rec, 20))
		return "not a CHANCE";
	c = ndr_chance_view(rec);
	if (c.labels != m->labels || c.units == 0)
		return "shape does not fit META or ITEM";
	if (c.units > units || c.first > units - c.units ||
	    (sums->chance &&
	     (c.seed < sums->seed || (c.seed == sums->seed && c.first < sums->next_chance))))
		return "seeds or units are out of order or range";
	if (!holds(rec, times(times(c.units, c.labels), sizeof *c.pixels)))
		return "dimensions and length disagree";
	sums->chance = true;
	sums->seed = c.seed;
	sums->next_chance = c.first + c.units;
	return NULL;
}

static bool is_descending(const float *v, uint64_t n)
{
	static const uint32_t negative_zero = UINT32_C(1) << 31;
	uint32_t bits;

	for (uint64_t i = 0; i < n; i++) {
		memcpy(&bits, &v[i], sizeof bits);
		if (bits == negative_zero || (i > 0 && !(v[i] <= v[i - 1])))
			return false;
	}
	return true;
}

static const char *check_tail(const struct ndr_record *rec, const struct ndr_layer *layer,
                              struct layer_sums *sums)
{
	struct ndr_tail t;
	float ends[2];

	if (!is_summary(rec, 48) || get32((const unsigned char *)rec->data + 4))
		return "not a TAIL";
	t = ndr_tail_view(rec);
	if (t.unit < sums->next_tail || t.unit >= layer->units)
		return "units are out of order or range";
	if (t.keep == 0 || t.count != (t.samples < t.keep ? t.samples : t.keep) ||
	    t.ties > t.samples - t.count)
		return "counts make no sense";
	if (!holds(rec, times(t.count, sizeof *t.values)))
		return "dimensions and length disagree";
	ends[0] = t.min;
	ends[1] = t.max;
	if (finite_prefix(t.values, t.count) != t.count || finite_prefix(ends, 2) != 2)
		return "NaN or infinity";
	if (!is_descending(t.values, t.count) || !is_descending(&t.min, 1) ||
	    !is_descending(&t.max, 1))
		return "samples are not in order";
	if (t.count == 0 ? t.min != 0 || t.max != 0
	                 : t.max != t.values[0] || t.min > t.values[t.count - 1] ||
	                           (t.count == t.samples && t.min != t.values[t.count - 1]))
		return "least or greatest sample makes no sense";
	sums->next_tail = t.unit + 1;
	return NULL;
}

/* Numbers ascending, from least up to below end. */
static bool ascend(const uint16_t *v, uint32_t n, uint32_t least, uint64_t end)
{
	for (uint32_t i = 0; i < n; i++)
		if (v[i] < least || v[i] >= end || (i > 0 && v[i] <= v[i - 1]))
			return false;
	return true;
}

static const char *check_classes(const struct ndr_record *rec, const struct ndr_meta *m,
                                 struct segment_sums *sums, struct error *e)
{
	struct ndr_classes c;
	const uint16_t *list, *before = NULL;
	uint64_t left;

	if (sums->classes_known)
		return "comes twice in a segment";
	if (!is_summary(rec, 16))
		return "not CLASSES";
	left = get64((const unsigned char *)rec->data + 8);
	if (!holds(rec, times(get64(rec->data), CLASS_BYTES) + times(left, sizeof *c.list)))
		return "dimensions and length disagree";
	c = ndr_classes_view(rec);
	free(sums->class_pixels);
	sums->class_pixels = memory_raw(c.count, sizeof *sums->class_pixels, e);
	if (!sums->class_pixels)
		return "no memory";
	list = c.list;
	for (uint64_t i = 0; i < c.count; i++) {
		const struct ndr_class *class = &c.class[i];
		const uint32_t n = (uint32_t) class->categories + class->labels;

		if (n > left || class->zero)
			return "not CLASSES";
		if (!ascend(list, class->categories, 0, m->categories) ||
		    !ascend(list + class->categories, class->labels, 1, m->labels))
			return "category or label is not in META, or out of order";
		if (before && ndr_class_compare(class - 1, before, class, list) >= 0)
			return "classes are not in order";
		if (class->images == 0 || class->images > class->pixels)
			return "counts make no sense";
		sums->class_pixels[i] = class->pixels;
		before = list;
		list += n;
		left -= n;
	}
	sums->classes_known = true;
	sums->classes = c.count;
	return left == 0 ? NULL : "not CLASSES";
}

static const char *check_joint(const struct ndr_record *rec, const struct ndr_layer *layer,
                               struct layer_sums *sums, const struct segment_sums *all)
{
	struct ndr_joint j;

	if (!all->classes_known)
		return "comes before CLASSES";
	if (!is_summary(rec, 16) || get32((const unsigned char *)rec->data + 4))
		return "not a JOINT";
	j = ndr_joint_view(rec);
	if (j.unit < sums->next_joint || j.unit >= layer->units)
		return "units are out of order or range";
	if (!holds(rec, times(j.count, sizeof *j.class)))
		return "dimensions and length disagree";
	for (uint64_t i = 0; i < j.count; i++) {
		const struct ndr_joint_class *c = &j.class[i];

		if (c->zero || c->class >= all->classes || (i > 0 && c->class <= c[-1].class))
			return "classes are out of order or range";
		if (c->pixels == 0 || c->pixels > all->class_pixels[c->class])
			return "counts make no sense";
	}
	sums->next_joint = j.unit + 1;
	return NULL;
}

/* The bin of a finite sample. */
static uint32_t maxima_bin(float value)
{
	uint32_t bits;

	memcpy(&bits, &value, sizeof bits);
	bits = bits >> 31 ? UINT32_MAX - bits : bits + (UINT32_C(1) << 31);
	return bits >> (32 - NDR_MAXIMA_BITS);
}

static const char *check_maxima(const struct ndr_record *rec, const struct ndr_meta *m,
                                const struct ndr_layer *layer, struct layer_sums *sums)
{
	struct ndr_maxima x;
	uint64_t images = 0;

	if (!sums->row)
		return "comes before TOP";
	if (!is_summary(rec, 16) ||
	    get32((const unsigned char *)rec->data + 4) != NDR_MAXIMA_BITS)
		return "not MAXIMA";
	x = ndr_maxima_view(rec);
	if (x.unit < sums->next_maxima || x.unit >= layer->units)
		return "units are out of order or range";
	if (!holds(rec, times(x.count, sizeof *x.bin)))
		return "dimensions and length disagree";
	for (uint64_t i = 0; i < x.count; i++) {
		const struct ndr_maxima_bin *b = &x.bin[i];

		if (b->zero || (i > 0 && b->bin <= b[-1].bin))
			return "bins are out of order";
		if (finite_prefix(&b->value, 1) != 1)
			return "NaN or infinity";
		if (maxima_bin(b->value) != b->bin || !is_descending(&b->value, 1))
			return "a maximum is of another bin";
		if (b->item == NDR_NO_ITEM || (m->items && b->item >= m->items))
			return "item is not in the data set";
		if (b->images == 0 || __builtin_add_overflow(images, b->images, &images))
			return "counts make no sense";
	}
	sums->next_maxima = x.unit + 1;
	return NULL;
}

static const char *check_linear(const struct ndr_record *rec)
{
	const unsigned char *p = rec->data;
	struct ndr_linear l;
	uint64_t values;

	if (!is_summary(rec, 12))
		return "not a LINEAR";
	if (get32(p) == 0 || get32(p + 4) == 0)
		return "a matrix without elements";
	values = times(get32(p), get32(p + 4)) + get32(p);
	if (!holds(rec, times(values, sizeof *l.matrix)))
		return "dimensions and length disagree";
	l = ndr_linear_view(rec);
	if (l.activation != NDR_LINEAR_NONE && l.activation != NDR_LINEAR_RELU)
		return "unknown activation, needs a newer reader";
	return finite_prefix(l.matrix, values) == values ? NULL : "NaN or infinity";
}

const char *check_summary(const struct ndr_record *rec, const struct ndr_meta *m,
                          struct segment_sums *sums, struct error *e)
{
	const struct type_info *type = record_type(rec->type);
	const bool of_layer = type && type->place == OF_LAYER;
	const struct ndr_layer *layer = of_layer ? &m->layer[rec->group] : NULL;
	struct layer_sums *its = of_layer ? &sums->layer[rec->group] : NULL;

	switch (rec->type) {
	case NDR_TOP:
		return keep_top(rec, its, e);
	case NDR_TOPMAP:
		return check_topmap(rec, layer, its);
	case NDR_CHANCE:
		return check_chance(rec, m, its);
	case NDR_TAIL:
		return check_tail(rec, layer, its);
	case NDR_CLASSES:
		return check_classes(rec, m, sums, e);
	case NDR_JOINT:
		return check_joint(rec, layer, its, sums);
	case NDR_MAXIMA:
		return check_maxima(rec, m, layer, its);
	case NDR_LINEAR:
		return check_linear(rec);
	default:
		return NULL;
	}
}

int segment_sums_begin(struct segment_sums *s, size_t layers, struct error *e)
{
	segment_sums_free(s);
	s->layer = memory_new(layers, sizeof *s->layer, e);
	s->layers = s->layer ? layers : 0;
	return s->layer ? 0 : -1;
}

void segment_sums_free(struct segment_sums *s)
{
	for (size_t i = 0; i < s->layers; i++)
		free(s->layer[i].row);
	free(s->layer);
	free(s->class_pixels);
	*s = (struct segment_sums){0};
}
