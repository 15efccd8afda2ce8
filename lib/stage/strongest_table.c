/* strongest_table.c -- see strongest_table.h. */
#include "stage/strongest_table.h"
#include "base/memory.h"

#include <stdlib.h>

int item_names_add(struct item_names *names, const struct ndr_item *item, struct error *e)
{
	struct ndr_item_info info;
	char *name;

	if (item->number == NDR_NO_ITEM)
		return 0;
	if (ndr_item_info(item, &info, e) < 0 ||
	    memory_grow(&names->of, &names->capacity, names->count + 1, sizeof *names->of, e) <
	            0)
		return -1;
	name = memory_string(info.name, e);
	if (!name)
		return -1;
	names->of[names->count++] = (struct item_name){item->number, name};
	return 0;
}

void item_names_free(struct item_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->of[i].name);
	free(names->of);
	*names = (struct item_names){0};
}

static int by_item(const void *a, const void *b)
{
	const struct item_name *x = a, *y = b;

	return (x->item > y->item) - (x->item < y->item);
}

static void put_layer(struct table *t, const struct top *top, const char *layer,
                      const struct item_names *names)
{
	for (size_t unit = 0; unit < top->units; unit++)
		for (size_t i = 0; i < top->count[unit]; i++) {
			const struct top_image *image = &top->image[unit * top->k + i];
			const struct item_name key = {.item = (uint32_t)image->item};
			const struct item_name *found = bsearch(&key, names->of, names->count,
			                                        sizeof *names->of, by_item);

			table_count(t, unit + 1);
			table_count(t, i + 1);
			table_real(t, image->value);
			table_count(t, key.item);
			table_text(t, found ? found->name : "");
			table_text(t, layer);
		}
}

int strongest_tabulate(const struct strongest *s, const struct ndr_meta *m,
                       struct item_names *names, enum table_format format, int fd,
                       const char *place, struct error *e)
{
	static const char *const column[] = {"unit", "rank", "value", "item", "name", "layer"};
	struct table t = {0};
	int status;

	if (names->count > 0)
		qsort(names->of, names->count, sizeof *names->of, by_item);
	table_begin(&t, format, column, sizeof column / sizeof *column);
	for (size_t l = 0; l < s->layers; l++)
		if (s->top[l].image)
			put_layer(&t, &s->top[l], m->layer[l].name, names);
	status = table_end(&t, fd, place, e);
	table_free(&t);
	return status;
}
