/* scenes.c -- see scenes.h. */
#include "stage/scenes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* ---- META ---- */

/* Number the wanted categories in their usual order. */
static int choose_categories(struct scenes *s, struct ndr_meta *m, struct error *e)
{
	size_t known = 0;

	for (int c = 0; c < SYNTH_CATEGORIES; c++) {
		const char *name = synth_category_names[c], *p = s->choice->categories;
		size_t length = strlen(name);

		while (p && (strncmp(p, name, length) != 0 || (p[length] && p[length] != ',')))
			p = (p = strchr(p, ',')) ? p + 1 : NULL;
		s->group[c] = -1;
		if (s->choice->categories && !p)
			continue;
		known += length + 1;
		s->group[c] = (int)m->categories;
		if (ndr_meta_add_category(m, name, e) < 0)
			return -1;
	}
	/* Each name with its comma, none twice: what is longer holds others. */
	if (s->choice->categories && known != strlen(s->choice->categories) + 1)
		return error_set(e, EXIT_USAGE,
		                 "--categories '%.60s': not a list of color, object, part, "
		                 "material, scene, texture",
		                 s->choice->categories);
	return 0;
}

int scenes_open(struct scenes *s, const struct scenes_choice *choice, size_t threads,
                struct ndr_meta *m, struct error *e)
{
	size_t labels;
	const struct synth_label *label = synth_labels(&labels);

	s->choice = choice;
	s->synth = memory_new(threads, sizeof(struct synth *), e);
	s->threads = s->synth ? threads : 0;
	m->items = choice->count;
	if (!s->synth || choose_categories(s, m, e) < 0)
		return -1;
	for (size_t i = 1; i < labels; i++) {
		int group = s->group[label[i].category];

		if (group >= 0 && synth_has_label(s->choice->kinds, i) &&
		    ndr_meta_set_label(m, (unsigned)i, label[i].name, group, e) < 0)
			return -1;
	}
	return 0;
}

void scenes_close(struct scenes *s)
{
	for (size_t i = 0; i < s->threads; i++)
		synth_free(s->synth[i]);
	free(s->synth);
}

/* ---- items ---- */

static int add_label(const struct scenes *s, const struct synth_picture *p, int category,
                     struct ndr_item *out, struct error *e)
{
	const struct synth_map *map = &p->map[category];
	struct ndr_record label = {.type = NDR_LABEL,
	                           .dtype = NDR_U16,
	                           .ndim = 3,
	                           .dims = {map->layers, map->height, map->width},
	                           .group = (uint32_t)s->group[category],
	                           .data = map->label};

	return ndr_item_add(out, &label, e) ? 0 : -1;
}

static int add_records(const struct scenes *s, const struct synth_picture *p,
                       struct ndr_item *out, struct error *e)
{
	struct ndr_record image = {.type = NDR_IMAGE,
	                           .dtype = NDR_U8,
	                           .ndim = 3,
	                           .dims = {p->size, p->size, 3},
	                           .data = p->rgb};
	struct ndr_item_info info = {0};
	char name[64];

	snprintf(name, sizeof name, "synth-%" PRIu64 "/%06" PRIu32, s->choice->seed,
	         out->number);
	info.name = name;
	if (s->choice->images)
		info.image_height = info.image_width = p->size;
	if (s->choice->labels)
		info.label_height = info.label_width = p->mask;
	if (ndr_item_add_info(out, &info, e) < 0)
		return -1;
	if (s->choice->images && !ndr_item_add(out, &image, e))
		return -1;
	for (int c = 0; c < SYNTH_CATEGORIES && s->choice->labels; c++)
		if (s->group[c] >= 0 && p->map[c].layers && add_label(s, p, c, out, e) < 0)
			return -1;
	return 0;
}

static bool is_wanted(const struct scenes *s, const struct synth_picture *p)
{
	for (int c = 0; c < SYNTH_CATEGORIES; c++)
		if (s->group[c] >= 0 && p->map[c].layers)
			return true;
	return false;
}

int scenes_item(struct scenes *s, size_t thread, struct ndr_item *out, struct error *e)
{
	struct synth_picture p;

	if (!s->synth[thread])
		s->synth[thread] = synth_new(s->choice->size, s->choice->kinds, e);
	if (!s->synth[thread])
		return -1;
	synth_render(s->synth[thread], s->choice->seed, out->number, &p);
	return is_wanted(s, &p) ? add_records(s, &p, out, e) : 0;
}
