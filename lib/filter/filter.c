/* filter.c -- see filter.h. */
#include "filter/filter.h"
#include "base/memory.h"
#include "tool/parallel.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct slot {
	struct ndr_item *in, *out; /* (group) */
	size_t n;
};

struct run {
	struct tool *t;
	const struct filter *f;
	struct ndr_reader *reader; /* mapper and reducer */
	struct ndr_writer *writer; /* mapper and generator */
	uint32_t next, end;        /* generator: the next item, and the one after the last */
	uint64_t done, total;      /* items, for progress */
	struct slot *slot;
	size_t slots;
	struct ndr_item *items; /* of all slots */
	size_t room, group;     /* items of a slot: memory, and those used in this segment */
	int rest;               /* 1, or what reading the item after a slot's gave */
	struct ndr_item held;   /* mapper: the first item, read before its turn */
	int is_held;            /* 1, or what reading it gave; -1: nothing was read yet */
	struct error why;
	uint64_t found;      /* records of the type that is consumed */
	bool unended;        /* mapper: a segment without any, which may be the only one */
	uint32_t last_flags; /* of it */
};

static int run_open(struct run *r, struct tool *t, const struct filter *f)
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

static void run_close(struct run *r)
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

static int run_segment(struct run *r, int (*fill)(void *, size_t, struct error *),
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

static int open_writer(struct run *r)
{
	int fd;

	if (r->writer)
		return 0;
	fd = tool_output(r->t, true);
	r->writer = fd < 0 ? NULL : ndr_create(fd, tool_output_name(r->t), &r->t->error);
	return r->writer ? 0 : -1;
}

int filter_sign(struct tool *t, struct ndr_provenance *p)
{
	const char *details = "";

	if (t->no_provenance && ndr_provenance_keep_warnings(p, &t->error) < 0)
		return -1;
	if (t->no_provenance && t->warnings == 0)
		return 0;
	if (!t->no_provenance)
		details = tool_details(t);
	if (t->error.code != EXIT_OK ||
	    ndr_provenance_add(p, t->name, NDPIPE_VERSION, details, &t->error) < 0)
		return -1;
	for (size_t i = 0; i < t->warnings; i++)
		if (ndr_provenance_warn(p, t->warning[i], &t->error) < 0)
			return -1;
	return t->no_provenance ? ndr_provenance_keep_warnings(p, &t->error) : 0;
}

int filter_repeat_warnings(struct tool *t, const struct ndr_provenance *p, const char *before)
{
	struct ndr_warnings w;
	int status = ndr_provenance_warnings(p, &w, &t->error);

	for (size_t i = 0; i < w.count && status == 0; i++)
		if (strcmp(w.warning[i].program, t->name) != 0)
			status = tool_warn_result(t, "%s%s: %s", before, w.warning[i].program,
			                          w.warning[i].text);
	ndr_warnings_free(&w);
	return status;
}

static void count_item(struct run *r, const struct ndr_item *item)
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

/* As many items as a slot takes.  An error, or the end, waits until those before it have
 * had their turn. */
static int read_slot(void *run, size_t slot, struct error *e)
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

/* A new segment, of at most total items: slots are as even as they can be among threads. */
static void start_reading(struct run *r, uint64_t total)
{
	uint64_t share = total / r->t->threads + (total % r->t->threads > 0), slots;

	slots = share / r->room + (share % r->room > 0);
	r->rest = 1;
	r->total = total;
	r->group = slots ? (size_t)((share - 1) / slots + 1) : 1;
}

/* ---- mapper ---- */

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
		count_item(r, &s->out[i]);
		if (ndr_write_item(r->writer, &s->out[i], e) < 0)
			return -1;
	}
	return 0;
}

/* Records in the segment that is read of what is consumed. */
static uint64_t count_consumed(const struct run *r)
{
	return ndr_count(r->reader, r->f->consumes) + ndr_count(r->reader, r->f->or_consumes);
}

static int check_found(struct run *r)
{
	if (!r->f->consumes || r->found > 0)
		return 0;
	return error_set(&r->t->error, EXIT_MALFORMED, "no %s in the input", r->f->consumed);
}

/* Without END until something is found, as an error may be all that follows. */
static int end_segment(struct run *r, const struct ndr_segment *s)
{
	r->found += count_consumed(r);
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
	return run_open(r, t, f) < 0 ? -1 : more;
}

int filter_map(struct tool *t, const struct filter *f)
{
	struct run r = {.is_held = -1};
	struct ndr_segment *s;
	int more;

	for (more = begin_map(&r, t, f, &s); more == 1;
	     more = ndr_next_segment(r.reader, &s, &t->error)) {
		r.done = 0;
		start_reading(&r, s->range.most);
		if ((f->segment && f->segment(f->ctx, s, &t->error) < 0) ||
		    filter_sign(t, &s->provenance) < 0 || open_writer(&r) < 0 ||
		    end_last_segment(&r) < 0 ||
		    ndr_begin(r.writer, &s->range, &s->meta, &s->provenance, &t->error) < 0 ||
		    run_segment(&r, read_slot, map_slot, write_slot) < 0 ||
		    end_segment(&r, s) < 0) {
			more = -1;
			break;
		}
	}
	if (more == 0)
		more = check_found(&r);
	run_close(&r);
	return more;
}

/* ---- reducer ---- */

static int reduce_slot(void *run, size_t slot, size_t thread, struct error *e)
{
	struct run *r = run;

	if (!r->f->item)
		return 0;
	return r->f->item(r->f->ctx, r->slot[slot].in, r->slot[slot].out, thread, e);
}

static int pass_slot(void *run, size_t slot, struct error *e)
{
	struct run *r = run;
	struct ndr_item *in = r->slot[slot].in;

	count_item(r, in);
	return r->f->ordered ? r->f->ordered(r->f->ctx, in, r->slot[slot].out, e) : 0;
}

/* "items 7 to 13 are missing: 14 of 20 are here" */
static void describe_gap(const struct ndr_gap *gap, char text[static 128])
{
	int n = gap->end - gap->first == 1
	                ? snprintf(text, 128, "item %u is missing", gap->first)
	                : snprintf(text, 128, "items %u to %u are missing", gap->first,
	                           gap->end - 1);

	if (gap->all)
		snprintf(text + n, 128 - (size_t)n, ": %" PRIu64 " of %" PRIu64 " are here",
		         gap->here, gap->all);
}

/* What END says of items that were left out: "5 of 20 items are here". */
static int warn_of_subset(struct tool *t, const struct ndr_segment *all)
{
	const char *why = "others were left out on purpose";

	if (!all->items)
		return tool_warn_result(t, "not all items are here: %s", why);
	if (!all->meta.items)
		return tool_warn_result(t, "%u items are here: %s", all->items, why);
	return tool_warn_result(t, "%u of %" PRIu64 " items are here: %s", all->items,
	                        all->meta.items, why);
}

int filter_check_items(struct tool *t, enum filter_items wanted, struct ndr_union *u)
{
	const bool any = wanted == FILTER_ITEMS_ANY || wanted == FILTER_ITEMS_PART_ANY;
	struct ndr_gap gap;
	const bool missing = ndr_union_gap(u, &gap);
	char text[128] = "";

	if (missing)
		describe_gap(&gap, text);
	if (missing && (wanted == FILTER_ITEMS_ALL || (gap.hole && !any)))
		return error_set(&t->error, EXIT_MALFORMED, "%s (--incomplete goes on without)",
		                 text);
	if (u->all.flags & NDR_SUBSET && wanted != FILTER_ITEMS_PART_ASKED &&
	    warn_of_subset(t, &u->all) < 0)
		return -1;
	if (!missing)
		return 0;
	if (gap.hole) /* which the range of the whole hides */
		u->all.flags |= NDR_SUBSET;
	if (any && (gap.hole || wanted == FILTER_ITEMS_ANY))
		return tool_warn_result(t, "%s", text);
	/* No warning to keep: merged with the other parts it would be wrong. */
	if (wanted == FILTER_ITEMS_PART || any)
		tool_warn(t, "%s: the result is one of a part", text);
	return 0;
}

/* 1 if the last entries are what filter_sign() would add, but for their parents; 0; -1. */
static int is_signed(struct tool *t, const struct ndr_provenance *p)
{
	if (t->no_provenance || t->warnings > 0)
		return 0;
	return ndr_provenance_ends_with(p, t->name, NDPIPE_VERSION, tool_details(t), &t->error);
}

int filter_reduce(struct tool *t, const struct filter *f, struct ndr_segment *all)
{
	struct ndr_union u = {0};
	struct ndr_segment *s;
	struct run r = {.is_held = -1};
	int more = -1;

	*all = (struct ndr_segment){0};
	if (run_open(&r, t, f) == 0)
		r.reader = ndr_open(t->operands, t->operand_count, t->most_label_pixels,
		                    &t->error);
	while (r.reader && (more = ndr_next_segment(r.reader, &s, &t->error)) == 1) {
		start_reading(&r, s->range.most);
		if (ndr_union_add(&u, s, ndr_reader_name(r.reader), &t->error) < 0 ||
		    (f->segment && f->segment(f->ctx, s, &t->error) < 0) ||
		    run_segment(&r, read_slot, reduce_slot, pass_slot) < 0) {
			more = -1;
			break;
		}
		r.found += count_consumed(&r);
		ndr_union_end(&u, s);
	}
	if (more == 0)
		more = check_found(&r);
	run_close(&r);
	if (more == 0)
		more = filter_check_items(t, f->wanted, &u);
	if (more == 0 && f->end)
		more = f->end(f->ctx, &u.all, &t->error);
	*all = u.all;
	all->range.minor = 0; /* what goes out is of the caller's making */
	all->range.half = false;
	free(u.part);
	if (more == 0 && f->joins && f->joins(f->ctx))
		more = is_signed(t, &all->provenance);
	if (more != 0)
		return more < 0 ? -1 : 0;
	return filter_sign(t, &all->provenance);
}

bool filter_can_repeat(const struct tool *t)
{
	struct stat s;

	for (size_t i = 0; i < t->operand_count; i++)
		if (strcmp(t->operands[i], "-") == 0 || stat(t->operands[i], &s) < 0 ||
		    !S_ISREG(s.st_mode))
			return false;
	return t->operand_count > 0;
}

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

/* ---- generator ---- */

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
	count_item(r, out);
	return ndr_write_item(r->writer, out, e);
}

int filter_generate(struct tool *t, const struct filter *f, const struct ndr_range *range,
                    const struct ndr_meta *meta)
{
	struct ndr_provenance provenance = {0};
	struct run r = {.is_held = -1};
	int status = -1;

	if (run_open(&r, t, f) < 0 || filter_sign(t, &provenance) < 0 || open_writer(&r) < 0)
		goto out;
	r.next = range->first;
	r.end = range->end;
	r.total = range->most;
	if (ndr_begin(r.writer, range, meta, &provenance, &t->error) < 0 ||
	    run_segment(&r, number_slot, generate_slot, emit_slot) < 0)
		goto out;
	status = ndr_end(r.writer, f->flags ? f->flags(f->ctx) : 0, &t->error);
out:
	ndr_provenance_free(&provenance);
	run_close(&r);
	return status;
}
