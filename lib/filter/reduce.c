/* reduce.c -- items in, a summary at the end: see filter.h. */
#include "filter/run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

	filter_run_count(r, in);
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
	if (filter_run_open(&r, t, f) == 0)
		r.reader = ndr_open(t->operands, t->operand_count, t->most_label_pixels,
		                    &t->error);
	while (r.reader && (more = ndr_next_segment(r.reader, &s, &t->error)) == 1) {
		filter_run_start(&r, s->range.most);
		if (ndr_union_add(&u, s, ndr_reader_name(r.reader), &t->error) < 0 ||
		    (f->segment && f->segment(f->ctx, s, &t->error) < 0) ||
		    filter_run_segment(&r, filter_run_read, reduce_slot, pass_slot) < 0) {
			more = -1;
			break;
		}
		r.found += filter_run_consumed(&r);
		ndr_union_end(&u, s);
	}
	if (more == 0)
		more = filter_run_found(&r);
	filter_run_close(&r);
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
