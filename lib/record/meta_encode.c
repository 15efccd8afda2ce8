/* meta_encode.c -- META as text; see meta.h. */
#include "record/ndr.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/lines.h"
#include "base/memory.h"
#include "record/escape.h"

static int add_escaped(struct lines *l, const char *key, const char *before, const char *value,
                       struct error *e)
{
	char *escaped = record_escape(value, e);
	int r = escaped ? lines_add(l, e, "%s=%s%s\n", key, before, escaped) : -1;

	free(escaped);
	return r;
}

static int add_two(struct lines *l, size_t layer, const char *key, const double v[2],
                   struct error *e)
{
	return lines_add(l, e, "layer.%zu.%s=%.17g %.17g\n", layer, key, v[0], v[1]);
}

static int add_layer_lines(struct lines *l, size_t i, const struct ndr_layer *layer,
                           struct error *e)
{
	char key[64];

	snprintf(key, sizeof key, "layer.%zu.name", i);
	if (add_escaped(l, key, "", layer->name, e) < 0 ||
	    lines_add(l, e, "layer.%zu.shape=%u %u %u\n", i, layer->units, layer->height,
	              layer->width) < 0 ||
	    lines_add(l, e, "layer.%zu.input=%u %u\n", i, layer->input[0], layer->input[1]) <
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

	if (m->items && lines_add(l, e, "dataset.items=%" PRIu64 "\n", m->items) < 0)
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
