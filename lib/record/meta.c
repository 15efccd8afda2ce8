/* meta.c -- what META says, as a struct; see ndr.h. */
#include "record/meta.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "record/format.h"

/* Make array[index] exist.  memory_grow() goes from 16 on by doubling, so count
 * alone tells the capacity. */
int meta_append(void *array, size_t *count, size_t index, size_t size, struct error *e)
{
	size_t capacity = 0;

	if (index < *count)
		return 0;
	if (*count > 0)
		for (capacity = 16; capacity < *count;)
			capacity *= 2;
	if (memory_grow(array, &capacity, index + 1, size, e) < 0)
		return -1;
	*count = index + 1;
	return 0;
}

int ndr_meta_add_category(struct ndr_meta *m, const char *name, struct error *e)
{
	size_t i = m->categories;

	if (meta_append(&m->category, &m->categories, i, sizeof *m->category, e) < 0)
		return -1;
	m->category[i] = memory_string(name, e);
	return m->category[i] ? 0 : -1;
}

int ndr_meta_set_label(struct ndr_meta *m, unsigned number, const char *name, int category,
                       struct error *e)
{
	struct ndr_label_info *label;

	if (number == 0 || number >= NDR_LABELS)
		return error_set(e, EXIT_MALFORMED, "label %u: numbers are 1 to %d", number,
		                 NDR_LABELS - 1);
	if (meta_append(&m->label, &m->labels, number, sizeof *m->label, e) < 0)
		return -1;
	label = &m->label[number];
	free(label->name);
	label->name = memory_string(name, e);
	label->category = category;
	return label->name ? 0 : -1;
}

int ndr_meta_add_layer(struct ndr_meta *m, const struct ndr_layer *layer, struct error *e)
{
	size_t i = m->layers;

	if (ndr_meta_find_layer(m, layer->name) >= 0)
		return error_set(e, EXIT_MALFORMED, "the stream already has a layer %.200s",
		                 layer->name);
	if (meta_append(&m->layer, &m->layers, i, sizeof *m->layer, e) < 0)
		return -1;
	m->layer[i] = *layer;
	m->layer[i].basis = m->layer[i].before = m->layer[i].model = NULL;
	m->layer[i].name = memory_string(layer->name, e);
	if (!m->layer[i].name)
		return -1;
	if (layer->before && !(m->layer[i].before = memory_string(layer->before, e)))
		return -1;
	if (layer->model && !(m->layer[i].model = memory_string(layer->model, e)))
		return -1;
	return layer->basis ? ndr_meta_set_basis(m, i, layer->basis, e) : 0;
}

int ndr_meta_set_basis(struct ndr_meta *m, size_t layer, const char *basis, struct error *e)
{
	char *copy = basis ? memory_string(basis, e) : NULL;

	if (basis && !copy)
		return -1;
	free(m->layer[layer].basis);
	m->layer[layer].basis = copy;
	return 0;
}

int meta_add_pair(struct ndr_meta *m, const char *key, const char *value, struct error *e)
{
	size_t i = m->pairs;

	if (meta_append(&m->pair, &m->pairs, i, sizeof *m->pair, e) < 0)
		return -1;
	m->pair[i].key = memory_string(key, e);
	m->pair[i].value = memory_string(value, e);
	return m->pair[i].key && m->pair[i].value ? 0 : -1;
}

int ndr_meta_copy_bare(struct ndr_meta *to, const struct ndr_meta *from, struct error *e)
{
	*to = (struct ndr_meta){.items = from->items};
	for (size_t i = 0; i < from->categories; i++)
		if (ndr_meta_add_category(to, from->category[i], e) < 0)
			return -1;
	for (unsigned i = 1; i < from->labels; i++)
		if (from->label[i].name && ndr_meta_set_label(to, i, from->label[i].name,
		                                              from->label[i].category, e) < 0)
			return -1;
	for (size_t i = 0; i < from->pairs; i++)
		if (meta_add_pair(to, from->pair[i].key, from->pair[i].value, e) < 0)
			return -1;
	return 0;
}

int ndr_meta_copy(struct ndr_meta *to, const struct ndr_meta *from, struct error *e)
{
	if (ndr_meta_copy_bare(to, from, e) < 0)
		return -1;
	for (size_t i = 0; i < from->layers; i++)
		if (ndr_meta_add_layer(to, &from->layer[i], e) < 0)
			return -1;
	return 0;
}

const char *ndr_group_name(const struct ndr_meta *m, const struct ndr_record *rec)
{
	const struct type_info *type = record_type(rec->type);

	if (type && (type->place == OF_LAYER || type->place == OF_LAYER_ITEM))
		return m->layer[rec->group].name;
	return rec->type == NDR_LABEL ? m->category[rec->group] : NULL;
}

int ndr_meta_find_layer(const struct ndr_meta *m, const char *name)
{
	for (size_t i = 0; i < m->layers; i++)
		if (strcmp(m->layer[i].name, name) == 0)
			return (int)i;
	return -1;
}

void ndr_meta_swap_labels(struct ndr_meta *a, struct ndr_meta *b)
{
	const struct ndr_meta old = *a;

	a->labels = b->labels, a->label = b->label;
	a->categories = b->categories, a->category = b->category;
	b->labels = old.labels, b->label = old.label;
	b->categories = old.categories, b->category = old.category;
}

void ndr_meta_clear_layers(struct ndr_meta *m)
{
	for (size_t i = 0; i < m->layers; i++) {
		free(m->layer[i].name);
		free(m->layer[i].basis);
		free(m->layer[i].before);
		free(m->layer[i].model);
	}
	free(m->layer);
	m->layer = NULL;
	m->layers = 0;
}

void ndr_meta_free(struct ndr_meta *m)
{
	for (size_t i = 0; i < m->categories; i++)
		free(m->category[i]);
	for (size_t i = 0; i < m->labels; i++)
		free(m->label[i].name);
	ndr_meta_clear_layers(m);
	for (size_t i = 0; i < m->pairs; i++) {
		free(m->pair[i].key);
		free(m->pair[i].value);
	}
	free(m->category);
	free(m->label);
	free(m->pair);
	*m = (struct ndr_meta){0};
}

int ndr_meta_agree(const struct ndr_meta *a, const struct ndr_meta *b, const char *name,
                   struct error *e)
{
	size_t n;
	char *x = ndr_meta_encode(a, &n, e), *y = ndr_meta_encode(b, &n, e);
	int status = x && y ? 0 : -1;

	if (status == 0 && strcmp(x, y) != 0)
		status = error_set(e, EXIT_MALFORMED,
		                   "%s: META differs from that of the segment before: other "
		                   "labels, layers or data set",
		                   name);
	free(x);
	free(y);
	return status;
}
