/* report.c -- see report.h. */
#include "stage/report.h"
#include "base/checksum.h"
#include "base/file.h"
#include "base/finite.h"
#include "base/memory.h"
#include "dissect/label.h"
#include "dissect/segment.h"
#include "dissect/top.h"
#include "image/resize.h"
#include "record/summary.h"
#include "report/picture.h"
#include "stage/score.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FEW_IMAGES = 1000 };
enum { QUALITY = 75 };
enum { LARGEST_SIDE = 65535 }; /* of label maps, in pixels */

/* What a side keeps besides what is shown. */
struct reporting_side {
	char *stem, *path; /* path: of the file at work */
	struct ndr_meta meta;
	struct ndr_provenance provenance;
	struct scores scores;
	struct score_labels labels;
	int layer;        /* in meta; -1: not chosen yet */
	float *bounds;    /* (units) */
	uint32_t *number; /* (units): the best label; 0: none */
	size_t k;
	struct top_image *top; /* (units, k) */
	float *maps;           /* (units, k, cells) */
	size_t mapped;         /* units that have come */
	struct segmenter segmenter;
};

/* ---- reading a dissection's files ---- */

typedef int record_function(struct reporting *r, size_t side, const struct ndr_segment *s,
                            const struct ndr_record *rec, struct error *e);

static const struct ndr_layer *layer_of(const struct reporting_side *s)
{
	return &s->meta.layer[s->layer];
}

/* The layer's number in another file's META; -1 with e set if it is another there. */
static int find_layer(const struct reporting_side *s, const struct ndr_meta *m, struct error *e)
{
	const struct ndr_layer *l = layer_of(s);
	const int i = ndr_meta_find_layer(m, l->name);
	const struct ndr_layer *other = i < 0 ? NULL : &m->layer[i];

	if (i < 0)
		return error_set(e, EXIT_MALFORMED, "%s: no layer %.200s", s->path, l->name);
	if (other->units != l->units || other->height != l->height || other->width != l->width)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: layer %.200s has %ux%ux%u values, in the scores %ux%ux%u",
		                 s->path, l->name, other->units, other->height, other->width,
		                 l->units, l->height, l->width);
	if (strcmp(other->basis ? other->basis : "", l->basis ? l->basis : "") != 0)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: layer %.200s is of another basis than in the scores",
		                 s->path, l->name);
	return i;
}

static int read_records(struct reporting *r, size_t side, struct ndr_reader *in,
                        struct ndr_union *u, record_function *take, struct error *e)
{
	struct reporting_side *s = r->side[side];
	struct ndr_segment *segment;
	struct ndr_record rec;
	int more;

	while ((more = ndr_next_segment(in, &segment, e)) == 1) {
		if (ndr_union_add(u, segment, s->path, e) < 0 ||
		    take(r, side, segment, NULL, e) < 0)
			return -1;
		while ((more = ndr_read(in, &rec, e)) == 1)
			if (take(r, side, segment, &rec, e) < 0)
				return -1;
		if (more < 0)
			return -1;
		ndr_union_end(u, segment);
	}
	return more;
}

static int check_whole(const struct reporting_side *s, struct ndr_union *u, struct error *e)
{
	struct ndr_gap gap;

	return ndr_union_gap(u, &gap)
	               ? error_set(e, EXIT_MALFORMED,
	                           "%s: items %" PRIu32 " to %" PRIu32
	                           " of the data set are missing: ndr-cat merges shards",
	                           s->path, gap.first, gap.end - 1)
	               : 0;
}

/* Hand all records of STEM.kind.ndr to take(), with NULL where a segment begins. */
static int read_file(struct reporting *r, size_t side, const char *kind, record_function *take,
                     struct error *e)
{
	struct reporting_side *s = r->side[side];
	struct ndr_union u = {0};
	struct ndr_reader *in;
	int status;

	free(s->path);
	if (asprintf(&s->path, "%s.%s.ndr", s->stem, kind) < 0) {
		s->path = NULL;
		return error_set(e, EXIT_SYSTEM, "no memory for a path");
	}
	in = ndr_open(&s->path, 1, r->choice->most_label_pixels, e);
	status = in ? read_records(r, side, in, &u, take, e) : -1;
	ndr_close(in);
	if (status == 0)
		status = check_whole(s, &u, e);
	if (status == 0)
		status = ndr_provenance_unite(&s->provenance, &u.all.provenance, e);
	ndr_meta_free(&u.all.meta);
	ndr_provenance_free(&u.all.provenance);
	free(u.part);
	return status;
}

static int take_score(struct reporting *r, size_t side, const struct ndr_segment *segment,
                      const struct ndr_record *rec, struct error *e)
{
	struct reporting_side *s = r->side[side];
	struct error why = {0};

	if (!rec) {
		if (s->scores.segments == 0 && ndr_meta_copy(&s->meta, &segment->meta, e) < 0)
			return -1;
		return scores_segment(&s->scores, segment, e);
	}
	if (scores_add(&s->scores, rec, &why) < 0)
		return error_set(e, why.code, "%s: %s", s->path, why.text);
	return 0;
}

static int take_threshold(struct reporting *r, size_t side, const struct ndr_segment *segment,
                          const struct ndr_record *rec, struct error *e)
{
	struct reporting_side *s = r->side[side];
	const int layer = find_layer(s, &segment->meta, e);
	const struct ndr_layer *l = layer_of(s);
	struct error why = {0};
	size_t ties;

	if (layer < 0)
		return -1;
	if (!rec || rec->type != NDR_THRESH || rec->group != (uint32_t)layer)
		return 0;
	if (s->bounds)
		return error_set(e, EXIT_MALFORMED, "%s: layer %.200s twice", s->path, l->name);
	s->bounds = memory_new(l->units, sizeof *s->bounds, e);
	if (!s->bounds)
		return -1;
	if (segment_bounds(rec->data, l->units, r->choice->strict, s->bounds, &ties, &why) < 0)
		return error_set(e, why.code, "%s: %s", s->path, why.text);
	for (size_t k = 0; k < l->units; k++) {
		const struct threshold *t = (const struct threshold *)rec->data + k;
		struct report_unit *unit = &r->report.side[side].unit[k];

		if (!isfinite(t->min) || !isfinite(t->max) || !isfinite(t->above))
			return error_set(e, EXIT_MALFORMED,
			                 "%s: unit %zu has an impossible threshold", s->path,
			                 k + 1);
		unit->threshold = t->t;
		unit->min = t->min;
		unit->max = t->max;
		unit->samples = t->samples;
		unit->above = t->above;
		unit->strict = s->bounds[k] > segment_bound(t->t, false);
	}
	return 0;
}

static int take_maps(struct reporting_side *s, const struct ndr_record *rec, struct error *e)
{
	const struct ndr_layer *l = layer_of(s);
	const struct ndr_topmap m = ndr_topmap_view(rec);
	const size_t cells = (size_t)l->height * l->width;
	size_t all;

	if (!s->top)
		return error_set(e, EXIT_MALFORMED, "%s: maps without TOP", s->path);
	if (!s->maps) {
		if (!size_multiply(s->k, cells, &all) || !size_multiply(all, l->units, &all))
			return error_set(e, EXIT_SYSTEM, "%s: maps too large", s->path);
		s->maps = memory_new(all, sizeof *s->maps, e);
	}
	if (!s->maps)
		return -1;
	memcpy(s->maps + m.first * s->k * cells, m.maps,
	       m.units * s->k * cells * sizeof *s->maps);
	s->mapped += m.units;
	return 0;
}

static int take_top(struct reporting *r, size_t side, const struct ndr_segment *segment,
                    const struct ndr_record *rec, struct error *e)
{
	struct reporting_side *s = r->side[side];
	const int layer = find_layer(s, &segment->meta, e);
	size_t bytes;

	if (layer < 0)
		return -1;
	if (!rec || rec->group != (uint32_t)layer)
		return 0;
	if (rec->type == NDR_TOPMAP)
		return take_maps(s, rec, e);
	if (rec->type != NDR_TOP)
		return 0;
	if (s->top)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: several segments: ndr-cat merges what shards found",
		                 s->path);
	s->k = rec->dims[1];
	bytes = (size_t)rec->length;
	s->top = memory_raw(bytes, 1, e);
	if (!s->top)
		return -1;
	memcpy(s->top, rec->data, bytes);
	return 0;
}

/* ---- labels ---- */

static int choose_layer(struct reporting *r, struct reporting_side *s, struct error *e)
{
	size_t found = 0;

	for (size_t i = 0; i < s->scores.layers; i++) {
		if (!s->scores.layer[i].total.data ||
		    (r->choice->layer && strcmp(r->choice->layer, s->meta.layer[i].name) != 0))
			continue;
		s->layer = (int)i;
		found++;
	}
	if (found > 1)
		return error_set(e, EXIT_USAGE,
		                 "%s: scores of %zu layers: choose one with --layer", s->path,
		                 found);
	if (found == 0 && r->choice->layer)
		return error_set(e, EXIT_USAGE, "%s: no scores of --layer '%s'", s->path,
		                 r->choice->layer);
	return found ? 0 : error_set(e, EXIT_MALFORMED, "%s: no scores in the input", s->path);
}

/* The place of a label among the best of a unit, which it takes if it is one of them. */
static void offer_match(struct report_unit *unit, uint32_t numbers[static REPORT_MATCHES],
                        const struct report_match *match, uint32_t number)
{
	size_t at = unit->matches < REPORT_MATCHES ? unit->matches++ : REPORT_MATCHES;

	for (; at > 0 && match->iou > unit->match[at - 1].iou; at--)
		if (at < REPORT_MATCHES) {
			unit->match[at] = unit->match[at - 1];
			numbers[at] = numbers[at - 1];
		}
	if (at < REPORT_MATCHES) {
		unit->match[at] = *match;
		numbers[at] = number;
	}
}

/* Each unit's best labels over all categories; of equal ones the smaller number. */
static void find_matches(const struct reporting_side *s, struct report_side *side)
{
	const uint64_t *counts = s->scores.layer[s->layer].total.data;

	for (size_t k = 0; k < side->result.units; k++) {
		uint32_t numbers[REPORT_MATCHES] = {0};

		for (uint32_t c = 1; c < s->meta.labels; c++) {
			const struct report_match match = {
			        .name = s->meta.label[c].name,
			        .category = (size_t)s->meta.label[c].category,
			        .iou = label_iou(counts +
			                         LABEL_COUNTS * (k * s->meta.labels + c))};

			if (s->labels.category[c] >= 0 && match.iou > 0)
				offer_match(&side->unit[k], numbers, &match, c);
		}
		s->number[k] = numbers[0];
	}
}

static int label_side(struct reporting *r, size_t n, struct error *e)
{
	struct reporting_side *s = r->side[n];
	struct report_side *side = &r->report.side[n];
	struct error why = {0};
	const uint32_t units = layer_of(s)->units;

	if (s->meta.categories == 0 || s->meta.labels == 0)
		return error_set(e, EXIT_MALFORMED, "%s: the input has no labels", s->path);
	side->unit = memory_new(units, sizeof *side->unit, e);
	s->number = memory_new(units, sizeof *s->number, e);
	if (!side->unit || !s->number ||
	    scores_choose_labels(&s->scores, &s->meta, r->choice->min_images, &s->labels, e) <
	            0)
		return -1;
	if (s->labels.rare == s->labels.labels)
		return error_set(e, EXIT_USAGE,
		                 "no label is held by %" PRIu64
		                 " images or more: --min-images %" PRIu64 " leaves none",
		                 r->choice->min_images, r->choice->min_images);
	if (scores_result(&s->scores, &s->meta, (size_t)s->layer, s->labels.category,
	                  &side->result, &why) < 0)
		return error_set(e, why.code, "%s: %s", s->path, why.text);
	find_matches(s, side);
	return 0;
}

/* ---- what is told beside the numbers ---- */

static int add_warning(struct report_side *side, char *text, struct error *e)
{
	char **more = text ? realloc(side->warning, (side->warnings + 1) * sizeof *more) : NULL;

	if (!more) {
		free(text);
		return error_set(e, EXIT_SYSTEM, "no memory for a warning");
	}
	side->warning = more;
	side->warning[side->warnings++] = text;
	return 0;
}

static int warn(struct report_side *side, struct error *e, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

static int warn(struct report_side *side, struct error *e, const char *format, ...)
{
	char *text;
	va_list args;
	int n;

	va_start(args, format);
	n = vasprintf(&text, format, args);
	va_end(args);
	return add_warning(side, n < 0 ? NULL : text, e);
}

static int repeat_warnings(const struct reporting_side *s, struct report_side *side,
                           struct error *e)
{
	struct ndr_warnings w;
	int status = ndr_provenance_warnings(&s->provenance, &w, e);

	for (size_t i = 0; i < w.count && status == 0; i++)
		status = warn(side, e, "%s: %s", w.warning[i].program, w.warning[i].text);
	ndr_warnings_free(&w);
	return status;
}

/* The value of a key in an entry of PROV, with its length; NULL: it has none. */
static const char *value_of(const char *entry, const char *key, size_t *length)
{
	const size_t n = strlen(key);

	for (const char *line = entry; *line;) {
		const size_t end = strcspn(line, "\n");

		if (end > n && strncmp(line, key, n) == 0 && line[n] == '=') {
			*length = end - n - 1;
			return line + n + 1;
		}
		line += end + (line[end] == '\n');
	}
	return NULL;
}

/* Masks that are drawn in another way than those that were counted are told apart. */
static int compare_options(const struct reporting *r, const struct reporting_side *s,
                           struct report_side *side, struct error *e)
{
	static const char *const methods[] = {"rf", "resize", "corners", "rf-int"};
	static const char *const names[] = {"upsample", "compare"};
	const char *ours[] = {methods[r->choice->upsample], r->choice->strict ? "gt" : "ge"};

	for (size_t i = 0; i < s->provenance.count; i++)
		for (int k = 0; k < 2; k++) {
			char key[32];
			size_t n, name;
			const char *program = value_of(s->provenance.text[i], "program", &name),
			           *value;

			snprintf(key, sizeof key, "option.%s", names[k]);
			value = value_of(s->provenance.text[i], key, &n);
			if (!program || strncmp(program, "act-segment\n", name + 1) != 0 ||
			    !value || (n == strlen(ours[k]) && strncmp(value, ours[k], n) == 0))
				continue;
			if (warn(side, e,
			         "scores are of masks with --%s %.*s, the masks shown are with "
			         "--%s %s",
			         names[k], (int)n, value, names[k], ours[k]) < 0)
				return -1;
		}
	return 0;
}

/* Scores know the thresholds of their masks by the digest of a file, if it was one. */
static int compare_thresholds(const struct reporting_side *s, struct report_side *side,
                              struct error *e)
{
	char *path = NULL, digest[64], *file;
	size_t length;
	int status = 0;

	if (asprintf(&path, "%s.thr.ndr", s->stem) < 0)
		return error_set(e, EXIT_SYSTEM, "no memory for a path");
	file = file_read(path, path, &length, e);
	if (file)
		snprintf(digest, sizeof digest, "crc32:%08" PRIx32 ":%zu",
		         checksum(0, file, length), length);
	for (size_t i = 0; file && i < s->provenance.count && status == 0; i++) {
		size_t n;
		const char *known = value_of(s->provenance.text[i], "digest.thresholds", &n);

		if (known && (n != strlen(digest) || strncmp(known, digest, n) != 0))
			status =
			        warn(side, e,
			             "scores are of masks with other thresholds than the masks "
			             "shown");
	}
	free(path);
	if (!file)
		return -1;
	free(file);
	return status;
}

static int judge_side(const struct reporting *r, const struct reporting_side *s,
                      struct report_side *side, struct error *e)
{
	if (repeat_warnings(s, side, e) < 0 || compare_options(r, s, side, e) < 0 ||
	    compare_thresholds(s, side, e) < 0)
		return -1;
	if (!s->labels.counted && r->choice->min_images > 0 &&
	    warn(side, e,
	         "the scores do not say how many images hold each label: --min-images has "
	         "no effect") < 0)
		return -1;
	if (s->meta.items && s->meta.items < FEW_IMAGES &&
	    warn(side, e,
	         "only %" PRIu64 " images: labels that few of them hold can pass the "
	         "threshold by chance",
	         s->meta.items) < 0)
		return -1;
	return 0;
}

/* The network is known by the digest of its file, which has no name in a stream. */
static int tell_network(const struct reporting_side *s, struct report_side *side,
                        struct error *e)
{
	for (size_t i = 0; i < s->provenance.count && !side->network; i++) {
		struct text network = {0};
		size_t n;
		const char *digest = value_of(s->provenance.text[i], "digest.model", &n);

		if (!digest)
			continue;
		text_print(&network, "model file %.*s", (int)n, digest);
		side->network = text_take(&network, "provenance", e);
		if (!side->network)
			return -1;
	}
	return 0;
}

/* Each program of PROV and what it was told, a line. */
static int tell_programs(const struct reporting_side *s, struct report_side *side,
                         struct error *e)
{
	side->fact = memory_new(s->provenance.count, sizeof *side->fact, e);
	if (!side->fact)
		return -1;
	for (size_t i = 0; i < s->provenance.count; i++) {
		struct report_fact *fact = &side->fact[side->facts];
		struct text name = {0}, value = {0};
		const char *line = s->provenance.text[i];

		while (*line) {
			const size_t end = strcspn(line, "\n");

			if (strncmp(line, "program=", 8) == 0)
				text_bytes(&name, line + 8, end - 8);
			else if (strncmp(line, "version=", 8) == 0)
				text_print(&name, " %.*s", (int)end - 8, line + 8);
			else if (strncmp(line, "option.", 7) == 0)
				text_print(&value, "--%.*s ", (int)end - 7, line + 7);
			else if (strncmp(line, "digest.", 7) == 0)
				text_print(&value, "%.*s ", (int)end - 7, line + 7);
			line += end + (line[end] == '\n');
		}
		side->facts++;
		fact->name = text_take(&name, "provenance", e);
		fact->value = text_take(&value, "provenance", e);
		if (!fact->name || !fact->value)
			return -1;
	}
	return 0;
}

/* ---- a dissection ---- */

static int upsample_geometry(const struct reporting *r, const struct ndr_layer *l,
                             struct reporting_side *s, struct report_side *side,
                             struct error *e)
{
	struct upsample_geometry g[2];

	for (int k = 0; k < 2; k++)
		g[k] = (struct upsample_geometry){.cells = k ? l->width : l->height,
		                                  .pixels = REPORT_GRID,
		                                  .offset = l->offset[k],
		                                  .stride = l->stride[k],
		                                  .size = l->size[k],
		                                  .input = l->input[k]};
	for (int k = 0; k < 2; k++) {
		struct upsample_axis axis = {0};
		/* The first release's integers exist at few resolutions. */
		const enum upsample_method method = r->choice->upsample == UPSAMPLE_RF_INT
		                                            ? UPSAMPLE_RF
		                                            : r->choice->upsample;

		side->across[k] = memory_new(REPORT_GRID, sizeof **side->across, e);
		if (!side->across[k] || upsample_axis_init(&axis, method, &g[k], e) < 0) {
			upsample_axis_free(&axis);
			return -1;
		}
		for (size_t u = 0; u < REPORT_GRID; u++)
			side->across[k][u] = axis.low[u] + (double)axis.fraction[u];
		upsample_axis_free(&axis);
	}
	return segmenter_init(&s->segmenter, 1, r->choice->upsample, g, e);
}

/* The maps in 8 bits, for approximations at other thresholds. */
static int keep_map(struct report_example *x, const float *map, size_t cells, struct error *e)
{
	x->map = memory_raw(cells, 1, e);
	if (!x->map)
		return -1;
	x->low = x->high = map[0];
	for (size_t i = 1; i < cells; i++) {
		x->low = map[i] < x->low ? map[i] : x->low;
		x->high = map[i] > x->high ? map[i] : x->high;
	}
	for (size_t i = 0; i < cells; i++)
		x->map[i] =
		        x->high > x->low
		                ? (uint8_t)floor((map[i] - x->low) / (x->high - x->low) * 255 +
		                                 0.5)
		                : 255;
	return 0;
}

static int add_examples(struct reporting *r, size_t n, struct error *e)
{
	struct reporting_side *s = r->side[n];
	struct report_side *side = &r->report.side[n];
	const struct ndr_layer *l = layer_of(s);
	const size_t cells = (size_t)l->height * l->width;

	if (!s->bounds)
		return error_set(e, EXIT_MALFORMED, "%s.thr.ndr: no thresholds of layer %.200s",
		                 s->stem, l->name);
	if (!s->top)
		return error_set(e, EXIT_MALFORMED, "%s: no strongest images of layer %.200s",
		                 s->path, l->name);
	if (!s->maps || s->mapped != l->units)
		return error_set(
		        e, EXIT_MALFORMED,
		        "%s: the maps of layer %.200s are missing: act-top --maps writes "
		        "them",
		        s->path, l->name);
	for (size_t k = 0; k < l->units; k++) {
		struct report_unit *unit = &side->unit[k];

		unit->example = memory_new(s->k, sizeof *unit->example, e);
		if (!unit->example)
			return -1;
		while (unit->examples < s->k && s->top[k * s->k + unit->examples].item >= 0) {
			const size_t at = k * s->k + unit->examples;
			struct report_example *x = &unit->example[unit->examples++];

			x->value = s->top[at].value;
			if (!isfinite(x->value) ||
			    finite_prefix(s->maps + at * cells, cells) < cells)
				return error_set(e, EXIT_MALFORMED,
				                 "%s: unit %zu: an activation is not finite",
				                 s->path, k + 1);
			if (keep_map(x, s->maps + at * cells, cells, e) < 0)
				return -1;
		}
	}
	return 0;
}

void reporting_open(struct reporting *r, const struct reporting_choice *choice)
{
	*r = (struct reporting){.choice = choice,
	                        .report = {.cut = choice->cut,
	                                   .min_images = choice->min_images,
	                                   .folder = choice->folder}};
}

static int same_data(const struct ndr_meta *a, const struct ndr_meta *b, const char *name,
                     struct error *e)
{
	if (a->items && b->items && a->items != b->items)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: of a data set of %" PRIu64 " items, not %" PRIu64, name,
		                 b->items, a->items);
	for (size_t i = 0; i < a->labels && i < b->labels; i++)
		if (a->label[i].name && b->label[i].name &&
		    strcmp(a->label[i].name, b->label[i].name) != 0)
			return error_set(
			        e, EXIT_MALFORMED,
			        "%s: of another data set: label %zu is %.100s, not %.100s",
			        name, i, b->label[i].name, a->label[i].name);
	return 0;
}

int reporting_add(struct reporting *r, const char *stem, struct error *e)
{
	const size_t n = r->report.sides++;
	struct reporting_side *s = r->side[n] = memory_new(1, sizeof *s, e);
	struct report_side *side = &r->report.side[n];
	const struct ndr_layer *l;

	if (!s)
		return -1;
	s->layer = -1;
	s->stem = memory_string(stem, e);
	if (!s->stem || read_file(r, n, "score", take_score, e) < 0 ||
	    choose_layer(r, s, e) < 0 || label_side(r, n, e) < 0 ||
	    read_file(r, n, "thr", take_threshold, e) < 0 ||
	    read_file(r, n, "top", take_top, e) < 0 || add_examples(r, n, e) < 0)
		return -1;
	l = layer_of(s);
	side->name = strrchr(s->stem, '/') ? strrchr(s->stem, '/') + 1 : s->stem;
	side->layer = l->name;
	side->basis = l->basis;
	side->height = l->height;
	side->width = l->width;
	r->report.images = s->meta.items;
	if (n > 0 && same_data(&r->side[0]->meta, &s->meta, s->path, e) < 0)
		return -1;
	return upsample_geometry(r, l, s, side, e) < 0 || judge_side(r, s, side, e) < 0 ||
	                       tell_network(s, side, e) < 0 || tell_programs(s, side, e) < 0
	               ? -1
	               : 0;
}

/* ---- images ---- */

static int compare_items(const void *a, const void *b)
{
	const uint32_t x = ((const struct report_picture *)a)->item,
	               y = ((const struct report_picture *)b)->item;

	return (x > y) - (x < y);
}

static struct report_picture *find_picture(const struct report *p, uint32_t item)
{
	const struct report_picture key = {.item = item};

	return p->pictures ? bsearch(&key, p->picture, p->pictures, sizeof key, compare_items)
	                   : NULL;
}

int reporting_begin(struct reporting *r, struct error *e)
{
	struct report *p = &r->report;
	size_t most = 0, kept = 0;

	for (size_t n = 0; n < p->sides; n++)
		most += r->side[n]->k * p->side[n].result.units;
	p->picture = memory_new(most, sizeof *p->picture, e);
	if (!p->picture)
		return -1;
	for (size_t n = 0; n < p->sides; n++)
		for (size_t i = 0; i < r->side[n]->k * p->side[n].result.units; i++)
			if (r->side[n]->top[i].item >= 0)
				p->picture[p->pictures++].item =
				        (uint32_t)r->side[n]->top[i].item;
	qsort(p->picture, p->pictures, sizeof *p->picture, compare_items);
	for (size_t i = 0; i < p->pictures; i++)
		if (i == 0 || p->picture[i].item != p->picture[kept - 1].item)
			p->picture[kept++].item = p->picture[i].item;
	p->pictures = kept;
	for (size_t n = 0; n < p->sides; n++)
		for (size_t k = 0; k < p->side[n].result.units; k++)
			for (size_t i = 0; i < p->side[n].unit[k].examples; i++)
				p->side[n].unit[k].example[i].picture =
				        (size_t)(find_picture(
				                         p, (uint32_t)r->side[n]
				                                    ->top[k * r->side[n]->k + i]
				                                    .item) -
				                 p->picture);
	return 0;
}

int reporting_segment(struct reporting *r, const struct ndr_segment *s, const char *name,
                      struct error *e)
{
	return same_data(&r->side[0]->meta, &s->meta, name, e);
}

/* The size that a picture is shown in: no larger than it is. */
static void thumbnail_size(const struct reporting_choice *c, uint32_t height, uint32_t width,
                           struct report_picture *p)
{
	const uint32_t longer = height > width ? height : width;
	const double scale = longer > c->thumbnail ? (double)c->thumbnail / longer : 1;

	p->height = (uint32_t)(height * scale + 0.5);
	p->width = (uint32_t)(width * scale + 0.5);
	p->height += p->height == 0;
	p->width += p->width == 0;
}

static int add_picture(const struct reporting *r, const struct ndr_record *rec,
                       struct report_picture *p, struct error *e)
{
	const struct image whole = {
	        .height = rec->dims[0], .width = rec->dims[1], .pixel = (uint8_t *)rec->data};
	struct image small = {0};
	int status;

	thumbnail_size(r->choice, whole.height, whole.width, p);
	if (r->choice->folder)
		return picture_jpeg(&p->jpeg, &whole, QUALITY, e);
	if (p->height == whole.height && p->width == whole.width)
		return picture_jpeg(&p->jpeg, &whole, QUALITY, e);
	status = image_resize(&whole, p->height, p->width, &small, e);
	if (status == 0)
		status = picture_jpeg(&p->jpeg, &small, QUALITY, e);
	image_free(&small);
	return status;
}

/* Where an item's labels of a number are, into truth (pixels), zeroed; how many pixels. */
static uint64_t draw_truth(const struct ndr_item *item, uint32_t number, size_t pixels,
                           uint8_t *truth)
{
	uint64_t count = 0;

	for (size_t i = 0; i < item->count; i++) {
		const struct ndr_record *rec = &item->record[i];
		const size_t size = (size_t)rec->dims[1] * rec->dims[2];
		const uint16_t *map = rec->data;

		if (rec->type != NDR_LABEL)
			continue;
		for (uint32_t m = 0; m < rec->dims[0]; m++, map += size)
			for (size_t p = 0; p < pixels; p++)
				truth[p] |= map[size == pixels ? p : 0] == number;
	}
	for (size_t p = 0; p < pixels; p++)
		count += truth[p];
	return count;
}

/* 2 where a pixel of 1 has a neighbour, to its sides, of 0; the picture's edge is none. */
static void draw_edge(const uint8_t *in, uint32_t height, uint32_t width, uint8_t *out)
{
	for (uint32_t y = 0; y < height; y++)
		for (uint32_t x = 0; x < width; x++) {
			const uint8_t *p = in + (size_t)y * width + x;
			const bool edge = (y > 0 && !p[-(ptrdiff_t)width]) ||
			                  (y + 1 < height && !p[width]) || (x > 0 && !p[-1]) ||
			                  (x + 1 < width && !p[1]);

			out[(size_t)y * width + x] = *p ? 1 + edge : 0;
		}
}

/* Outside is dimmed, the edge a line. */
static const struct picture_color mask_color[4] = {
        {0, 0, 0, 150}, {0, 0, 0, 0}, {255, 230, 0, 255}, {0, 0, 0, 0}};
static const struct picture_color truth_color[4] = {
        {0, 0, 0, 0}, {0, 220, 255, 40}, {0, 220, 255, 255}, {0, 0, 0, 0}};
static const struct picture_color both_color[4] = {
        {0, 0, 0, 190}, {120, 255, 120, 150}, {255, 255, 255, 255}, {0, 0, 0, 0}};

/* Pixels of an example: its mask, the annotation, both. */
struct layers {
	uint32_t height, width;
	uint8_t *mask, *truth, *both, *edge; /* (height, width) each */
};

static int draw_layer(struct picture *png, const struct layers *l, const uint8_t *pixel,
                      const struct picture_color color[static 4], struct error *e)
{
	draw_edge(pixel, l->height, l->width, l->edge);
	return picture_png(png, l->edge, l->height, l->width, color, e);
}

static int draw_mask(struct reporting_side *s, size_t unit, size_t rank, struct layers *l,
                     struct error *e)
{
	const struct ndr_layer *layer = layer_of(s);
	const float *map =
	        s->maps + (unit * s->k + rank) * ((size_t)layer->height * layer->width);
	struct segmenter *g = &s->segmenter;
	uint64_t *bitmap;
	uint32_t one;

	if (segmenter_find(g, map, &s->bounds[unit], l->height, l->width, e) < 0)
		return -1;
	bitmap = memory_new(g->words, sizeof *bitmap, e);
	if (!bitmap)
		return -1;
	if (segmenter_draw(g, map, &s->bounds[unit], &one, bitmap) > 0)
		for (size_t p = 0; p < (size_t)l->height * l->width; p++)
			l->mask[p] = bitmap[p / 64] >> p % 64 & 1;
	free(bitmap);
	return 0;
}

static int draw_example(struct reporting *r, size_t n, size_t unit, size_t rank,
                        const struct ndr_item *item, struct layers *l, struct error *e)
{
	struct reporting_side *s = r->side[n];
	struct report_example *x = &r->report.side[n].unit[unit].example[rank];
	const size_t pixels = (size_t)l->height * l->width;

	memset(l->mask, 0, pixels);
	memset(l->truth, 0, pixels);
	x->pixels = pixels;
	if (s->number[unit])
		x->in_truth = draw_truth(item, s->number[unit], pixels, l->truth);
	if (draw_mask(s, unit, rank, l, e) < 0)
		return -1;
	for (size_t p = 0; p < pixels; p++) {
		l->both[p] = l->mask[p] & l->truth[p];
		x->in_mask += l->mask[p];
		x->in_both += l->both[p];
	}
	if (draw_layer(&x->mask, l, l->mask, mask_color, e) < 0 ||
	    (x->in_truth && draw_layer(&x->truth, l, l->truth, truth_color, e) < 0))
		return -1;
	return x->in_both ? draw_layer(&x->both, l, l->both, both_color, e) : 0;
}

static int draw_examples(struct reporting *r, const struct ndr_item *item, struct layers *l,
                         struct error *e)
{
	for (size_t n = 0; n < r->report.sides; n++)
		for (size_t i = 0; i < r->report.side[n].result.units * r->side[n]->k; i++)
			if (r->side[n]->top[i].item == item->number &&
			    draw_example(r, n, i / r->side[n]->k, i % r->side[n]->k, item, l,
			                 e) < 0)
				return -1;
	return 0;
}

int reporting_image(struct reporting *r, const struct ndr_item *item, struct error *e)
{
	struct report_picture *p = find_picture(&r->report, item->number);
	const struct ndr_record *image = ndr_item_find(item, NDR_IMAGE, NDR_ANY_GROUP);
	struct ndr_item_info info;
	struct layers l = {0};
	size_t pixels;
	int status = -1;

	if (!p || item->number == NDR_NO_ITEM)
		return 0;
	if (ndr_item_info(item, &info, e) < 0)
		return -1;
	if (!image)
		return error_set(e, EXIT_MALFORMED, "%s: item %" PRIu32 " (%s) has no image",
		                 item->input, item->number, info.name);
	if (p->shown)
		return error_set(e, EXIT_MALFORMED, "%s: item %" PRIu32 " twice", item->input,
		                 item->number);
	p->shown = true;
	p->name = memory_string(info.name, e);
	l.height = info.label_height ? info.label_height : info.image_height;
	l.width = info.label_width ? info.label_width : info.image_width;
	if (!l.height || !l.width || l.height > LARGEST_SIDE || l.width > LARGEST_SIDE)
		return error_set(e, EXIT_MALFORMED, "%s: labels or image of %ux%u pixels",
		                 item->input, l.height, l.width);
	pixels = (size_t)l.height * l.width;
	l.mask = memory_new(pixels, 1, e);
	l.truth = memory_new(pixels, 1, e);
	l.both = memory_new(pixels, 1, e);
	l.edge = memory_new(pixels, 1, e);
	if (p->name && l.mask && l.truth && l.both && l.edge &&
	    add_picture(r, image, p, e) == 0)
		status = draw_examples(r, item, &l, e);
	free(l.mask);
	free(l.truth);
	free(l.both);
	free(l.edge);
	return status;
}

int reporting_finish(struct reporting *r, struct error *e)
{
	size_t missing = 0, first = 0;

	for (size_t i = 0; i < r->report.pictures; i++)
		if (!r->report.picture[i].shown && missing++ == 0)
			first = i;
	return missing ? error_set(e, EXIT_MALFORMED,
	                           "%zu of %zu images are not in the input, the first is item "
	                           "%" PRIu32,
	                           missing, r->report.pictures, r->report.picture[first].item)
	               : 0;
}

/* ---- the end ---- */

static void free_side(struct report_side *side, struct reporting_side *s)
{
	for (size_t k = 0; side->unit && k < side->result.units; k++) {
		for (size_t i = 0; i < side->unit[k].examples; i++) {
			free(side->unit[k].example[i].mask.bytes);
			free(side->unit[k].example[i].truth.bytes);
			free(side->unit[k].example[i].both.bytes);
			free(side->unit[k].example[i].map);
		}
		free(side->unit[k].example);
	}
	for (size_t i = 0; i < side->facts; i++) {
		free(side->fact[i].name);
		free(side->fact[i].value);
	}
	for (size_t i = 0; i < side->warnings; i++)
		free(side->warning[i]);
	free(side->network);
	free(side->unit);
	free(side->fact);
	free(side->warning);
	free(side->across[0]);
	free(side->across[1]);
	result_free(&side->result);
	if (!s)
		return;
	segmenter_free(&s->segmenter);
	scores_free(&s->scores);
	free(s->labels.category);
	ndr_provenance_free(&s->provenance);
	ndr_meta_free(&s->meta);
	free(s->stem);
	free(s->path);
	free(s->bounds);
	free(s->number);
	free(s->top);
	free(s->maps);
	free(s);
}

void reporting_close(struct reporting *r)
{
	for (size_t n = 0; n < r->report.sides; n++)
		free_side(&r->report.side[n], r->side[n]);
	for (size_t i = 0; i < r->report.pictures; i++) {
		free(r->report.picture[i].name);
		free(r->report.picture[i].jpeg.bytes);
	}
	free(r->report.picture);
	*r = (struct reporting){0};
}
