/* array.c -- see array.h. */
#include "stage/array.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct {
	unsigned record;
	const char *descr, *name;
	bool of_layer, stacked;
} kinds[] = {
        [ARRAY_IMAGE] = {NDR_IMAGE, "|u1", "IMAGE", false, true},
        [ARRAY_LABEL] = {NDR_LABEL, "<u2", "LABEL", false, false},
        [ARRAY_ACT] = {NDR_ACT, "<f4", "ACT", true, true},
        [ARRAY_THRESH] = {NDR_THRESH, "<f8", "THRESH", true, false},
        [ARRAY_SCORE] = {NDR_SCORE, "<u8", "SCORE", true, false},
};

static int begin_array(struct array *a, const struct ndr_record *rec, struct error *e)
{
	const unsigned stacked = kinds[a->choice.kind].stacked;

	a->out.array.ndim = rec->ndim + stacked;
	for (unsigned i = 0; i < rec->ndim; i++)
		a->out.array.shape[i + stacked] = rec->dims[i];
	if (stacked || a->choice.kind == ARRAY_LABEL)
		a->out.array.shape[0] = 0;
	strcpy(a->out.array.descr, kinds[a->choice.kind].descr);
	a->begun = true;
	return npy_writer_open(&a->out, a->fd, a->name, a->spool, e);
}

int array_segment(struct array *a, const struct ndr_meta *m, const char *input, struct error *e)
{
	int layer = a->choice.layer  ? ndr_meta_find_layer(m, a->choice.layer)
	            : m->layers == 1 ? 0
	                             : -1;

	a->group = NDR_ANY_GROUP;
	if (kinds[a->choice.kind].of_layer) {
		if (m->layers == 0)
			return error_set(e, EXIT_MALFORMED, "%s: no layers in the stream",
			                 input);
		if (layer < 0 && a->choice.layer)
			return error_set(e, EXIT_USAGE, "%s: no layer '%.80s'", input,
			                 a->choice.layer);
		if (layer < 0)
			return error_set(e, EXIT_USAGE, "%s: %zu layers: choose with --layer",
			                 input, m->layers);
		a->group = (uint32_t)layer;
	}
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

/* A map over all pixels for each label of the whole image. */
static int spread_labels(struct array *a, const struct ndr_record *rec, struct error *e)
{
	const size_t pixels = (size_t)a->info.label_height * a->info.label_width;
	const uint64_t most = a->most_label_pixels ? a->most_label_pixels : NDR_LABEL_PIXELS;
	const uint16_t *label = rec->data;
	char place[32];

	snprintf(place, sizeof place, "item %u", rec->item);
	if (ndr_check_label_pixels(a->info.label_height, a->info.label_width,
	                           a->out.array.shape[0], most, place, e) < 0)
		return -1;
	for (uint32_t i = 0; i < rec->dims[0]; i++)
		if (npy_writer_repeat(&a->out, &label[i], sizeof *label, pixels, e) < 0)
			return -1;
	return 0;
}

static int add_record(struct array *a, const struct ndr_record *rec, struct error *e)
{
	const uint64_t *shape = a->out.array.shape + kinds[a->choice.kind].stacked;
	struct ndr_record whole = *rec;

	if (a->choice.kind == ARRAY_LABEL) {
		whole.dims[1] = a->info.label_height;
		whole.dims[2] = a->info.label_width;
	}
	if (!a->begun) {
		if (begin_array(a, &whole, e) < 0)
			return -1;
	} else if (a->choice.kind == ARRAY_THRESH || a->choice.kind == ARRAY_SCORE) {
		return error_set(e, EXIT_MALFORMED, "several %s of the layer: see ndr-cat",
		                 kinds[a->choice.kind].name);
	}
	for (int i = 0; a->choice.kind == ARRAY_IMAGE && i < 2; i++)
		if (shape[i] != rec->dims[i])
			return error_set(e, EXIT_MALFORMED,
			                 "item %u: an image of %ux%u pixels does not stack on "
			                 "the first, of %" PRIu64 "x%" PRIu64 ": choose with "
			                 "--item",
			                 rec->item, rec->dims[1], rec->dims[0], shape[1],
			                 shape[0]);
	if (kinds[a->choice.kind].stacked)
		a->out.array.shape[0]++;
	if (a->choice.kind == ARRAY_LABEL)
		a->out.array.shape[0] += rec->dims[0];
	if (whole.dims[1] != rec->dims[1] || whole.dims[2] != rec->dims[2])
		return spread_labels(a, rec, e);
	return npy_writer_put(&a->out, rec->data, rec->length, e);
}

int array_add(struct array *a, const struct ndr_item *item, struct error *e)
{
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

		if (rec->type == kinds[a->choice.kind].record &&
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
		                 kinds[a->choice.kind].name,
		                 a->choice.item == NDR_NO_ITEM ? "" : " of that item");
	return npy_writer_finish(&a->out, e);
}

int array_close(struct array *a, struct error *e)
{
	return npy_writer_close(&a->out, e);
}
