/* ndr-cat.c -- shards of a stream, put together as if they had never been apart.
 *
 *	any -> items in order; SCORE and COUNT added up, TOP, SKETCH and others merged
 *
 * First all segments are found, by a look at their headers, and their order is
 * settled; then they are copied one after the other.  What cannot seek is
 * copied to a temporary file first. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "dissect/sketch.h"
#include "record/ndr.h"
#include "record/sums.h"
#include "filter/filter.h"

#define SKETCH_LIMIT (UINT64_C(8) << 30) /* bytes of memory for one layer's sketches */

static bool incomplete;

static const struct tool_option options[] = {
        {.name = "incomplete",
         .kind = TOOL_FLAG,
         .value = &incomplete,
         .help = "go on where items of the data set are missing"},
        {0},
};

static const struct tool_usage usage = {
        .operands = "[FILE...]",
        .summary = "Merge the parts of a stream, in whatever order they are given.",
        .example = "ndr-cat shard1.ndr shard2.ndr > whole.ndr",
        .unused = TOOL_THREADS | TOOL_VERBOSE | TOOL_PROVENANCE,
};

struct part {
	char *name;                 /* where to read it */
	const char *input;          /* where it came from, for messages */
	struct ndr_segment segment; /* offset is in name; META is c->meta */
	bool thresholds;
};

/* A layer's SKETCH records. */
struct sketch_sum {
	struct ndr_record record; /* one of them, of which the data is gone */
	struct sketch *sketch;
};

struct cat {
	struct tool *tool;
	int spool; /* -1: not needed yet */
	struct ndr_writer *spooler;
	struct part *part;
	size_t parts, capacity;
	struct ndr_meta meta; /* of all of them */
	struct ndr_union whole;
	struct ndr_writer *out;
	struct ndr_sums *sums;
	struct sketch_sum *sketch; /* in the order in which they came first */
	size_t sketches, sketch_capacity;
	uint64_t items;
};

/* ---- what there is ---- */

static int open_spool(struct cat *c, struct error *e)
{
	if (c->spooler)
		return 0;
	c->spool = tool_spool(e);
	if (c->spool >= 0)
		c->spooler = ndr_create(c->spool, "temporary file", e);
	return c->spooler ? 0 : -1;
}

/* Copy the segment to the temporary file, where p then finds it. */
static int spool_segment(struct cat *c, struct ndr_reader *in, const struct ndr_segment *s,
                         struct part *p, struct error *e)
{
	struct ndr_record rec;
	int more;

	if (open_spool(c, e) < 0)
		return -1;
	p->segment.offset = (uint64_t)lseek(c->spool, 0, SEEK_CUR);
	if (asprintf(&p->name, "/dev/fd/%d", c->spool) < 0) {
		p->name = NULL;
		return error_set(e, EXIT_SYSTEM, "no memory");
	}
	if (ndr_begin(c->spooler, &s->range, &s->meta, &s->provenance, e) < 0)
		return -1;
	while ((more = ndr_read(in, &rec, e)) == 1)
		if (ndr_write(c->spooler, &rec, e) < 0)
			return -1;
	return more < 0 ? -1 : ndr_end(c->spooler, s->flags, e);
}

static int add_part(struct cat *c, struct ndr_reader *in, const struct ndr_segment *s,
                    struct error *e)
{
	struct part *p;
	int status;

	if (memory_grow(&c->part, &c->capacity, c->parts + 1, sizeof *c->part, e) < 0)
		return -1;
	p = &c->part[c->parts++];
	p->input = ndr_reader_name(in);
	p->segment = *s;
	p->segment.meta = (struct ndr_meta){0};
	p->segment.provenance = (struct ndr_provenance){0};
	if (ndr_provenance_unite(&p->segment.provenance, &s->provenance, e) < 0)
		return -1;
	if (!ndr_can_seek(in)) {
		status = spool_segment(c, in, s, p, e);
	} else {
		p->name = memory_string(p->input, e);
		status = p->name ? ndr_skip(in, e) : -1;
	}
	p->segment.flags = s->flags;
	p->segment.items = s->items;
	p->thresholds = ndr_count(in, NDR_THRESH) > 0;
	return status;
}

static int find_parts(struct cat *c, struct error *e)
{
	struct ndr_reader *in = ndr_open(c->tool->operands, c->tool->operand_count,
	                                 c->tool->most_label_pixels, e);
	struct ndr_segment *s;
	int more = -1;

	while (in && (more = ndr_next_segment(in, &s, e)) == 1) {
		more = c->parts == 0
		               ? ndr_meta_copy(&c->meta, &s->meta, e)
		               : ndr_meta_agree(&c->meta, &s->meta, ndr_reader_name(in), e);
		if (more == 0)
			more = add_part(c, in, s, e);
		if (more < 0)
			break;
	}
	ndr_close(in);
	return more;
}

static int compare_parts(const void *a, const void *b)
{
	const struct ndr_range *x = &((const struct part *)a)->segment.range,
	                       *y = &((const struct part *)b)->segment.range;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return (x->end > y->end) - (x->end < y->end);
}

/* Into order; what the whole is. */
static int order_parts(struct cat *c, struct error *e)
{
	qsort(c->part, c->parts, sizeof *c->part, compare_parts);
	for (size_t i = 0; i < c->parts; i++) {
		struct part *p = &c->part[i];

		p->segment.meta = c->meta;
		if (p->thresholds && c->parts > 1)
			return error_set(e, EXIT_MALFORMED,
			                 "%s: thresholds (THRESH) of parts do not make those "
			                 "of the whole: merge activations or sketches",
			                 p->input);
		if (ndr_union_add(&c->whole, &p->segment, p->input, e) < 0)
			return -1;
		ndr_union_end(&c->whole, &p->segment);
	}
	return filter_check_items(
	        c->tool, incomplete ? FILTER_ITEMS_ANY : FILTER_ITEMS_PART_ASKED, &c->whole);
}

/* ---- what adds up ---- */

/* The layer's sketches so far. */
static struct sketch_sum *find_sketches(struct cat *c, const struct ndr_record *rec,
                                        struct error *e)
{
	struct sketch_sum *sum;

	for (size_t i = 0; i < c->sketches; i++)
		if (c->sketch[i].record.group == rec->group)
			return &c->sketch[i];
	if (memory_grow(&c->sketch, &c->sketch_capacity, c->sketches + 1, sizeof *c->sketch,
	                e) < 0)
		return NULL;
	sum = &c->sketch[c->sketches++];
	sum->record = *rec;
	sum->sketch = sketch_new(c->meta.layer[rec->group].units, SKETCH_LIMIT, e);
	return sum->sketch ? sum : NULL;
}

/* 1: rec has gone into a sum; 0: it is to be copied; or -1. */
static int sum_up(struct cat *c, const struct ndr_record *rec, struct error *e)
{
	struct sketch_sum *sum;

	if (c->parts == 1)
		return 0;
	if (rec->type != NDR_SKETCH)
		return ndr_sums_add(c->sums, rec, e);
	sum = find_sketches(c, rec, e);
	return sum && sketch_merge(sum->sketch, rec->data, rec->length, e) == 0 ? 1 : -1;
}

static int write_sketches(struct cat *c, const struct sketch_sum *sum, struct error *e)
{
	size_t units = c->meta.layer[sum->record.group].units;
	int status = 0;

	for (size_t unit = 0; unit < units && status == 0; unit++) {
		struct ndr_record rec = sum->record;
		size_t n = sketch_encoded_size(sum->sketch, unit);
		void *state = memory_new(n, 1, e);

		if (!state)
			return -1;
		sketch_encode(sum->sketch, unit, state);
		rec.dims[0] = (uint32_t)n;
		rec.data = state;
		if (sketch_samples(sum->sketch, unit) > 0)
			status = ndr_write(c->out, &rec, e);
		free(state);
	}
	return status;
}

static int write_sums(struct cat *c, struct error *e)
{
	if (ndr_sums_write(c->sums, c->out, e) < 0)
		return -1;
	for (size_t i = 0; i < c->sketches; i++)
		if (write_sketches(c, &c->sketch[i], e) < 0)
			return -1;
	return 0;
}

/* ---- copying ---- */

static int copy_records(struct cat *c, struct ndr_reader *in, struct error *e)
{
	struct ndr_record rec;
	int more;

	while ((more = ndr_read(in, &rec, e)) == 1) {
		int summed = sum_up(c, &rec, e);

		if (summed < 0 || (summed == 0 && ndr_write(c->out, &rec, e) < 0))
			return -1;
		c->items += rec.type == NDR_ITEM;
		tool_progress(c->tool, c->items, c->whole.all.items);
	}
	return more;
}

static int copy_part(struct cat *c, const struct part *p, struct error *e)
{
	struct ndr_reader *in = ndr_open(&(char *){p->name}, 1, c->tool->most_label_pixels, e);
	struct ndr_segment *s;
	int status = -1;

	if (in && ndr_seek(in, p->segment.offset, e) == 0) {
		status = ndr_next_segment(in, &s, e);
		if (status == 1)
			status = copy_records(c, in, e);
	}
	ndr_close(in);
	return status;
}

static int copy_all(struct cat *c, struct error *e)
{
	struct ndr_segment *all = &c->whole.all;
	int fd = tool_output(c->tool, true);

	c->out = fd < 0 ? NULL : ndr_create(fd, tool_output_name(c->tool), e);
	c->sums = ndr_sums_new(&c->meta, e);
	/* What is whole looks as if it had never been apart. */
	if (c->tool->warnings > 0 && filter_sign(c->tool, &all->provenance) < 0)
		return -1;
	if (!c->out || !c->sums ||
	    ndr_begin(c->out, &all->range, &all->meta, &all->provenance, e) < 0)
		return -1;
	for (size_t i = 0; i < c->parts; i++)
		if (copy_part(c, &c->part[i], e) < 0)
			return -1;
	return write_sums(c, e) < 0 ? -1 : ndr_end(c->out, all->flags, e);
}

static void release(struct cat *c)
{
	for (size_t i = 0; i < c->parts; i++) {
		ndr_provenance_free(&c->part[i].segment.provenance);
		free(c->part[i].name);
	}
	for (size_t i = 0; i < c->sketches; i++)
		sketch_free(c->sketch[i].sketch);
	free(c->sketch);
	ndr_sums_free(c->sums);
	free(c->part);
	free(c->whole.part);
	filter_release(&c->whole.all);
	ndr_meta_free(&c->meta);
	ndr_destroy(c->spooler);
	ndr_destroy(c->out);
	if (c->spool >= 0)
		close(c->spool);
}

int main(int argc, char *argv[])
{
	struct tool t;
	struct cat c = {.tool = &t, .spool = -1};
	int status = -1;

	tool_start(&t, &usage, options, argc, argv);
	if (find_parts(&c, &t.error) == 0 && order_parts(&c, &t.error) == 0)
		status = copy_all(&c, &t.error);
	release(&c);
	return tool_finish(&t, status);
}
