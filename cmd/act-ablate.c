/* act-ablate.c -- take units out of a layer.
 *
 *	ACT -> ACT; everything else passes
 *
 * Their cells all become 0, or the unit's mean; what the rest of the network makes of it says
 * cnn-forward --from. */
#include <math.h>
#include <string.h>

#include "filter/filter.h"
#include "stage/ablation.h"
#include "options.h"

enum { TO_ZERO, TO_MEAN };

static struct ablation_choice choice = {.cut = NAN};
static int to;

static const struct tool_option options[] = {
        OPTION_ONLY_LAYER(&choice.layer, "this layer [the only one]"),
        {.name = "units",
         .letter = 'u',
         .kind = TOOL_TEXT,
         .value = &choice.units,
         .argument = "LIST",
         .help = "these units, counted from 1: 1,3-5"},
        {.name = "concept",
         .kind = TOOL_TEXT,
         .value = &choice.concept,
         .argument = "NAME",
         .help = "or those that detect this, by --result"},
        OPTION_RESULT(&choice.result, "output of unit-label", false),
        OPTION_CUT(&choice.cut, "IoU of a detector [0.04]"),
        {.name = "keep",
         .kind = TOOL_FLAG,
         .value = &choice.keep,
         .help = "keep these, and take all others out"},
        OPTION_TO(&to, "what their cells become: 0, or the unit's mean [zero]"),
        {.name = "mean-of",
         .kind = TOOL_TEXT,
         .value = &choice.mean_of,
         .argument = "FILE",
         .help = "the mean is that of the activations in this stream",
         .local = true},
        {0},
};

static const struct tool_usage usage = {
        .operands = "[FILE...]",
        .summary = "Take units out of a layer: their activations become 0, or their mean.",
        .example = "act-ablate --units 3,17 conv5.ndr > without.ndr",
        .unused = TOOL_VERBOSE,
        .needs = (const struct tool_need[]){{"concept", "result"},
                                            {"result", "concept"},
                                            {"threshold", "concept"},
                                            {0}},
};

struct job {
	struct tool *tool;
	struct ablation ablation;
	uint32_t schema; /* of the segment that it was opened for */
};

static int begin_segment(void *job, struct ndr_segment *s, struct error *e)
{
	struct job *j = job;

	if (j->ablation.goes && j->schema == s->schema && ablation_fits(&j->ablation, &s->meta))
		return 0;
	ablation_free(&j->ablation);
	j->schema = s->schema;
	return ablation_open(&j->ablation, &choice, &s->meta, j->tool->most_label_pixels, e);
}

static int ablate_item(void *job, const struct ndr_item *in, struct ndr_item *out,
                       size_t thread, struct error *e)
{
	const struct ablation *a = &((struct job *)job)->ablation;

	(void)thread;
	for (size_t i = 0; i < in->count; i++) {
		const struct ndr_record *rec = &in->record[i];
		struct ndr_record changed = *rec;
		float *map;

		if (rec->type != NDR_ACT || rec->group != a->layer) {
			if (ndr_item_share(out, rec, e) < 0)
				return -1;
			continue;
		}
		changed.half = false; /* a mean is of all bits */
		map = ndr_item_add(out, &changed, e);
		if (!map)
			return -1;
		ablation_apply(a, (size_t)rec->dims[1] * rec->dims[2], map);
	}
	return 0;
}

static int check_options(struct tool *t)
{
	struct error *e = &t->error;

	if (!choice.units == !choice.concept)
		return error_set(e, EXIT_USAGE, "one of --units and --concept is needed");
	if ((to == TO_MEAN) != (choice.mean_of != NULL))
		return error_set(e, EXIT_USAGE, "--to mean and --mean-of go together");
	if (choice.result && tool_digest(t, "result", choice.result) < 0)
		return -1;
	return choice.mean_of ? tool_digest(t, "mean-of", choice.mean_of) : 0;
}

static int run(struct tool *t)
{
	struct job j = {.tool = t};
	const struct filter f = {.segment = begin_segment,
	                         .item = ablate_item,
	                         .consumes = NDR_ACT,
	                         .consumed = "activations",
	                         .ctx = &j};
	int status = check_options(t);

	if (isnan(choice.cut))
		choice.cut = 0.04;
	if (status == 0)
		status = filter_map(t, &f);
	ablation_free(&j.ablation);
	return status;
}

int main(int argc, char *argv[])
{
	struct tool t;

	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, run(&t));
}
