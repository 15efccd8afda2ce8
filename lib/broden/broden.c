/* broden.c -- see broden.h. */
#include "broden/broden.h"

#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#ifdef SYS_openat2
#include <linux/openat2.h>
#endif

#include "base/memory.h"
#include "table/csv.h"
#include "base/file.h"
#include "image/image.h"
#include "image/resize.h"

enum { SEPARATOR = ';' };           /* between the labels of a cell */
enum { MAPS_PIXELS_MAX = 1 << 28 }; /* of a cell's maps together */

/* The columns of index.csv that are not categories. */
enum { IMAGE, SPLIT, IH, IW, SH, SW, FIXED };
static const char *const fixed[FIXED] = {"image", "split", "ih", "iw", "sh", "sw"};

struct broden {
	char *directory;
	char images[PATH_MAX]; /* DIR/images without symbolic links */
	int root;              /* that, open; or -1 */
	struct csv index;
	struct ndr_meta meta;
	size_t dense;   /* all numbers below it are labels, or 0 */
	size_t fields;  /* of a row: FIXED and the chosen categories */
	size_t *column; /* [fields] where index.csv has them */
	size_t rows, capacity;
	const char **field; /* [rows][fields], in index's text */
	uint64_t *number;   /* [rows] their numbers in index.csv */
	size_t number_capacity;
};

/* ---- The tables ----------------------------------------------------------- */

static int open_table(const struct broden *b, const char *stem, const char *name,
                      struct csv *table, struct error *e)
{
	char path[PATH_MAX];

	*table = (struct csv){0};
	if (snprintf(path, sizeof path, "%s/%s%s.csv", b->directory, stem, name) >=
	    (int)sizeof path)
		return error_set(e, EXIT_USAGE, "%.200s: path is too long", b->directory);
	return csv_open(table, path, e);
}

/* Is name one of the list's, which are joined by commas? */
static bool is_chosen(const char *list, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = list; p; p = strchr(p, ',')) {
		p += *p == ',';
		if (strncmp(p, name, n) == 0 && (!p[n] || p[n] == ','))
			return true;
	}
	return false;
}

static int find_category(const struct ndr_meta *m, const char *name, size_t length)
{
	for (size_t i = 0; i < m->categories; i++)
		if (strncmp(m->category[i], name, length) == 0 && !m->category[i][length])
			return (int)i;
	return -1;
}

static int add_categories(struct broden *b, struct csv *table, const char *chosen,
                          struct error *e)
{
	int name = csv_need(table, "name", e), more;

	if (name < 0)
		return -1;
	while ((more = csv_next(table, e)) == 1) {
		const char *category = table->field[name];

		if (chosen && !is_chosen(chosen, category))
			continue;
		if (find_category(&b->meta, category, strlen(category)) >= 0 ||
		    strpbrk(category, "/,"))
			return error_set(e, EXIT_MALFORMED,
			                 "%s/category.csv: row %llu: category '%.40s' is not a "
			                 "new, plain name",
			                 b->directory, (unsigned long long)table->row,
			                 category);
		if (ndr_meta_add_category(&b->meta, category, e) < 0)
			return -1;
	}
	return more;
}

static int read_categories(struct broden *b, const char *chosen, struct error *e)
{
	struct csv table;
	int status = open_table(b, "", "category", &table, e);

	if (status == 0)
		status = add_categories(b, &table, chosen, e);
	csv_close(&table);
	if (status < 0)
		return -1;
	for (const char *p = chosen; p; p = strchr(p, ',')) {
		p += *p == ',';
		if (find_category(&b->meta, p, strcspn(p, ",")) < 0)
			return error_set(e, EXIT_USAGE, "%s/category.csv: no category '%.*s'",
			                 b->directory, (int)strcspn(p, ","), p);
	}
	if (!b->meta.categories)
		return error_set(e, EXIT_MALFORMED, "%s/category.csv: no categories",
		                 b->directory);
	return 0;
}

/* A label's category so far. */
struct primary {
	int category; /* -1: none */
	double coverage;
};

static int add_coverage(struct csv *table, int category, struct primary *primary,
                        struct error *e)
{
	int number = csv_need(table, "number", e);
	int coverage = csv_need(table, "coverage", e);
	int more;
	struct primary p = {.category = category};
	uint64_t n;

	if (number < 0 || coverage < 0)
		return -1;
	while ((more = csv_next(table, e)) == 1) {
		if (csv_count(table, number, 0, NDR_LABELS - 1, &n, e) < 0)
			return -1;
		if (n == 0)
			continue;
		if (csv_real(table, coverage, &p.coverage, e) < 0)
			return -1;
		/* Categories come in their order, so the later one wins a tie. */
		if (primary[n].category < 0 || p.coverage >= primary[n].coverage)
			primary[n] = p;
	}
	return more;
}

static int add_labels(struct broden *b, struct csv *table, const struct primary *primary,
                      struct error *e)
{
	int number = csv_need(table, "number", e);
	int name = csv_need(table, "name", e);
	int more;
	uint64_t n;

	if (number < 0 || name < 0)
		return -1;
	while ((more = csv_next(table, e)) == 1) {
		if (csv_count(table, number, 0, NDR_LABELS - 1, &n, e) < 0)
			return -1;
		if (n < b->meta.labels && b->meta.label[n].name)
			return error_set(e, EXIT_MALFORMED,
			                 "%s/label.csv: row %llu: label %llu again",
			                 b->directory, (unsigned long long)table->row,
			                 (unsigned long long)n);
		if (n && primary[n].category >= 0 &&
		    ndr_meta_set_label(&b->meta, n, table->field[name], primary[n].category,
		                       e) < 0)
			return -1;
	}
	return more;
}

/* Is it a number that a pixel may have? */
static bool has_label(const struct ndr_meta *m, size_t number)
{
	return number == 0 || (number < m->labels && m->label[number].name);
}

static int read_labels(struct broden *b, struct error *e)
{
	struct primary *primary = memory_new(NDR_LABELS, sizeof *primary, e);
	struct csv table;
	int status = primary ? 0 : -1;

	for (size_t i = 0; primary && i < NDR_LABELS; i++)
		primary[i].category = -1;
	for (size_t c = 0; c < b->meta.categories && status == 0; c++) {
		status = open_table(b, "c_", b->meta.category[c], &table, e);
		if (status == 0)
			status = add_coverage(&table, c, primary, e);
		csv_close(&table);
	}
	if (status == 0) {
		status = open_table(b, "", "label", &table, e);
		if (status == 0)
			status = add_labels(b, &table, primary, e);
		csv_close(&table);
	}
	free(primary);
	while (status == 0 && has_label(&b->meta, b->dense))
		b->dense++;
	return status;
}

static int find_columns(struct broden *b, struct error *e)
{
	b->fields = FIXED + b->meta.categories;
	b->column = memory_new(b->fields, sizeof *b->column, e);
	if (!b->column)
		return -1;
	for (size_t i = 0; i < b->fields; i++) {
		int column = csv_need(&b->index,
		                      i < FIXED ? fixed[i] : b->meta.category[i - FIXED], e);

		if (column < 0)
			return -1;
		b->column[i] = column;
	}
	return 0;
}

static int add_row(struct broden *b, struct error *e)
{
	if (memory_grow(&b->field, &b->capacity, (b->rows + 1) * b->fields, sizeof *b->field,
	                e) < 0 ||
	    memory_grow(&b->number, &b->number_capacity, b->rows + 1, sizeof *b->number, e) < 0)
		return -1;
	for (size_t i = 0; i < b->fields; i++)
		b->field[b->rows * b->fields + i] = b->index.field[b->column[i]];
	b->number[b->rows++] = b->index.row;
	return 0;
}

static int read_index(struct broden *b, const struct broden_choice *choice, struct error *e)
{
	int more = 1;

	if (open_table(b, "", "index", &b->index, e) < 0 || find_columns(b, e) < 0)
		return -1;
	while (b->rows < choice->limit && (more = csv_next(&b->index, e)) == 1)
		if (!choice->split ||
		    strcmp(b->index.field[b->column[SPLIT]], choice->split) == 0)
			if (add_row(b, e) < 0)
				return -1;
	if (more < 0)
		return -1;
	if (b->rows >= NDR_NO_ITEM)
		return error_set(e, EXIT_MALFORMED, "%s/index.csv: too many rows",
		                 b->directory);
	if (choice->split && !b->rows)
		return error_set(e, EXIT_USAGE, "%s/index.csv: no row of split '%s'",
		                 b->directory, choice->split);
	b->meta.items = b->rows;
	return 0;
}

static int open_all(struct broden *b, const char *directory, const struct broden_choice *choice,
                    struct error *e)
{
	char path[PATH_MAX];

	b->directory = memory_string(directory, e);
	if (!b->directory || read_categories(b, choice->categories, e) < 0 ||
	    read_labels(b, e) < 0 || read_index(b, choice, e) < 0)
		return -1;
	if (snprintf(path, sizeof path, "%s/images", directory) >= (int)sizeof path)
		return error_set(e, EXIT_USAGE, "%.200s: path is too long", directory);
	if (!realpath(path, b->images))
		return error_errno(e, "%s", path);
	b->root = open(b->images, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return b->root < 0 ? error_errno(e, "%s", path) : 0;
}

struct broden *broden_open(const char *directory, const struct broden_choice *choice,
                           struct error *e)
{
	struct broden *b = memory_new(1, sizeof *b, e);

	if (b)
		b->root = -1;
	if (b && open_all(b, directory, choice, e) < 0) {
		broden_close(b);
		b = NULL;
	}
	return b;
}

void broden_close(struct broden *b)
{
	if (!b)
		return;
	if (b->root >= 0)
		close(b->root);
	csv_close(&b->index);
	ndr_meta_free(&b->meta);
	free(b->directory);
	free(b->column);
	free(b->field);
	free(b->number);
	free(b);
}

const struct ndr_meta *broden_meta(const struct broden *b)
{
	return &b->meta;
}

/* ---- One item -------------------------------------------------------------- */

/* A row on its way to records. */
struct work {
	const struct broden *b;
	const struct broden_form *form;
	size_t row;
	const char *image;       /* the row's, by name */
	uint32_t ih, iw, sh, sw; /* as the row says */
	struct square square;    /* of the image, if form->crop */
	struct ndr_item *item;
	struct error *e;
};

/* A fault of the file that the row names so. */
__attribute__((format(printf, 3, 4))) static int bad(const struct work *w, const char *name,
                                                     const char *format, ...)
{
	char reason[200];
	va_list args;

	va_start(args, format);
	vsnprintf(reason, sizeof reason, format, args);
	va_end(args);
	return error_set(w->e, EXIT_MALFORMED, "%s/images/%.200s: index.csv row %llu: %s",
	                 w->b->directory, name, (unsigned long long)w->b->number[w->row],
	                 reason);
}

/* The next part of a cell into [*part, *part + length); false at its end. */
static bool next_part(const char **cell, const char **part, size_t *length)
{
	while (**cell == SEPARATOR)
		++*cell;
	*part = *cell;
	*length = strcspn(*cell, (char[]){SEPARATOR, '\0'});
	*cell += *length;
	return *length > 0;
}

/* A part is a label number if it is all digits, else the name of a file. */
static bool is_number(const char *part, size_t length)
{
	return strspn(part, "0123456789") >= length;
}

/* How many maps and whole-image labels other than 0 a cell has. */
static void count_parts(const char *cell, size_t *maps, size_t *numbers)
{
	const char *part;
	size_t length;

	*maps = *numbers = 0;
	while (next_part(&cell, &part, &length)) {
		if (!is_number(part, length))
			++*maps;
		else if (strspn(part, "0") < length)
			++*numbers;
	}
}

/* Does the row have a label in a chosen category? */
static bool is_labelled(const struct broden *b, size_t row)
{
	size_t maps, numbers;

	for (size_t i = FIXED; i < b->fields; i++) {
		count_parts(b->field[row * b->fields + i], &maps, &numbers);
		if (maps + numbers)
			return true;
	}
	return false;
}

uint32_t broden_count(const struct broden *b, uint32_t first, uint32_t end)
{
	uint32_t n = 0;

	for (uint32_t row = first; row < end; row++)
		n += is_labelled(b, row);
	return n;
}

static bool leads_out(const char *name)
{
	if (*name == '/')
		return true;
	for (const char *p = name; p; p = strchr(p, '/')) {
		p += *p == '/';
		if (strncmp(p, "..", 2) == 0 && (!p[2] || p[2] == '/'))
			return true;
	}
	return false;
}

/* A FIFO is refused, not waited for. */
enum { OPEN_FLAGS = O_RDONLY | O_CLOEXEC | O_NONBLOCK };

/* Open a file below DIR/images to which no link leads.  Other files fail; all do where the
 * kernel cannot look after that. */
static int open_plainly(const struct broden *b, const char *name)
{
#ifdef SYS_openat2
	struct open_how how = {.flags = OPEN_FLAGS,
	                       .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};

	return (int)syscall(SYS_openat2, b->root, name, &how, sizeof how);
#else
	(void)b;
	(void)name;
	return -1;
#endif
}

/* The same through links, which may not lead out of the directory. */
static int open_by_links(const struct work *w, const char *name, const char *place)
{
	const char *root = w->b->images;
	char path[PATH_MAX], real[PATH_MAX];
	size_t n = strlen(root);
	int fd;

	if (snprintf(path, sizeof path, "%s/%s", root, name) >= (int)sizeof path)
		return bad(w, name, "name is too long");
	if (!realpath(path, real))
		return error_errno(w->e, "%s", place);
	if (strncmp(real, root, n) != 0 || (real[n] != '/' && strcmp(root, "/") != 0))
		return bad(w, name, "name leads out of the directory");
	fd = open(real, OPEN_FLAGS);
	return fd < 0 ? error_errno(w->e, "%s", place) : fd;
}

/* Read a file below DIR/images; place is what messages call it. */
static char *read_file(const struct work *w, const char *name, char place[static PATH_MAX],
                       size_t *length)
{
	struct stat st;
	char *data = NULL;
	int fd;

	snprintf(place, PATH_MAX, "%s/images/%s: index.csv row %llu", w->b->directory, name,
	         (unsigned long long)w->b->number[w->row]);
	if (leads_out(name)) {
		bad(w, name, "name leads out of the directory");
		return NULL;
	}
	fd = open_plainly(w->b, name);
	if (fd < 0)
		fd = open_by_links(w, name, place);
	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		bad(w, name, "not a regular file");
	else
		data = file_read_open(fd, place, length, w->e);
	close(fd);
	return data;
}

static int check_size(const struct work *w, const char *name, const char *what, uint32_t height,
                      uint32_t width, uint32_t row_height, uint32_t row_width)
{
	if (height == row_height && width == row_width)
		return 0;
	return bad(w, name, "%s is %u x %u, the row says %u x %u", what, width, height,
	           row_width, row_height);
}

static int add_image(struct work *w, const struct image *image)
{
	struct ndr_record r = {.type = NDR_IMAGE,
	                       .dtype = NDR_U8,
	                       .ndim = 3,
	                       .dims = {image->height, image->width, 3},
	                       .data = image->pixel};

	return ndr_item_add(w->item, &r, w->e) ? 0 : -1;
}

static int load_image(struct work *w)
{
	char place[PATH_MAX];
	struct image image = {0}, other = {0};
	size_t length;
	char *data = read_file(w, w->image, place, &length);
	int status = data ? image_decode(&image, data, length, place, w->e) : -1;

	free(data);
	if (status == 0)
		status = check_size(w, w->image, "image", image.height, image.width, w->ih,
		                    w->iw);
	if (status == 0 && w->form->crop) {
		status = image_crop(&image, w->square, &other, w->e);
		image_free(&image);
		image = other;
	}
	if (status == 0 && w->form->size) {
		status = image_resize(&image, w->form->size, w->form->size, &other, w->e);
		image_free(&image);
		image = other;
	}
	if (status == 0)
		status = add_image(w, &image);
	image_free(&image);
	return status;
}

static int check_labels(const struct work *w, const char *name, const struct label_map *map)
{
	size_t n = (size_t)map->height * map->width;
	uint16_t highest = 0;

	for (size_t i = 0; i < n; i++)
		highest = map->label[i] > highest ? map->label[i] : highest;
	for (size_t i = 0; i < n && highest >= w->b->dense; i++)
		if (!has_label(&w->b->meta, map->label[i]))
			return bad(w, name, "pixel value %u at column %zu, row %zu is no label",
			           map->label[i], i % map->width, i / map->width);
	return 0;
}

/* One pixel map, cropped; label_map_free() it. */
static int load_map(struct work *w, const char *name, struct label_map *map)
{
	char place[PATH_MAX];
	struct label_map whole = {0};
	size_t length;
	char *data = read_file(w, name, place, &length);
	int status = data ? label_map_decode(map, data, length, place, w->e) : -1;

	free(data);
	if (status == 0)
		status =
		        check_size(w, name, "label map", map->height, map->width, w->sh, w->sw);
	if (status == 0)
		status = check_labels(w, name, map);
	if (status == 0 && w->form->crop) {
		whole = *map;
		status = label_map_crop(&whole, w->ih, w->iw, w->square, map, w->e);
		label_map_free(&whole);
	}
	if (status < 0)
		label_map_free(map);
	return status;
}

static int add_maps(struct work *w, uint32_t category, const char *cell, size_t maps,
                    const struct ndr_item_info *info)
{
	struct ndr_record r = {.type = NDR_LABEL,
	                       .dtype = NDR_U16,
	                       .ndim = 3,
	                       .dims = {maps, info->label_height, info->label_width},
	                       .group = category};
	size_t pixels = (size_t)info->label_height * info->label_width, length;
	const char *part;
	uint16_t *to;

	if (pixels > IMAGE_PIXELS_MAX || maps > MAPS_PIXELS_MAX / pixels)
		return bad(w, w->image, "%zu label maps of %zu pixels are too many", maps,
		           pixels);
	to = ndr_item_add(w->item, &r, w->e);
	if (!to)
		return -1;
	while (next_part(&cell, &part, &length)) {
		char name[PATH_MAX];
		struct label_map map = {0};

		if (is_number(part, length))
			continue;
		if (length >= sizeof name)
			return bad(w, part, "name is too long");
		memcpy(name, part, length);
		name[length] = '\0';
		if (load_map(w, name, &map) < 0)
			return -1;
		memcpy(to, map.label, pixels * sizeof *to);
		label_map_free(&map);
		to += pixels;
	}
	return 0;
}

static int add_numbers(struct work *w, uint32_t category, const char *cell, size_t numbers)
{
	struct ndr_record r = {.type = NDR_LABEL,
	                       .dtype = NDR_U16,
	                       .ndim = 3,
	                       .dims = {numbers, 1, 1},
	                       .group = category};
	uint16_t *to = ndr_item_add(w->item, &r, w->e);
	const char *part;
	size_t length;

	if (!to)
		return -1;
	while (next_part(&cell, &part, &length)) {
		unsigned long n = is_number(part, length) ? strtoul(part, NULL, 10) : 0;

		if (!has_label(&w->b->meta, n))
			return bad(w, w->image, "column %s: %.*s is no label",
			           w->b->meta.category[category],
			           (int)(length < 20 ? length : 20), part);
		if (n)
			*to++ = n;
	}
	return 0;
}

/* One of the row's four sizes. */
static int size_field(const struct work *w, int field, uint32_t *value)
{
	const char *text = w->b->field[w->row * w->b->fields + field];
	unsigned long n = is_number(text, strlen(text)) ? strtoul(text, NULL, 10) : 0;

	if (n < 1 || n > IMAGE_SIDE_MAX)
		return bad(w, w->image, "%s '%.20s' is not a size", fixed[field], text);
	*value = n;
	return 0;
}

int broden_item(const struct broden *b, const struct broden_form *form, struct ndr_item *item,
                struct error *e)
{
	const char *const *row = b->field + item->number * b->fields;
	struct work w = {.b = b,
	                 .form = form,
	                 .row = item->number,
	                 .image = row[IMAGE],
	                 .item = item,
	                 .e = e};
	struct ndr_item_info info = {.name = row[IMAGE]};
	size_t maps, numbers;

	if (!is_labelled(b, w.row))
		return 0;
	if (size_field(&w, IH, &w.ih) < 0 || size_field(&w, IW, &w.iw) < 0 ||
	    size_field(&w, SH, &w.sh) < 0 || size_field(&w, SW, &w.sw) < 0)
		return -1;
	info.image_height = w.ih;
	info.image_width = w.iw;
	info.label_height = w.sh;
	info.label_width = w.sw;
	if (form->crop) {
		w.square = middle_square(w.ih, w.iw);
		info.image_height = info.image_width = w.square.side;
		info.label_height = label_crop_size(w.sh, w.ih, w.square.side);
		info.label_width = label_crop_size(w.sw, w.iw, w.square.side);
	}
	if (form->size)
		info.image_height = info.image_width = form->size;
	if (!form->images)
		info.image_height = info.image_width = 0;
	if (ndr_item_add_info(item, &info, e) < 0)
		return -1;
	if (form->images && load_image(&w) < 0)
		return -1;
	for (uint32_t c = 0; form->labels && c < b->meta.categories; c++) {
		count_parts(row[FIXED + c], &maps, &numbers);
		if ((maps && add_maps(&w, c, row[FIXED + c], maps, &info) < 0) ||
		    (numbers && add_numbers(&w, c, row[FIXED + c], numbers) < 0))
			return -1;
	}
	return 0;
}
