/* pamtondr.c -- pictures as a stream of images.
 *
 *	PBM, PGM, PPM, PAM, JPEG, PNG -> ITEM, IMAGE */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "image/orientation.h"
#include "image/pnm.h"
#include "record/ndr.h"
#include "tool/tool.h"

static bool stored;

static const struct tool_option options[] = {
        {.name = "stored",
         .kind = TOOL_FLAG,
         .value = &stored,
         .help = "take pixels as they are stored, not upright as the camera noted"},
        {0},
};

static const struct tool_usage usage = {
        .operands = "[FILE...]",
        .summary = "Read PNM and PAM pictures, several to a file, and JPEG and PNG as a stream "
                   "of images.",
        .example =
                "jpegtopnm cat.jpg | pamtondr | cnn-forward -m net.onnx -l conv5 > conv5.ndr",
        .unused = TOOL_THREADS | TOOL_QUIET | TOOL_PROGRESS | TOOL_LABEL_PIXELS,
};

struct state {
	struct tool *tool;
	struct ndr_writer *writer;
	struct ndr_provenance provenance;
	struct ndr_item item;
	uint32_t items; /* written so far */
};

/* The segment begins with the first image, so that a first image which is
 * broken leaves no output. */
static int write_image(struct state *s, const struct image *image, const char *name,
                       struct error *e)
{
	static const struct ndr_range any = {.end = NDR_UNBOUNDED, .most = NDR_UNBOUNDED};
	struct ndr_meta meta = {0};
	struct ndr_item_info info = {
	        .image_height = image->height, .image_width = image->width, .name = name};
	struct ndr_record r = {.type = NDR_IMAGE,
	                       .dtype = NDR_U8,
	                       .ndim = 3,
	                       .dims = {image->height, image->width, 3},
	                       .data = image->pixel};

	if (s->items == 0 && ndr_begin(s->writer, &any, &meta, &s->provenance, e) < 0)
		return -1;
	ndr_item_clear(&s->item, s->items++);
	if (ndr_item_add_info(&s->item, &info, e) < 0 || !ndr_item_add(&s->item, &r, e) ||
	    ndr_write_item(s->writer, &s->item, e) < 0)
		return -1;
	return 0;
}

static int first_byte(FILE *in)
{
	const int c = getc(in);

	if (c != EOF)
		ungetc(c, in);
	return c;
}

/* A JPEG or PNG file, which begins with a byte that no PNM picture has, holds one picture. */
static bool is_file_of_one(int first)
{
	return first == 0xff || first == 0x89;
}

static int refuse(FILE *in, const char *file, struct error *e)
{
	char head[64];
	const size_t n = fread(head, 1, sizeof head, in);

	return image_unknown(head, n, file, e);
}

static int copy_one(struct state *s, FILE *in, const char *file, struct error *e)
{
	struct text bytes = {0};
	struct image image;
	char remark[IMAGE_REMARK] = "";
	char block[1 << 16], *data;
	size_t n, length;
	int status = -1;

	while (bytes.length <= FILE_SIZE_MAX && (n = fread(block, 1, sizeof block, in)) > 0)
		text_bytes(&bytes, block, n);
	length = bytes.length;
	data = text_take(&bytes, file, e);
	if (ferror(in))
		error_errno(e, "%s", file);
	else if (length > FILE_SIZE_MAX)
		error_set(e, EXIT_MALFORMED, "%s: more than %zu bytes", file, FILE_SIZE_MAX);
	else if (data)
		status = image_decode(&image, remark, data, length, file, e);
	if (status == 0 && !stored) {
		status = image_turn(&image, image_orientation(data, length), e);
		if (status < 0)
			image_free(&image);
	}
	free(data);
	if (*remark)
		tool_note(s->tool, "%s: %s", file, remark);
	if (status < 0)
		return -1;
	status = write_image(s, &image, file, e);
	image_free(&image);
	return status;
}

/* Every picture of one file. */
static int copy_pictures(struct state *s, FILE *in, const char *file, struct error *e)
{
	struct image image;
	char place[256], name[256];
	const int first = first_byte(in);
	int more;

	if (is_file_of_one(first))
		return copy_one(s, in, file, e);
	if (first != 'P' && first != EOF)
		return refuse(in, file, e);
	for (unsigned i = 1;; i++) {
		snprintf(place, sizeof place, "%.200s: image %u", file, i);
		snprintf(name, sizeof name, i > 1 ? "%.200s#%u" : "%.200s", file, i);
		more = pnm_read(in, &image, place, e);
		if (more == 0 && i == 1)
			return error_set(e, EXIT_MALFORMED, "%s: no image", file);
		if (more <= 0)
			return more;
		more = write_image(s, &image, name, e);
		image_free(&image);
		if (more < 0)
			return -1;
	}
}

static int copy_file(struct state *s, const char *path, struct error *e)
{
	FILE *in;
	int status;

	if (strcmp(path, "-") == 0)
		return copy_pictures(s, stdin, "<stdin>", e);
	in = fopen(path, "rbe");
	if (!in)
		return error_errno(e, "%s", path);
	status = copy_pictures(s, in, path, e);
	fclose(in);
	return status;
}

static int copy_all(struct state *s, struct error *e)
{
	const struct tool *t = s->tool;

	if (!t->operand_count && copy_file(s, "-", e) < 0)
		return -1;
	for (size_t i = 0; i < t->operand_count; i++)
		if (copy_file(s, t->operands[i], e) < 0)
			return -1;
	return ndr_end(s->writer, 0, e);
}

static int run(struct tool *t)
{
	struct state s = {.tool = t};
	int fd = tool_output(t, true), status = -1;

	s.writer = fd < 0 ? NULL : ndr_create(fd, tool_output_name(t), &t->error);
	if (s.writer &&
	    (t->no_provenance || ndr_provenance_add(&s.provenance, t->name, NDPIPE_VERSION,
	                                            tool_details(t), &t->error) == 0))
		status = copy_all(&s, &t->error);
	ndr_destroy(s.writer);
	ndr_item_free(&s.item);
	ndr_provenance_free(&s.provenance);
	return status;
}

int main(int argc, char *argv[])
{
	struct tool t;

	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, run(&t));
}
