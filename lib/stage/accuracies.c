/* accuracies.c -- see accuracies.h. */
#include "stage/accuracies.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static int open_layer(struct accuracies *a, const struct ndr_layer *layer, size_t l,
                      struct error *e)
{
	const struct accuracies_choice *o = a->choice;
	struct classes *c = &a->classes[l];

	if (o->layer && strcmp(layer->name, o->layer) != 0)
		return 0;
	if (layer->height != 1 || layer->width != 1)
		return error_set(e, EXIT_USAGE,
		                 "layer %.100s: its maps are %ux%u, logits have 1x1",
		                 layer->name, layer->height, layer->width);
	if ((o->class_file ? classes_read(c, o->class_file, e)
	     : o->category ? classes_of_category(c, a->meta, o->category, e)
	                   : classes_numbers(c, layer->units, e)) < 0)
		return -1;
	if (c->count != layer->units)
		return error_set(e, EXIT_USAGE,
		                 "layer %.100s has %u units, but %s%.100s %zu%s: give their "
		                 "names with --classes",
		                 layer->name, layer->units, o->class_file ? "" : "category ",
		                 o->class_file ? o->class_file : o->category, c->count,
		                 o->class_file ? " lines" : " labels");
	a->of[l] = memory_new(c->count, sizeof(struct accuracy), e);
	return a->of[l] ? 0 : -1;
}

int accuracies_segment(struct accuracies *a, const struct ndr_meta *m, struct error *e)
{
	const struct accuracies_choice *o = a->choice;

	a->meta = m;
	if (o->layer && ndr_meta_find_layer(m, o->layer) < 0)
		return error_set(e, EXIT_USAGE, "no layer %.100s in the input", o->layer);
	if (a->of)
		return 0;
	if (truth_open(&a->truth, m, o->category, o->truth_file, e) < 0)
		return -1;
	a->classes = memory_new(m->layers, sizeof *a->classes, e);
	a->of = memory_new(m->layers, sizeof *a->of, e);
	if (!a->classes || !a->of)
		return -1;
	for (; a->layers < m->layers; a->layers++)
		if (open_layer(a, &m->layer[a->layers], a->layers, e) < 0)
			return a->layers++, -1;
	return 0;
}

void accuracies_close(struct accuracies *a)
{
	for (size_t l = 0; l < a->layers; l++) {
		classes_free(&a->classes[l]);
		free(a->of[l]);
	}
	free(a->classes);
	free(a->of);
	truth_free(&a->truth);
}

int accuracies_add(struct accuracies *a, const struct ndr_item *item, struct error *e)
{
	const char *name;
	const int known = truth_of(&a->truth, a->meta, item, &name, e);

	if (known <= 0)
		return a->unknown += known == 0, known;
	for (size_t i = 0; i < item->count; i++) {
		const struct ndr_record *rec = &item->record[i];
		long class;

		if (rec->type != NDR_ACT || !a->of[rec->group])
			continue;
		class = classes_find(&a->classes[rec->group], name);
		if (class < 0)
			a->foreign += a->choice->layer || rec->group == 0;
		else
			accuracy_add(&a->of[rec->group][class],
			             accuracy_rank(rec->data, rec->dims[0], (size_t) class));
	}
	return 0;
}

static void write_classes(struct table *t, const struct accuracies *a, const struct ndr_meta *m)
{
	for (size_t l = 0; l < a->layers; l++)
		for (size_t c = 0; c < a->classes[l].count; c++) {
			const struct accuracy *of = &a->of[l][c];

			table_text(t, m->layer[l].name);
			table_text(t, a->classes[l].name[c]);
			table_count(t, of->images);
			table_count(t, of->top1);
			table_count(t, of->top5);
		}
}

static void write_layers(struct table *t, const struct accuracies *a, const struct ndr_meta *m)
{
	for (size_t l = 0; l < a->layers; l++) {
		struct accuracy_shares s;

		if (!a->of[l])
			continue;
		s = accuracy_shares(a->of[l], a->classes[l].count);
		table_text(t, m->layer[l].name);
		table_count(t, s.images);
		table_count(t, s.classes);
		table_real(t, s.top1);
		table_real(t, s.top5);
		table_real(t, s.class_top1);
		table_real(t, s.class_top5);
	}
}

int accuracies_write(const struct accuracies *a, const struct ndr_meta *m, bool by_class,
                     enum table_format format, int fd, const char *name, struct error *e)
{
	static const char *const per_class[] = {"layer", "class", "images", "top1", "top5"};
	static const char *const per_layer[] = {"layer", "images",     "classes",   "top1",
	                                        "top5",  "class-top1", "class-top5"};
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
