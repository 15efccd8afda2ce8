/* unit-chance.c -- which units describe more than chance does.
 *
 *	SCORE, COUNT, CHANCE -> a table of units with p and q, a table of false discovery rates
 *
 * Permutations are read one after the other; of each only the units' best IoUs are kept. */
#include <inttypes.h>

#include "dissect/discovery.h"
#include "filter/filter.h"
#include "stage/rates.h"
#include "options.h"

static double threshold = 0.04, level = 0.05;
static uint64_t min_images = 10, samples = 200, seed = 1, memory = 512;
static const char *fdr_file, *summary_file, *range_file;
static int format = TABLE_CSV;

static const struct tool_option options[] = {
        OPTION_MIN_IMAGES(&min_images),
        OPTION_CUT(&threshold, "detectors of the summary are above this [0.04]"),
        {.name = "level",
         .kind = TOOL_REAL,
         .value = &level,
         .argument = "SHARE",
         .help = "of false discoveries that is accepted [0.05]",
         .low = 1e-6,
         .high = 1},
        OPTION_SIDE("fdr", &fdr_file, "write false discovery rates over cuts of IoU, as TSV"),
        OPTION_SIDE("summary", &summary_file, "write a row for each layer, as TSV"),
        {.name = "ranges",
         .kind = TOOL_TEXT,
         .value = &range_file,
         .argument = "FILE",
         .help = "intervals of the rates, from these counts of ranges of images",
         .local = true},
        {.name = "bootstrap",
         .kind = TOOL_COUNT,
         .value = &samples,
         .argument = "B",
         .help = "samples of the ranges [200]",
         .low = 1,
         .high = 100000},
        {.name = "seed",
         .kind = TOOL_COUNT,
         .value = &seed,
         .argument = "S",
         .help = "which samples [1]"},
        OPTION_MEMORY(&memory, "keep the ranges in at most so many MiB [512]"),
        OPTION_DATA_FORMAT(&format),
        {0},
};

static const struct tool_usage usage = {
        .operands = "[FILE...]",
        .summary = "Tell which units describe more than chance does.",
        .example = "iou-score --permute 1-1000 conv5.seg | unit-chance > conv5-chance.csv",
        .unused = TOOL_THREADS | TOOL_FORCE | TOOL_PROVENANCE | TOOL_LABEL_PIXELS,
        .text = true,
        .needs = (const struct tool_need[]){{"bootstrap", "ranges"}, {"seed", "ranges"}, {0}},
};

struct job {
	struct tool *tool;
	struct significance found;
	struct ndr_meta meta; /* of the segment, which goes before the tables are written */
};

static int begin_segment(void *job, struct ndr_segment *s, struct error *e)
{
	struct job *j = job;

	if (s->range.first > 0 || s->range.end < s->meta.items)
		return error_set(
		        e, EXIT_MALFORMED,
		        "a part of the data set: ndr-cat merges it with the others first");
	j->found.min_images = min_images;
	j->found.threshold = threshold;
	if (j->found.segments == 0 && ndr_meta_copy(&j->meta, &s->meta, e) < 0)
		return -1;
	return significance_begin(&j->found, &j->meta, e);
}

static int add_record(void *job, const struct ndr_item *in, struct ndr_item *out, size_t thread,
                      struct error *e)
{
	struct job *j = job;
	struct error why = {0};

	(void)out, (void)thread;
	if (in->number == NDR_NO_ITEM && significance_add(&j->found, in->record, &why) < 0)
		return error_set(e, why.code, "%s: %s", in->input, why.text);
	return 0;
}

/* Too few permutations can make it impossible to tell any unit from chance. */
static void judge_number(const struct tool *t, const struct significance_layer *l)
{
	const uint64_t least = discovery_least(l->units, l->permutations, level);

	if (least > 1)
		tool_warn(t,
		          "%s: %" PRIu64
		          " permutations: no unit of %zu can have q <= %g unless "
		          "%" PRIu64 " have the least p, %.3g",
		          l->layer->name, l->permutations, l->units, level, least,
		          discovery_p(0, l->permutations));
}

static int find_intervals(struct job *j)
{
	struct error *e = &j->tool->error;
	struct rates r = {0};
	int status = rates_read(&r, range_file, &j->meta, memory << 20, e);

	if (status == 0)
		status = rates_put(&r, &j->found, samples, seed, e);
	rates_free(&r);
	return status;
}

static int write_file(const char *path, const struct significance *s,
                      int (*write)(const struct significance *s, int fd, const char *name,
                                   struct error *e),
                      struct error *e)
{
	struct tool_file *f = tool_file_open(path, e);

	return tool_file_end(f, f ? write(s, f->fd, path, e) : -1, e);
}

static int write_summary(const struct significance *s, int fd, const char *name,
                         struct error *e)
{
	return significance_write_summary(s, level, fd, name, e);
}

static int write_tables(struct job *j)
{
	struct tool *t = j->tool;
	int fd;

	for (size_t i = 0; i < j->found.layers; i++)
		if (j->found.layer[i].scores)
			judge_number(t, &j->found.layer[i]);
	if ((fdr_file &&
	     write_file(fdr_file, &j->found, significance_write_fdr, &t->error) < 0) ||
	    (summary_file && write_file(summary_file, &j->found, write_summary, &t->error) < 0))
		return -1;
	fd = tool_output(t, false);
	return fd < 0 ? -1
	              : significance_write_units(&j->found, (enum table_format)format, fd,
	                                         tool_output_name(t), &t->error);
}

static int check_files(struct tool *t)
{
	const struct tool_side fdr = {"--fdr", fdr_file}, summary = {"--summary", summary_file},
	                       others[] = {{"--ranges", range_file}, fdr};

	return tool_check_side(t, &fdr, others, 1) < 0 ||
	                       tool_check_side(t, &summary, others, 2) < 0
	               ? -1
	               : 0;
}

static int run(struct tool *t)
{
	struct job j = {.tool = t};
	const struct filter f = {.segment = begin_segment,
	                         .item = add_record,
	                         .wanted = FILTER_ITEMS_ALL,
	                         .ctx = &j};
	struct ndr_segment all = {0};
	int status;

	if (check_files(t) < 0)
		return -1;
	t->threads = 1; /* SCORE comes before what is compared with it */
	status = filter_reduce(t, &f, &all);
	if (status == 0)
		status = significance_finish(&j.found, &t->error);
	if (status == 0 && range_file)
		status = find_intervals(&j);
	if (status == 0)
		status = write_tables(&j);
	filter_release(&all);
	significance_free(&j.found);
	ndr_meta_free(&j.meta);
	return status;
}

int main(int argc, char *argv[])
{
	struct tool t;

	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, run(&t));
}
