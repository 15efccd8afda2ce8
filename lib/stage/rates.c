/* rates.c -- see rates.h. */
#include "stage/rates.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "dissect/bootstrap.h"
#include "dissect/label.h"
#include "record/summary.h"

/* ---- reading ---- */

static int weigh(struct rates *r, uint64_t bytes, uint64_t limit, struct error *e)
{
	r->used += bytes;
	if (r->used <= limit)
		return 0;
	return error_set(e, EXIT_SYSTEM,
	                 "the counts of all ranges take more than %" PRIu64
	                 " MiB: try fewer permutations or segments, or a larger --memory",
	                 limit >> 20);
}

static int add_scores(struct rates_layer *l, const struct ndr_record *rec, struct error *e)
{
	struct rates_range *range;

	if (memory_grow(&l->range, &l->capacity, l->ranges + 1, sizeof *l->range, e) < 0)
		return -1;
	range = &l->range[l->ranges++];
	range->scores = memory_raw(rec->length, 1, e);
	if (!range->scores)
		return -1;
	memcpy(range->scores, rec->data, rec->length);
	l->units = rec->dims[0];
	l->labels = rec->dims[1];
	return 0;
}

/* Records come by ascending seeds, and of each by ascending units: one behind the other they
 * are the whole, if all are there. */
static int add_chance(struct rates_layer *l, const struct ndr_record *rec, struct error *e)
{
	const struct ndr_chance c = ndr_chance_view(rec);
	const size_t n = (size_t)c.units * c.labels, whole = l->units * l->labels;
	struct rates_range *range = l->ranges ? &l->range[l->ranges - 1] : NULL;
	size_t at;

	if (!range)
		return error_set(e, EXIT_MALFORMED, "CHANCE of layer %u before its SCORE",
		                 rec->group);
	at = range->filled / whole;
	if (l->ranges == 1 && c.first == 0) {
		if (memory_grow(&l->seed, &l->seed_room, l->seeds + 1, sizeof *l->seed, e) < 0)
			return -1;
		l->seed[l->seeds++] = c.seed;
	}
	if (at >= l->seeds || l->seed[at] != c.seed ||
	    range->filled % whole != (size_t)c.first * c.labels)
		return error_set(e, EXIT_MALFORMED,
		                 "layer %u: ranges with different permutations", rec->group);
	if (memory_grow(&range->permuted, &range->room, range->filled + n,
	                sizeof *range->permuted, e) < 0)
		return -1;
	memcpy(range->permuted + range->filled, c.pixels, n * sizeof *c.pixels);
	range->filled += n;
	return 0;
}

static int add(struct rates *r, const struct ndr_record *rec, uint64_t limit, struct error *e)
{
	struct rates_layer *l = &r->layer[rec->group];

	if (rec->type != NDR_SCORE && rec->type != NDR_CHANCE)
		return 0;
	if (weigh(r, rec->length, limit, e) < 0)
		return -1;
	return rec->type == NDR_SCORE ? add_scores(l, rec, e) : add_chance(l, rec, e);
}

static int read_segment(struct rates *r, struct ndr_reader *in, uint64_t limit, struct error *e)
{
	struct ndr_record rec;
	struct error why = {0};
	int more;

	while ((more = ndr_read(in, &rec, e)) == 1)
		if (add(r, &rec, limit, &why) < 0)
			return error_set(e, why.code, "%s: %s", ndr_reader_name(in), why.text);
	return more;
}

static int check_ranges(const struct rates *r, const char *path, struct error *e)
{
	for (size_t i = 0; i < r->layers; i++)
		for (size_t k = 0; k < r->layer[i].ranges; k++)
			if (r->layer[i].range[k].filled !=
			    r->layer[i].seeds * r->layer[i].units * r->layer[i].labels)
				return error_set(
				        e, EXIT_MALFORMED,
				        "%s: layer %zu: ranges with different permutations",
				        path, i);
	return 0;
}

int rates_read(struct rates *r, const char *path, const struct ndr_meta *m, uint64_t limit,
               struct error *e)
{
	struct ndr_reader *in = ndr_open((char **)&path, 1, 0, e);
	struct ndr_segment *s;
	int more = in ? 1 : -1;

	r->layer = memory_new(m->layers, sizeof *r->layer, e);
	r->layers = r->layer ? m->layers : 0;
	while (r->layer && more == 1 && (more = ndr_next_segment(in, &s, e)) == 1)
		if (ndr_meta_agree(m, &s->meta, path, e) < 0 ||
		    read_segment(r, in, limit, e) < 0)
			more = -1;
	ndr_close(in);
	return r->layer && more == 0 ? check_ranges(r, path, e) : -1;
}

void rates_free(struct rates *r)
{
	for (size_t i = 0; i < r->layers; i++) {
		for (size_t k = 0; k < r->layer[i].ranges; k++) {
			free(r->layer[i].range[k].scores);
			free(r->layer[i].range[k].permuted);
		}
		free(r->layer[i].range);
		free(r->layer[i].seed);
	}
	free(r->layer);
	*r = (struct rates){0};
}

/* ---- resampling ---- */

/* The counts of one unit and the labels that can describe it, ranges apart, as real numbers,
 * in which sums of pixels are exact. */
struct unit {
	size_t labels;                    /* so many of them meet a mask somewhere */
	uint32_t *number;                 /* (labels) */
	double *area, *truth, *intersect; /* (ranges, labels) */
	double *permuted;                 /* (permutations, ranges, labels) */
	double *sum;                      /* (3, labels) */
};

static void unit_free(struct unit *u)
{
	free(u->number);
	free(u->area);
	free(u->truth);
	free(u->intersect);
	free(u->permuted);
	free(u->sum);
}

static int unit_init(struct unit *u, const struct rates_layer *l, struct error *e)
{
	const size_t labels = l->labels * sizeof(double);

	u->number = memory_new(l->labels, sizeof *u->number, e);
	u->area = memory_new(l->ranges, labels, e);
	u->truth = memory_new(l->ranges, labels, e);
	u->intersect = memory_new(l->ranges, labels, e);
	u->permuted = memory_new(l->seeds, l->ranges * labels, e);
	u->sum = memory_new(3, labels, e);
	return u->number && u->area && u->truth && u->intersect && u->permuted && u->sum ? 0
	                                                                                 : -1;
}

static bool meets(const struct rates_layer *l, size_t pair)
{
	const size_t whole = l->units * l->labels;

	for (size_t k = 0; k < l->ranges; k++) {
		if (l->range[k].scores[pair * LABEL_COUNTS + LABEL_INTERSECTION])
			return true;
		for (size_t p = 0; p < l->seeds; p++)
			if (l->range[k].permuted[p * whole + pair])
				return true;
	}
	return false;
}

/* The counts of a unit, of labels that are not left out. */
static void take(struct unit *u, const struct rates_layer *l, const int *category, size_t unit)
{
	const size_t whole = l->units * l->labels, first = unit * l->labels;

	u->labels = 0;
	for (size_t i = 1; i < l->labels; i++)
		if (category[i] >= 0 && meets(l, first + i))
			u->number[u->labels++] = (uint32_t)i;
	for (size_t k = 0; k < l->ranges; k++)
		for (size_t i = 0; i < u->labels; i++) {
			const size_t pair = first + u->number[i], at = k * u->labels + i;
			const uint64_t *counts = l->range[k].scores + pair * LABEL_COUNTS;

			u->intersect[at] = (double)counts[LABEL_INTERSECTION];
			u->area[at] = (double)counts[LABEL_AREA];
			u->truth[at] = (double)counts[LABEL_TRUTH];
			for (size_t p = 0; p < l->seeds; p++)
				u->permuted[(p * l->ranges + k) * u->labels + i] =
				        (double)l->range[k].permuted[p * whole + pair];
		}
}

static void sum_up(const double *counts, const uint32_t *times, size_t ranges, size_t labels,
                   double *restrict sum)
{
	memset(sum, 0, labels * sizeof *sum);
	for (size_t k = 0; k < ranges; k++)
		for (size_t i = 0; times[k] && i < labels; i++)
			sum[i] += times[k] * counts[k * labels + i];
}

/* Count the unit as a detector under these intersections, which can be more than the sample
 * has of a label where it holds images of which that was taken away. */
static void detect(const struct significance *s, const struct unit *u, const double *intersect,
                   uint64_t *table)
{
	const double *area = u->sum, *truth = u->sum + u->labels;
	double most = 0;
	size_t best = 0;

	for (size_t i = 0; i < u->labels; i++) {
		const double both = intersect[i];
		const double all = area[i] + (truth[i] > both ? truth[i] : both) - both;
		const double v = both > 0 ? both / all : 0;

		if (v > most) {
			most = v;
			best = i;
		}
	}
	if (most > 0)
		significance_count(s, table, s->category[u->number[best]], most);
}

/* One unit in all samples. */
static void resample(const struct significance *s, const struct rates_layer *l, struct unit *u,
                     const uint32_t *times, size_t samples, uint64_t *observed,
                     uint64_t *permuted)
{
	const size_t cells = (CUTS + 1) * (s->meta->categories + 1);
	const size_t labels = u->labels, whole = l->ranges * labels;

	for (size_t b = 0; b < samples; b++, times += l->ranges) {
		double *intersect = u->sum + 2 * labels;

		sum_up(u->area, times, l->ranges, labels, u->sum);
		sum_up(u->truth, times, l->ranges, labels, u->sum + labels);
		sum_up(u->intersect, times, l->ranges, labels, intersect);
		detect(s, u, intersect, observed + b * cells);
		for (size_t p = 0; p < l->seeds; p++) {
			sum_up(u->permuted + p * whole, times, l->ranges, labels, intersect);
			detect(s, u, intersect, permuted + b * cells);
		}
	}
}

/* The interval of a rate whose samples are value.  Each sample holds fewer different images
 * than there are, which lets chance do better in all of them; so the one in the middle is taken
 * to be the rate, and the others in proportion. */
static void find_interval(double *value, size_t samples, double rate, double interval[static 2])
{
	double middle;

	bootstrap_interval(value, samples, interval);
	middle = (value[(samples - 1) / 2] + value[samples / 2]) / 2;
	for (int i = 0; i < 2; i++)
		interval[i] =
		        middle > 0 && isfinite(middle) ? rate * (interval[i] / middle) : NAN;
}

/* A rate without detectors is above all others. */
static void find_intervals(struct significance_layer *l, const uint64_t *observed,
                           const uint64_t *permuted, size_t samples, size_t seeds,
                           double *value)
{
	const size_t cells = (CUTS + 1) * (l->categories + 1);

	for (size_t i = 0; i < cells; i++) {
		for (size_t b = 0; b < samples; b++) {
			const size_t at = b * cells + i;

			value[b] = observed[at] ? (double)permuted[at] / (double)seeds /
			                                  (double)observed[at]
			                        : INFINITY;
		}
		find_interval(
		        value, samples,
		        significance_fdr(l, i / (l->categories + 1), i % (l->categories + 1)),
		        l->interval + 2 * i);
	}
}

/* Are the ranges those of the scores? */
static int check_sum(const struct rates_layer *l, const struct significance_layer *of,
                     struct error *e)
{
	const size_t n = l->units * l->labels * LABEL_COUNTS;

	if (l->ranges < 2 || l->seeds == 0)
		return error_set(e, EXIT_USAGE,
		                 "layer %s: intervals need the permuted counts of ranges of "
		                 "images: iou-score --permute --segments writes them",
		                 of->layer->name);
	for (size_t i = 0; i < n; i++) {
		uint64_t sum = 0;

		for (size_t k = 0; k < l->ranges; k++)
			sum += l->range[k].scores[i];
		if (sum != of->scores[i])
			return error_set(e, EXIT_MALFORMED,
			                 "layer %s: the ranges do not add up to the scores: "
			                 "they are of other masks or labels",
			                 of->layer->name);
	}
	return 0;
}

static int put_layer(const struct rates_layer *l, const struct significance *s,
                     struct significance_layer *to, size_t samples, uint64_t seed,
                     struct error *e)
{
	const size_t cells = (CUTS + 1) * (s->meta->categories + 1);
	struct unit u = {0};
	uint32_t *times = memory_new(samples, l->ranges * sizeof *times, e);
	uint64_t *observed = memory_new(samples, cells * sizeof *observed, e);
	uint64_t *permuted = memory_new(samples, cells * sizeof *permuted, e);
	double *value = memory_new(samples, sizeof *value, e);
	int status = -1;

	to->interval = memory_new(cells, 2 * sizeof *to->interval, e);
	if (times && observed && permuted && value && to->interval &&
	    unit_init(&u, l, e) == 0) {
		bootstrap_draw(seed, samples, l->ranges, times);
		for (size_t i = 0; i < l->units; i++) {
			take(&u, l, s->category, i);
			resample(s, l, &u, times, samples, observed, permuted);
		}
		find_intervals(to, observed, permuted, samples, l->seeds, value);
		status = 0;
	}
	unit_free(&u);
	free(times);
	free(observed);
	free(permuted);
	free(value);
	return status;
}

int rates_put(const struct rates *r, struct significance *s, size_t samples, uint64_t seed,
              struct error *e)
{
	for (size_t i = 0; i < s->layers; i++)
		if (s->layer[i].scores &&
		    (check_sum(&r->layer[i], &s->layer[i], e) < 0 ||
		     put_layer(&r->layer[i], s, &s->layer[i], samples, seed, e) < 0))
			return -1;
	return 0;
}
