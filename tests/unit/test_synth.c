/* test_synth.c -- rendered scenes: same pictures always, labels that are true.
 *
 * Masks are checked against other renderings: a picture three times as large
 * has a mask pixel whose middle is the same point, and what is a wheel's rubber
 * by label must be dark.  Colours are checked against a slow restatement. */
#include <stdlib.h>

#include "synth/synth.h"
#include "image/color.h"

#include "tap.h"

static struct error failed;

static struct synth *renderer(unsigned size, enum synth_kinds kinds)
{
	struct synth *s = synth_new(size, kinds, &failed);

	if (!s) {
		printf("Bail out! %s\n", failed.text);
		exit(1);
	}
	return s;
}

static unsigned number_of(const char *name)
{
	size_t count;
	const struct synth_label *label = synth_labels(&count);

	for (size_t i = 1; i < count; i++)
		if (strcmp(label[i].name, name) == 0)
			return (unsigned)i;
	printf("Bail out! no label '%s'\n", name);
	exit(1);
}

static size_t map_pixels(const struct synth_map *m)
{
	return (size_t)m->height * m->width;
}

static uint64_t hash(uint64_t h, const void *data, size_t length)
{
	const unsigned char *p = data;

	while (length--)
		h = (h ^ *p++) * UINT64_C(1099511628211);
	return h;
}

static uint64_t hash_picture(uint64_t h, const struct synth_picture *p)
{
	h = hash(h, p->rgb, (size_t)p->size * p->size * 3);
	for (int c = 0; c < SYNTH_CATEGORIES; c++)
		for (size_t i = 0; i < p->map[c].layers * map_pixels(&p->map[c]); i++)
			h = (h ^ p->map[c].label[i]) * UINT64_C(1099511628211);
	return h;
}

static void test_labels(void)
{
	size_t count, used[SYNTH_CATEGORIES] = {0};
	const struct synth_label *label = synth_labels(&count);
	bool unique = true, colors = true;

	for (size_t i = 1; i < count; i++) {
		used[label[i].category]++;
		for (size_t k = 1; k < i; k++)
			unique = unique && strcmp(label[i].name, label[k].name) != 0;
	}
	for (int c = 0; c < COLOR_COUNT; c++)
		colors = colors && label[c + 1].category == SYNTH_COLOR &&
		         strncmp(label[c + 1].name, color_names[c], strlen(color_names[c])) ==
		                 0 &&
		         strcmp(label[c + 1].name + strlen(color_names[c]), "-c") == 0;
	ok(!label[0].name, "label 0 has no name");
	ok(count - 1 >= 30, "at least 30 labels: %zu", count - 1);
	ok(unique, "no name twice");
	ok(colors, "colours are numbered and named as in image/color.h");
	for (int c = 0; c < SYNTH_CATEGORIES; c++)
		ok(used[c] >= 10, "%s has %zu labels", synth_category_names[c], used[c]);
}

static void test_same_pictures(enum synth_kinds kinds, long long sum)
{
	struct synth *a = renderer(64, kinds), *b = renderer(64, kinds);
	struct synth_picture p;
	uint64_t first = 0, again = 0, other = 0;

	for (uint64_t i = 0; i < 60; i++) {
		synth_render(a, 7, i, &p);
		first = hash_picture(first, &p);
		synth_render(b, 1, 1000 - i, &p);
		synth_render(b, 7, i, &p);
		again = hash_picture(again, &p);
		synth_render(b, 8, i, &p);
		other = hash_picture(other, &p);
	}
	ok(first == again, "a picture does not depend on those before it");
	ok(first != other, "another seed, other pictures");
	is_int((long long)(first >> 16), sum, "the same bytes on every machine");
	synth_free(a);
	synth_free(b);
}

/* As synth.h states it, by division. */
static unsigned slow_color(const struct color_table *t, const struct synth_picture *p,
                           unsigned u, unsigned v)
{
	unsigned n = 0, sum[3] = {0};

	for (unsigned y = 0; y < p->size; y++)
		for (unsigned x = 0; x < p->size; x++) {
			bool inside =
			        x >= u * p->size / p->mask && x < (u + 1) * p->size / p->mask &&
			        y >= v * p->size / p->mask && y < (v + 1) * p->size / p->mask;

			for (int k = 0; k < 3 && inside; k++)
				sum[k] += p->rgb[3 * (y * p->size + x) + (unsigned)k];
			n += inside;
		}
	return 1 + color_name(t, (uint8_t)((2 * sum[0] + n) / (2 * n)),
	                      (uint8_t)((2 * sum[1] + n) / (2 * n)),
	                      (uint8_t)((2 * sum[2] + n) / (2 * n)));
}

static void test_colors(unsigned size)
{
	static struct color_table table;
	struct synth *s = renderer(size, SYNTH_TEN);
	struct synth_picture p;
	int wrong = 0;

	color_table_init(&table);
	for (uint64_t i = 0; i < 12; i++) {
		synth_render(s, 3, i, &p);
		for (unsigned v = 0; v < p.mask; v++)
			for (unsigned u = 0; u < p.mask; u++)
				wrong += p.map[SYNTH_COLOR].label[v * p.mask + u] !=
				         slow_color(&table, &p, u, v);
	}
	is_int(p.mask, size / 2, "masks are half of %u pixels", size);
	is_int(wrong, 0, "every colour is that of its pixels, size %u", size);
	synth_free(s);
}

/* Where a part, a second layer or a material may be found: on which objects,
 * or within which part.  A name may have several rows. */
static const struct {
	const char *what, *where;
} belongs[] = {
        {"roof", "house"},
        {"roof", "lighthouse"},
        {"chimney", "house"},
        {"door", "house"},
        {"door", "skyscraper"},
        {"door", "lighthouse"},
        {"door", "car"},
        {"door", "bus"},
        {"window", "house"},
        {"window", "skyscraper"},
        {"window", "lighthouse"},
        {"window", "car"},
        {"window", "bus"},
        {"window", "boat"},
        {"window", "wall"},
        {"trunk", "tree"},
        {"trunk", "fir"},
        {"trunk", "palm"},
        {"crown", "tree"},
        {"crown", "fir"},
        {"crown", "palm"},
        {"stem", "flower"},
        {"stem", "mushroom"},
        {"petals", "flower"},
        {"cap", "mushroom"},
        {"peak", "mountain"},
        {"wheel", "car"},
        {"wheel", "bus"},
        {"hub", "car"},
        {"hub", "bus"},
        {"headlight", "car"},
        {"headlight", "bus"},
        {"hull", "boat"},
        {"mast", "boat"},
        {"sail", "boat"},
        {"head", "person"},
        {"head", "snowman"},
        {"head", "bird"},
        {"hair", "person"},
        {"eye", "person"},
        {"eye", "snowman"},
        {"mouth", "person"},
        {"torso", "person"},
        {"torso", "snowman"},
        {"torso", "bird"},
        {"arm", "person"},
        {"arm", "snowman"},
        {"arm", "sofa"},
        {"arm", "streetlight"},
        {"leg", "person"},
        {"leg", "table"},
        {"leg", "chair"},
        {"leg", "sofa"},
        {"wing", "bird"},
        {"hat", "snowman"},
        {"pole", "fence"},
        {"pole", "streetlight"},
        {"pole", "umbrella"},
        {"pole", "lamp"},
        {"shade", "streetlight"},
        {"shade", "lamp"},
        {"canopy", "umbrella"},
        {"top", "table"},
        {"back", "chair"},
        {"back", "sofa"},
        {"seat", "chair"},
        {"seat", "sofa"},
        {"cushion", "sofa"},
        {"frame", "painting"},
        {"frame", "wall"},
        /* of the forty kinds */
        {"roof", "tent"},
        {"door", "tent"},
        {"leg", "bench"},
        {"back", "bench"},
        {"seat", "bench"},
        {"pole", "sign"},
        {"board", "sign"},
        {"canopy", "balloon"},
        {"basket", "balloon"},
        {"tail", "kite"},
        {"tail", "plane"},
        {"tail", "dog"},
        {"window", "plane"},
        {"wing", "plane"},
        {"door", "windmill"},
        {"roof", "windmill"},
        {"sail", "windmill"},
        {"top", "barrel"},
        {"leg", "dog"},
        {"torso", "dog"},
        {"head", "dog"},
        {"eye", "dog"},
        {"wheel", "bicycle"},
        {"frame", "bicycle"},
        {"seat", "bicycle"},
        {"back", "bed"},
        {"cushion", "bed"},
        {"blanket", "bed"},
        {"book", "shelf"},
        {"rubber", "bicycle"},
        /* layers */
        {"painting", "wall"},
        {"rug", "floor"},
        {"person", "boat"},
        {"hub", "wheel"},
        {"eye", "head"},
        {"mouth", "head"},
        {"hair", "head"},
        /* materials that are enough by themselves */
        {"water", "sea"},
        {"skin", "person"},
        {"asphalt", "road"},
        {"rubber", "car"},
        {"rubber", "bus"},
        {"rubber", "ball"},
};
enum { BELONGS = sizeof belongs / sizeof *belongs };

static bool may_be(const char *what, const char *where)
{
	for (size_t i = 0; i < BELONGS; i++)
		if (strcmp(belongs[i].what, what) == 0 && strcmp(belongs[i].where, where) == 0)
			return true;
	return false;
}

static bool is_listed(const char *what)
{
	for (size_t i = 0; i < BELONGS; i++)
		if (strcmp(belongs[i].what, what) == 0)
			return true;
	return false;
}

struct tally {
	long parts, strays, layers, stray_layers, materials, stray_materials, above_nothing;
};

/* The two layers of one category: the second is what the first lies within. */
static void tally_layers(const struct synth_map *m, struct tally *t)
{
	size_t count, n = map_pixels(m);
	const struct synth_label *label = synth_labels(&count);

	for (size_t i = 0; i < n && m->layers == 2; i++) {
		unsigned inner = m->label[i], outer = m->label[n + i];

		t->above_nothing += outer && !inner;
		if (!inner || !outer)
			continue;
		t->layers++;
		t->stray_layers += !may_be(label[inner].name, label[outer].name);
	}
}

static void tally_picture(const struct synth_picture *p, struct tally *t)
{
	const struct synth_map *object = &p->map[SYNTH_OBJECT], *part = &p->map[SYNTH_PART],
	                       *material = &p->map[SYNTH_MATERIAL];
	size_t count;
	const struct synth_label *label = synth_labels(&count);

	tally_layers(object, t);
	tally_layers(part, t);
	for (size_t i = 0; object->layers && i < map_pixels(object); i++) {
		const char *where = object->label[i] ? label[object->label[i]].name : "";

		if (part->layers && part->label[i]) {
			t->parts++;
			t->strays += !may_be(label[part->label[i]].name, where);
		}
		if (material->layers && material->label[i] &&
		    is_listed(label[material->label[i]].name)) {
			t->materials++;
			t->stray_materials += !may_be(label[material->label[i]].name, where);
		}
	}
}

static void test_nesting(enum synth_kinds kinds)
{
	struct synth *s = renderer(96, kinds);
	struct synth_picture p;
	struct tally t = {0};

	for (uint64_t i = 0; i < 160; i++) {
		synth_render(s, 11, i, &p);
		tally_picture(&p, &t);
	}
	ok(t.parts > 4000, "there are parts");
	is_int(t.strays, 0, "every part lies within an object that has such parts");
	ok(t.layers > 400, "there are second layers");
	is_int(t.stray_layers, 0, "a second layer holds what the first lies within");
	is_int(t.above_nothing, 0, "and nothing where the first is empty");
	ok(t.materials > 400, "there are materials that tell the object");
	is_int(t.stray_materials, 0, "and they are on such objects");
	synth_free(s);
}

/* With three times the size, mask pixel 3u + 1 has the same middle as u. */
static void test_masks_in_detail(enum synth_kinds kinds)
{
	struct synth *small = renderer(80, kinds), *large = renderer(240, kinds);
	struct synth_picture p, q;
	long compared = 0, different = 0;

	for (uint64_t i = 0; i < 40; i++) {
		synth_render(small, 5, i, &p);
		synth_render(large, 5, i, &q);
		for (int c = SYNTH_OBJECT; c <= SYNTH_MATERIAL; c++) {
			if (!p.map[c].layers || !q.map[c].layers)
				continue;
			for (unsigned v = 0; v < p.mask; v++)
				for (unsigned u = 0; u < p.mask; u++) {
					compared++;
					different += p.map[c].label[v * p.mask + u] !=
					             q.map[c].label[(3 * v + 1) * q.mask +
					                            3 * u + 1];
				}
		}
	}
	ok(compared > 100000, "masks of two sizes: %ld pixels", compared);
	/* Rounding to 1/256 pixel, and circles of more corners. */
	ok(different * 200 < compared, "the same but for roundings: %ld differ", different);
	synth_free(small);
	synth_free(large);
}

/* Brightness of the four pixels under a mask pixel. */
static double brightness(const struct synth_picture *p, unsigned u, unsigned v)
{
	double sum = 0;

	for (unsigned y = 2 * v; y < 2 * v + 2; y++)
		for (unsigned x = 2 * u; x < 2 * u + 2; x++)
			for (unsigned k = 0; k < 3; k++)
				sum += p->rgb[3 * (y * p->size + x) + k];
	return sum / 12;
}

static void test_masks_on_pixels(void)
{
	struct synth *s = renderer(160, SYNTH_TEN);
	struct synth_picture p;
	unsigned wheel = number_of("wheel"), sun = number_of("sun");
	double dark = 0, bright = 0;
	long wheels = 0, suns = 0;

	for (uint64_t i = 0; i < 300; i++) {
		synth_render(s, 2, i, &p);
		for (unsigned k = 0; k < p.mask * p.mask; k++) {
			if (p.map[SYNTH_PART].layers && p.map[SYNTH_PART].label[k] == wheel) {
				dark += brightness(&p, k % p.mask, k / p.mask);
				wheels++;
			}
			if (p.map[SYNTH_OBJECT].layers && p.map[SYNTH_OBJECT].label[k] == sun) {
				bright += brightness(&p, k % p.mask, k / p.mask);
				suns++;
			}
		}
	}
	ok(wheels > 200 && suns > 200, "wheels and suns");
	ok(dark / (double)wheels < 60, "where a wheel is labelled it is dark: %.0f",
	   dark / (double)wheels);
	ok(bright / (double)suns > 150, "where a sun is labelled it is bright: %.0f",
	   bright / (double)suns);
	synth_free(s);
}

static void test_annotation(enum synth_kinds kinds)
{
	enum { ITEMS = 800 };
	struct synth *s = renderer(64, kinds);
	struct synth_picture p;
	size_t count, missing = 0;
	const struct synth_label *label = synth_labels(&count);
	long *seen = calloc(count, sizeof *seen), annotated[SYNTH_CATEGORIES] = {0},
	     foreign = 0;
	long both = 0;

	for (uint64_t i = 0; i < ITEMS; i++) {
		synth_render(s, 1, i, &p);
		both += p.map[SYNTH_TEXTURE].layers && p.map[SYNTH_SCENE].layers;
		for (int c = 0; c < SYNTH_CATEGORIES; c++) {
			const struct synth_map *m = &p.map[c];

			annotated[c] += m->layers > 0;
			for (size_t k = 0; k < m->layers * map_pixels(m); k++) {
				seen[m->label[k]]++;
				foreign += m->label[k] >= count ||
				           (m->label[k] && label[m->label[k]].category !=
				                                   (enum synth_category)c);
			}
		}
	}
	for (size_t k = 1; k < count; k++) {
		bool wanted = synth_has_label(kinds, k);

		missing += wanted != (seen[k] > 0);
		if (wanted != (seen[k] > 0))
			printf("# %s was %s\n", label[k].name, wanted ? "not seen" : "seen");
	}
	is_int(missing, 0, "the labels of these kinds, and no others, occur within %d items",
	       ITEMS);
	is_int(foreign, 0, "labels are of the category that they stand in");
	is_int(both, 0, "a picture is a scene or a texture");
	is_int(annotated[SYNTH_COLOR], ITEMS, "all are annotated in colour");
	for (int c = SYNTH_OBJECT; c < SYNTH_CATEGORIES; c++)
		ok(annotated[c] > ITEMS / 10 && annotated[c] < ITEMS * 3 / 4,
		   "%s is annotated on some: %ld", synth_category_names[c], annotated[c]);
	free(seen);
	synth_free(s);
}

int main(void)
{
	test_labels();
	test_same_pictures(SYNTH_TEN, 80954021481050);
	test_same_pictures(SYNTH_FORTY, 106183774156148);
	test_colors(64);
	test_colors(75);
	for (enum synth_kinds kinds = SYNTH_TEN; kinds <= SYNTH_FORTY; kinds++) {
		test_nesting(kinds);
		test_masks_in_detail(kinds);
		test_annotation(kinds);
	}
	test_masks_on_pixels();
	return done();
}
