/* files.c -- see files.h. */
#include "join/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "image/png_writer.h"

enum { LABELS = 65536, PATH_BYTES = 4096 };

/* Number a plane's labels; whether any is left. */
static bool number_plane(const struct join_files *f, uint16_t *label, size_t n)
{
	uint16_t any = 0;

	for (size_t i = 0; i < n; i++)
		any |= label[i] = f->kept->number[label[i]];
	return any != 0;
}

static int write_map(const struct join_files *f, const struct join_item *item, uint16_t *label,
                     const char *name, struct error *e)
{
	const struct label_map map = {item->sh, item->sw, label};
	struct text png = {0}, path = {0};
	char *bytes = NULL, *to = NULL;
	size_t n = 0;
	int status = -1;

	text_print(&path, "images/%s", name);
	to = text_take(&path, "a path", e);
	if (to && png_encode_labels(&png, &map, e) == 0) {
		n = png.length;
		bytes = text_take(&png, "a PNG", e);
	}
	if (bytes)
		status = join_place_write(f->place, to, bytes, n, e);
	text_free(&png);
	free(bytes);
	free(to);
	return status;
}

/* A category's labels of the whole image, each once. */
static int write_numbers(const struct join_files *f, uint32_t category,
                         const struct join_item *item, struct text *cell, struct error *e)
{
	bool *seen = item->wholes ? memory_new(LABELS, sizeof *seen, e) : NULL;

	if (item->wholes && !seen)
		return -1;
	for (size_t i = 0; i < item->wholes; i++) {
		const uint16_t number =
		        f->kept->number[join_label(&f->plan->names, item->whole[i].name)];

		if (item->whole[i].category != category || !number || seen[number])
			continue;
		seen[number] = true;
		text_print(cell, "%s%u", cell->length ? ";" : "", number);
	}
	free(seen);
	return 0;
}

/* A category's cell; its maps are written. */
static int write_cell(const struct join_files *f, const char *name, size_t category,
                      const struct join_item *item, struct text *cell, struct error *e)
{
	const uint32_t of = f->kept->category_of[category];
	const size_t n = (size_t)item->sh * item->sw;
	size_t maps = 0, at = 0;
	bool *left = memory_new(item->planes, sizeof *left, e);
	int status = left ? 0 : -1;

	for (size_t i = 0; left && i < item->planes; i++)
		if (item->plane[i].category == of)
			maps += left[i] = number_plane(f, item->plane[i].label, n);
	for (size_t i = 0; i < item->planes && status == 0; i++) {
		char *map;

		if (!left[i])
			continue;
		at++;
		map = maps > 1
		              ? memory_print(e, "%s_%s_%zu.png", name,
		                             f->kept->category[category], at)
		              : memory_print(e, "%s_%s.png", name, f->kept->category[category]);
		status = map ? write_map(f, item, item->plane[i].label, map, e) : -1;
		if (map)
			text_print(cell, "%s%s", cell->length ? ";" : "", map);
		free(map);
	}
	free(left);
	return status < 0 ? -1 : write_numbers(f, of, item, cell, e);
}

static int write_image(const struct join_files *f, const char *image, struct join_item *item,
                       struct error *e)
{
	char *path = memory_print(e, "images/%s", image), *bytes;
	const size_t n = item->file.length;
	int status = -1;

	bytes = path ? text_take(&item->file, path, e) : NULL;
	if (bytes)
		status = join_place_write(f->place, path, bytes, n, e);
	free(bytes);
	free(path);
	return status;
}

/* NULL with e set. */
static const char *split_of(const struct join_files *f, size_t i, const char *image,
                            struct error *e)
{
	const char *split = f->plan->source[f->plan->image[i].source].split;
	const int train = split ? 0 : join_split_is_train(f->split, image, e);

	return split ? split : train < 0 ? NULL : train ? "train" : "val";
}

/* The row of index.csv, "image,split,...", after the files are written. */
int join_files_write(const struct join_files *f, size_t i, struct join_item *item,
                     struct text *line, struct error *e)
{
	const char *name = f->plan->image[i].name;
	char *image = memory_print(e, "%s%s", name, item->ending);
	bool any = false;
	struct text row = {0};
	char *text;
	const char *split = image ? split_of(f, i, image, e) : NULL;
	int status = split ? 0 : -1;

	if (status == 0)
		text_print(&row, "%s,%s,%u,%u,%u,%u", image, split, item->ih, item->iw,
		           item->sh, item->sw);
	for (size_t c = 0; c < f->kept->categories && status == 0; c++) {
		struct text cell = {0};
		char *of_category;

		status = write_cell(f, name, c, item, &cell, e);
		of_category = status == 0 ? text_take(&cell, "a cell", e) : NULL;
		if (status == 0 && !of_category)
			status = -1;
		if (of_category) {
			any |= *of_category != '\0';
			text_byte(&row, ',');
			text_string(&row, of_category);
		}
		free(of_category);
		text_free(&cell);
	}
	if (status == 0 && any)
		status = write_image(f, image, item, e);
	text = status == 0 ? text_take(&row, "a row", e) : NULL;
	if (text && any)
		text_string(line, text);
	if (status == 0 && !text)
		status = -1;
	text_free(&row);
	free(text);
	free(image);
	return status;
}

/* The maps of a category that an image can have: one, or numbers from 1 on. */
static int forget_maps(const struct join_files *f, const char *image, const char *category,
                       size_t maps, struct error *e)
{
	char path[PATH_BYTES];
	const int n = snprintf(path, sizeof path, "images/%s_%s", image, category);

	if (n + 32 > (int)sizeof path)
		return error_set(e, EXIT_USAGE, "%.200s: name is too long", image);
	for (size_t k = 0; k <= maps; k++) {
		if (k)
			snprintf(path + n, sizeof path - (size_t)n, "_%zu.png", k);
		else
			snprintf(path + n, sizeof path - (size_t)n, ".png");
		if (join_place_remove(f->place, path, e) < 0)
			return -1;
	}
	return 0;
}

int join_files_forget(const struct join_files *f, size_t i, struct error *e)
{
	static const char *const endings[] = {".jpg", ".png", ".pnm"};
	const struct join_image *image = &f->plan->image[i];
	const struct join_names *names = &f->plan->names;
	char path[PATH_BYTES];

	for (size_t k = 0; k < sizeof endings / sizeof *endings; k++) {
		snprintf(path, sizeof path, "images/%s%s", image->name, endings[k]);
		if (join_place_remove(f->place, path, e) < 0)
			return -1;
	}
	for (size_t c = 0; c < names->categories; c++)
		if (forget_maps(f, image->name, names->category[c],
		                f->plan->source[image->source].layers + 1, e) < 0)
			return -1;
	return 0;
}
