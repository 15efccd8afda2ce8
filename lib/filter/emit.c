/* emit.c -- records of no item, as what was reduced is written: see filter.h. */
#include "filter/filter.h"

#include <stdlib.h>

#include "base/memory.h"
#include "tool/parallel.h"

int filter_emit_by(struct tool *t, const struct ndr_segment *all,
                   int (*write)(void *ctx, struct ndr_writer *w, struct error *e), void *ctx)
{
	int fd = tool_output(t, true), r = -1;
	struct ndr_writer *w = fd < 0 ? NULL : ndr_create(fd, tool_output_name(t), &t->error);

	if (w && ndr_begin(w, &all->range, &all->meta, &all->provenance, &t->error) == 0 &&
	    write(ctx, w, &t->error) == 0)
		r = ndr_end(w, all->flags, &t->error);
	ndr_destroy(w);
	return r;
}

struct making {
	int (*make)(void *ctx, size_t i, struct ndr_item *out, struct error *e);
	void *ctx;
	struct ndr_writer *w;
	size_t count, threads;
	struct ndr_item *out; /* (slots) */
};

static int make_records(void *making, size_t i, size_t slot, struct error *e)
{
	struct making *m = making;

	ndr_item_clear(&m->out[slot], NDR_NO_ITEM);
	return m->make(m->ctx, i, &m->out[slot], e);
}

static int write_records(void *making, size_t slot, struct error *e)
{
	struct making *m = making;

	return ndr_write_item(m->w, &m->out[slot], e);
}

static int write_made(void *making, struct ndr_writer *w, struct error *e)
{
	struct making *m = making;
	const size_t slots = PARALLEL_SLOTS(m->threads);
	const struct parallel_count p = {.count = m->count,
	                                 .threads = m->threads,
	                                 .work = make_records,
	                                 .drain = write_records,
	                                 .ctx = m};
	int status;

	m->w = w;
	m->out = memory_new(slots, sizeof *m->out, e);
	status = m->out ? parallel_count(&p, e) : -1;
	for (size_t i = 0; m->out && i < slots; i++)
		ndr_item_free(&m->out[i]);
	free(m->out);
	return status;
}

int filter_emit_made(struct tool *t, const struct ndr_segment *all, size_t count,
                     int (*make)(void *ctx, size_t i, struct ndr_item *out, struct error *e),
                     void *ctx)
{
	struct making m = {.make = make, .ctx = ctx, .count = count, .threads = t->threads};

	return filter_emit_by(t, all, write_made, &m);
}

static int write_item(void *item, struct ndr_writer *w, struct error *e)
{
	return ndr_write_item(w, item, e);
}

int filter_emit(struct tool *t, const struct ndr_segment *all, const struct ndr_item *out)
{
	return filter_emit_by(t, all, write_item, (void *)out);
}

void filter_release(struct ndr_segment *s)
{
	ndr_meta_free(&s->meta);
	ndr_provenance_free(&s->provenance);
}
