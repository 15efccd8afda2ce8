/* accuracies.c -- see accuracies.h. */
#include "stage/accuracies.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { UNITS_MAX = 1 << 20 };

static bool is_wanted(const struct accuracies *a, const struct ndr_layer *layer)
{
	return !a->choice->layer || strcmp(layer->name, a->choice->layer) == 0;
}

/* The layers are logits, and not so many that what is counted takes too much room. */
static int check_layers(const struct accuracies *a, const struct ndr_meta *m,
                        uint32_t *most_units, struct error *e)
{
	uint64_t units = 0;

	*most_units = 0;
	for (const struct ndr_layer *l = m->layer; l < m->layer + m->layers; l++) {
		if (!is_wanted(a, l))
			continue;
		if (l->height != 1 || l->width != 1)
			return error_set(e, EXIT_USAGE,
			                 "layer %.100s: its maps are %ux%u, logits have 1x1",
			                 l->name, l->height, l->width);
		units += l->units;
		if (units > UNITS_MAX)
			return error_set(e, EXIT_USAGE,
			                 "the layers have more than %d units: take one, -l",
			                 UNITS_MAX);
		if (l->units > *most_units)
			*most_units = l->units;
	}
	return 0;
}

static int open_layer(struct accuracies *a, const struct ndr_layer *layer, size_t l,
                      struct error *e)
{
	const struct accuracies_choice *o = a->choice;
	const size_t classes = a->classes.count;

	if (!is_wanted(a, layer))
		return 0;
	if (classes != layer->units && (o->class_file || o->category))
		return error_set(e, EXIT_USAGE,
		                 "layer %.100s has %u units, but %s%.100s %zu%s: give their "
		                 "names with --classes",
		                 layer->name, layer->units, o->class_file ? "" : "category ",
		                 o->class_file ? o->class_file : o->category, classes,
		                 o->class_file ? " lines" : " labels");
	a->of[l] = memory_new(layer->units, sizeof(struct accuracy), e);
	return a->of[l] ? 0 : -1;
}

int accuracies_segment(struct accuracies *a, const struct ndr_meta *m, struct error *e)
{
	const struct accuracies_choice *o = a->choice;
	uint32_t units;

	a->meta = m;
	if (o->layer && ndr_meta_find_layer(m, o->layer) < 0)
		return error_set(e, EXIT_USAGE, "no layer %.100s in the input", o->layer);
	if (a->of)
		return 0;
	if (truth_open(&a->truth, m, o->category, o->truth_file, e) < 0)
		return -1;
	if (check_layers(a, m, &units, e) < 0 ||
	    (o->class_file ? classes_read(&a->classes, o->class_file, e)
	     : o->category ? classes_of_category(&a->classes, m, o->category, e)
	                   : classes_numbers(&a->classes, units, e)) < 0)
		return -1;
	a->of = memory_new(m->layers, sizeof *a->of, e);
	a->foreign = memory_new(m->layers, sizeof *a->foreign, e);
	if (!a->of || !a->foreign)
		return -1;
	for (; a->layers < m->layers; a->layers++)
		if (open_layer(a, &m->layer[a->layers], a->layers, e) < 0)
			return a->layers++, -1;
	return 0;
}

void accuracies_close(struct accuracies *a)
{
	for (size_t l = 0; l < a->layers; l++)
		free(a->of[l]);
	classes_free(&a->classes);
	free(a->foreign);
	free(a->of);
	truth_free(&a->truth);
}

int accuracies_add(struct accuracies *a, const struct ndr_item *item, struct error *e)
{
	const char *name;
	const int known = truth_of(&a->truth, a->meta, item, &name, e);
	long class;

	if (known <= 0)
		return a->unknown += known == 0, known;
	class = classes_find(&a->classes, name);
	for (size_t i = 0; i < item->count; i++) {
		const struct ndr_record *rec = &item->record[i];

		if (rec->type != NDR_ACT || !a->of[rec->group])
			continue;
		if (class < 0 || (size_t) class >= rec->dims[0])
			a->foreign[rec->group]++;
		else
			accuracy_count(a->of[rec->group], rec->data, rec->dims[0],
			               (size_t) class);
	}
	return 0;
}

static void write_known(struct table *t, double v)
{
	if (isnan(v))
		table_none(t);
	else
		table_real(t, v);
}

static void write_classes(struct table *t, const struct accuracies *a, const struct ndr_meta *m)
{
	for (size_t l = 0; l < a->layers; l++) {
		uint64_t images = 0;

		for (size_t c = 0; a->of[l] && c < m->layer[l].units; c++)
			images += a->of[l][c].images;
		for (size_t c = 0; a->of[l] && c < m->layer[l].units; c++) {
			const struct accuracy *of = &a->of[l][c];

			table_text(t, m->layer[l].name);
			table_text(t, a->classes.name[c]);
			table_count(t, of->images);
			table_count(t, of->top1);
			table_count(t, of->top5);
			table_count(t, a->unknown);
			table_count(t, a->foreign[l]);
			write_known(t, accuracy_balanced(of, images));
			write_known(t, accuracy_logit(of));
		}
	}
}

static void write_layers(struct table *t, const struct accuracies *a, const struct ndr_meta *m)
{
	for (size_t l = 0; l < a->layers; l++) {
		struct accuracy_shares s;

		if (!a->of[l])
			continue;
		s = accuracy_shares(a->of[l], m->layer[l].units);
		table_text(t, m->layer[l].name);
		table_count(t, s.images);
		table_count(t, s.classes);
		table_real(t, s.top1);
		table_real(t, s.top5);
		table_real(t, s.class_top1);
		table_real(t, s.class_top5);
		table_count(t, a->unknown);
		table_count(t, a->foreign[l]);
	}
}

int accuracies_write(const struct accuracies *a, const struct ndr_meta *m, bool by_class,
                     enum table_format format, int fd, const char *name, struct error *e)
{
	static const char *const per_class[] = {"layer",        "class",    "images",
	                                        "top1",         "top5",     "without-class",
	                                        "without-unit", "balanced", "logit"};
	static const char *const per_layer[] = {"layer",      "images",        "classes",
	                                        "top1",       "top5",          "class-top1",
	                                        "class-top5", "without-class", "without-unit"};
	struct table t;
	int status;

	if (by_class)
		table_begin(&t, format, per_class, sizeof per_class / sizeof *per_class);
	else
		table_begin(&t, format, per_layer, sizeof per_layer / sizeof *per_layer);
	(by_class ? write_classes : write_layers)(&t, a, m);
	status = table_end(&t, fd, name, e);
	table_free(&t);
	return status;
}
