/* map.c -- items in, items out: see filter.h. */
#include "filter/run.h"

int filter_copy(const struct ndr_item *in, struct ndr_item *out, const unsigned *but,
                struct error *e)
{
	for (size_t i = 0; i < in->count; i++) {
		const unsigned *type = but;

		while (*type && *type != in->record[i].type)
			type++;
		if (!*type && ndr_item_share(out, &in->record[i], e) < 0)
			return -1;
	}
	return 0;
}

/* The item at i, or all from there on up to a record that belongs to none; sets *next. */
static int map_items(struct run *r, struct slot *s, size_t i, size_t *next, size_t thread,
                     struct error *e)
{
	static const unsigned none[] = {0};
	const struct ndr_item *in = &s->in[i];
	struct ndr_item *out = &s->out[i];

	*next = i + 1;
	if (in->number == NDR_NO_ITEM)
		return filter_copy(in, out, none, e);
	if (!r->f->items)
		return r->f->item(r->f->ctx, in, out, thread, e);
	while (*next < s->n && s->in[*next].number != NDR_NO_ITEM)
		++*next;
	return r->f->items(r->f->ctx, in, out, *next - i, thread, e);
}

static int map_slot(void *run, size_t slot, size_t thread, struct error *e)
{
	struct run *r = run;
	struct slot *s = &r->slot[slot];
	size_t next;

	for (size_t i = 0; i < s->n; i++)
		ndr_item_clear(&s->out[i], s->in[i].number);
	for (size_t i = 0; i < s->n; i = next)
		if (map_items(r, s, i, &next, thread, e) < 0)
			return -1;
	return 0;
}

static int write_slot(void *run, size_t slot, struct error *e)
{
	struct run *r = run;
	struct slot *s = &r->slot[slot];

	for (size_t i = 0; i < s->n; i++) {
		if (r->f->ordered && s->in[i].number != NDR_NO_ITEM &&
		    r->f->ordered(r->f->ctx, &s->in[i], &s->out[i], e) < 0)
			return -1;
		filter_run_count(r, &s->out[i]);
		if (ndr_write_item(r->writer, &s->out[i], e) < 0)
			return -1;
	}
	return 0;
}

/* Without END until something is found, as an error may be all that follows. */
static int end_segment(struct run *r, const struct ndr_segment *s)
{
	r->found += filter_run_consumed(r);
	r->unended = r->f->consumes && r->found == 0;
	r->last_flags = s->flags;
	return r->unended ? 0 : ndr_end(r->writer, s->flags, &r->t->error);
}

static int end_last_segment(struct run *r)
{
	return r->unended ? ndr_end(r->writer, r->last_flags, &r->t->error) : 0;
}

/* Open the input, and look at what comes first.  As ndr_next_segment(). */
static int begin_map(struct run *r, struct tool *t, const struct filter *f,
                     struct ndr_segment **s)
{
	int more;

	r->reader = ndr_open(t->operands, t->operand_count, t->most_label_pixels, &t->error);
	more = r->reader ? ndr_next_segment(r->reader, s, &t->error) : -1;
	if (more == 1 && f->first) {
		r->is_held = ndr_read_item(r->reader, &r->held, &t->error);
		if (r->is_held < 0 ||
		    f->first(f->ctx, *s, r->is_held ? &r->held : NULL, &t->error) < 0)
			return -1;
	}
	return filter_run_open(r, t, f) < 0 ? -1 : more;
}

int filter_map(struct tool *t, const struct filter *f)
{
	struct run r = {.is_held = -1};
	struct ndr_segment *s;
	int more;

	for (more = begin_map(&r, t, f, &s); more == 1;
	     more = ndr_next_segment(r.reader, &s, &t->error)) {
		r.done = 0;
		filter_run_start(&r, s->range.most);
		if ((f->segment && f->segment(f->ctx, s, &t->error) < 0) ||
		    filter_sign(t, &s->provenance) < 0 || filter_run_writer(&r) < 0 ||
		    end_last_segment(&r) < 0 ||
		    ndr_begin(r.writer, &s->range, &s->meta, &s->provenance, &t->error) < 0 ||
		    filter_run_segment(&r, filter_run_read, map_slot, write_slot) < 0 ||
		    end_segment(&r, s) < 0) {
			more = -1;
			break;
		}
	}
	if (more == 0)
		more = filter_run_found(&r);
	filter_run_close(&r);
	return more;
}
