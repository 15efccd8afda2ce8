/* act-segment.c -- where each unit is at its threshold or above, at the labels'
 * resolution.
 *
 *	ACT -> SEG; everything else passes
 *
 * Thresholds come from a THRESH stream whose layers are found by name.  A unit with
 * far more samples at its threshold than the level allows is segmented by > in
 * place of >=. */
#include "filter/filter.h"
#include "stage/masks.h"
#include "options.h"

enum { AT_LEAST, ABOVE };

static const char *thresholds;
static int upsample = UPSAMPLE_RF;
static int compare = AT_LEAST;

static const struct tool_option options[] = {
        OPTION_THRESHOLDS(&thresholds),
        OPTION_UPSAMPLE(&upsample, "where cells sit among label pixels [rf]"),
        OPTION_COMPARE(&compare, "at least the threshold, or above it [ge]"),
        {0},
};

static const struct tool_usage usage = {
        .operands = "[FILE...]",
        .summary = "Segment images by thresholding each unit's upsampled activation.",
        .example = "act-segment -T conv5.thr conv5.ndr | iou-score > conv5.score",
        .unused = TOOL_VERBOSE,
};

struct job {
	struct tool *tool;
	struct thresholds thresholds;
	struct masks masks;
};

/* ---- thresholds ---- */

static int warn_of_ties(const struct job *j, const struct ndr_layer *l, size_t ties)
{
	bool frequent = ties > l->units / 10;

	if (!ties || compare == ABOVE)
		return 0;
	return tool_warn_result(
	        j->tool,
	        "layer %s: %zu of %u units are dead, sparse or saturated at their "
	        "threshold and are segmented above it%s%s%s",
	        l->name, ties, l->units,
	        frequent ? "; the tensor to dissect is the one before the activation "
	                   "function"
	                 : "",
	        frequent && l->before ? ", " : "", frequent && l->before ? l->before : "");
}

static int load_thresholds(struct job *j)
{
	struct thresholds *t = &j->thresholds;
	const struct ndr_provenance *p = &t->provenance;

	if (tool_digest(j->tool, "thresholds", thresholds) < 0 ||
	    thresholds_read(t, thresholds, compare == ABOVE, j->tool->most_label_pixels,
	                    &j->tool->error) < 0)
		return -1;
	/* What the program that made the thresholds warned of goes for what they segment. */
	if (p->count > 0 &&
	    filter_repeat_warnings(
	            j->tool,
	            &(struct ndr_provenance){.count = 1, .text = p->text + p->count - 1},
	            "thresholds: ") < 0)
		return -1;
	for (size_t i = 0; i < t->known.layers; i++)
		if (warn_of_ties(j, &t->known.layer[i], t->ties[i]) < 0)
			return -1;
	return 0;
}

/* ---- images ---- */

static int begin_segment(void *job, struct ndr_segment *s, struct error *e)
{
	struct job *j = job;

	s->range.half = false; /* activations end here */
	return masks_segment(&j->masks, &s->meta, &j->thresholds,
	                     (enum upsample_method)upsample, j->tool->threads,
	                     j->tool->most_label_pixels, e);
}

static int segment_item(void *job, const struct ndr_item *in, struct ndr_item *out,
                        size_t thread, struct error *e)
{
	static const unsigned consumed[] = {NDR_ACT, 0};
	struct job *j = job;

	if (filter_copy(in, out, consumed, e) < 0)
		return -1;
	return masks_add(&j->masks, in, out, thread, e);
}

static int run(struct tool *t)
{
	struct job j = {.tool = t};
	const struct filter f = {.segment = begin_segment,
	                         .item = segment_item,
	                         .consumes = NDR_ACT,
	                         .consumed = "activations",
	                         .ctx = &j};
	int status = load_thresholds(&j);

	if (status == 0)
		status = filter_map(t, &f);
	masks_close(&j.masks);
	thresholds_free(&j.thresholds);
	return status;
}

int main(int argc, char *argv[])
{
	struct tool t;

	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, run(&t));
}
