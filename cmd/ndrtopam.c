/* ndrtopam.c -- the images or label maps of a stream for netpbm.
 *
 *	IMAGE -> PPM, or LABEL -> PGM of maxval 65535, one after the other */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "filter/filter.h"
#include "image/pnm.h"
#include "options.h"

enum { IMAGES, LABELS };

static struct {
	int type;
	const char *category;
} o;
static bool incomplete;

static const struct tool_option options[] = {
        {.name = "type",
         .kind = TOOL_CHOICE,
         .value = &o.type,
         .argument = "image|label",
         .help = "which records [image]"},
        {.name = "category",
         .kind = TOOL_TEXT,
         .value = &o.category,
         .argument = "NAME",
         .help = "with --type label: only this one [all]"},
        OPTION_INCOMPLETE(&incomplete),
        {0},
};

static const struct tool_usage usage = {
        .operands = "[FILE...]",
        .summary = "Write the images of a stream as PPM pictures, one after the other.",
        .example = "ndrtopam images.ndr | pamsplit - image%d.ppm",
        .unused = TOOL_THREADS | TOOL_VERBOSE | TOOL_PROGRESS | TOOL_PROVENANCE,
};

/* The category asked for; -1: all. */
static int find_category(const struct ndr_meta *m, const char *input, int *category,
                         struct error *e)
{
	*category = -1;
	if (!o.category)
		return 0;
	for (size_t i = 0; i < m->categories; i++)
		if (strcmp(m->category[i], o.category) == 0)
			*category = i;
	if (*category < 0)
		return error_set(e, EXIT_USAGE, "%s: no category '%.80s'", input, o.category);
	return 0;
}

/* 1 if it is one of those asked for, or 0, or -1. */
static int write_record(FILE *out, const char *name, const struct ndr_record *rec, int category,
                        struct error *e)
{
	const uint16_t *map = rec->data;
	uint32_t height = rec->dims[1], width = rec->dims[2];

	if (o.type == IMAGES && rec->type == NDR_IMAGE)
		return pnm_write_rgb(out, rec->data, rec->dims[0], rec->dims[1], name, e) < 0
		               ? -1
		               : 1;
	if (o.type == IMAGES || rec->type != NDR_LABEL ||
	    (category >= 0 && rec->group != (uint32_t)category))
		return 0;
	for (uint32_t layer = 0; layer < rec->dims[0]; layer++, map += (size_t)height * width)
		if (pnm_write_grey(out, map, height, width, name, e) < 0)
			return -1;
	return 1;
}

static int write_stream(struct tool *t, struct ndr_reader *in, struct ndr_union *u, FILE *out)
{
	const char *name = tool_output_name(t), *input;
	struct ndr_segment *segment;
	struct ndr_record rec;
	int more, category, written = 0, any = 0;

	while ((more = ndr_next_segment(in, &segment, &t->error)) == 1) {
		input = ndr_reader_name(in);
		/* Images that are of no data set can come from anywhere. */
		if ((segment->meta.items > 0 &&
		     ndr_union_add(u, segment, input, &t->error) < 0) ||
		    find_category(&segment->meta, input, &category, &t->error) < 0)
			return -1;
		while ((more = ndr_read(in, &rec, &t->error)) == 1) {
			written = write_record(out, name, &rec, category, &t->error);
			if (written < 0)
				return -1;
			any |= written;
		}
		if (more < 0)
			return -1;
		if (segment->meta.items > 0)
			ndr_union_end(u, segment);
	}
	if (more == 0 && !any)
		return error_set(&t->error, EXIT_MALFORMED, "no %s in the input",
		                 o.type == IMAGES ? "images" : "such label maps");
	if (more == 0)
		more = filter_check_items(
		        t, incomplete ? FILTER_ITEMS_PART_ANY : FILTER_ITEMS_PART_ASKED, u);
	return more;
}

static int run(struct tool *t)
{
	struct ndr_reader *in =
	        ndr_open(t->operands, t->operand_count, t->most_label_pixels, &t->error);
	int fd = in ? tool_output(t, true) : -1;
	FILE *out = fd < 0 ? NULL : fdopen(dup(fd), "wb");
	struct ndr_union u = {0};
	int status = -1;

	if (out)
		status = write_stream(t, in, &u, out);
	else if (fd >= 0)
		error_errno(&t->error, "%s", tool_output_name(t));
	if (out && fclose(out) != 0 && status == 0)
		status = error_errno(&t->error, "%s", tool_output_name(t));
	ndr_close(in);
	ndr_union_free(&u);
	return status;
}

int main(int argc, char *argv[])
{
	struct tool t;

	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, run(&t));
}
