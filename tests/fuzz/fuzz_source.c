/* fuzz_source.c -- any text as a source of broden-make, as COCO's two kinds of JSON where it
 *begins with '{', and as a table of whole images where it begins with "image".
 *
 *	make fuzz
 *	build-fuzz/fuzz_source -max_len=4096 NEW-DIRECTORY tests/fuzz/seeds/source
 *
 * A segment is found under its id, a label under its image, each entry of a set stands for
 *labels that there are; what fails has said why in one line. */
#include "join/maps.h"
#include "fuzz.h"

static void read_json(const char *text, size_t size)
{
	struct error e = {0};
	struct panoptic p = {0};

	if (checked(panoptic_parse(&p, text, size, "x.json", &e), &e) == 0)
		for (size_t i = 0; i < p.maps; i++) {
			const struct panoptic_map *m = panoptic_find(&p, p.map[i].file);

			if (m != &p.map[i])
				abort();
			for (size_t k = m->first; k < m->first + m->segments; k++)
				if (panoptic_segment(&p, m, p.segment[k].id) != &p.segment[k])
					abort();
		}
	panoptic_free(&p);
}

static void read_instances(const char *text, size_t size)
{
	struct instances in = {0};
	struct error e = {0};

	if (checked(instances_parse(&in, text, size, "x.json", &e), &e) == 0)
		for (size_t i = 0; i < in.images; i++) {
			const struct instance_image *image = &in.image[i];
			struct polygon_work w = {0};
			struct label_map map;

			if (instances_find(&in, image->file) != image)
				abort();
			if (!image->height || !image->width ||
			    (uint64_t)image->height * image->width > 1 << 16 ||
			    label_map_new(&map, image->height, image->width, "x", &e) < 0)
				continue;
			for (size_t k = image->first; k < image->first + image->instances;
			     k++) {
				e = (struct error){0};
				if (checked(instances_draw(&in, &in.instance[k], &map, 1, &w,
				                           "x", &e),
				            &e) < 0)
					break;
			}
			polygon_work_free(&w);
			label_map_free(&map);
		}
	instances_free(&in);
}

static void read_table(const void *text, size_t size, const char *path, bool marks)
{
	struct join_names names = {0};
	struct join_wholes w = {0};
	struct error e = {0};
	uint32_t category = UINT32_MAX;
	char *copy = malloc(size + 1);

	if (!copy || (marks && join_category(&names, "object", 6, "x", &category, &e) < 0))
		abort();
	memcpy(copy, text, size);
	copy[size] = '\0';
	if (checked(join_whole_parse(&w, copy, size, path, category, &names, &e), &e) == 0)
		for (size_t i = 0; i < w.count; i++) {
			size_t n;
			const struct join_whole *first =
			        join_whole_of(&w, w.label[i].image, &n);

			if (first > &w.label[i] || first + n <= &w.label[i] ||
			    w.label[i].name >= names.names ||
			    w.label[i].category >= names.categories)
				abort();
		}
	join_whole_free(&w);
	join_names_free(&names);
}

static void make_entries(const struct join_source *s, const struct join_names *names)
{
	for (size_t i = 0; i < s->sets; i++) {
		struct join_entries t;
		struct error e = {0};

		if (join_entries_new(&t, s, i, names, &e) < 0)
			abort();
		for (size_t k = 0; k < t.layers * (t.count + 1); k++)
			if (t.label[k] > names->names)
				abort();
		join_entries_free(&t);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct join_names names = {0};
	struct join_source s = {0};
	struct error e = {0};
	char *text = malloc(size + 1);

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	if (*text == '{') {
		read_json(text, size);
		read_instances(text, size);
	} else if (strncmp(text, "image\t", 6) == 0)
		for (int marks = 0; marks < 2; marks++)
			read_table(text, size, "x.tsv", marks);
	else if (strncmp(text, "image,", 6) == 0)
		for (int marks = 0; marks < 2; marks++)
			read_table(text, size, "x.csv", marks);
	else if (!strstr(text, "whole") && !strstr(text, "marks") &&
	         checked(join_source_parse(&s, text, size, "folder", &names, &e), &e) == 0)
		make_entries(&s, &names);
	join_source_free(&s);
	join_names_free(&names);
	free(text);
	return 0;
}
