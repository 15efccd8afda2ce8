/* fault_list.h -- faults of a Broden directory as they are listed: a line each, or JSON. */
#ifndef BRODEN_FAULT_LIST_H
#define BRODEN_FAULT_LIST_H

#include "base/text.h"
#include "broden/faults.h"
#include "table/table.h"

struct broden_fault_list {
	int fd; /* the caller's, as is name */
	const char *name;
	bool json;
	size_t waiting;     /* faults that are not written yet */
	struct text lines;  /* they, */
	struct table table; /* or as JSON */
};

void broden_fault_list_begin(struct broden_fault_list *l, bool json, int fd, const char *name);
/* Append one; many at once are written. */
int broden_fault_list_add(struct broden_fault_list *l, const struct broden_fault *f,
                          struct error *e) CHECK_RESULT;
/* Write what is left, and the end. */
int broden_fault_list_end(struct broden_fault_list *l, struct error *e) CHECK_RESULT;
void broden_fault_list_free(struct broden_fault_list *l);

#endif
