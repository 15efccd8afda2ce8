/* layer.c -- see layer.h. */
#include "stage/layer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"

/* "8" for both axes, or "8,9". */
static int parse_two(const char *option, const char *text, double v[2], struct error *e)
{
	char *end;

	if (!text)
		return 0;
	v[0] = v[1] = strtod(text, &end);
	if (end != text && *end == ',') {
		text = end + 1;
		v[1] = strtod(text, &end);
	}
	if (end == text || *end || !isfinite(v[0]) || !isfinite(v[1]))
		return error_set(e, EXIT_USAGE, "--%s: not a number, or two and a comma",
		                 option);
	return 0;
}

int layer_describe(struct ndr_meta *m, const struct layer_text *t,
                   const uint32_t shape[static 3], struct error *e)
{
	int old = t->name ? ndr_meta_find_layer(m, t->name) : m->layers == 1 ? 0 : -1;
	struct ndr_layer l = old < 0 ? (struct ndr_layer){0} : m->layer[old];
	double input[2] = {l.input[0], l.input[1]};
	struct ndr_meta keep = {0};
	int status;

	if (t->name)
		l.name = (char *)t->name;
	if (!l.name || !*l.name)
		return error_set(e, EXIT_USAGE,
		                 "--as act needs -l NAME, unless --like has one layer");
	l.units = shape[0];
	l.height = shape[1];
	l.width = shape[2];
	if (parse_two("input", t->input, input, e) < 0 ||
	    parse_two("offset", t->offset, l.offset, e) < 0 ||
	    parse_two("stride", t->stride, l.stride, e) < 0 ||
	    parse_two("size", t->size, l.size, e) < 0)
		return -1;
	for (int i = 0; i < 2; i++) {
		if (input[i] < 0 || input[i] > INT32_MAX || input[i] != floor(input[i]))
			return error_set(e, EXIT_USAGE, "--input: not a size in pixels");
		l.input[i] = (uint32_t)input[i];
	}
	status = ndr_meta_add_layer(&keep, &l, e); /* its strings are about to go */
	ndr_meta_clear_layers(m);
	if (status == 0)
		status = ndr_meta_add_layer(m, &keep.layer[0], e);
	ndr_meta_free(&keep);
	return status;
}

int layer_choose(const struct ndr_meta *m, const char *name, uint32_t *layer, struct error *e)
{
	const int found = name ? ndr_meta_find_layer(m, name) : 0;

	if (found < 0)
		return error_set(e, EXIT_USAGE, "--layer '%s': not in the input", name);
	if (m->layers == 0)
		return error_set(e, EXIT_MALFORMED, "no activations in the input");
	if (!name && m->layers > 1)
		return error_set(e, EXIT_USAGE, "%zu layers: choose one with --layer",
		                 m->layers);
	*layer = (uint32_t)found;
	return 0;
}

void layer_geometry(const struct ndr_layer *l, struct upsample_geometry g[static 2])
{
	for (int k = 0; k < 2; k++)
		g[k] = (struct upsample_geometry){.cells = k ? l->width : l->height,
		                                  .offset = l->offset[k],
		                                  .stride = l->stride[k],
		                                  .size = l->size[k],
		                                  .input = l->input[k]};
}

/* ---- by itself ---- */

int layer_meta(const struct ndr_meta *m, size_t layer, struct ndr_meta *one, struct error *e)
{
	return ndr_meta_copy_bare(one, m, e) < 0 ? -1
	                                         : ndr_meta_add_layer(one, &m->layer[layer], e);
}

int layer_item(const struct ndr_meta *m, size_t layer, const struct ndr_item *in,
               struct ndr_item *out, struct error *e)
{
	ndr_item_clear(out, in->number);
	for (size_t i = 0; i < in->count; i++) {
		struct ndr_record rec = in->record[i];

		if (rec.type != NDR_LABEL && ndr_group_name(m, &rec)) {
			if (rec.group != layer)
				continue;
			rec.group = 0;
		}
		if (ndr_item_share(out, &rec, e) < 0)
			return -1;
	}
	return 0;
}

char *layer_path(const char *directory, const char *layer, const char *suffix, struct error *e)
{
	char *base = memory_string(layer, e), *path;
	const char *begin;

	if (!base)
		return NULL;
	file_name_clean(base);
	begin = base + strspn(base, ".-");
	path = memory_print(e, "%s/%s%s", directory, *begin ? begin : "layer", suffix);
	free(base);
	return path;
}
