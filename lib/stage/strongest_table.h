/* strongest_table.h -- each unit's strongest images as a table that names them. */
#ifndef STAGE_STRONGEST_TABLE_H
#define STAGE_STRONGEST_TABLE_H

#include "stage/strongest.h"
#include "table/table.h"

struct item_name {
	uint32_t item;
	char *name;
};

/* The names of items that came.  Zero it before use. */
struct item_names {
	struct item_name *of; /* (count) */
	size_t count, capacity;
};
/* Keep that of an item; one thread at a time. */
int item_names_add(struct item_names *names, const struct ndr_item *item,
                   struct error *e) CHECK_RESULT;
void item_names_free(struct item_names *names);

/* A row for each image that s found, layer by layer and unit by unit, strongest first: columns
 * unit and rank, both from 1, value, item, from 0, name and layer.  names are put in order.
 * m is that of all segments.  To fd, which stays the caller's; place is for messages. */
int strongest_tabulate(const struct strongest *s, const struct ndr_meta *m,
                       struct item_names *names, enum table_format format, int fd,
                       const char *place, struct error *e) CHECK_RESULT;

#endif
