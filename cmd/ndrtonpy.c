/* ndrtonpy.c -- the records of one type as one NumPy array.
 *
 *	any type -> NPY: see stage/array.h */
#include "filter/filter.h"
#include "stage/array.h"
#include "options.h"

static int type;
static const char *layer, *category;
static uint64_t only = NDR_NO_ITEM;
static bool incomplete;

static const struct tool_option options[] = {
        {.name = "type",
         .kind = TOOL_CHOICE,
         .value = &type,
         .argument = ARRAY_KINDS,
         .help = "which records",
         .required = true},
        {.name = "layer",
         .letter = 'l',
         .kind = TOOL_TEXT,
         .value = &layer,
         .argument = "NAME",
         .help = "of which layer [the only one]",
         .local = true},
        {.name = "item",
         .kind = TOOL_COUNT,
         .value = &only,
         .argument = "N",
         .help = "of this item only [all]",
         .high = NDR_NO_ITEM - 1.0,
         .local = true},
        {.name = "category",
         .kind = TOOL_TEXT,
         .value = &category,
         .argument = "NAME",
         .help = "labels of this category only [all]",
         .local = true},
        OPTION_INCOMPLETE(&incomplete),
        {0},
};

static const struct tool_usage usage = {
        .operands = "[FILE...]",
        .summary = "Write the records of one type, stacked, as a NumPy array.",
        .example = "ndrtonpy --type act conv5.ndr > conv5.npy",
        .unused = TOOL_THREADS | TOOL_VERBOSE | TOOL_PROGRESS | TOOL_PROVENANCE,
};

static int read_all(struct array *a, struct ndr_union *u, struct ndr_reader *in,
                    struct error *e)
{
	struct ndr_item item = {0};
	struct ndr_segment *segment;
	int more;

	while ((more = ndr_next_segment(in, &segment, e)) == 1) {
		if (array_segment(a, &segment->meta, ndr_reader_name(in), e) < 0 ||
		    (u && ndr_union_add(u, segment, ndr_reader_name(in), e) < 0))
			break;
		while ((more = ndr_read_item(in, &item, e)) == 1)
			if (array_add(a, &item, e) < 0)
				break;
		if (more != 0)
			break;
		if (u)
			ndr_union_end(u, segment);
	}
	ndr_item_free(&item);
	return more == 0 ? 0 : -1;
}

/* The array, of all items whole only if the data set is, or if it is that of one part. */
static int fill(struct tool *t, struct array *a, struct ndr_reader *in)
{
	const bool all = only == NDR_NO_ITEM && array_is_of_items((enum array_kind)type);
	struct ndr_union u = {0};
	int status = read_all(a, all ? &u : NULL, in, &t->error);

	if (status == 0 && all)
		status = filter_check_items(t,
		                            incomplete     ? FILTER_ITEMS_ANY
		                            : u.parts == 1 ? FILTER_ITEMS_PART
		                                           : FILTER_ITEMS_ALL,
		                            &u);
	ndr_union_free(&u);
	return status == 0 ? array_finish(a, &t->error) : -1;
}

static int run(struct tool *t)
{
	struct array a = {.choice = {.kind = (enum array_kind)type,
	                             .layer = layer,
	                             .category = category,
	                             .item = (uint32_t)only},
	                  .name = tool_output_name(t),
	                  .spool = tool_spool,
	                  .most_label_pixels = t->most_label_pixels};
	struct ndr_reader *in;
	int status = -1;

	if (type == ARRAY_LABEL && only == NDR_NO_ITEM)
		return error_set(&t->error, EXIT_USAGE,
		                 "--type label: label maps do not stack, choose with --item");
	a.fd = tool_output(t, true);
	if (a.fd < 0)
		return -1;
	in = ndr_open(t->operands, t->operand_count, t->most_label_pixels, &t->error);
	if (in)
		status = fill(t, &a, in);
	if (array_close(&a, &t->error) < 0)
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
