/* broden-cat.c -- a Broden directory as a stream of images and labels.
 *
 *	DIR -> ITEM, IMAGE, LABEL */
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broden/broden.h"
#include "image/image.h"
#include "filter/filter.h"

/* Keeps what lies between the two passes of a resize within bounds. */
enum { SIDE_MAX = 4096 };

static struct {
	uint64_t limit, size;
	struct tool_shard shard;
	const char *split, *categories;
	bool crop, no_images, no_labels, skip_bad;
} o = {.limit = NDR_NO_ITEM, .shard = {1, 1}};

static const struct tool_option options[] = {
        {.name = "limit",
         .kind = TOOL_COUNT,
         .value = &o.limit,
         .argument = "N",
         .help = "only the first N rows (of the split) [all]",
         .low = 1,
         .high = NDR_NO_ITEM},
        {.name = "split",
         .kind = TOOL_TEXT,
         .value = &o.split,
         .argument = "NAME",
         .help = "only rows of this split [all]"},
        {.name = "shard",
         .kind = TOOL_SHARD,
         .value = &o.shard,
         .argument = "I/N",
         .help = "only part I of N, by item number [1/1]",
         .local = true},
        {.name = "categories",
         .kind = TOOL_TEXT,
         .value = &o.categories,
         .argument = "LIST",
         .help = "only these categories, joined by commas [all]"},
        {.name = "size",
         .kind = TOOL_COUNT,
         .value = &o.size,
         .argument = "S",
         .help = "scale images to S x S pixels [as they are]",
         .low = 1,
         .high = SIDE_MAX},
        {.name = "crop",
         .kind = TOOL_FLAG,
         .value = &o.crop,
         .help = "keep the middle square of images and label maps"},
        {.name = "no-images",
         .kind = TOOL_FLAG,
         .value = &o.no_images,
         .help = "leave out the images"},
        {.name = "no-labels",
         .kind = TOOL_FLAG,
         .value = &o.no_labels,
         .help = "leave out the labels"},
        {.name = "skip-bad",
         .kind = TOOL_FLAG,
         .value = &o.skip_bad,
         .help = "leave out items whose files are bad"},
        {0},
};

static const struct tool_usage usage = {
        .operands = "DIR",
        .min_operands = 1,
        .max_operands = 1,
        .summary = "Write the images and labels of a Broden directory.",
        .example = "broden-cat --limit 100 broden1_227 > images.ndr",
        .libraries = image_libraries,
};

struct cat {
	struct tool *tool;
	struct broden *broden;
	struct broden_form form;
	atomic_uint skipped;
};

static int make_item(void *ctx, const struct ndr_item *in, struct ndr_item *out, size_t thread,
                     struct error *e)
{
	struct cat *c = ctx;
	struct error reason = {0};

	(void)in;
	(void)thread;
	if (broden_item(c->broden, &c->form, out, &reason) == 0)
		return 0;
	if (!o.skip_bad)
		return error_set(e, reason.code, "%s", reason.text);
	tool_warn(c->tool, "skipped: %s", reason.text);
	ndr_item_clear(out, out->number);
	c->skipped++;
	return 0;
}

static int digest_tables(struct tool *t)
{
	static const char *const tables[] = {"index.csv", "category.csv", "label.csv"};
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		snprintf(path, sizeof path, "%s/%s", t->operands[0], tables[i]);
		if (tool_digest(t, tables[i], path) < 0)
			return -1;
	}
	return 0;
}

static int generate(struct tool *t, struct cat *c)
{
	const struct ndr_meta *meta = broden_meta(c->broden);
	struct filter f = {.item = make_item, .ctx = c};
	struct ndr_range range = {0};

	tool_shard_items(&o.shard, (uint32_t)meta->items, &range.first, &range.end);
	range.most = broden_count(c->broden, range.first, range.end);
	if (digest_tables(t) < 0 || filter_generate(t, &f, &range, meta) < 0)
		return -1;
	if (c->skipped)
		tool_warn(t, "%u of %u items skipped", (unsigned)c->skipped, range.most);
	return 0;
}

static int run(struct tool *t)
{
	struct broden_choice choice = {o.categories, o.split, o.limit};
	struct cat c = {
	        .tool = t,
	        .form = {!o.no_images, !o.no_labels, o.crop, o.size},
	};
	int status;

	c.broden = broden_open(t->operands[0], &choice, &t->error);
	if (!c.broden)
		return -1;
	status = generate(t, &c);
	broden_close(c.broden);
	return status;
}

int main(int argc, char *argv[])
{
	struct tool t;

	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, run(&t));
}
