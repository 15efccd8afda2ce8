/* broden-cat.c -- a Broden directory as a stream of images and labels.
 *
 *	DIR -> ITEM, IMAGE, LABEL */
#include <stdatomic.h>

#include "broden/broden.h"
#include "image/image.h"
#include "filter/filter.h"
#include "stage/chosen.h"
#include "options.h"

/* Keeps what lies between the two passes of a resize within bounds. */
enum { SIDE_MAX = 4096 };
enum { MOST_LABEL_PIXELS = 1 << 29 }; /* two bytes each, of the most that a record holds */

static struct {
	uint64_t limit, size, max_label_pixels;
	struct tool_shard shard;
	const char *split, *categories, *void_labels, *items;
	bool crop, no_images, no_labels, palette_index, outside, skip_bad;
} o = {.limit = NDR_NO_ITEM, .max_label_pixels = NDR_LABEL_PIXELS, .shard = {1, 1}};

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
        OPTION_SHARD(&o.shard),
        {.name = "items",
         .kind = TOOL_TEXT,
         .value = &o.items,
         .argument = "FILE",
         .help = "only the items that act-top named in FILE [all]",
         .local = true},
        OPTION_CATEGORIES(&o.categories),
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
        OPTION_NO_IMAGES(&o.no_images),
        OPTION_NO_LABELS(&o.no_labels),
        OPTION_PALETTE_INDEX(&o.palette_index),
        OPTION_VOID(&o.void_labels),
        {.name = "ignore",
         .kind = TOOL_TEXT,
         .value = &o.void_labels,
         .argument = "LIST",
         .help = "the same as --void",
         .local = true},
        {.name = "max-label-pixels",
         .kind = TOOL_COUNT,
         .value = &o.max_label_pixels,
         .argument = "N",
         .help = "refuse items of more, all label maps together [33554432]",
         .low = 1,
         .high = MOST_LABEL_PIXELS,
         .local = true},
        OPTION_OUTSIDE(&o.outside, "names and links may lead out of DIR"),
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
	struct chosen chosen; /* --items */
	bool void_label[NDR_LABELS];
	atomic_uint skipped, turned, remarks;
};

/* What the decoder of an image minded. */
static void note_remark(struct cat *c, const struct ndr_item *item,
                        const struct broden_item *found)
{
	struct ndr_item_info info;
	struct error none = {0};

	if (!*found->remark || ndr_item_info(item, &info, &none) < 0)
		return;
	c->remarks++;
	tool_note(c->tool, "item %u (%s): %s", item->number, info.name, found->remark);
}

static int make_item(void *ctx, const struct ndr_item *in, struct ndr_item *out, size_t thread,
                     struct error *e)
{
	struct cat *c = ctx;
	struct error reason = {0};
	struct broden_item found;

	(void)in;
	(void)thread;
	if (o.items && !c->chosen.has[out->number])
		return 0;
	if (broden_item(c->broden, &c->form, out, &found, &reason) == 0) {
		c->turned += found.turned;
		note_remark(c, out, &found);
		return 0;
	}
	if (!found.bad || !o.skip_bad)
		return error_set(e, reason.code, "%s", reason.text);
	tool_warn(c->tool, "skipped: %s", reason.text);
	ndr_item_clear(out, out->number);
	c->skipped++;
	return 0;
}

static uint32_t end_flags(void *ctx)
{
	const struct cat *c = ctx;

	return c->skipped || o.items ? NDR_SUBSET : 0;
}

/* What was odd in the tables, and what the tables were, go with the stream. */
static int say_tables(struct tool *t, const struct broden *b)
{
	static const char *const names[BRODEN_TABLES] = {"index.csv", "category.csv",
	                                                 "label.csv"};
	const char *text;

	for (size_t i = 0; (text = broden_warning(b, i)); i++)
		tool_warn(t, "%s", text);
	for (int i = 0; i < BRODEN_TABLES; i++) {
		struct broden_file file = broden_file_read(b, i);

		if (tool_digest_is(t, names[i], file.crc32, file.size) < 0)
			return -1;
	}
	return 0;
}

static int generate(struct tool *t, struct cat *c)
{
	const struct ndr_meta *meta = broden_meta(c->broden);
	struct filter f = {.item = make_item, .flags = end_flags, .ctx = c};
	struct ndr_range range = {0};

	tool_shard_items(&o.shard, (uint32_t)meta->items, &range.first, &range.end);
	range.most = broden_count(c->broden, range.first, range.end);
	if (o.items) {
		if (chosen_read(&c->chosen, o.items, meta->items, NDR_LABEL_PIXELS, &t->error) <
		    0)
			return -1;
		range.most = (uint32_t)chosen_count(&c->chosen, range.first, range.end);
	}
	if (say_tables(t, c->broden) < 0 || filter_generate(t, &f, &range, meta) < 0)
		return -1;
	if (c->remarks)
		tool_note(t, "%u images with warnings of the decoder that cost no pixel",
		          (unsigned)c->remarks);
	if (c->skipped)
		tool_warn(t, "%u of %u items skipped", (unsigned)c->skipped, range.most);
	if (c->turned)
		tool_warn(
		        t,
		        "%u images note that the camera was not held upright: their pixels are "
		        "taken as they are stored, as label maps belong to these",
		        (unsigned)c->turned);
	return 0;
}

static int run(struct tool *t)
{
	struct broden_choice choice = {o.categories, o.split, o.limit};
	static struct cat c;
	int status;

	c.tool = t;
	c.form = (struct broden_form){
	        .images = !o.no_images,
	        .labels = !o.no_labels,
	        .crop = o.crop,
	        .size = (uint32_t)o.size,
	        .outside = o.outside,
	        .palette = o.palette_index ? PALETTE_INDEX : PALETTE_COLOR,
	        .void_label = o.void_labels ? c.void_label : NULL,
	        .max_label_pixels = o.max_label_pixels,
	};
	if (o.void_labels && broden_parse_void(o.void_labels, c.void_label, &t->error) < 0)
		return -1;
	c.broden = broden_open(t->operands[0], &choice, &t->error);
	if (!c.broden)
		return -1;
	status = generate(t, &c);
	broden_close(c.broden);
	chosen_free(&c.chosen);
	return status;
}

int main(int argc, char *argv[])
{
	struct tool t;

	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, run(&t));
}
