/* array.c -- see array.h. */
#include "stage/array.h"
#include "stage/layer.h"

#include <inttypes.h>
#include <string.h>

bool array_is_of_items(enum array_kind kind)
{
	return array_kinds[kind].of_all;
}

static int choose_layer(struct array *a, const struct ndr_meta *m, const char *input,
                        struct error *e)
{
	if (m->layers == 0 && array_kinds[a->choice.kind].layer == LAYER_IF_ANY)
		return 0;
	if (m->layers == 0)
		return error_set(e, EXIT_MALFORMED, "%s: no layers in the stream", input);
	if (layer_choose(m, a->choice.layer, &a->group, e) < 0)
		return -1;
	a->units = m->layer[a->group].units;
	return 0;
}

int array_segment(struct array *a, const struct ndr_meta *m, const char *input, struct error *e)
{
	a->segment++;
	a->group = NDR_ANY_GROUP;
	if (array_kinds[a->choice.kind].layer != LAYER_NONE)
		return choose_layer(a, m, input, e);
	if (a->choice.kind != ARRAY_LABEL || !a->choice.category)
		return 0;
	for (size_t i = 0; i < m->categories; i++)
		if (strcmp(m->category[i], a->choice.category) == 0)
			a->group = (uint32_t)i;
	if (a->group == NDR_ANY_GROUP)
		return error_set(e, EXIT_USAGE, "%s: no category '%.80s'", input,
		                 a->choice.category);
	return 0;
}

static int add_record(struct array *a, const struct ndr_record *rec, struct error *e)
{
	const struct array_kind_info *kind = &array_kinds[a->choice.kind];

	if (!kind->of_item && a->begun && a->found_in != a->segment)
		return error_set(e, EXIT_MALFORMED, "several %s%s: see ndr-cat", kind->name,
		                 kind->layer == LAYER_NEEDED ? " of the layer" : "");
	a->found_in = a->segment;
	return kind->add(a, rec, e);
}

int array_add(struct array *a, const struct ndr_item *item, struct error *e)
{
	const struct array_kind_info *kind = &array_kinds[a->choice.kind];
	bool of_item = item->number != NDR_NO_ITEM;

	if (of_item && item->number < a->next)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: item %u comes after item %" PRIu64 ": see ndr-cat",
		                 item->input, item->number, a->next - 1);
	if (of_item) {
		a->next = (uint64_t)item->number + 1;
		if (a->choice.item != NDR_NO_ITEM && item->number != a->choice.item)
			return 0;
		if (ndr_item_info(item, &a->info, e) < 0)
			return -1;
	}
	for (size_t i = 0; i < item->count; i++) {
		const struct ndr_record *rec = &item->record[i];

		if (rec->type == kind->record &&
		    (a->group == NDR_ANY_GROUP || rec->group == a->group) &&
		    add_record(a, rec, e) < 0)
			return -1;
	}
	return 0;
}

int array_finish(struct array *a, struct error *e)
{
	if (!a->begun)
		return error_set(e, EXIT_MALFORMED, "no %s records%s in the input",
		                 array_kinds[a->choice.kind].name,
		                 a->choice.item == NDR_NO_ITEM ? "" : " of that item");
	if (a->choice.kind == ARRAY_CHANCE && a->seed_units != a->units)
		return error_set(e, EXIT_MALFORMED, "seed %" PRIu64 " has %u of %u units",
		                 a->seed, a->seed_units, a->units);
	return npy_writer_finish(&a->out, e);
}

int array_close(struct array *a, struct error *e)
{
	return npy_writer_close(&a->out, e);
}
