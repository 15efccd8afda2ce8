/* unit-formula.c -- say in formulas of concepts what each unit detects.
 *
 *	SCORE, COUNT, CLASSES, JOINT -> a table of units
 *
 * Formulas are found in one stream, on all threads; others say what they score on other
 * images, and what the same search finds by chance. */
#include <inttypes.h>

#include "filter/filter.h"
#include "stage/formulas.h"
#include "options.h"

enum { SPLIT_TRAIN, SPLIT_ALL };
enum { SEARCH_OPTIMAL, SEARCH_BEAM };
static const uint64_t MILLION = 1000000;

static struct formulas_choice choice = {.min_images = 10, .domain = "all", .threshold = 0.04};
static uint64_t length = 3, beam = 5, budget = 500;
static const char *score_file, *length_file, *fdr_file, *verify_file;
static struct tool_list chance;
static int search, split, format = TABLE_CSV;

static const struct tool_option options[] = {
        {.name = "length",
         .kind = TOOL_COUNT,
         .value = &length,
         .argument = "N",
         .help = "labels of a formula, at most [3]",
         .low = 1,
         .high = FORMULA_MOST},
        {.name = "domain",
         .kind = TOOL_TEXT,
         .value = &choice.domain,
         .argument = "LIST",
         .help = "only images and labels of these categories [all]"},
        OPTION_MIN_IMAGES(&choice.min_images),
        {.name = "split",
         .kind = TOOL_CHOICE,
         .value = &split,
         .argument = "train|all",
         .help = "the input's images are some, --score has others, or all [train]"},
        {.name = "score",
         .kind = TOOL_TEXT,
         .value = &score_file,
         .argument = "FILE",
         .help = "score the formulas on these other images, too",
         .local = true},
        {.name = "search",
         .kind = TOOL_CHOICE,
         .value = &search,
         .argument = "optimal|beam",
         .help = "the best formula there is, or a good one [optimal]"},
        {.name = "beam",
         .kind = TOOL_COUNT,
         .value = &beam,
         .argument = "N",
         .help = "so many formulas of each length are kept on the way [5]",
         .low = 1,
         .high = 10000},
        {.name = "budget",
         .kind = TOOL_COUNT,
         .value = &budget,
         .argument = "N",
         .help = "millions of steps for a unit, 0: no limit [500]",
         .low = 0,
         .high = 1e12},
        {.name = "chance",
         .kind = TOOL_LIST,
         .value = &chance,
         .argument = "FILE",
         .help = "the same of labels that changed places; can be given often",
         .local = true},
        OPTION_SIDE("fdr", &fdr_file,
                    "with --chance, write false discovery rates by length, as TSV"),
        OPTION_CUT(&choice.threshold, "one more cut of these rates [0.04]"),
        OPTION_SIDE("lengths", &length_file, "write the best formulas of all lengths, as TSV"),
        {.name = "verify",
         .kind = TOOL_TEXT,
         .value = &verify_file,
         .argument = "FILE",
         .help = "count the formulas again in these masks and labels, and images",
         .local = true},
        OPTION_ONLY_LAYER(&choice.layer, "only this layer [all]"),
        OPTION_DATA_FORMAT(&format),
        {0},
};

static const struct tool_usage usage = {
        .operands = "[FILE...]",
        .summary = "Say in formulas of concepts what each unit detects.",
        .example = "iou-score --joint conv5.seg | unit-formula --split all > conv5-formula.csv",
        .unused = TOOL_FORCE | TOOL_PROVENANCE,
        .text = true,
        .needs = (const struct tool_need[]){{"chance", "fdr"},
                                            {"fdr", "chance"},
                                            {"threshold", "fdr"},
                                            {"beam", "search"},
                                            {0}},
};

struct job {
	struct tool *tool;
	struct formulas found;
};

static int begin_segment(void *job, struct ndr_segment *s, struct error *e)
{
	struct job *j = job;

	return formulas_segment(&j->found, s, j->tool->threads, e);
}

static int arrive(void *job, const struct ndr_item *in, struct ndr_item *out, struct error *e)
{
	struct job *j = job;
	struct error why = {0};

	(void)out;
	if (in->number == NDR_NO_ITEM && formulas_arrive(&j->found, in->record, &why) < 0)
		return error_set(e, why.code, "%s: %s", in->input, why.text);
	return 0;
}

static int find(void *job, const struct ndr_item *in, struct ndr_item *out, size_t thread,
                struct error *e)
{
	struct job *j = job;

	(void)out;
	return in->number == NDR_NO_ITEM ? formulas_find(&j->found, in->record, thread, e) : 0;
}

/* ---- what the result is worth ---- */

static void note_proofs(const struct tool *t, const struct formulas *f)
{
	for (size_t i = 0; i < f->layers; i++) {
		const struct formulas_layer *l = &f->layer[i];
		size_t units = 0, proven = 0;

		for (size_t u = 0; u < l->units; u++)
			if (l->unit[u].found) {
				units++;
				proven += l->unit[u].found[length - 1].proven;
			}
		if (units > proven && search == SEARCH_OPTIMAL)
			tool_warn(t,
			          "%s: %zu of %zu units may have better formulas: the budget "
			          "was not enough (the column bound says how much better)",
			          l->layer->name, units - proven, units);
	}
}

static int judge(struct job *j, const struct ndr_segment *all)
{
	struct tool *t = j->tool;
	const struct formulas *f = &j->found;

	if (filter_repeat_warnings(t, &all->provenance, "") < 0)
		return -1;
	if (f->main.domain.rare > 0)
		tool_note(t, "%zu labels left out: fewer than %" PRIu64 " images",
		          f->main.domain.rare, choice.min_images);
	if (f->permutations && f->pixels_permuted != f->main.domain.pixels)
		tool_warn(t,
		          "--chance has %" PRId64 " of %" PRId64
		          " pixels: images that none can stand for are missing there",
		          f->pixels_permuted, f->main.domain.pixels);
	note_proofs(t, f);
	return 0;
}

/* ---- tables ---- */

static int write_file(const char *path, const struct formulas *f,
                      int (*write)(const struct formulas *f, int fd, const char *name,
                                   struct error *e),
                      struct error *e)
{
	struct tool_file *out = tool_file_open(path, e);

	return tool_file_end(out, out ? write(f, out->fd, path, e) : -1, e);
}

static int write_tables(struct job *j)
{
	struct tool *t = j->tool;
	int fd;

	if ((fdr_file && write_file(fdr_file, &j->found, formulas_write_fdr, &t->error) < 0) ||
	    (length_file &&
	     write_file(length_file, &j->found, formulas_write_lengths, &t->error) < 0))
		return -1;
	fd = tool_output(t, false);
	return fd < 0 ? -1
	              : formulas_write(&j->found, (enum table_format)format, fd,
	                               tool_output_name(t), &t->error);
}

static int check_options(struct tool *t)
{
	const struct tool_side fdr = {"--fdr", fdr_file}, lengths = {"--lengths", length_file},
	                       others[] = {{"--score", score_file}, fdr};

	if (split == SPLIT_TRAIN && !score_file)
		return error_set(&t->error, EXIT_USAGE,
		                 "what formulas score on the images that they were chosen by "
		                 "is too good: give others with --score, or say --split all");
	if (split == SPLIT_ALL && score_file)
		return error_set(&t->error, EXIT_USAGE,
		                 "--score needs other images than --split all leaves");
	return tool_check_side(t, &fdr, others, 1) < 0 ||
	                       tool_check_side(t, &lengths, others, 2) < 0
	               ? -1
	               : 0;
}

static int read_others(struct job *j)
{
	struct tool *t = j->tool;

	if (score_file &&
	    formulas_score(&j->found, (char *)score_file, t->most_label_pixels, &t->error) < 0)
		return -1;
	for (size_t i = 0; i < chance.count; i++)
		if (formulas_permuted(&j->found, (char *)chance.text[i], t->most_label_pixels,
		                      &t->error) < 0)
			return -1;
	return verify_file ? formulas_verify(&j->found, (char *)verify_file,
	                                     t->most_label_pixels, &t->error)
	                   : 0;
}

static int run(struct tool *t)
{
	struct job j = {.tool = t, .found.choice = &choice};
	const struct filter f = {.segment = begin_segment,
	                         .arrive = arrive,
	                         .item = find,
	                         .wanted = split == SPLIT_ALL ? FILTER_ITEMS_ALL
	                                                      : FILTER_ITEMS_PART_ASKED,
	                         .consumes = NDR_JOINT,
	                         .consumed = "pixels by sets of labels (JOINT)",
	                         .summaries = true,
	                         .ctx = &j};
	struct ndr_segment all = {0};
	int status;

	choice.search = (struct formula_choice){.length = (uint32_t)length,
	                                        .beam = beam,
	                                        .optimal = search == SEARCH_OPTIMAL,
	                                        .budget = budget * MILLION};
	if (check_options(t) < 0)
		return -1;
	status = filter_reduce(t, &f, &all);
	if (status == 0)
		status = read_others(&j);
	if (status == 0)
		status = judge(&j, &all);
	if (status == 0)
		status = write_tables(&j);
	filter_release(&all);
	formulas_free(&j.found);
	return status;
}

int main(int argc, char *argv[])
{
	struct tool t;

	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, run(&t));
}
