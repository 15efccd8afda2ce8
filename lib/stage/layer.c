/* layer.c -- see layer.h. */
#include "stage/layer.h"

#include <math.h>
#include <stdlib.h>

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
