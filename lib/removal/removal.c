/* removal.c -- see removal.h. */
#include "removal/removal.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "base/memory.h"
#include "stage/labels.h"
#include "stage/layer.h"

/* ---- images ---- */

static int open_classes(struct removal *r, size_t logits, struct error *e)
{
	const struct removal_choice *o = r->choice;
	struct classes *c = &r->classes;

	if ((o->class_file ? classes_read(c, o->class_file, e)
	     : o->category ? classes_of_category(c, &r->meta, o->category, e)
	                   : classes_numbers(c, logits, e)) < 0)
		return -1;
	if (c->count != logits)
		return error_set(e, EXIT_USAGE,
		                 "there are %zu logits, but %s%.100s has %zu%s: give the names "
		                 "of their classes with --classes",
		                 logits, o->class_file ? "" : "category ",
		                 o->class_file ? o->class_file : o->category, c->count,
		                 o->class_file ? " lines" : " labels");
	return 0;
}

static int open_labels(struct removal *r, struct error *e)
{
	const struct ndr_meta *m = &r->meta;
	size_t counts;

	r->label_category = memory_new(m->labels, sizeof *r->label_category, e);
	if (!r->label_category)
		return -1;
	for (size_t i = 0; i < m->labels; i++)
		r->label_category[i] = i && m->label[i].name ? m->label[i].category : -1;
	r->known = (struct label_categories){m->labels, m->categories, r->label_category};
	if (!size_multiply(m->labels, r->classes.count, &counts) ||
	    counts > r->choice->bytes / sizeof *r->holds)
		return error_set(e, EXIT_SYSTEM,
		                 "counts of %zu labels and %zu classes take more than "
		                 "--memory, %" PRIu64 " MiB",
		                 m->labels, r->classes.count, r->choice->bytes >> 20);
	r->bytes = counts * sizeof *r->holds;
	r->holds = memory_new(counts, sizeof *r->holds, e);
	return r->holds ? image_labels_init(&r->labels, &r->known, e) : -1;
}

int removal_open(struct removal *r, const struct ndr_meta *m, size_t logits, struct error *e)
{
	const struct removal_choice *o = r->choice;
	size_t measures;

	if (r->units)
		return 0;
	if (ndr_meta_copy(&r->meta, m, e) < 0 ||
	    layer_choose(&r->meta, o->layer, &r->layer, e) < 0 ||
	    truth_open(&r->truth, &r->meta, o->category, o->truth_file, e) < 0 ||
	    open_classes(r, logits, e) < 0 || open_labels(r, e) < 0)
		return -1;
	r->units = r->meta.layer[r->layer].units;
	r->cells = (size_t)r->meta.layer[r->layer].height * r->meta.layer[r->layer].width;
	measures = r->classes.count * REMOVAL_MEASURES;
	for (int i = 0; i < REMOVAL_SIDES; i++) {
		r->of_class[i] = memory_new(r->classes.count, sizeof *r->of_class[i], e);
		r->base[i] = memory_new(measures, sizeof *r->base[i], e);
		if (!r->of_class[i] || !r->base[i])
			return -1;
	}
	r->mean = memory_new(r->units, sizeof *r->mean, e);
	r->value = memory_new(r->units, sizeof *r->value, e);
	return r->mean && r->value ? 0 : -1;
}

static int note_labels(struct removal *r, const struct ndr_item *item, size_t class,
                       struct error *e)
{
	if (labels_of_item(&r->labels, item, e) < 0)
		return -1;
	for (size_t i = 0; i < r->labels.count; i++)
		r->holds[r->labels.label[i].number * r->classes.count + class]++;
	return 0;
}

int removal_add(struct removal *r, const struct ndr_item *item, struct error *e)
{
	const struct ndr_record *act = ndr_item_find(item, NDR_ACT, r->layer);
	struct ndr_item_info info;
	struct removal_image *image;
	const char *name;
	long class;
	int known = truth_of(&r->truth, &r->meta, item, &name, e), side;

	if (known <= 0)
		return r->without_class += known == 0, known;
	class = classes_find(&r->classes, name);
	if (class < 0 || !act)
		return r->foreign++, 0;
	if (ndr_item_info(item, &info, e) < 0)
		return -1;
	side = checksum(0, info.name, strlen(info.name)) < r->choice->share * 0x1p32
	               ? REMOVAL_TRAIN
	               : REMOVAL_TEST;
	r->bytes += act->length + sizeof *image;
	if (r->bytes > r->choice->bytes)
		return error_set(e, EXIT_SYSTEM,
		                 "activations of %zu images take more than --memory, %" PRIu64
		                 " MiB",
		                 r->images[0] + r->images[1] + 1, r->choice->bytes >> 20);
	if (memory_grow(&r->image[side], &r->room[side], r->images[side] + 1, sizeof *image,
	                e) < 0)
		return -1;
	image = &r->image[side][r->images[side]];
	image->class = (uint32_t) class;
	image->row = memory_raw(r->units * r->cells, sizeof *image->row, e);
	if (!image->row)
		return -1;
	memcpy(image->row, act->data, r->units * r->cells * sizeof *image->row);
	r->images[side]++;
	r->of_class[side][class]++;
	return side == REMOVAL_TRAIN ? note_labels(r, item, (size_t) class, e) : 0;
}

int removal_finish(struct removal *r, struct error *e)
{
	const size_t n = r->images[REMOVAL_TRAIN];

	if (n == 0 || r->images[REMOVAL_TEST] == 0)
		return error_set(e, EXIT_MALFORMED,
		                 "%zu images of a class to train on and %zu to test on", n,
		                 r->images[REMOVAL_TEST]);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < r->units * r->cells; k++)
			r->mean[k / r->cells] += r->image[REMOVAL_TRAIN][i].row[k];
	for (size_t u = 0; u < r->units; u++) {
		r->mean[u] /= (double)n * (double)r->cells;
		r->value[u] = r->choice->to_mean ? (float)r->mean[u] : 0;
	}
	return 0;
}

void removal_free(struct removal *r)
{
	for (int i = 0; i < REMOVAL_SIDES; i++) {
		for (size_t k = 0; k < r->images[i]; k++)
			free(r->image[i][k].row);
		free(r->image[i]);
		free(r->of_class[i]);
		free(r->base[i]);
	}
	free(r->mean);
	free(r->value);
	free(r->holds);
	free(r->label_category);
	image_labels_free(&r->labels);
	truth_free(&r->truth);
	classes_free(&r->classes);
	ndr_meta_free(&r->meta);
}

/* ---- effects ---- */

int removal_work_open(struct removal_work *w, const struct removal *r, size_t group,
                      struct error *e)
{
	const size_t row = r->units * r->cells, classes = r->classes.count;

	w->group = group;
	w->map = memory_new(group, row * sizeof *w->map, e);
	w->logit = memory_new(group, classes * sizeof *w->logit, e);
	w->in = memory_new(group, sizeof *w->in, e);
	w->out = memory_new(group, sizeof *w->out, e);
	w->class = memory_new(group, sizeof *w->class, e);
	w->of = memory_new(classes, sizeof *w->of, e);
	w->measure = memory_new(classes, REMOVAL_MEASURES * sizeof *w->measure, e);
	if (!w->map || !w->logit || !w->in || !w->out || !w->class || !w->of || !w->measure)
		return -1;
	for (size_t i = 0; i < group; i++) {
		w->in[i] = w->map + i * row;
		w->out[i] = w->logit + i * classes;
	}
	return 0;
}

void removal_work_free(struct removal_work *w)
{
	free(w->map);
	free(w->logit);
	free(w->in);
	free(w->out);
	free(w->class);
	free(w->of);
	free(w->measure);
}

/* An image's map without the units, as number at of the group. */
static void take_out(const struct removal *r, const float *row, const uint32_t *unit,
                     size_t size, float *map)
{
	memcpy(map, row, r->units * r->cells * sizeof *map);
	for (size_t i = 0; i < size; i++)
		for (size_t k = 0; k < r->cells; k++)
			map[unit[i] * r->cells + k] = r->value[unit[i]];
}

int removal_measure(const struct removal *r, const uint32_t *unit, size_t size, int side,
                    struct removal_work *w, removal_logits *logits, void *ctx, size_t thread,
                    struct error *e)
{
	const size_t classes = r->classes.count;
	size_t n;

	memset(w->of, 0, classes * sizeof *w->of);
	for (size_t i = 0; i < r->images[side]; i += n) {
		for (n = 0; n < w->group && i + n < r->images[side]; n++) {
			const struct removal_image *image = &r->image[side][i + n];

			take_out(r, image->row, unit, size, w->map + n * r->units * r->cells);
			w->class[n] = image->class;
		}
		if (logits(ctx, w->in, n, w->out, thread, e) < 0)
			return -1;
		for (size_t k = 0; k < n; k++)
			accuracy_count(w->of, w->out[k], classes, w->class[k]);
	}
	for (size_t c = 0; c < classes; c++) {
		double *m = w->measure + c * REMOVAL_MEASURES;

		m[REMOVAL_ACCURACY] = accuracy_balanced(&w->of[c], r->images[side]);
		m[REMOVAL_LOGIT] = accuracy_logit(&w->of[c]);
	}
	return 0;
}

double removal_others(const struct removal *r, const struct removal_set *s, size_t class,
                      int measure)
{
	double sum = 0;
	size_t n = 0;

	for (size_t c = 0; c < r->classes.count; c++) {
		const double drop = s->drop[c * REMOVAL_MEASURES + (size_t)measure];

		if (c == class || isnan(drop))
			continue;
		sum += drop;
		n++;
	}
	return n ? sum / (double)n : NAN;
}
