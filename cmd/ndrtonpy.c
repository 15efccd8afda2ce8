/* ndrtonpy.c -- the records of one type as one NumPy array.
 *
 *	IMAGE -> (N, H, W, 3) u8      ACT -> (N, units, h, w) f32
 *	THRESH -> (units, 8) f64      SCORE -> (units, labels, 3) u64
 *	LABEL of one item -> (maps, sh, sw) u16
 *
 * N is known only in the end: see table/npy_writer.h. */
#include <inttypes.h>
#include <string.h>

#include "table/npy_writer.h"
#include "record/ndr.h"
#include "tool/tool.h"

enum { IMAGE, LABEL, ACT, THRESH, SCORE };

static struct {
	int type;
	const char *layer, *category;
	uint64_t item;
} o = {.item = NDR_NO_ITEM};

static const struct tool_option options[] = {
        {.name = "type",
         .kind = TOOL_CHOICE,
         .value = &o.type,
         .argument = "image|label|act|thresh|score",
         .help = "which records",
         .required = true},
        {.name = "layer",
         .letter = 'l',
         .kind = TOOL_TEXT,
         .value = &o.layer,
         .argument = "NAME",
         .help = "of which layer [the only one]",
         .local = true},
        {.name = "item",
         .kind = TOOL_COUNT,
         .value = &o.item,
         .argument = "N",
         .help = "of this item only [all]",
         .high = NDR_NO_ITEM - 1.0,
         .local = true},
        {.name = "category",
         .kind = TOOL_TEXT,
         .value = &o.category,
         .argument = "NAME",
         .help = "labels of this category only [all]",
         .local = true},
        {0},
};

static const struct tool_usage usage = {
        .operands = "[FILE...]",
        .summary = "Write the records of one type, stacked, as a NumPy array.",
        .example = "ndrtonpy --type act conv5.ndr > conv5.npy",
        .unused = TOOL_THREADS | TOOL_QUIET | TOOL_VERBOSE | TOOL_PROGRESS | TOOL_PROVENANCE,
};

static const struct {
	unsigned record;
	const char *descr, *name;
	bool of_layer, stacked;
} kinds[] = {
        [IMAGE] = {NDR_IMAGE, "|u1", "IMAGE", false, true},
        [LABEL] = {NDR_LABEL, "<u2", "LABEL", false, false},
        [ACT] = {NDR_ACT, "<f4", "ACT", true, true},
        [THRESH] = {NDR_THRESH, "<f8", "THRESH", true, false},
        [SCORE] = {NDR_SCORE, "<u8", "SCORE", true, false},
};

struct stack {
	struct tool *tool;
	struct npy_writer out; /* array.shape[0] grows when stacked, or when labels */
	bool begun;
	int64_t last;              /* item */
	uint32_t group;            /* the layer or category, or NDR_ANY_GROUP */
	struct ndr_item_info info; /* of the current item */
};

static int begin_array(struct stack *s, const struct ndr_record *rec, struct error *e)
{
	const unsigned stacked = kinds[o.type].stacked;
	int fd;

	s->out.array.ndim = rec->ndim + stacked;
	for (unsigned i = 0; i < rec->ndim; i++)
		s->out.array.shape[i + stacked] = rec->dims[i];
	if (stacked || o.type == LABEL)
		s->out.array.shape[0] = 0;
	strcpy(s->out.array.descr, kinds[o.type].descr);
	s->begun = true;
	fd = tool_output(s->tool, true);
	return fd < 0 ? -1
	              : npy_writer_open(&s->out, fd, tool_output_name(s->tool), tool_spool, e);
}

/* ---- records ---- */

static int find_group(struct stack *s, const struct ndr_meta *m, const char *input,
                      struct error *e)
{
	int layer = o.layer ? ndr_meta_find_layer(m, o.layer) : m->layers == 1 ? 0 : -1;

	s->group = NDR_ANY_GROUP;
	if (kinds[o.type].of_layer) {
		if (m->layers == 0)
			return error_set(e, EXIT_MALFORMED, "%s: no layers in the stream",
			                 input);
		if (layer < 0 && o.layer)
			return error_set(e, EXIT_USAGE, "%s: no layer '%.80s'", input, o.layer);
		if (layer < 0)
			return error_set(e, EXIT_USAGE, "%s: %zu layers: choose with --layer",
			                 input, m->layers);
		s->group = (uint32_t)layer;
	}
	if (o.type != LABEL || !o.category)
		return 0;
	for (size_t i = 0; i < m->categories; i++)
		if (strcmp(m->category[i], o.category) == 0)
			s->group = (uint32_t)i;
	if (s->group == NDR_ANY_GROUP)
		return error_set(e, EXIT_USAGE, "%s: no category '%.80s'", input, o.category);
	return 0;
}

/* A map over all pixels for each label of the whole image. */
static int spread_labels(struct stack *s, const struct ndr_record *rec, struct error *e)
{
	const size_t pixels = (size_t)s->info.label_height * s->info.label_width;
	const uint16_t *label = rec->data;

	for (uint32_t i = 0; i < rec->dims[0]; i++)
		if (npy_writer_repeat(&s->out, &label[i], sizeof *label, pixels, e) < 0)
			return -1;
	return 0;
}

static int take_record(struct stack *s, const struct ndr_record *rec, struct error *e)
{
	const uint64_t *shape = s->out.array.shape + kinds[o.type].stacked;
	struct ndr_record whole = *rec;

	if (o.type == LABEL) {
		whole.dims[1] = s->info.label_height;
		whole.dims[2] = s->info.label_width;
	}
	if (!s->begun) {
		if (begin_array(s, &whole, e) < 0)
			return -1;
	} else if (o.type == THRESH || o.type == SCORE) {
		return error_set(e, EXIT_MALFORMED, "several %s of the layer: see ndr-cat",
		                 kinds[o.type].name);
	}
	for (int i = 0; o.type == IMAGE && i < 2; i++)
		if (shape[i] != rec->dims[i])
			return error_set(e, EXIT_MALFORMED,
			                 "item %u: an image of %ux%u pixels does not stack on "
			                 "the first, of %" PRIu64 "x%" PRIu64 ": choose with "
			                 "--item",
			                 rec->item, rec->dims[1], rec->dims[0], shape[1],
			                 shape[0]);
	if (kinds[o.type].stacked)
		s->out.array.shape[0]++;
	if (o.type == LABEL)
		s->out.array.shape[0] += rec->dims[0];
	if (whole.dims[1] != rec->dims[1] || whole.dims[2] != rec->dims[2])
		return spread_labels(s, rec, e);
	return npy_writer_put(&s->out, rec->data, rec->length, e);
}

static int take_item(struct stack *s, const struct ndr_item *item, struct error *e)
{
	bool of_item = item->number != NDR_NO_ITEM;

	if (of_item && item->number <= s->last)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: item %u comes after item %" PRId64 ": see ndr-cat",
		                 item->input, item->number, s->last);
	if (of_item) {
		s->last = item->number;
		if (o.item != NDR_NO_ITEM && item->number != o.item)
			return 0;
		if (ndr_item_info(item, &s->info, e) < 0)
			return -1;
	}
	for (size_t i = 0; i < item->count; i++) {
		const struct ndr_record *rec = &item->record[i];

		if (rec->type == kinds[o.type].record &&
		    (s->group == NDR_ANY_GROUP || rec->group == s->group) &&
		    take_record(s, rec, e) < 0)
			return -1;
	}
	return 0;
}

static int take_stream(struct stack *s, struct ndr_reader *in, struct error *e)
{
	struct ndr_item item = {0};
	struct ndr_segment *segment;
	int more;

	while ((more = ndr_next_segment(in, &segment, e)) == 1) {
		if (find_group(s, &segment->meta, ndr_reader_name(in), e) < 0)
			break;
		while ((more = ndr_read_item(in, &item, e)) == 1)
			if (take_item(s, &item, e) < 0)
				break;
		if (more != 0)
			break;
	}
	ndr_item_free(&item);
	if (e->code != EXIT_OK)
		return -1;
	if (!s->begun)
		return error_set(e, EXIT_MALFORMED, "no %s records%s in the input",
		                 kinds[o.type].name,
		                 o.item == NDR_NO_ITEM ? "" : " of that item");
	return npy_writer_finish(&s->out, e);
}

static int run(struct tool *t)
{
	struct stack s = {.tool = t, .last = -1};
	struct ndr_reader *in;
	int status = -1;

	if (o.type == LABEL && o.item == NDR_NO_ITEM)
		return error_set(&t->error, EXIT_USAGE,
		                 "--type label: label maps do not stack, choose with --item");
	in = ndr_open(t->operands, t->operand_count, t->most_label_pixels, &t->error);
	if (in)
		status = take_stream(&s, in, &t->error);
	if (npy_writer_close(&s.out, &t->error) < 0)
		status = -1;
	ndr_close(in);
	return status;
}

int main(int argc, char *argv[])
{
	struct tool t;

	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, run(&t));
}
