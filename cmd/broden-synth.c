/* broden-synth.c -- rendered scenes with exact labels, as many as are wanted.
 *
 *	ITEM, IMAGE, LABEL */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "synth/synth.h"
#include "filter/filter.h"
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

struct generator {
	struct synth **synth; /* one a thread, made when it is first needed */
	size_t threads;
	int group[SYNTH_CATEGORIES]; /* index in META, -1: not wanted */
};

static int add_label(const struct generator *g, const struct synth_picture *p, int category,
                     struct ndr_item *out, struct error *e)
{
	const struct synth_map *map = &p->map[category];
	struct ndr_record label = {.type = NDR_LABEL,
	                           .dtype = NDR_U16,
	                           .ndim = 3,
	                           .dims = {map->layers, map->height, map->width},
	                           .group = (uint32_t)g->group[category],
	                           .data = map->label};

	return ndr_item_add(out, &label, e) ? 0 : -1;
}

static int add_records(const struct generator *g, const struct synth_picture *p,
                       struct ndr_item *out, struct error *e)
{
	struct ndr_record image = {.type = NDR_IMAGE,
	                           .dtype = NDR_U8,
	                           .ndim = 3,
	                           .dims = {p->size, p->size, 3},
	                           .data = p->rgb};
	struct ndr_item_info info = {0};
	char name[64];

	snprintf(name, sizeof name, "synth-%" PRIu64 "/%06" PRIu32, o.seed, out->number);
	info.name = name;
	if (!o.no_images)
		info.image_height = info.image_width = p->size;
	if (!o.no_labels)
		info.label_height = info.label_width = p->mask;
	if (ndr_item_add_info(out, &info, e) < 0)
		return -1;
	if (!o.no_images && !ndr_item_add(out, &image, e))
		return -1;
	for (int c = 0; c < SYNTH_CATEGORIES && !o.no_labels; c++)
		if (g->group[c] >= 0 && p->map[c].layers && add_label(g, p, c, out, e) < 0)
			return -1;
	return 0;
}

/* As with a Broden directory, what has no label in a wanted category is left out. */
static bool is_wanted(const struct generator *g, const struct synth_picture *p)
{
	for (int c = 0; c < SYNTH_CATEGORIES; c++)
		if (g->group[c] >= 0 && p->map[c].layers)
			return true;
	return false;
}

static int make_item(void *ctx, const struct ndr_item *in, struct ndr_item *out, size_t thread,
                     struct error *e)
{
	struct generator *g = ctx;
	struct synth_picture p;

	(void)in;
	if (!g->synth[thread])
		g->synth[thread] = synth_new((unsigned)o.size, o.kinds, e);
	if (!g->synth[thread])
		return -1;
	synth_render(g->synth[thread], o.seed, out->number, &p);
	return is_wanted(g, &p) ? add_records(g, &p, out, e) : 0;
}

/* Number the wanted categories in their usual order. */
static int choose_categories(struct generator *g, struct ndr_meta *m, struct error *e)
{
	size_t known = 0;

	for (int c = 0; c < SYNTH_CATEGORIES; c++) {
		const char *name = synth_category_names[c], *p = o.categories;
		size_t length = strlen(name);

		while (p && (strncmp(p, name, length) != 0 || (p[length] && p[length] != ',')))
			p = (p = strchr(p, ',')) ? p + 1 : NULL;
		g->group[c] = -1;
		if (o.categories && !p)
			continue;
		known += length + 1;
		g->group[c] = (int)m->categories;
		if (ndr_meta_add_category(m, name, e) < 0)
			return -1;
	}
	/* Each name with its comma, none twice: what is longer holds others. */
	if (o.categories && known != strlen(o.categories) + 1)
		return error_set(e, EXIT_USAGE,
		                 "--categories '%.60s': not a list of color, object, part, "
		                 "material, scene, texture",
		                 o.categories);
	return 0;
}

static int describe(struct generator *g, struct ndr_meta *m, struct error *e)
{
	size_t labels;
	const struct synth_label *label = synth_labels(&labels);

	m->items = o.count;
	if (choose_categories(g, m, e) < 0)
		return -1;
	for (size_t i = 1; i < labels; i++) {
		int group = g->group[label[i].category];

		if (group >= 0 && synth_has_label(o.kinds, i) &&
		    ndr_meta_set_label(m, (unsigned)i, label[i].name, group, e) < 0)
			return -1;
	}
	return 0;
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
	struct generator g = {.threads = t->threads};
	struct filter f = {.item = make_item, .ctx = &g};
	struct ndr_meta meta = {0};
	struct ndr_range range = {0};
	int status = -1;

	g.synth = memory_new(g.threads, sizeof(struct synth *), &t->error);
	if (g.synth && choose_range(&range, &t->error) == 0 &&
	    describe(&g, &meta, &t->error) == 0)
		status = filter_generate(t, &f, &range, &meta);
	for (size_t i = 0; g.synth && i < g.threads; i++)
		synth_free(g.synth[i]);
	free(g.synth);
	ndr_meta_free(&meta);
	return status;
}

int main(int argc, char *argv[])
{
	struct tool t;

	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, run(&t));
}
