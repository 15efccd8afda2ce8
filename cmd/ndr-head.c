/* ndr-head.c -- the first items of a stream, as a stream.
 *
 *	any -> the same records of the first N items; END with the subset flag */
#include "record/ndr.h"
#include "filter/filter.h"

static struct {
	uint64_t items;
} o = {.items = 10};

static const struct tool_option options[] = {
        {.name = "items",
         .letter = 'n',
         .kind = TOOL_COUNT,
         .value = &o.items,
         .argument = "N",
         .help = "how many items [10]",
         .high = NDR_NO_ITEM},
        {0},
};

static const struct tool_usage usage = {
        .operands = "[FILE...]",
        .summary = "Write the first items of a stream, and stop reading.",
        .example = "broden-synth | ndr-head -n 20 > scenes.ndr",
        .unused = TOOL_THREADS | TOOL_QUIET | TOOL_VERBOSE | TOOL_PROGRESS,
};

struct head {
	struct tool *tool;
	struct ndr_reader *in;
	struct ndr_writer *out;
	struct ndr_item item;
	uint64_t left; /* items still to write */
};

/* If items of the segment will be left out, and the input can be gone through
 * twice: let its range end with the last that will not. */
static int tighten(struct head *h, struct ndr_segment *s)
{
	struct error *e = &h->tool->error;
	uint32_t end = s->range.first;
	uint64_t left = h->left;
	int more;

	if (s->range.most <= left || !ndr_can_seek(h->in))
		return 0;
	while ((more = ndr_read_item(h->in, &h->item, e)) == 1) {
		if (h->item.number == NDR_NO_ITEM)
			continue;
		if (left-- == 0)
			break;
		end = h->item.number + 1;
	}
	if (more < 0 || ndr_seek(h->in, s->offset, e) < 0 || ndr_next_segment(h->in, &s, e) < 0)
		return -1;
	if (more)
		s->range.end = end;
	return 0;
}

/* One segment, or what is wanted of it; 0, or 1 if some was left out. */
static int copy_segment(struct head *h, struct ndr_segment *s)
{
	struct error *e = &h->tool->error;
	uint32_t end = s->range.cut > s->range.end ? s->range.cut : s->range.end;
	int more;

	if (tighten(h, s) < 0)
		return -1;
	if (s->range.most > h->left) {
		s->range.most = (uint32_t)h->left;
		s->range.cut = end;
	}
	if (filter_sign(h->tool, &s->provenance) < 0 ||
	    ndr_begin(h->out, &s->range, &s->meta, &s->provenance, e) < 0)
		return -1;
	while ((more = ndr_read_item(h->in, &h->item, e)) == 1) {
		if (h->item.number != NDR_NO_ITEM && h->left-- == 0)
			break;
		if (ndr_write_item(h->out, &h->item, e) < 0)
			return -1;
	}
	if (more < 0 || ndr_end(h->out, more ? NDR_SUBSET : s->flags, e) < 0)
		return -1;
	return more;
}

static int run(struct tool *t)
{
	struct head h = {.tool = t, .left = o.items};
	struct ndr_segment *s;
	int status = -1, fd;

	h.in = ndr_open(t->operands, t->operand_count, t->most_label_pixels, &t->error);
	if (h.in)
		status = ndr_next_segment(h.in, &s, &t->error);
	if (status == 1) {
		fd = tool_output(t, true);
		h.out = fd < 0 ? NULL : ndr_create(fd, tool_output_name(t), &t->error);
		status = h.out ? 1 : -1;
	}
	while (status == 1) {
		status = copy_segment(&h, s);
		if (status == 0 && h.left > 0)
			status = ndr_next_segment(h.in, &s, &t->error);
		else
			break;
	}
	ndr_item_free(&h.item);
	ndr_destroy(h.out);
	ndr_close(h.in);
	return status < 0 ? -1 : 0;
}

int main(int argc, char *argv[])
{
	struct tool t;

	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, run(&t));
}
