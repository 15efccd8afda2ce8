/* npytondr.c -- a NumPy array as a stream of images or activations.
 *
 *	(N, H, W, 3) u8 -> ITEM, IMAGE      (N, units, h, w) f32, f64, u8 -> ITEM, ACT
 *	(N, channels, H, W) f32, f64, u8 -> ITEM, PLANES
 *
 * With --like, the items, their labels and what META says of them come from
 * another stream, of which each row of the array belongs to an item. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "record/ndr.h"
#include "filter/filter.h"
#include "stage/layer.h"
#include "stage/rows.h"

enum { AS_IMAGE, AS_PLANES, AS_ACT };

/* In this order. */
static const unsigned types[] = {NDR_IMAGE, NDR_PLANES, NDR_ACT};

static struct {
	int as;
	const char *like;
	struct layer_text layer;
	bool keep_images;
} o;

static const struct tool_option options[] = {
        {.name = "as",
         .kind = TOOL_CHOICE,
         .value = &o.as,
         .argument = "image|planes|act",
         .help = "what the array holds",
         .required = true},
        {.name = "layer",
         .letter = 'l',
         .kind = TOOL_TEXT,
         .value = &o.layer.name,
         .argument = "NAME",
         .help = "name of the layer, for act [that of --like]"},
        {.name = "like",
         .kind = TOOL_TEXT,
         .value = &o.like,
         .argument = "FILE",
         .help = "take items and labels from this stream",
         .local = true},
        {.name = "keep-images",
         .kind = TOOL_FLAG,
         .value = &o.keep_images,
         .help = "take its images too"},
        {.name = "input",
         .kind = TOOL_TEXT,
         .value = &o.layer.input,
         .argument = "H,W",
         .help = "size of the network's input in pixels"},
        {.name = "offset",
         .kind = TOOL_TEXT,
         .value = &o.layer.offset,
         .argument = "Y,X",
         .help = "centre of the first cell in it"},
        {.name = "stride",
         .kind = TOOL_TEXT,
         .value = &o.layer.stride,
         .argument = "Y,X",
         .help = "from one cell to the next in it"},
        {.name = "size",
         .kind = TOOL_TEXT,
         .value = &o.layer.size,
         .argument = "Y,X",
         .help = "receptive field in it"},
        {0},
};

static const struct tool_usage usage = {
        .operands = "[FILE]",
        .max_operands = 1,
        .summary = "Read a NumPy array as a stream of images or activations.",
        .example = "npytondr --as act --like labels.ndr -l conv5 conv5.npy > conv5.ndr",
        .unused = TOOL_THREADS | TOOL_VERBOSE,
};

struct job {
	struct tool *tool;
	struct rows rows;
	struct ndr_reader *like; /* or NULL */
	const struct ndr_segment *like_segment;
	struct ndr_segment segment;
	struct ndr_item from, item;
	struct ndr_writer *out;
};

/* What is said of a layer is not passed over where none is written. */
static int check_options(struct error *e)
{
	const struct layer_text *l = &o.layer;
	const char *given = l->name         ? "--layer"
	                    : l->input      ? "--input"
	                    : l->offset     ? "--offset"
	                    : l->stride     ? "--stride"
	                    : l->size       ? "--size"
	                    : o.keep_images ? "--keep-images"
	                                    : NULL;

	return o.as == AS_ACT || !given
	               ? 0
	               : error_set(e, EXIT_USAGE, "%s goes with --as act", given);
}

/* ---- META ---- */

static int open_like(struct job *j, struct error *e)
{
	struct ndr_segment *s;

	if (!o.like) {
		const uint32_t n = (uint32_t)j->rows.array.shape[0];

		j->segment.range = (struct ndr_range){.end = n, .most = n};
		j->segment.meta.items = n;
		return 0;
	}
	j->like = ndr_open(&(char *){(char *)o.like}, 1, j->tool->most_label_pixels, e);
	if (!j->like || ndr_next_segment(j->like, &s, e) < 1)
		return -1;
	j->like_segment = s;
	j->segment.range = s->range;
	j->segment.range.half = false; /* the array's are of all bits */
	if (ndr_meta_copy(&j->segment.meta, &s->meta, e) < 0)
		return -1;
	return ndr_provenance_unite(&j->segment.provenance, &s->provenance, e);
}

/* ---- items ---- */

/* The next item of --like into from: 1, 0 after the last. */
static int next_like(struct job *j, struct error *e)
{
	struct ndr_segment *s;
	int more;

	do
		more = ndr_read_item(j->like, &j->from, e);
	while (more == 1 && j->from.number == NDR_NO_ITEM);
	if (more != 0)
		return more;
	j->segment.flags = j->like_segment->flags;
	more = ndr_next_segment(j->like, &s, e);
	return more <= 0 ? more
	                 : error_set(e, EXIT_MALFORMED, "%s: several segments: see ndr-cat",
	                             o.like);
}

static int copy_like(struct job *j, struct error *e)
{
	static const unsigned layers[] = {NDR_ITEM, NDR_ACT, NDR_SEG, 0},
	                      images[] = {NDR_ITEM, NDR_ACT, NDR_SEG, NDR_IMAGE, NDR_PLANES, 0};
	const unsigned *but = o.keep_images && o.as == AS_ACT ? layers : images;

	return filter_copy(&j->from, &j->item, but, e);
}

static int make_item(struct job *j, uint64_t row, struct error *e)
{
	struct ndr_item_info info = {0};
	char name[24];
	void *data;

	snprintf(name, sizeof name, "%" PRIu64, row);
	info.name = name;
	ndr_item_clear(&j->item, j->like ? j->from.number : (uint32_t)row);
	if (j->like && ndr_item_info(&j->from, &info, e) < 0)
		return -1;
	if (o.as != AS_ACT) {
		const uint32_t *size = j->rows.record.dims + (o.as == AS_PLANES);

		info.image_height = size[0];
		info.image_width = size[1];
	}
	if (ndr_item_add_info(&j->item, &info, e) < 0)
		return -1;
	if (o.as == AS_ACT && j->like && copy_like(j, e) < 0)
		return -1;
	data = ndr_item_add(&j->item, &j->rows.record, e);
	if (!data)
		return -1;
	if (o.as == AS_IMAGE)
		memcpy(data, j->rows.row, j->rows.values);
	else if (rows_floats(&j->rows, j->item.number, data, e) < 0)
		return -1;
	return o.as != AS_ACT && j->like ? copy_like(j, e) : 0;
}

static int wrong_number(const struct job *j, const char *has, struct error *e)
{
	return error_set(e, EXIT_MALFORMED, "%s has %s items than %s rows (%" PRIu64 ")",
	                 o.like, has, j->rows.name, j->rows.array.shape[0]);
}

static int write_items(struct job *j, struct error *e)
{
	const uint64_t rows = j->rows.array.shape[0];
	int more = 1;

	for (uint64_t row = 0; row < rows; row++) {
		if (j->like && (more = next_like(j, e)) <= 0)
			return more < 0 ? -1 : wrong_number(j, "fewer", e);
		if (rows_read(&j->rows, e) < 0 || make_item(j, row, e) < 0 ||
		    ndr_write_item(j->out, &j->item, e) < 0)
			return -1;
		tool_progress(j->tool, row + 1, rows);
	}
	if (rows_end(&j->rows, e) < 0)
		return -1;
	if (j->like && (more = next_like(j, e)) != 0)
		return more < 0 ? -1 : wrong_number(j, "more", e);
	return ndr_end(j->out, j->segment.flags, e);
}

static int convert(struct job *j, struct error *e)
{
	int fd;

	if (check_options(e) < 0 ||
	    rows_open(&j->rows, j->tool->operand_count ? j->tool->operands[0] : NULL,
	              types[o.as], tool_spool, e) < 0 ||
	    open_like(j, e) < 0 ||
	    (o.as == AS_ACT &&
	     layer_describe(&j->segment.meta, &o.layer, j->rows.record.dims, e) < 0) ||
	    filter_sign(j->tool, &j->segment.provenance) < 0)
		return -1;
	if (o.as == AS_PLANES)
		j->segment.range.minor = NDR_MINOR; /* which brought them */
	fd = tool_output(j->tool, true);
	j->out = fd < 0 ? NULL : ndr_create(fd, tool_output_name(j->tool), e);
	if (!j->out || ndr_begin(j->out, &j->segment.range, &j->segment.meta,
	                         &j->segment.provenance, e) < 0)
		return -1;
	return write_items(j, e);
}

int main(int argc, char *argv[])
{
	struct tool t;
	struct job j = {.tool = &t};
	int status;

	tool_start(&t, &usage, options, argc, argv);
	status = convert(&j, &t.error);
	rows_close(&j.rows);
	ndr_item_free(&j.from);
	ndr_item_free(&j.item);
	filter_release(&j.segment);
	ndr_close(j.like);
	ndr_destroy(j.out);
	return tool_finish(&t, status);
}
