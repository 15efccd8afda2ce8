/* broden-make.c -- a Broden directory from folders of images, label maps and tables.
 *
 *	SOURCE... -> DIR */
#include <stdlib.h>

#include "base/memory.h"
#include "join/build.h"
#include "tool/parallel.h"
#include "tool/tool.h"

enum { SIDE_MAX = 4096 };

static struct {
	uint64_t size, label_size, quality, min_images;
	double min_coverage, train;
	const char *directory, *group;
	bool crop, colors, upright, skip_bad;
} o = {.size = 227,
       .label_size = UINT64_MAX,
       .quality = 95,
       .min_images = 10,
       .min_coverage = 0.5,
       .train = 0.7};

static const struct tool_option options[] = {
        {.name = "directory",
         .letter = 'd',
         .kind = TOOL_TEXT,
         .value = &o.directory,
         .argument = "DIR",
         .help = "make this directory",
         .required = true,
         .local = true},
        {.name = "size",
         .kind = TOOL_COUNT,
         .value = &o.size,
         .argument = "N",
         .help = "images of N x N pixels; 0: as they are [227]",
         .high = SIDE_MAX},
        {.name = "label-size",
         .kind = TOOL_COUNT,
         .value = &o.label_size,
         .argument = "N",
         .help = "label maps of N x N pixels [half of --size]",
         .low = 1,
         .high = SIDE_MAX},
        {.name = "crop",
         .kind = TOOL_FLAG,
         .value = &o.crop,
         .help = "take the middle square of each image, else it is squashed"},
        {.name = "quality",
         .kind = TOOL_COUNT,
         .value = &o.quality,
         .argument = "Q",
         .help = "of JPEG files, where an image is changed [95]",
         .low = 1,
         .high = 100},
        {.name = "colors",
         .kind = TOOL_FLAG,
         .value = &o.colors,
         .help = "label each image's colours by the eleven names"},
        {.name = "upright",
         .kind = TOOL_FLAG,
         .value = &o.upright,
         .help = "turn images as their cameras noted; label maps show them so"},
        {.name = "skip-bad",
         .kind = TOOL_FLAG,
         .value = &o.skip_bad,
         .help = "leave out images that are bad, or whose label maps are"},
        {.name = "min-images",
         .kind = TOOL_COUNT,
         .value = &o.min_images,
         .argument = "N",
         .help = "drop labels that fewer than N images hold [10]",
         .high = 1e9},
        {.name = "min-coverage",
         .kind = TOOL_REAL,
         .value = &o.min_coverage,
         .argument = "X",
         .help = "drop labels that cover fewer than X images in all [0.5]",
         .high = 1e9},
        {.name = "split",
         .kind = TOOL_REAL,
         .value = &o.train,
         .argument = "SHARE",
         .help = "share of images in the split train, others are in val [0.7]",
         .high = 1},
        {.name = "group",
         .kind = TOOL_TEXT,
         .value = &o.group,
         .argument = "REGEX",
         .help = "images with the same match in their names are in one split"},
        {0},
};

static const struct tool_usage usage = {
        .operands = "SOURCE...",
        .min_operands = 1,
        .summary = "Make a Broden directory, of images and labels that files describe.",
        .example = "broden-make --min-images 1 --min-coverage 0 -d mine classes.txt",
        .unused = TOOL_PROVENANCE | TOOL_LABEL_PIXELS,
        .text = true,
        .libraries = image_libraries,
};

/* Where an image is being made. */
struct slot {
	struct join_item item;
	struct text line;
};

struct maker {
	struct tool *tool;
	struct join_plan plan;
	struct join_build *build;
	struct slot *slot;
	size_t first, done; /* images of the pass that were, and are done */
	size_t before;      /* images of former passes */
};

static int work(void *ctx, size_t i, size_t slot, struct error *e)
{
	struct maker *m = ctx;

	return join_build_make(m->build, m->first + i, &m->slot[slot].item, &m->slot[slot].line,
	                       e);
}

static int drain(void *ctx, size_t slot, struct error *e)
{
	struct maker *m = ctx;
	const struct join_item *item = &m->slot[slot].item;

	if (item->bad && m->before == 0)
		tool_warn(m->tool, "left out: %s", item->fault.text);
	if (join_build_note(m->build, &m->slot[slot].item, &m->slot[slot].line, e) < 0)
		return -1;
	m->done++;
	tool_progress(m->tool, m->before + m->done, 2 * m->plan.images);
	return 0;
}

static int run_pass(struct maker *m, enum join_pass pass)
{
	struct tool *t = m->tool;
	struct parallel_count images = {
	        .threads = t->threads, .work = work, .drain = drain, .ctx = m};

	if (join_build_begin(m->build, pass, &m->first, &t->error) < 0)
		return -1;
	if (m->first)
		tool_note(t, "%zu of %zu images are %s already", m->first, m->plan.images,
		          pass == JOIN_COUNT ? "counted" : "written");
	m->done = m->first;
	images.count = m->plan.images - m->first;
	if (parallel_count(&images, &t->error) < 0)
		return -1;
	m->before += m->plan.images;
	return 0;
}

/* Before what is rare may end the run. */
static int say_counted(const struct maker *m)
{
	struct tool *t = m->tool;
	const struct join_facts facts = join_build_facts(m->build), *f = &facts;
	char *path;

	if (m->plan.foreign)
		tool_warn(t,
		          "%zu pictures are passed over, as they are neither JPEG nor PNG nor "
		          "PNM, the first %s",
		          m->plan.foreign, m->plan.first_foreign);
	if (f->missing) {
		path = join_item_missing(&m->plan, f->first_without, &t->error);
		if (!path)
			return -1;
		tool_warn(t, "%zu label maps are missing, the first %s", f->missing, path);
		free(path);
	}
	if (f->left_out)
		tool_warn(t, "%zu images without any label are left out", f->left_out);
	if (f->bad)
		tool_warn(t, "%zu images are bad, or their maps, and left out", f->bad);
	if (f->turned && o.upright)
		tool_note(t, "%zu images are turned upright, as their cameras noted",
		          f->turned);
	else if (f->turned)
		tool_warn(t,
		          "%zu images note that the camera was not held upright: their pixels "
		          "are taken as they are stored, as label maps belong to these "
		          "(--upright turns them)",
		          f->turned);
	return 0;
}

static void say_made(const struct tool *t, const struct join_facts *f)
{
	if (f->dropped)
		tool_warn(t, "%zu labels are too rare and dropped, %zu are kept", f->dropped,
		          f->labels);
	tool_note(t, "%zu images, %zu labels", f->images, f->labels);
}

static int make(struct maker *m, const struct join_limits *limits)
{
	struct tool *t = m->tool;
	const size_t slots = PARALLEL_SLOTS(t->threads);
	bool again;
	int status = -1;

	m->build = join_build_open(&m->plan, limits, o.directory, &again, &t->error);
	if (!m->build)
		return -1;
	if (again)
		tool_warn(t, "%s.part is of other sources or options: begun again",
		          o.directory);
	m->slot = memory_new(slots, sizeof *m->slot, &t->error);
	if (m->slot && run_pass(m, JOIN_COUNT) == 0 && say_counted(m) == 0 &&
	    join_build_number(m->build, &t->error) == 0 && run_pass(m, JOIN_WRITE) == 0)
		status = join_build_finish(m->build, &t->error);
	if (status == 0) {
		const struct join_facts facts = join_build_facts(m->build);

		say_made(t, &facts);
	}
	for (size_t i = 0; m->slot && i < slots; i++) {
		join_item_free(&m->slot[i].item);
		text_free(&m->slot[i].line);
	}
	free(m->slot);
	join_build_close(m->build);
	return status;
}

static int run(struct tool *t)
{
	const struct join_form form = {.size = (uint32_t)o.size,
	                               .label_size = (uint32_t)(o.label_size != UINT64_MAX
	                                                                ? o.label_size
	                                                        : o.size == 1 ? 1
	                                                                      : o.size / 2),
	                               .crop = o.crop,
	                               .colors = o.colors,
	                               .upright = o.upright,
	                               .skip_bad = o.skip_bad,
	                               .quality = (int)o.quality};
	const struct join_limits limits = {.min_images = o.min_images,
	                                   .min_coverage = o.min_coverage,
	                                   .train = o.train,
	                                   .group = o.group,
	                                   .replace = t->force};
	static struct maker m;
	int status;

	if (o.label_size != UINT64_MAX && !o.size)
		return error_set(&t->error, EXIT_USAGE,
		                 "--label-size: with --size 0 maps stay as they are");
	m.tool = t;
	status = join_plan_read(&m.plan, &form, t->operands, t->operand_count, &t->error);
	if (status == 0)
		status = make(&m, &limits);
	join_plan_free(&m.plan);
	return status;
}

int main(int argc, char *argv[])
{
	struct tool t;

	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, run(&t));
}
