/* steps.c -- see steps.h. */
#include "plan/steps.h"

#include "base/memory.h"

/* Constants that nodes compute can be much larger than the file that asks for them. */
#define OWNED_LIMIT ((size_t)1 << 30)

void *plan_own(struct plan *p, size_t value, size_t bytes, struct error *e)
{
	p->owned_bytes += bytes;
	if (p->owned_bytes > OWNED_LIMIT) {
		error_set(e, EXIT_MALFORMED, "%s: computed constants need more than %zu MiB",
		          p->graph->path, OWNED_LIMIT >> 20);
		return NULL;
	}
	return p->owned[value] = memory_new(bytes, 1, e);
}

size_t *plan_list(struct plan *p, size_t n)
{
	size_t *list = p->lists + p->n_lists;

	p->n_lists += n;
	return list;
}
