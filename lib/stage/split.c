/* split.c -- see split.h. */
#include "stage/split.h"

#include <string.h>

int split_read(struct split *s, const char *path, const char *name, struct error *e)
{
	s->path = path;
	s->name = name;
	if (truth_read(&s->table, path, "split", e) < 0)
		return -1;
	for (size_t i = 0; i < s->table.rows; i++)
		if (strcmp(s->table.row[i].class, name) == 0)
			return 0;
	return error_set(e, EXIT_USAGE, "%s: no row of split '%.100s'", path, name);
}

void split_free(struct split *s)
{
	truth_free(&s->table);
}

int split_has(const struct split *s, const struct ndr_item *item, struct error *e)
{
	struct ndr_item_info info;
	const char *split;

	if (ndr_item_info(item, &info, e) < 0)
		return -1;
	split = truth_find(&s->table, info.name);
	if (!split)
		return error_set(e, EXIT_MALFORMED, "%s: item %u (%.200s) is not in %s",
		                 item->input, item->number, info.name, s->path);
	return strcmp(split, s->name) == 0;
}
