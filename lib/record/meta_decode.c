/* meta_decode.c -- META from text; see meta.h. */
#include "record/meta.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "record/escape.h"
#include "record/format.h"

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
		return meta_append(&m->category, &m->categories, i, sizeof *m->category, e) ==
		               0 &&
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

		if (meta_append(&m->layer, &m->layers, i, sizeof *m->layer, e) < 0 ||
		    !set_layer_key(&m->layer[i], rest, value, &known, e))
			return false;
		if (known)
			return true;
	}
	return meta_add_pair(m, key, value, e) == 0;
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
		else if (!record_unescape(equals + 1) || !take_pair(m, line, equals + 1, e))
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
