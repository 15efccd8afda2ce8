/* summary.c -- see summary.h. */
#include "record/summary.h"
#include "record/format.h"

#include <string.h>

enum { BLOCK_BYTES = 1 << 24 };

static const void *behind(const struct ndr_record *rec)
{
	return (const unsigned char *)rec->data + SUMMARY_BYTES;
}

/* A record of the 64 bytes and a payload of count elements and more bytes. */
static unsigned char *add(struct ndr_item *item, unsigned type, uint32_t group, uint64_t count,
                          uint64_t size, uint64_t more, struct error *e)
{
	uint64_t n;

	if (__builtin_mul_overflow(count, size, &n) ||
	    __builtin_add_overflow(n, more + SUMMARY_BYTES, &n) || n > RECORD_CAP) {
		error_set(e, EXIT_SYSTEM, "a record cannot hold more than 1 GiB");
		return NULL;
	}
	return ndr_item_add(item,
	                    &(struct ndr_record){.type = (uint16_t)type,
	                                         .group = group,
	                                         .dtype = NDR_BYTES,
	                                         .ndim = 1,
	                                         .dims = {(uint32_t)n}},
	                    e);
}

static void *array_of(unsigned char *p)
{
	return p ? p + SUMMARY_BYTES : NULL;
}

/* ---- TOPMAP ---- */

struct ndr_topmap ndr_topmap_view(const struct ndr_record *rec)
{
	const unsigned char *p = rec->data;

	return (struct ndr_topmap){.first = get32(p),
	                           .units = get32(p + 4),
	                           .k = get32(p + 8),
	                           .height = get32(p + 12),
	                           .width = get32(p + 16),
	                           .maps = behind(rec)};
}

static uint32_t units_of(uint64_t bytes)
{
	if (bytes > RECORD_CAP - SUMMARY_BYTES)
		return 0;
	if (bytes >= BLOCK_BYTES)
		return 1;
	return bytes ? (uint32_t)(BLOCK_BYTES / bytes) : UINT32_MAX;
}

uint32_t ndr_topmap_units(uint32_t k, uint32_t height, uint32_t width)
{
	uint64_t bytes = (uint64_t)height * width;

	return __builtin_mul_overflow(bytes, k, &bytes) ||
	                       __builtin_mul_overflow(bytes, sizeof(float), &bytes)
	               ? 0
	               : units_of(bytes);
}

float *ndr_topmap_add(struct ndr_item *item, uint32_t layer, const struct ndr_topmap *t,
                      struct error *e)
{
	const uint64_t cells = (uint64_t)t->height * t->width, rows = (uint64_t)t->units * t->k;
	unsigned char *p;

	if (cells > RECORD_CAP) {
		error_set(e, EXIT_SYSTEM, "a record cannot hold more than 1 GiB");
		return NULL;
	}
	p = add(item, NDR_TOPMAP, layer, rows, cells * sizeof(float), 0, e);
	if (!p)
		return NULL;
	put32(p, t->first);
	put32(p + 4, t->units);
	put32(p + 8, t->k);
	put32(p + 12, t->height);
	put32(p + 16, t->width);
	return array_of(p);
}

/* ---- CHANCE ---- */

struct ndr_chance ndr_chance_view(const struct ndr_record *rec)
{
	const unsigned char *p = rec->data;

	return (struct ndr_chance){.seed = get64(p),
	                           .first = get32(p + 8),
	                           .units = get32(p + 12),
	                           .labels = get32(p + 16),
	                           .pixels = behind(rec)};
}

uint32_t ndr_chance_units(uint32_t labels)
{
	return units_of(labels * sizeof(uint64_t));
}

uint64_t *ndr_chance_add(struct ndr_item *item, uint32_t layer, const struct ndr_chance *c,
                         struct error *e)
{
	unsigned char *p = add(item, NDR_CHANCE, layer, (uint64_t)c->units * c->labels,
	                       sizeof(uint64_t), 0, e);

	if (!p)
		return NULL;
	put64(p, c->seed);
	put32(p + 8, c->first);
	put32(p + 12, c->units);
	put32(p + 16, c->labels);
	return array_of(p);
}

/* ---- TAIL ---- */

static float get_float(const unsigned char *p)
{
	float v;

	memcpy(&v, p, sizeof v);
	return v;
}

struct ndr_tail ndr_tail_view(const struct ndr_record *rec)
{
	const unsigned char *p = rec->data;

	return (struct ndr_tail){.unit = get32(p),
	                         .samples = get64(p + 8),
	                         .keep = get64(p + 16),
	                         .count = get64(p + 24),
	                         .ties = get64(p + 32),
	                         .min = get_float(p + 40),
	                         .max = get_float(p + 44),
	                         .values = behind(rec)};
}

float *ndr_tail_add(struct ndr_item *item, uint32_t layer, const struct ndr_tail *t,
                    struct error *e)
{
	unsigned char *p = add(item, NDR_TAIL, layer, t->count, sizeof(float), 0, e);

	if (!p)
		return NULL;
	put32(p, t->unit);
	put64(p + 8, t->samples);
	put64(p + 16, t->keep);
	put64(p + 24, t->count);
	put64(p + 32, t->ties);
	memcpy(p + 40, &t->min, sizeof t->min);
	memcpy(p + 44, &t->max, sizeof t->max);
	return array_of(p);
}

/* ---- CLASSES ---- */

_Static_assert(sizeof(struct ndr_class) == CLASS_BYTES, "a class is as ndr(5) has it");

struct ndr_classes ndr_classes_view(const struct ndr_record *rec)
{
	const unsigned char *p = rec->data;
	const uint64_t count = get64(p);

	return (struct ndr_classes){
	        .count = count,
	        .listed = get64(p + 8),
	        .class = behind(rec),
	        .list = (const uint16_t *)(const void *)(p + SUMMARY_BYTES +
	                                                 count * CLASS_BYTES)};
}

int ndr_classes_add(struct ndr_item *item, uint64_t count, uint64_t listed,
                    struct ndr_class **class, uint16_t **list, struct error *e)
{
	unsigned char *p = NULL;

	if (listed > RECORD_CAP)
		return error_set(e, EXIT_SYSTEM, "a record cannot hold more than 1 GiB");
	p = add(item, NDR_CLASSES, 0, count, CLASS_BYTES, listed * sizeof **list, e);
	if (!p)
		return -1;
	put64(p, count);
	put64(p + 8, listed);
	*class = array_of(p);
	*list = (uint16_t *)(void *)(p + SUMMARY_BYTES + count * CLASS_BYTES);
	return 0;
}

static int compare_numbers(const uint16_t *a, uint32_t na, const uint16_t *b, uint32_t nb)
{
	for (uint32_t i = 0; i < na && i < nb; i++)
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	return (na > nb) - (na < nb);
}

int ndr_class_compare(const struct ndr_class *a, const uint16_t *list_a,
                      const struct ndr_class *b, const uint16_t *list_b)
{
	const int order = compare_numbers(list_a, a->categories, list_b, b->categories);

	return order ? order
	             : compare_numbers(list_a + a->categories, a->labels,
	                               list_b + b->categories, b->labels);
}

/* ---- JOINT ---- */

_Static_assert(sizeof(struct ndr_joint_class) == JOINT_CLASS_BYTES, "as ndr(5) has it");

struct ndr_joint ndr_joint_view(const struct ndr_record *rec)
{
	const unsigned char *p = rec->data;

	return (struct ndr_joint){
	        .unit = get32(p), .count = get64(p + 8), .class = behind(rec)};
}

struct ndr_joint_class *ndr_joint_add(struct ndr_item *item, uint32_t layer,
                                      const struct ndr_joint *j, struct error *e)
{
	unsigned char *p = add(item, NDR_JOINT, layer, j->count, JOINT_CLASS_BYTES, 0, e);

	if (!p)
		return NULL;
	put32(p, j->unit);
	put64(p + 8, j->count);
	return array_of(p);
}

/* ---- MAXIMA ---- */

_Static_assert(sizeof(struct ndr_maxima_bin) == MAXIMA_BIN_BYTES, "as ndr(5) has it");

struct ndr_maxima ndr_maxima_view(const struct ndr_record *rec)
{
	const unsigned char *p = rec->data;

	return (struct ndr_maxima){.unit = get32(p), .count = get64(p + 8), .bin = behind(rec)};
}

struct ndr_maxima_bin *ndr_maxima_add(struct ndr_item *item, uint32_t layer,
                                      const struct ndr_maxima *m, struct error *e)
{
	unsigned char *p = add(item, NDR_MAXIMA, layer, m->count, MAXIMA_BIN_BYTES, 0, e);

	if (!p)
		return NULL;
	put32(p, m->unit);
	put32(p + 4, NDR_MAXIMA_BITS);
	put64(p + 8, m->count);
	return array_of(p);
}

/* ---- LINEAR ---- */

struct ndr_linear ndr_linear_view(const struct ndr_record *rec)
{
	const unsigned char *p = rec->data;
	const uint32_t rows = get32(p), columns = get32(p + 4);
	const float *matrix = behind(rec);

	return (struct ndr_linear){.rows = rows,
	                           .columns = columns,
	                           .activation = (enum ndr_activation)get32(p + 8),
	                           .matrix = matrix,
	                           .bias = matrix + (size_t)rows * columns};
}

int ndr_linear_add(struct ndr_item *item, uint32_t layer, const struct ndr_linear *l,
                   float **matrix, float **bias, struct error *e)
{
	unsigned char *p = add(item, NDR_LINEAR, layer, (uint64_t)l->rows * l->columns,
	                       sizeof **matrix, (uint64_t)l->rows * sizeof **bias, e);

	if (!p)
		return -1;
	put32(p, l->rows);
	put32(p + 4, l->columns);
	put32(p + 8, l->activation);
	*matrix = array_of(p);
	*bias = *matrix + (size_t)l->rows * l->columns;
	return 0;
}
