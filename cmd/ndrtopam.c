/* ndrtopam.c -- the images or label maps of a stream for netpbm.
 *
 *	IMAGE -> PPM, or LABEL or a unit's masks in SEG -> PGM of maxval 65535, one after the
 *	other */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "filter/filter.h"
#include "image/pnm.h"
#include "stage/layer.h"
#include "options.h"

enum { IMAGES, LABELS, MASKS };

static struct {
	int type;
	const char *category, *layer;
	uint64_t unit; /* from 1 */
} o;
static bool incomplete;

static const struct tool_option options[] = {
        {.name = "type",
         .kind = TOOL_CHOICE,
         .value = &o.type,
         .argument = "image|label|seg",
         .help = "which records [image]"},
        {.name = "category",
         .kind = TOOL_TEXT,
         .value = &o.category,
         .argument = "NAME",
         .help = "with --type label: only this one [all]"},
        {.name = "unit",
         .kind = TOOL_COUNT,
         .value = &o.unit,
         .argument = "N",
         .help = "with --type seg: whose masks, from 1",
         .low = 1,
         .high = UINT32_MAX},
        {.name = "layer",
         .letter = 'l',
         .kind = TOOL_TEXT,
         .value = &o.layer,
         .argument = "NAME",
         .help = "with --type seg: of which layer [the only one]"},
        OPTION_INCOMPLETE(&incomplete),
        {0},
};

static const struct tool_usage usage = {
        .operands = "[FILE...]",
        .summary = "Write the images of a stream as PPM pictures, one after the other.",
        .example = "ndrtopam images.ndr | pamsplit - image%d.ppm",
        .unused = TOOL_THREADS | TOOL_VERBOSE | TOOL_PROGRESS | TOOL_PROVENANCE,
};

/* Which records a segment's are. */
struct wanted {
	uint32_t group; /* or NDR_ANY_GROUP */
	uint32_t units; /* of the layer */
};

static int find_category(const struct ndr_meta *m, const char *input, struct wanted *w,
                         struct error *e)
{
	for (size_t i = 0; o.category && i < m->categories; i++)
		if (strcmp(m->category[i], o.category) == 0)
			w->group = (uint32_t)i;
	if (o.category && w->group == NDR_ANY_GROUP)
		return error_set(e, EXIT_USAGE, "%s: no category '%.80s'", input, o.category);
	return 0;
}

static int find_unit(const struct ndr_meta *m, const char *input, struct wanted *w,
                     struct error *e)
{
	if (layer_choose(m, o.layer, &w->group, e) < 0)
		return -1;
	w->units = m->layer[w->group].units;
	if (o.unit > w->units)
		return error_set(e, EXIT_USAGE, "%s: layer %.80s has %" PRIu32 " units", input,
		                 m->layer[w->group].name, w->units);
	return 0;
}

static int write_labels(FILE *out, const char *name, const struct ndr_record *rec,
                        struct error *e)
{
	const uint16_t *map = rec->data;
	const uint32_t height = rec->dims[1], width = rec->dims[2];

	for (uint32_t i = 0; i < rec->dims[0]; i++, map += (size_t)height * width)
		if (pnm_write_grey(out, map, height, width, name, e) < 0)
			return -1;
	return 0;
}

/* White where the unit is active. */
static int write_mask(FILE *out, const char *name, const struct ndr_record *rec, uint32_t units,
                      struct error *e)
{
	const uint64_t *bitmap = NULL;
	struct ndr_seg seg;
	uint16_t *map;
	size_t pixels;
	int status;

	if (ndr_seg_parse(rec, units, &seg, e) < 0)
		return -1;
	for (uint32_t i = 0; i < seg.count; i++)
		if (seg.unit[i] == o.unit - 1)
			bitmap = seg.bitmap + (size_t)i * seg.words;
	pixels = (size_t)seg.height * seg.width;
	map = memory_new(pixels, sizeof *map, e);
	for (size_t p = 0; map && bitmap && p < pixels; p++)
		map[p] = bitmap[p / 64] >> p % 64 & 1 ? UINT16_MAX : 0;
	status = map ? pnm_write_grey(out, map, seg.height, seg.width, name, e) : -1;
	free(map);
	return status;
}

static const unsigned record_of[] = {NDR_IMAGE, NDR_LABEL, NDR_SEG};

/* 1 if it is one of those asked for, or 0, or -1. */
static int write_record(FILE *out, const char *name, const struct ndr_record *rec,
                        const struct wanted *w, struct error *e)
{
	int status;

	if (rec->type != record_of[o.type] ||
	    (w->group != NDR_ANY_GROUP && rec->group != w->group))
		return 0;
	if (o.type == IMAGES)
		status = pnm_write_rgb(out, rec->data, rec->dims[0], rec->dims[1], name, e);
	else if (o.type == LABELS)
		status = write_labels(out, name, rec, e);
	else
		status = write_mask(out, name, rec, w->units, e);
	return status < 0 ? -1 : 1;
}

static int find_wanted(const struct ndr_meta *m, const char *input, struct wanted *w,
                       struct error *e)
{
	*w = (struct wanted){.group = NDR_ANY_GROUP};
	return o.type == MASKS ? find_unit(m, input, w, e) : find_category(m, input, w, e);
}

static int write_stream(struct tool *t, struct ndr_reader *in, struct ndr_union *u, FILE *out)
{
	static const char *const words[] = {"images", "such label maps", "masks"};
	const char *name = tool_output_name(t), *input;
	struct ndr_segment *segment;
	struct ndr_record rec;
	struct wanted wanted;
	int more, written = 0, any = 0;

	while ((more = ndr_next_segment(in, &segment, &t->error)) == 1) {
		input = ndr_reader_name(in);
		/* Images that are of no data set can come from anywhere. */
		if ((segment->meta.items > 0 &&
		     ndr_union_add(u, segment, input, &t->error) < 0) ||
		    find_wanted(&segment->meta, input, &wanted, &t->error) < 0)
			return -1;
		while ((more = ndr_read(in, &rec, &t->error)) == 1) {
			written = write_record(out, name, &rec, &wanted, &t->error);
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
		                 words[o.type]);
	if (more == 0)
		more = filter_check_items(
		        t, incomplete ? FILTER_ITEMS_PART_ANY : FILTER_ITEMS_PART_ASKED, u);
	return more;
}

static int run(struct tool *t)
{
	struct ndr_reader *in;
	struct ndr_union u = {0};
	int fd, status = -1;
	FILE *out;

	if ((o.type == MASKS) != (o.unit > 0) || (o.layer && o.type != MASKS))
		return error_set(&t->error, EXIT_USAGE,
		                 o.type == MASKS ? "--type seg needs --unit"
		                                 : "--unit and --layer go with --type seg");
	in = ndr_open(t->operands, t->operand_count, t->most_label_pixels, &t->error);
	fd = in ? tool_output(t, true) : -1;
	out = fd < 0 ? NULL : fdopen(dup(fd), "wb");
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
