/* generate.c -- items out: see filter.h. */
#include "filter/run.h"

static int number_slot(void *run, size_t slot, struct error *e)
{
	struct run *r = run;

	(void)e;
	if (r->next == r->end)
		return 0;
	ndr_item_clear(r->slot[slot].out, r->next++);
	return 1;
}

static int generate_slot(void *run, size_t slot, size_t thread, struct error *e)
{
	struct run *r = run;

	return r->f->item(r->f->ctx, NULL, r->slot[slot].out, thread, e);
}

static int emit_slot(void *run, size_t slot, struct error *e)
{
	struct run *r = run;
	struct ndr_item *out = r->slot[slot].out;

	if (r->f->ordered && r->f->ordered(r->f->ctx, NULL, out, e) < 0)
		return -1;
	filter_run_count(r, out);
	return ndr_write_item(r->writer, out, e);
}

int filter_generate(struct tool *t, const struct filter *f, const struct ndr_range *range,
                    const struct ndr_meta *meta)
{
	struct ndr_provenance provenance = {0};
	struct run r = {.is_held = -1};
	int status = -1;

	if (filter_run_open(&r, t, f) < 0 || filter_sign(t, &provenance) < 0 ||
	    filter_run_writer(&r) < 0)
		goto out;
	r.next = range->first;
	r.end = range->end;
	r.total = range->most;
	if (ndr_begin(r.writer, range, meta, &provenance, &t->error) < 0 ||
	    filter_run_segment(&r, number_slot, generate_slot, emit_slot) < 0)
		goto out;
	status = ndr_end(r.writer, f->flags ? f->flags(f->ctx) : 0, &t->error);
out:
	ndr_provenance_free(&provenance);
	filter_run_close(&r);
	return status;
}
