/* run.c -- see run.h. */
#include "filter/run.h"

#include <stdlib.h>

#include "base/memory.h"
#include "tool/parallel.h"

int filter_run_open(struct run *r, struct tool *t, const struct filter *f)
{
	r->t = t;
	r->f = f;
	r->slots = t->threads == 1 ? 1 : 2 * t->threads;
	r->room = r->group = f->items ? f->group : 1;
	r->slot = memory_new(r->slots, sizeof *r->slot, &t->error);
	r->items = memory_new(2 * r->slots * r->room, sizeof *r->items, &t->error);
	for (size_t i = 0; r->slot && r->items && i < r->slots; i++)
		r->slot[i] = (struct slot){r->items + 2 * i * r->room,
		                           r->items + (2 * i + 1) * r->room, 1};
	return r->slot && r->items ? 0 : -1;
}

void filter_run_close(struct run *r)
{
	for (size_t i = 0; r->items && i < 2 * r->slots * r->room; i++)
		ndr_item_free(&r->items[i]);
	free(r->items);
	free(r->slot);
	ndr_item_free(&r->held);
	ndr_close(r->reader);
	ndr_destroy(r->writer);
}

static void stop_reading(void *run)
{
	struct run *r = run;

	if (r->reader)
		ndr_interrupt(r->reader);
}

int filter_run_segment(struct run *r, int (*fill)(void *, size_t, struct error *),
                       int (*work)(void *, size_t, size_t, struct error *),
                       int (*drain)(void *, size_t, struct error *))
{
	const struct parallel p = {.fill = fill,
	                           .work = work,
	                           .drain = drain,
	                           .stop = stop_reading,
	                           .ctx = r,
	                           .threads = r->t->threads,
	                           .slots = r->slots};

	return parallel_run(&p, &r->t->error);
}

int filter_run_writer(struct run *r)
{
	int fd;

	if (r->writer)
		return 0;
	fd = tool_output(r->t, true);
	r->writer = fd < 0 ? NULL : ndr_create(fd, tool_output_name(r->t), &r->t->error);
	return r->writer ? 0 : -1;
}

void filter_run_count(struct run *r, const struct ndr_item *item)
{
	const bool summary = item->number == NDR_NO_ITEM;

	if (r->f->summaries) {
		r->done += summary && item->record->type == r->f->consumes;
		tool_progress(r->t, r->done, 0);
		return;
	}
	r->done += !summary;
	tool_progress(r->t, r->done, r->total == NDR_UNBOUNDED ? 0 : r->total);
}

/* The next item: 1; 0 after the last. */
static int read_item(struct run *r, struct ndr_item *item, struct error *e)
{
	const struct ndr_item empty = *item;
	const int held = r->is_held;

	r->is_held = -1;
	if (held != 1)
		return held == 0 ? 0 : ndr_read_item(r->reader, item, e);
	*item = r->held;
	r->held = empty;
	return 1;
}

int filter_run_read(void *run, size_t slot, struct error *e)
{
	struct run *r = run;
	struct slot *s = &r->slot[slot];

	for (s->n = 0; r->rest == 1 && s->n < r->group; s->n++) {
		r->rest = read_item(r, &s->in[s->n], &r->why);
		if (r->rest == 1 && r->f->arrive &&
		    r->f->arrive(r->f->ctx, &s->in[s->n], &s->out[s->n], &r->why) < 0)
			r->rest = -1;
		if (r->rest != 1)
			break;
	}
	if (s->n > 0 || r->rest == 0)
		return s->n > 0;
	return error_set(e, r->why.code, "%s", r->why.text);
}

void filter_run_start(struct run *r, uint64_t total)
{
	uint64_t share = total / r->t->threads + (total % r->t->threads > 0), slots;

	slots = share / r->room + (share % r->room > 0);
	r->rest = 1;
	r->total = total;
	r->group = slots ? (size_t)((share - 1) / slots + 1) : 1;
}

uint64_t filter_run_consumed(const struct run *r)
{
	return ndr_count(r->reader, r->f->consumes) + ndr_count(r->reader, r->f->or_consumes);
}

int filter_run_found(struct run *r)
{
	if (!r->f->consumes || r->found > 0)
		return 0;
	return error_set(&r->t->error, EXIT_MALFORMED, "no %s in the input", r->f->consumed);
}
