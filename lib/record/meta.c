/* meta.c -- META's payload: sorted lines of key=value, and the struct that
 * they stand for.
 *
 *	category.1=color
 *	dataset.items=3495
 *	label.13=2 person                  primary category 2
 *	layer.0.name=fire9/concat
 *	layer.0.shape=512 13 13            units, height, width
 *	layer.0.input=227 227              height, width
 *	layer.0.offset=9 9                 y, x, as are stride and size
 *
 * Values escape % and control characters as %XX. */
#include "record/escape.h"
#include "record/format.h"
#include "base/memory.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the struct ---- */

/* Make array[index] exist.  memory_grow() goes from 16 on by doubling, so count
 * alone tells the capacity. */
static int append(void *array, size_t *count, size_t index, size_t size, struct error *e)
{
	size_t capacity = 0;

	if (index < *count)
		return 0;
	if (*count > 0)
		for (capacity = 16; capacity < *count;)
			capacity *= 2;
	if (memory_grow(array, &capacity, index + 1, size, e) < 0)
		return -1;
	*count = index + 1;
	return 0;
}

int ndr_meta_add_category(struct ndr_meta *m, const char *name, struct error *e)
{
	size_t i = m->categories;

	if (append(&m->category, &m->categories, i, sizeof *m->category, e) < 0)
		return -1;
	m->category[i] = memory_string(name, e);
	return m->category[i] ? 0 : -1;
}

int ndr_meta_set_label(struct ndr_meta *m, unsigned number, const char *name, int category,
                       struct error *e)
{
	struct ndr_label_info *label;

	if (number == 0 || number >= NDR_LABELS)
		return error_set(e, EXIT_MALFORMED, "label %u: numbers are 1 to %d", number,
		                 NDR_LABELS - 1);
	if (append(&m->label, &m->labels, number, sizeof *m->label, e) < 0)
		return -1;
	label = &m->label[number];
	free(label->name);
	label->name = memory_string(name, e);
	label->category = category;
	return label->name ? 0 : -1;
}

int ndr_meta_add_layer(struct ndr_meta *m, const struct ndr_layer *layer, struct error *e)
{
	size_t i = m->layers;

	if (ndr_meta_find_layer(m, layer->name) >= 0)
		return error_set(e, EXIT_MALFORMED, "the stream already has a layer %.200s",
		                 layer->name);
	if (append(&m->layer, &m->layers, i, sizeof *m->layer, e) < 0)
		return -1;
	m->layer[i] = *layer;
	m->layer[i].basis = m->layer[i].before = m->layer[i].model = NULL;
	m->layer[i].name = memory_string(layer->name, e);
	if (!m->layer[i].name)
		return -1;
	if (layer->before && !(m->layer[i].before = memory_string(layer->before, e)))
		return -1;
	if (layer->model && !(m->layer[i].model = memory_string(layer->model, e)))
		return -1;
	return layer->basis ? ndr_meta_set_basis(m, i, layer->basis, e) : 0;
}

int ndr_meta_set_basis(struct ndr_meta *m, size_t layer, const char *basis, struct error *e)
{
	char *copy = basis ? memory_string(basis, e) : NULL;

	if (basis && !copy)
		return -1;
	free(m->layer[layer].basis);
	m->layer[layer].basis = copy;
	return 0;
}

static int add_pair(struct ndr_meta *m, const char *key, const char *value, struct error *e)
{
	size_t i = m->pairs;

	if (append(&m->pair, &m->pairs, i, sizeof *m->pair, e) < 0)
		return -1;
	m->pair[i].key = memory_string(key, e);
	m->pair[i].value = memory_string(value, e);
	return m->pair[i].key && m->pair[i].value ? 0 : -1;
}

int ndr_meta_copy(struct ndr_meta *to, const struct ndr_meta *from, struct error *e)
{
	*to = (struct ndr_meta){.items = from->items};
	for (size_t i = 0; i < from->categories; i++)
		if (ndr_meta_add_category(to, from->category[i], e) < 0)
			return -1;
	for (unsigned i = 1; i < from->labels; i++)
		if (from->label[i].name && ndr_meta_set_label(to, i, from->label[i].name,
		                                              from->label[i].category, e) < 0)
			return -1;
	for (size_t i = 0; i < from->layers; i++)
		if (ndr_meta_add_layer(to, &from->layer[i], e) < 0)
			return -1;
	for (size_t i = 0; i < from->pairs; i++)
		if (add_pair(to, from->pair[i].key, from->pair[i].value, e) < 0)
			return -1;
	return 0;
}

const char *ndr_group_name(const struct ndr_meta *m, const struct ndr_record *rec)
{
	const struct type_info *type = type_info(rec->type);

	if (type && (type->place == OF_LAYER || type->place == OF_LAYER_ITEM))
		return m->layer[rec->group].name;
	return rec->type == NDR_LABEL ? m->category[rec->group] : NULL;
}

int ndr_meta_find_layer(const struct ndr_meta *m, const char *name)
{
	for (size_t i = 0; i < m->layers; i++)
		if (strcmp(m->layer[i].name, name) == 0)
			return (int)i;
	return -1;
}

void ndr_meta_swap_labels(struct ndr_meta *a, struct ndr_meta *b)
{
	const struct ndr_meta old = *a;

	a->labels = b->labels, a->label = b->label;
	a->categories = b->categories, a->category = b->category;
	b->labels = old.labels, b->label = old.label;
	b->categories = old.categories, b->category = old.category;
}

void ndr_meta_clear_layers(struct ndr_meta *m)
{
	for (size_t i = 0; i < m->layers; i++) {
		free(m->layer[i].name);
		free(m->layer[i].basis);
		free(m->layer[i].before);
		free(m->layer[i].model);
	}
	free(m->layer);
	m->layer = NULL;
	m->layers = 0;
}

void ndr_meta_free(struct ndr_meta *m)
{
	for (size_t i = 0; i < m->categories; i++)
		free(m->category[i]);
	for (size_t i = 0; i < m->labels; i++)
		free(m->label[i].name);
	ndr_meta_clear_layers(m);
	for (size_t i = 0; i < m->pairs; i++) {
		free(m->pair[i].key);
		free(m->pair[i].value);
	}
	free(m->category);
	free(m->label);
	free(m->pair);
	*m = (struct ndr_meta){0};
}

/* ---- to text ---- */

struct lines {
	char **line;
	size_t count, capacity;
};

static void lines_free(struct lines *l)
{
	for (size_t i = 0; i < l->count; i++)
		free(l->line[i]);
	free(l->line);
}

static int add_line(struct lines *l, struct error *e, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

static int add_line(struct lines *l, struct error *e, const char *format, ...)
{
	va_list args;

	if (memory_grow(&l->line, &l->capacity, l->count + 1, sizeof *l->line, e) < 0)
		return -1;
	va_start(args, format);
	l->line[l->count] = memory_print_list(e, format, args);
	va_end(args);
	if (!l->line[l->count])
		return -1;
	l->count++;
	return 0;
}

static int add_escaped(struct lines *l, const char *key, const char *before, const char *value,
                       struct error *e)
{
	char *escaped = escape(value, e);
	int r = escaped ? add_line(l, e, "%s=%s%s\n", key, before, escaped) : -1;

	free(escaped);
	return r;
}

static int add_two(struct lines *l, size_t layer, const char *key, const double v[2],
                   struct error *e)
{
	return add_line(l, e, "layer.%zu.%s=%.17g %.17g\n", layer, key, v[0], v[1]);
}

static int add_layer_lines(struct lines *l, size_t i, const struct ndr_layer *layer,
                           struct error *e)
{
	char key[64];

	snprintf(key, sizeof key, "layer.%zu.name", i);
	if (add_escaped(l, key, "", layer->name, e) < 0 ||
	    add_line(l, e, "layer.%zu.shape=%u %u %u\n", i, layer->units, layer->height,
	             layer->width) < 0 ||
	    add_line(l, e, "layer.%zu.input=%u %u\n", i, layer->input[0], layer->input[1]) <
	            0 ||
	    add_two(l, i, "offset", layer->offset, e) < 0 ||
	    add_two(l, i, "stride", layer->stride, e) < 0 ||
	    add_two(l, i, "size", layer->size, e) < 0)
		return -1;
	snprintf(key, sizeof key, "layer.%zu.basis", i);
	if (layer->basis && add_escaped(l, key, "", layer->basis, e) < 0)
		return -1;
	snprintf(key, sizeof key, "layer.%zu.before", i);
	if (layer->before && add_escaped(l, key, "", layer->before, e) < 0)
		return -1;
	snprintf(key, sizeof key, "layer.%zu.model", i);
	return layer->model ? add_escaped(l, key, "", layer->model, e) : 0;
}

/* By key, as the decoder demands: '=' would sort label.10 before label.1. */
static int compare_lines(const void *a, const void *b)
{
	const char *x = *(char *const *)a, *y = *(char *const *)b;
	size_t nx = strcspn(x, "="), ny = strcspn(y, "=");
	int order = memcmp(x, y, nx < ny ? nx : ny);

	return order ? order : (nx > ny) - (nx < ny);
}

static int collect_lines(struct lines *l, const struct ndr_meta *m, struct error *e)
{
	char key[64], before[32];

	if (m->items && add_line(l, e, "dataset.items=%" PRIu64 "\n", m->items) < 0)
		return -1;
	for (size_t i = 0; i < m->categories; i++) {
		snprintf(key, sizeof key, "category.%zu", i);
		if (add_escaped(l, key, "", m->category[i], e) < 0)
			return -1;
	}
	for (size_t i = 1; i < m->labels; i++) {
		if (!m->label[i].name)
			continue;
		snprintf(key, sizeof key, "label.%zu", i);
		snprintf(before, sizeof before, "%d ", m->label[i].category);
		if (add_escaped(l, key, before, m->label[i].name, e) < 0)
			return -1;
	}
	for (size_t i = 0; i < m->layers; i++)
		if (add_layer_lines(l, i, &m->layer[i], e) < 0)
			return -1;
	for (size_t i = 0; i < m->pairs; i++)
		if (add_escaped(l, m->pair[i].key, "", m->pair[i].value, e) < 0)
			return -1;
	return 0;
}

char *ndr_meta_encode(const struct ndr_meta *m, size_t *length, struct error *e)
{
	struct lines l = {0};
	char *text = NULL, *to;

	*length = 0;
	if (collect_lines(&l, m, e) < 0)
		goto out;
	if (l.count)
		qsort(l.line, l.count, sizeof *l.line, compare_lines);
	for (size_t i = 0; i < l.count; i++)
		*length += strlen(l.line[i]);
	text = memory_new(*length + 1, 1, e);
	if (!text)
		goto out;
	to = text;
	for (size_t i = 0; i < l.count; i++)
		to = stpcpy(to, l.line[i]);
out:
	lines_free(&l);
	return text;
}

int ndr_meta_agree(const struct ndr_meta *a, const struct ndr_meta *b, const char *name,
                   struct error *e)
{
	size_t n;
	char *x = ndr_meta_encode(a, &n, e), *y = ndr_meta_encode(b, &n, e);
	int status = x && y ? 0 : -1;

	if (status == 0 && strcmp(x, y) != 0)
		status = error_set(e, EXIT_MALFORMED,
		                   "%s: META differs from that of the segment before: other "
		                   "labels, layers or data set",
		                   name);
	free(x);
	free(y);
	return status;
}

/* ---- from text ---- */

/* "layer.12.name": 12 into *index, and what follows the number. */
static const char *indexed(const char *key, const char *prefix, size_t limit, size_t *index)
{
	size_t n = strlen(prefix);
	char *end;
	unsigned long v;

	if (strncmp(key, prefix, n) != 0 || !isdigit((unsigned char)key[n]) ||
	    (key[n] == '0' && isdigit((unsigned char)key[n + 1])))
		return NULL;
	v = strtoul(key + n, &end, 10);
	if (v >= limit)
		return NULL;
	*index = v;
	return end;
}

static bool numbers32(const char *s, uint32_t *v, int n)
{
	for (int i = 0; i < n; i++) {
		char *end;
		unsigned long x = strtoul(s, &end, 10);

		if (!isdigit((unsigned char)*s) || x > INT32_MAX ||
		    *end != (i + 1 < n ? ' ' : '\0'))
			return false;
		v[i] = (uint32_t)x;
		s = end + 1;
	}
	return true;
}

static bool two_reals(const char *s, double v[2])
{
	char *end;

	v[0] = strtod(s, &end);
	if (end == s || *end != ' ')
		return false;
	s = end + 1;
	v[1] = strtod(s, &end);
	return end != s && *end == '\0' && isfinite(v[0]) && isfinite(v[1]);
}

static bool set_layer_key(struct ndr_layer *layer, const char *key, const char *value,
                          bool *known, struct error *e)
{
	uint32_t shape[3];

	*known = true;
	if (strcmp(key, ".name") == 0)
		return *value && (layer->name = memory_string(value, e));
	if (strcmp(key, ".basis") == 0)
		return (layer->basis = memory_string(value, e)) != NULL;
	if (strcmp(key, ".before") == 0)
		return (layer->before = memory_string(value, e)) != NULL;
	if (strcmp(key, ".model") == 0)
		return (layer->model = memory_string(value, e)) != NULL;
	if (strcmp(key, ".input") == 0)
		return numbers32(value, layer->input, 2);
	if (strcmp(key, ".offset") == 0)
		return two_reals(value, layer->offset);
	if (strcmp(key, ".stride") == 0)
		return two_reals(value, layer->stride);
	if (strcmp(key, ".size") == 0)
		return two_reals(value, layer->size);
	if (strcmp(key, ".shape") == 0) {
		if (!numbers32(value, shape, 3) || !shape[0] || !shape[1] || !shape[2])
			return false;
		layer->units = shape[0];
		layer->height = shape[1];
		layer->width = shape[2];
		return true;
	}
	*known = false;
	return true;
}

/* One unescaped pair; false where its value makes no sense. */
static bool take_pair(struct ndr_meta *m, const char *key, const char *value, struct error *e)
{
	size_t i;
	const char *rest;

	if (strcmp(key, "dataset.items") == 0) {
		char *end;

		errno = 0;
		m->items = strtoull(value, &end, 10);
		return isdigit((unsigned char)*value) && *end == '\0' && errno == 0;
	}
	if ((rest = indexed(key, "category.", MAX_CATEGORIES, &i)) && !*rest)
		return append(&m->category, &m->categories, i, sizeof *m->category, e) == 0 &&
		       (m->category[i] = memory_string(value, e));
	if ((rest = indexed(key, "label.", NDR_LABELS, &i)) && !*rest) {
		char *name;
		unsigned long category = strtoul(value, &name, 10);

		return isdigit((unsigned char)*value) && *name == ' ' && name[1] && i > 0 &&
		       category < MAX_CATEGORIES &&
		       ndr_meta_set_label(m, (unsigned)i, name + 1, (int)category, e) == 0;
	}
	if ((rest = indexed(key, "layer.", MAX_LAYERS, &i)) && *rest == '.') {
		bool known;

		if (append(&m->layer, &m->layers, i, sizeof *m->layer, e) < 0 ||
		    !set_layer_key(&m->layer[i], rest, value, &known, e))
			return false;
		if (known)
			return true;
	}
	return add_pair(m, key, value, e) == 0;
}

static const char *incomplete(const struct ndr_meta *m)
{
	for (size_t i = 0; i < m->categories; i++)
		if (!m->category[i])
			return "META skips a category";
	for (size_t i = 1; i < m->labels; i++)
		if (m->label[i].name && (size_t)m->label[i].category >= m->categories)
			return "META has a label without category";
	for (size_t i = 0; i < m->layers; i++)
		if (!m->layer[i].name || !m->layer[i].units)
			return "META has a layer without name or shape";
		else if (ndr_meta_find_layer(m, m->layer[i].name) < (int)i)
			return "META has two layers of one name";
	return NULL;
}

int ndr_meta_decode(struct ndr_meta *m, const char *text, size_t length, const char *place,
                    struct error *e)
{
	char *copy = memory_new(length + 1, 1, e), *line, *next, *equals;
	const char *previous = "", *why = NULL;
	int r = -1;

	if (!copy)
		return -1;
	memcpy(copy, text, length);
	if (memchr(text, 0, length) || (length && text[length - 1] != '\n'))
		why = "META is not lines of text";
	for (line = copy; !why && *line; line = next) {
		next = strchr(line, '\n');
		*next++ = '\0';
		equals = strchr(line, '=');
		if (!equals || equals == line) {
			why = "META has a line without key";
			break;
		}
		*equals = '\0';
		if (strcmp(previous, line) >= 0)
			why = "META keys are not in order";
		else if (!unescape(equals + 1) || !take_pair(m, line, equals + 1, e))
			why = "META has a bad value";
		previous = line;
	}
	if (!why)
		why = incomplete(m);
	if (!why)
		r = 0;
	else
		error_set(e, EXIT_MALFORMED, "%s: %s (last key read: %s)", place, why,
		          *previous ? previous : "none");
	free(copy);
	return r;
}
