/* broden-synth.c -- rendered scenes with exact labels, as many as are wanted.
 *
 *	ITEM, IMAGE, LABEL */
#include "filter/filter.h"
#include "stage/scenes.h"
#include "options.h"

static struct {
	uint64_t seed, count, size;
	struct tool_shard shard;
	const char *categories;
	int kinds;
	bool no_images, no_labels;
} o = {.seed = 1, .size = 112, .shard = {1, 1}};

static const struct tool_option options[] = {
        {.name = "seed",
         .kind = TOOL_COUNT,
         .value = &o.seed,
         .argument = "S",
         .help = "of the random numbers [1]"},
        {.name = "count",
         .letter = 'n',
         .kind = TOOL_COUNT,
         .value = &o.count,
         .argument = "N",
         .help = "number of items; 0: go on until the reader has enough [0]",
         .high = NDR_NO_ITEM - 1},
        {.name = "kinds",
         .kind = TOOL_CHOICE,
         .value = &o.kinds,
         .argument = "10|40",
         .help = "kinds of scenes; of 40, four share a backdrop [10]"},
        {.name = "size",
         .kind = TOOL_COUNT,
         .value = &o.size,
         .argument = "S",
         .help = "S x S pixels; masks are half of that [112]",
         .low = SYNTH_SMALLEST,
         .high = SYNTH_LARGEST},
        OPTION_SHARD(&o.shard),
        OPTION_CATEGORIES(&o.categories),
        OPTION_NO_IMAGES(&o.no_images),
        OPTION_NO_LABELS(&o.no_labels),
        {0},
};

static const struct tool_usage usage = {
        .summary = "Write rendered scenes and their labels, the same ones for the same seed.",
        .example = "broden-synth -n 1000 > scenes.ndr",
        .unused = TOOL_VERBOSE | TOOL_LABEL_PIXELS,
};

static int make_item(void *scenes, const struct ndr_item *in, struct ndr_item *out,
                     size_t thread, struct error *e)
{
	(void)in;
	return scenes_item(scenes, thread, out, e);
}

static int choose_range(struct ndr_range *range, struct error *e)
{
	if (o.count == 0) {
		*range = (struct ndr_range){.end = NDR_UNBOUNDED, .most = NDR_UNBOUNDED};
		return o.shard.parts == 1 ? 0 : error_set(e, EXIT_USAGE, "--shard needs -n");
	}
	tool_shard_items(&o.shard, (uint32_t)o.count, &range->first, &range->end);
	range->most = range->end - range->first;
	return 0;
}

static int run(struct tool *t)
{
	const struct scenes_choice choice = {.seed = o.seed,
	                                     .count = o.count,
	                                     .size = (unsigned)o.size,
	                                     .kinds = (enum synth_kinds)o.kinds,
	                                     .categories = o.categories,
	                                     .images = !o.no_images,
	                                     .labels = !o.no_labels};
	struct scenes scenes = {0};
	struct filter f = {.item = make_item, .ctx = &scenes};
	struct ndr_meta meta = {0};
	struct ndr_range range = {0};
	int status = -1;

	if (choose_range(&range, &t->error) == 0 &&
	    scenes_open(&scenes, &choice, t->threads, &meta, &t->error) == 0)
		status = filter_generate(t, &f, &range, &meta);
	scenes_close(&scenes);
	ndr_meta_free(&meta);
	return status;
}

int main(int argc, char *argv[])
{
	struct tool t;

	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, run(&t));
}
