/* labels.c -- see labels.h. */
#include "stage/labels.h"

static int add_label(struct image_labels *image, const struct ndr_record *rec, struct error *e)
{
	const uint16_t *map = rec->data;
	const size_t pixels = (size_t)rec->dims[1] * rec->dims[2];

	for (uint32_t i = 0; i < rec->dims[0]; i++, map += pixels)
		if ((pixels == 1 ? image_labels_add_whole(image, *map, e)
		                 : image_labels_add_map(image, map, e)) < 0)
			return -1;
	return 0;
}

int labels_of_item(struct image_labels *image, const struct ndr_item *item, struct error *e)
{
	struct ndr_item_info info = {0};
	struct error why = {0};

	if (item && ndr_item_info(item, &info, e) < 0)
		return -1;
	image_labels_begin(image, info.label_height, info.label_width);
	for (size_t i = 0; item && i < item->count; i++)
		if (item->record[i].type == NDR_LABEL &&
		    add_label(image, &item->record[i], &why) < 0)
			return error_set(e, why.code, "%s: item %u (%s): %s", item->input,
			                 item->number, info.name, why.text);
	image_labels_finish(image);
	return 0;
}
