/* npytondr.c -- a NumPy array as a stream of images or activations.
 *
 *	(N, H, W, 3) u8 -> ITEM, IMAGE      (N, units, h, w) f32, f64, u8 -> ITEM, ACT
 *
 * With --like, the items, their labels and what META says of them come from
 * another stream, of which each row of the array belongs to an item. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/finite.h"
#include "base/memory.h"
#include "table/npy.h"
#include "record/ndr.h"
#include "filter/filter.h"

enum { AS_IMAGE, AS_ACT };

static struct {
	int as;
	const char *layer, *like, *input, *offset, *stride, *size;
	bool keep_images;
} o;

static const struct tool_option options[] = {
        {.name = "as",
         .kind = TOOL_CHOICE,
         .value = &o.as,
         .argument = "image|act",
         .help = "what the array holds",
         .required = true},
        {.name = "layer",
         .letter = 'l',
         .kind = TOOL_TEXT,
         .value = &o.layer,
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
         .value = &o.input,
         .argument = "H,W",
         .help = "size of the network's input in pixels"},
        {.name = "offset",
         .kind = TOOL_TEXT,
         .value = &o.offset,
         .argument = "Y,X",
         .help = "centre of the first cell in it"},
        {.name = "stride",
         .kind = TOOL_TEXT,
         .value = &o.stride,
         .argument = "Y,X",
         .help = "from one cell to the next in it"},
        {.name = "size",
         .kind = TOOL_TEXT,
         .value = &o.size,
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
	FILE *file;
	const char *name; /* of the array's file */
	struct npy array;
	size_t element, values; /* bytes of a number; numbers in a row */
	unsigned char *row;
	struct ndr_record record; /* what a row becomes */
	struct ndr_reader *like;  /* or NULL */
	const struct ndr_segment *like_segment;
	struct ndr_segment segment;
	struct ndr_item from, item;
	struct ndr_writer *out;
};

/* ---- the array ---- */

static int check_array(struct job *j, struct error *e)
{
	const struct npy *a = &j->array;
	const bool image = o.as == AS_IMAGE, f4 = strcmp(a->descr, "<f4") == 0,
	           f8 = strcmp(a->descr, "<f8") == 0, u1 = strcmp(a->descr, "|u1") == 0;
	size_t values = 1;

	if (a->fortran_order)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: array in Fortran order: save "
		                 "numpy.ascontiguousarray() of it",
		                 j->name);
	if (image ? !u1 : !(f4 || f8 || u1))
		return error_set(e, EXIT_MALFORMED, "%s: array of '%s', not of %s", j->name,
		                 a->descr, image ? "'|u1'" : "'<f4', '<f8' or '|u1'");
	if (image ? a->ndim != 4 || a->shape[3] != 3 : a->ndim != 2 && a->ndim != 4)
		return error_set(e, EXIT_MALFORMED, "%s: array is not of shape %s", j->name,
		                 image ? "(N, height, width, 3)"
		                       : "(N, units, height, width) or (N, units)");
	j->element = f4 ? 4 : f8 ? 8 : 1;
	j->record = (struct ndr_record){.type = image ? NDR_IMAGE : NDR_ACT,
	                                .dtype = image ? NDR_U8 : NDR_F32,
	                                .ndim = 3,
	                                .dims = {1, 1, 1}};
	for (unsigned i = 1; i < a->ndim; i++) {
		j->record.dims[i - 1] = (uint32_t)a->shape[i];
		if (a->shape[i] == 0 || a->shape[i] > INT32_MAX ||
		    !size_multiply(values, a->shape[i], &values))
			return error_set(e, EXIT_MALFORMED, "%s: array is too large or empty",
			                 j->name);
	}
	if (values > 1 << 28 || a->shape[0] >= NDR_NO_ITEM)
		return error_set(e, EXIT_MALFORMED, "%s: array is too large", j->name);
	j->values = values;
	j->row = memory_new(values, j->element, e);
	return j->row ? 0 : -1;
}

static int open_array(struct job *j, struct error *e)
{
	const struct tool *t = j->tool;

	j->file = stdin;
	j->name = "<stdin>";
	if (t->operand_count && strcmp(t->operands[0], "-") != 0) {
		j->name = t->operands[0];
		j->file = fopen(j->name, "rbe");
		if (!j->file)
			return error_errno(e, "%s", j->name);
	}
	return npy_read(j->file, &j->array, j->name, e) < 0 ? -1 : check_array(j, e);
}

static int read_row(struct job *j, uint64_t row, struct error *e)
{
	if (fread(j->row, j->element, j->values, j->file) == j->values)
		return 0;
	if (ferror(j->file))
		return error_errno(e, "%s", j->name);
	return error_set(e, EXIT_TRUNCATED, "%s: truncated within row %" PRIu64, j->name, row);
}

/* The row's numbers as float32. */
static int convert_row(const struct job *j, uint64_t row, float *to, struct error *e)
{
	const float *f4 = (const void *)j->row;
	const double *f8 = (const void *)j->row;
	const size_t cells = j->values / j->record.dims[0];
	size_t at;

	for (size_t i = 0; i < j->values; i++)
		to[i] = j->element == 4   ? f4[i]
		        : j->element == 8 ? (float)f8[i]
		                          : (float)j->row[i];
	at = finite_prefix(to, j->values);
	if (at == j->values)
		return 0;
	if (j->element == 8 && isfinite(f8[at]))
		return error_set(e, EXIT_MALFORMED,
		                 "%s: row %" PRIu64
		                 ", value %zu: %g does not fit float32 (item %u, unit %zu)",
		                 j->name, row, at, f8[at], j->item.number, at / cells);
	return error_set(e, EXIT_MALFORMED,
	                 "%s: row %" PRIu64 ", value %zu: NaN or infinity (item %u, unit %zu)",
	                 j->name, row, at, j->item.number, at / cells);
}

/* ---- META ---- */

/* "8" for both axes, or "8,9". */
static int parse_two(const char *option, const char *text, double v[2], struct error *e)
{
	char *end;

	if (!text)
		return 0;
	v[0] = v[1] = strtod(text, &end);
	if (end != text && *end == ',') {
		text = end + 1;
		v[1] = strtod(text, &end);
	}
	if (end == text || *end || !isfinite(v[0]) || !isfinite(v[1]))
		return error_set(e, EXIT_USAGE, "--%s: not a number, or two and a comma",
		                 option);
	return 0;
}

static int describe_layer(struct job *j, struct error *e)
{
	struct ndr_meta *m = &j->segment.meta;
	int old = o.layer ? ndr_meta_find_layer(m, o.layer) : m->layers == 1 ? 0 : -1;
	struct ndr_layer l = old < 0 ? (struct ndr_layer){0} : m->layer[old];
	double input[2] = {l.input[0], l.input[1]};
	struct ndr_meta keep = {0};
	int status;

	if (o.layer)
		l.name = (char *)o.layer;
	if (!l.name || !*l.name)
		return error_set(e, EXIT_USAGE,
		                 "--as act needs -l NAME, unless --like has one layer");
	l.units = j->record.dims[0];
	l.height = j->record.dims[1];
	l.width = j->record.dims[2];
	if (parse_two("input", o.input, input, e) < 0 ||
	    parse_two("offset", o.offset, l.offset, e) < 0 ||
	    parse_two("stride", o.stride, l.stride, e) < 0 ||
	    parse_two("size", o.size, l.size, e) < 0)
		return -1;
	for (int i = 0; i < 2; i++) {
		if (input[i] < 0 || input[i] > INT32_MAX || input[i] != floor(input[i]))
			return error_set(e, EXIT_USAGE, "--input: not a size in pixels");
		l.input[i] = (uint32_t)input[i];
	}
	status = ndr_meta_add_layer(&keep, &l, e); /* its strings are about to go */
	ndr_meta_clear_layers(m);
	if (status == 0)
		status = ndr_meta_add_layer(m, &keep.layer[0], e);
	ndr_meta_free(&keep);
	return status;
}

static int open_like(struct job *j, struct error *e)
{
	struct ndr_segment *s;

	if (!o.like) {
		const uint32_t n = (uint32_t)j->array.shape[0];

		j->segment.range = (struct ndr_range){.end = n, .most = n};
		j->segment.meta.items = n;
		return 0;
	}
	j->like = ndr_open(&(char *){(char *)o.like}, 1, j->tool->most_label_pixels, e);
	if (!j->like || ndr_next_segment(j->like, &s, e) < 1)
		return -1;
	j->like_segment = s;
	j->segment.range = s->range;
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
	const unsigned images = o.keep_images && o.as == AS_ACT ? NDR_ACT : NDR_IMAGE;
	const unsigned but[] = {NDR_ITEM, NDR_ACT, NDR_SEG, images, 0};

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
	if (o.as == AS_IMAGE) {
		info.image_height = j->record.dims[0];
		info.image_width = j->record.dims[1];
	}
	if (ndr_item_add_info(&j->item, &info, e) < 0)
		return -1;
	if (o.as == AS_ACT && j->like && copy_like(j, e) < 0)
		return -1;
	data = ndr_item_add(&j->item, &j->record, e);
	if (!data)
		return -1;
	if (o.as == AS_ACT)
		return convert_row(j, row, data, e);
	memcpy(data, j->row, j->values);
	return j->like ? copy_like(j, e) : 0;
}

static int wrong_number(const struct job *j, const char *has, struct error *e)
{
	return error_set(e, EXIT_MALFORMED, "%s has %s items than %s rows (%" PRIu64 ")",
	                 o.like, has, j->name, j->array.shape[0]);
}

static int write_items(struct job *j, struct error *e)
{
	const uint64_t rows = j->array.shape[0];
	int more = 1;

	for (uint64_t row = 0; row < rows; row++) {
		if (j->like && (more = next_like(j, e)) <= 0)
			return more < 0 ? -1 : wrong_number(j, "fewer", e);
		if (read_row(j, row, e) < 0 || make_item(j, row, e) < 0 ||
		    ndr_write_item(j->out, &j->item, e) < 0)
			return -1;
		tool_progress(j->tool, row + 1, rows);
	}
	if (fgetc(j->file) != EOF)
		return error_set(e, EXIT_MALFORMED, "%s: bytes after the array", j->name);
	if (j->like && (more = next_like(j, e)) != 0)
		return more < 0 ? -1 : wrong_number(j, "more", e);
	return ndr_end(j->out, j->segment.flags, e);
}

static int convert(struct job *j, struct error *e)
{
	int fd;

	if (open_array(j, e) < 0 || open_like(j, e) < 0 ||
	    (o.as == AS_ACT && describe_layer(j, e) < 0) ||
	    filter_sign(j->tool, &j->segment.provenance) < 0)
		return -1;
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
	if (j.file && j.file != stdin)
		fclose(j.file);
	free(j.row);
	ndr_item_free(&j.from);
	ndr_item_free(&j.item);
	filter_release(&j.segment);
	ndr_close(j.like);
	ndr_destroy(j.out);
	return tool_finish(&t, status);
}
