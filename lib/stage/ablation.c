/* ablation.c -- see ablation.h. */
#include "stage/ablation.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "stage/layer.h"
#include "table/result.h"

enum { MOST_VALUES = 1 << 29 }; /* of 16 bits, in a record of 2^30 bytes */

/* ---- which units ---- */

static bool goes(const struct ablation *a, size_t unit)
{
	return a->goes[unit / 8] >> unit % 8 & 1;
}

static void take_out(struct ablation *a, size_t unit)
{
	a->goes[unit / 8] |= (uint8_t)(1u << unit % 8);
}

/* The number that text begins with, from 1 to most; 0: none.  *end is behind it. */
static size_t number_at(const char *text, size_t most, char **end)
{
	unsigned long long n = isdigit((unsigned char)*text) ? strtoull(text, end, 10) : 0;

	return n <= most ? (size_t)n : 0;
}

static int read_list(struct ablation *a, const char *list, const char *layer, struct error *e)
{
	for (const char *at = list;; at++) {
		char *end;
		size_t first = number_at(at, a->units, &end), last = first;

		if (first > 0 && *end == '-')
			last = number_at(end + 1, a->units, &end);
		if (first == 0 || last < first || (*end != ',' && *end != '\0'))
			return error_set(e, EXIT_USAGE,
			                 "--units %.100s: not a list of units of layer "
			                 "%.100s, 1 to %zu",
			                 list, layer, a->units);
		for (size_t i = first; i <= last; i++)
			take_out(a, i - 1);
		at = end;
		if (*at == '\0')
			return 0;
	}
}

static int read_detectors(struct ablation *a, const struct ablation_choice *c,
                          const struct result *r, struct error *e)
{
	size_t found = 0;

	for (size_t i = 0; i < r->units; i++) {
		const size_t best = i * r->categories + r->best[i];

		if (r->unit[i] == 0 || r->unit[i] > a->units)
			return error_set(e, EXIT_MALFORMED,
			                 "%s: unit %" PRIu32 ", but the layer has 1 to %zu",
			                 c->result, r->unit[i], a->units);
		if (strcmp(r->label[best], c->concept) != 0 || !(r->iou[best] > c->cut))
			continue;
		take_out(a, r->unit[i] - 1);
		found++;
	}
	return found ? 0
	             : error_set(e, EXIT_MALFORMED,
	                         "%s: no unit detects '%.100s' with an IoU above %g", c->result,
	                         c->concept, c->cut);
}

static int choose_units(struct ablation *a, const struct ablation_choice *c,
                        const struct ndr_layer *l, struct error *e)
{
	struct result r = {0};
	int status;

	if (c->units) {
		status = read_list(a, c->units, l->name, e);
	} else {
		status = result_read(&r, c->result, e);
		if (status == 0)
			status = read_detectors(a, c, &r, e);
		result_free(&r);
	}
	for (size_t i = 0; c->keep && i < (a->units + 7) / 8; i++)
		a->goes[i] ^= 0xff;
	return status;
}

/* ---- what they become ---- */

/* Room for the sums is made when activations come: META alone may announce any number. */
static int add_samples(struct ndr_reader *in, const struct ndr_layer *l, double **sum,
                       uint64_t *items, struct error *e)
{
	const size_t cells = (size_t)l->height * l->width;
	struct ndr_segment *s;
	struct ndr_record rec;
	int more;

	while ((more = ndr_next_segment(in, &s, e)) == 1) {
		const int group = ndr_meta_find_layer(&s->meta, l->name);
		const struct ndr_layer *own = group < 0 ? NULL : &s->meta.layer[group];

		if (!own || own->units != l->units || own->height != l->height ||
		    own->width != l->width ||
		    strcmp(own->basis ? own->basis : "", l->basis ? l->basis : "") != 0)
			return error_set(e, EXIT_MALFORMED,
			                 "%s: no layer %.100s of %u units of %ux%u in the same "
			                 "basis",
			                 ndr_reader_name(in), l->name, l->units, l->height,
			                 l->width);
		while ((more = ndr_read(in, &rec, e)) == 1) {
			const float *value = rec.data;

			if (rec.type != NDR_ACT || rec.group != (uint32_t)group)
				continue;
			if (!*sum && !(*sum = memory_new(l->units, sizeof **sum, e)))
				return -1;
			for (size_t i = 0; i < l->units * cells; i++)
				(*sum)[i / cells] += value[i];
			++*items;
		}
		if (more < 0)
			return -1;
	}
	return more;
}

static int find_means(struct ablation *a, const char *file, const struct ndr_layer *l,
                      uint64_t most_label_pixels, struct error *e)
{
	struct ndr_reader *in = ndr_open(&(char *){(char *)file}, 1, most_label_pixels, e);
	double *sum = NULL;
	uint64_t items = 0;
	int status = in ? add_samples(in, l, &sum, &items, e) : -1;

	if (status == 0 && items == 0)
		status = error_set(e, EXIT_MALFORMED, "%s: no activations of layer %.100s",
		                   file, l->name);
	if (status == 0) {
		a->value = memory_new(a->units, sizeof *a->value, e);
		status = a->value ? 0 : -1;
	}
	for (size_t i = 0; i < a->units && status == 0; i++)
		a->value[i] = (float)(sum[i] / ((double)items * (double)l->height * l->width));
	free(sum);
	ndr_close(in);
	return status;
}

int ablation_open(struct ablation *a, const struct ablation_choice *c, const struct ndr_meta *m,
                  uint64_t most_label_pixels, struct error *e)
{
	const struct ndr_layer *l;

	if (layer_choose(m, c->layer, &a->layer, e) < 0)
		return -1;
	l = &m->layer[a->layer];
	a->units = l->units;
	if ((uint64_t)l->units * l->height > MOST_VALUES / (l->width ? l->width : 1))
		return error_set(e, EXIT_MALFORMED,
		                 "layer %.100s: %u units of %ux%u are more than a record holds",
		                 l->name, l->units, l->height, l->width);
	a->goes = memory_new((a->units + 7) / 8, sizeof *a->goes, e);
	if (!a->goes || choose_units(a, c, l, e) < 0)
		return -1;
	return c->mean_of ? find_means(a, c->mean_of, l, most_label_pixels, e) : 0;
}

void ablation_free(struct ablation *a)
{
	free(a->goes);
	free(a->value);
	*a = (struct ablation){0};
}

bool ablation_fits(const struct ablation *a, const struct ndr_meta *m)
{
	return a->layer < m->layers && m->layer[a->layer].units == a->units;
}

void ablation_apply(const struct ablation *a, size_t cells, float *map)
{
	for (size_t unit = 0; unit < a->units; unit++)
		for (size_t i = 0; goes(a, unit) && i < cells; i++)
			map[unit * cells + i] = a->value ? a->value[unit] : 0;
}
