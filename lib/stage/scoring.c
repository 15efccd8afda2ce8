/* scoring.c -- see scoring.h. */
#include "stage/scoring.h"

int scoring_open(struct scoring *s, const struct scoring_choice *choice, struct error *e)
{
	s->choice = choice;
	s->share.limit = choice->memory;
	s->permuting = (struct chance_choice){choice->memory, choice->block, choice->label_file,
	                                      choice->most_label_pixels,
	                                      choice->split ? &s->split : NULL};
	if (choice->seeds && seeds_parse(&s->seeds, choice->seeds, e) < 0)
		return -1;
	if (choice->joint && s->seeds.count > 1)
		return error_set(e, EXIT_USAGE,
		                 "--joint goes with one seed of --permute: a stream has the "
		                 "joint counts of one");
	if (choice->split && split_read(&s->split, choice->index_file, choice->split, e) < 0)
		return -1;
	return scoring_looks_up(s) ? lookup_open(&s->labels, choice->label_file,
	                                         choice->most_label_pixels, e)
	                           : 0;
}

void scoring_close(struct scoring *s)
{
	counters_close(&s->counters);
	lookup_close(&s->labels);
	chance_close(&s->chance);
	joint_close(&s->joint);
	split_free(&s->split);
	seeds_free(&s->seeds);
}

static int begin(struct scoring *s, const struct ndr_meta *masks, size_t threads,
                 struct error *e)
{
	const struct scoring_choice *c = s->choice;
	const struct ndr_meta *labels = c->label_file ? &s->labels.parts.all.meta : masks;

	if (c->seeds)
		return chance_open(&s->chance, &s->permuting, masks, threads, e);
	if (c->joint)
		return joint_open(&s->joint, masks, labels, threads, &s->share, e);
	return counters_open(&s->counters, c->segments ? c->segments : 1, masks, labels,
	                     threads, c->memory, e);
}

int scoring_begin(struct scoring *s, const struct ndr_meta *masks, size_t *threads,
                  struct error *e)
{
	if (s->begun)
		return 0;
	s->begun = true;
	if (counters_check_ranges(masks->items, s->choice->segments, e) < 0 ||
	    begin(s, masks, *threads, e) < 0)
		return -1;
	if (s->choice->seeds)
		*threads = s->chance.threads;
	else if (!s->choice->joint)
		*threads = counters_threads(&s->counters);
	return 0;
}

bool scoring_looks_up(const struct scoring *s)
{
	return s->choice->label_file && !s->choice->seeds;
}

int scoring_labels(struct scoring *s, const struct ndr_item *masks, struct ndr_item *labels,
                   struct error *e)
{
	ndr_item_clear(labels, NDR_NO_ITEM);
	return masks->number == NDR_NO_ITEM ? 0 : lookup_take(&s->labels, masks, labels, e);
}

int scoring_add(struct scoring *s, const struct ndr_item *masks, struct ndr_item *labels,
                size_t thread, struct error *e)
{
	const struct scoring_choice *c = s->choice;
	const struct ndr_item *from = !c->label_file ? masks : labels->count ? labels : NULL;
	int wanted;

	if (masks->number == NDR_NO_ITEM)
		return 0;
	if (c->seeds)
		return chance_add(&s->chance, thread, masks, e);
	wanted = c->split ? split_has(&s->split, masks, e) : 1;
	if (wanted <= 0)
		return wanted;
	if (c->joint)
		return joint_add(&s->joint, thread, masks, from, e);
	return counters_add(&s->counters, thread, masks, from, e);
}

int scoring_end(struct scoring *s, struct ndr_segment *all, struct error *e)
{
	const struct scoring_choice *c = s->choice;
	struct ndr_union *labels = c->seeds ? &s->chance.labels : &s->labels.parts;

	if (scoring_looks_up(s) && lookup_finish(&s->labels, e) < 0)
		return -1;
	if (c->label_file)
		ndr_meta_swap_labels(&all->meta, &labels->all.meta);
	if (c->split)
		all->flags |= NDR_SUBSET;
	all->range.minor = c->seeds || c->joint; /* CHANCE, or CLASSES and JOINT */
	return 0;
}

int scoring_sum(struct scoring *s, const struct ndr_segment *all, size_t threads,
                struct error *e)
{
	const struct scoring_choice *c = s->choice;

	if (!c->joint) {
		if (!c->seeds)
			counters_finish(&s->counters);
		return 0;
	}
	if (c->seeds && chance_count_joint(&s->chance, *s->seeds.seed, all, &s->share, threads,
	                                   &s->joint, e) < 0)
		return -1;
	return joint_finish(&s->joint, e);
}
