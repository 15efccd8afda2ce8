/* build.c -- see build.h. */
#include "join/build.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/fs.h>
#include <math.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/checksum.h"
#include "base/file.h"
#include "base/memory.h"
#include "image/png_writer.h"
#include "join/md5.h"
#include "table/table.h"

enum { LABELS = 65536, PATH_BYTES = 4096 };

struct join_build {
	const struct join_plan *plan;
	const struct join_limits *limits;
	char *directory, *part;
	int root; /* part, open */
	regex_t group;
	bool grouped, resumed; /* resumed: there may be files that another run has left */
	enum join_pass pass;
	int log;
	size_t next;                      /* image whose line comes next */
	uint64_t written;                 /* bytes of the log */
	struct broden_statistics counted; /* by join_label() */
	uint16_t *number;                 /* [65536] of those that are kept, or 0 */
	char **name, **synonyms;          /* [65536] by number */
	const char **category;            /* [categories] of the directory, in its order */
	uint32_t *category_of;            /* [categories] which of the plan's it is */
	size_t categories;
	struct join_facts facts;
};

static const char *const log_names[] = {"counts", "written"};

/* ---- trees ---- */

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static int remove_tree(const char *path, struct error *e)
{
	return nftw(path, remove_one, 32, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT
	               ? 0
	               : error_errno(e, "%s", path);
}

static int place_error(const struct join_build *b, const char *name, struct error *e)
{
	return error_errno(e, "%s/%s", b->part, name);
}

/* A file below DIR.part, in folders that may not be there yet. */
static int write_below(const struct join_build *b, const char *name, const void *bytes,
                       size_t n, struct error *e)
{
	char path[PATH_BYTES];
	int fd, status;

	if (snprintf(path, sizeof path, "%s", name) >= (int)sizeof path)
		return error_set(e, EXIT_USAGE, "%.200s: name is too long", name);
	for (char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdirat(b->root, path, 0777) < 0 && errno != EEXIST)
			return place_error(b, path, e);
		*slash = '/';
	}
	fd = openat(b->root, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
	if (fd < 0)
		return place_error(b, path, e);
	status = file_write(fd, path, bytes, n, e);
	if (close(fd) < 0 && status == 0)
		status = place_error(b, path, e);
	return status;
}

/* ---- logs ---- */

static uint32_t source_digest(uint32_t sum, const struct join_source *s)
{
	sum = checksum(sum, s->text, s->length);
	for (size_t i = 0; i < s->whole.count; i++) {
		const struct join_whole *w = &s->whole.label[i];
		const uint32_t label[] = {w->category, w->name};

		sum = checksum(sum, w->image, strlen(w->image) + 1);
		sum = checksum(sum, label, sizeof label);
	}
	for (size_t i = 0; i < s->sets; i++) {
		const struct panoptic *p = &s->set[i].panoptic;

		for (size_t k = 0; k < p->maps; k++)
			sum = checksum(sum, p->map[k].file, strlen(p->map[k].file) + 1);
		if (p->segments) /* of no memory at all the checksum is 0 */
			sum = checksum(sum, p->segment, p->segments * sizeof *p->segment);
	}
	return sum;
}

/* What makes the lines of a log be of use. */
static uint32_t plan_digest(const struct join_build *b)
{
	const struct join_plan *p = b->plan;
	const struct join_form *f = &p->form;
	const uint32_t form[] = {f->size,   f->label_size,        f->crop,
	                         f->colors, (uint32_t)f->quality, (uint32_t)p->images};
	uint32_t sum = checksum(0, NDPIPE_VERSION, sizeof NDPIPE_VERSION);

	sum = checksum(sum, form, sizeof form);
	for (size_t i = 0; i < p->sources; i++)
		sum = source_digest(sum, &p->source[i]);
	for (size_t i = 0; i < p->names.names; i++)
		sum = checksum(sum, p->names.name[i].text, strlen(p->names.name[i].text) + 1);
	for (size_t i = 0; i < p->images; i++)
		sum = checksum(sum, p->image[i].name, strlen(p->image[i].name) + 1);
	return sum;
}

static uint32_t digest(const struct join_build *b)
{
	uint32_t sum = plan_digest(b);

	if (b->pass == JOIN_COUNT)
		return sum;
	sum = checksum(sum, b->number, LABELS * sizeof *b->number);
	sum = checksum(sum, &b->limits->train, sizeof b->limits->train);
	if (b->limits->group)
		sum = checksum(sum, b->limits->group, strlen(b->limits->group));
	for (size_t i = 0; i < b->categories; i++)
		sum = checksum(sum, b->category[i], strlen(b->category[i]) + 1);
	return sum;
}

static int add_bytes(struct join_build *b, const void *bytes, size_t n, struct error *e)
{
	b->written += n;
	return file_write(b->log, log_names[b->pass], bytes, n, e);
}

/* A line of the first log: "SIGNATURE LABELLED MISSING TURNED AREA C:L:P ..." */
static void print_counts(const struct join_item *item, struct text *line)
{
	text_print(line, "%016" PRIx64 " %d %u %d %" PRIu64, item->signature, item->labelled,
	           item->missing, item->turned, item->tally.area);
	for (size_t i = 0; i < item->tally.count && item->labelled; i++)
		text_print(line, " %u:%u:%" PRIu64, item->tally.held[i].category,
		           item->tally.held[i].label, item->tally.held[i].pixels);
	text_byte(line, '\n');
}

static int count_item(struct join_build *b, const struct join_item *item, struct error *e)
{
	b->facts.missing += item->missing;
	b->facts.turned += item->turned;
	b->facts.left_out += !item->labelled;
	if (item->missing && b->facts.missing == item->missing)
		b->facts.first_without = b->next;
	return item->labelled ? broden_statistics_add(&b->counted, &item->tally, e) : 0;
}

/* Count what a line says: 1; 0 if it is no such line. */
static int count_line(struct join_build *b, const char *line, struct error *e)
{
	struct join_item item = {0};
	int labelled, turned, n, status = 1;

	if (sscanf(line, "%*x %d %u %d %" SCNu64 "%n", &labelled, &item.missing, &turned,
	           &item.tally.area, &n) != 4)
		return 0;
	item.labelled = labelled;
	item.turned = turned;
	for (line += n; *line == ' ' && status == 1; line += n) {
		struct broden_held held;

		if (sscanf(line, " %" SCNu32 ":%" SCNu16 ":%" SCNu64 "%n", &held.category,
		           &held.label, &held.pixels, &n) != 3 ||
		    held.category >= b->plan->names.categories)
			status = 0;
		else if (memory_grow(&item.tally.held, &item.tally.capacity,
		                     item.tally.count + 1, sizeof held, e) < 0)
			status = -1;
		else
			item.tally.held[item.tally.count++] = held;
	}
	if (status == 1 && item.labelled && !item.tally.area && item.tally.count)
		status = 0;
	if (status == 1 && count_item(b, &item, e) < 0)
		status = -1;
	broden_tally_free(&item.tally);
	return status;
}

/* Take the lines that are of use: b->next is the first image without one. */
static int take_lines(struct join_build *b, char *text, struct error *e)
{
	const size_t header = b->written;

	for (char *line = text + header, *end; (end = strchr(line, '\n')); line = end + 1) {
		uint64_t signature;
		int good = 1;

		if (b->next == b->plan->images ||
		    join_item_sign(b->plan, b->next, &signature, e) < 0)
			break;
		*end = '\0';
		if (strtoull(line, NULL, 16) != signature)
			break;
		if (b->pass == JOIN_COUNT)
			good = count_line(b, line, e);
		else
			b->facts.images += line[17] != '\0' && line[16] != '\0';
		if (good <= 0)
			break;
		b->next++;
		b->written = (uint64_t)(end + 1 - text);
	}
	return e->code == EXIT_OK ? 0 : -1;
}

int join_build_begin(struct join_build *b, enum join_pass pass, size_t *done, struct error *e)
{
	const char *name = log_names[pass];
	char header[64], *text;
	size_t length;
	int n, status;

	b->pass = pass;
	b->resumed = faccessat(b->root, "images", F_OK, 0) == 0;
	b->next = 0;
	b->written = 0;
	n = snprintf(header, sizeof header, "broden-make %s %08x\n", name, digest(b));
	b->log = openat(b->root, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
	if (b->log < 0)
		return place_error(b, name, e);
	text = file_read_open(b->log, name, &length, e);
	if (!text)
		return -1;
	status = 0;
	if (length >= (size_t)n && memcmp(text, header, (size_t)n) == 0) {
		b->written = (uint64_t)n;
		status = take_lines(b, text, e);
	}
	free(text);
	if (status == 0 && (ftruncate(b->log, (off_t)b->written) < 0 ||
	                    lseek(b->log, (off_t)b->written, SEEK_SET) < 0))
		status = place_error(b, name, e);
	if (status == 0 && !b->written)
		status = add_bytes(b, header, (size_t)n, e);
	*done = b->next;
	return status;
}

/* ---- which labels are kept ---- */

struct kept {
	uint16_t label;
	struct broden_count count;
};

static int by_count(const void *a, const void *b)
{
	const struct kept *x = a, *y = b;
	const int order = broden_compare(x->count, y->count);

	return order ? order : (x->label > y->label) - (x->label < y->label);
}

/* The other names of the labels that are kept. */
static int take_synonyms(struct join_build *b, size_t labels, struct error *e)
{
	const struct join_names *n = &b->plan->names;
	struct text *t = memory_new(labels + 1, sizeof *t, e);
	int status = t ? 0 : -1;

	for (uint32_t i = 0; t && i < n->names; i++) {
		const uint16_t number = b->number[join_label(n, i)];

		if (number && join_first(n, i) != i)
			text_print(&t[number], "%s%s", t[number].length ? ";" : "",
			           n->name[i].text);
	}
	for (size_t i = 1; t && i <= labels; i++) {
		if (status == 0) {
			b->synonyms[i] = text_take(&t[i], "synonyms", e);
			status = b->synonyms[i] ? 0 : -1;
		}
		text_free(&t[i]);
	}
	free(t);
	return status;
}

static int number_labels(struct join_build *b, struct error *e)
{
	const struct join_names *names = &b->plan->names;
	struct kept *kept = memory_new(LABELS, sizeof *kept, e);
	size_t n = 0;

	if (!kept)
		return -1;
	b->facts.dropped = 0;
	for (unsigned i = 1; i < LABELS; i++) {
		const struct broden_count c = broden_count_all(&b->counted, (uint16_t)i);

		if (c.frequency && c.frequency >= b->limits->min_images &&
		    broden_coverage(c) >= b->limits->min_coverage)
			kept[n++] = (struct kept){(uint16_t)i, c};
		else
			b->facts.dropped += c.frequency > 0;
	}
	qsort(kept, n, sizeof *kept, by_count);
	for (size_t i = 0; i < n; i++) {
		const uint32_t first = kept[i].label - 1u;

		b->number[kept[i].label] = (uint16_t)(i + 1);
		b->name[i + 1] = memory_string(names->name[first].text, e);
		if (!b->name[i + 1]) {
			free(kept);
			return -1;
		}
	}
	free(kept);
	b->facts.labels = n;
	return n ? take_synonyms(b, n, e)
	         : error_set(e, EXIT_MALFORMED,
	                     "no label is on %" PRIu64 " images and covers %g of them "
	                     "(--min-images, --min-coverage)",
	                     b->limits->min_images, b->limits->min_coverage);
}

/* Categories by the lowest number that they have, then by name. */
static int order_categories(struct join_build *b, struct error *e)
{
	const struct join_names *names = &b->plan->names;
	uint32_t first[JOIN_CATEGORIES_MAX];

	(void)e;
	for (uint32_t c = 0; c < names->categories; c++) {
		size_t at = b->categories;

		first[c] = UINT32_MAX;
		for (unsigned i = 1; i < LABELS; i++)
			if (b->number[i] && b->number[i] < first[c] &&
			    broden_count_of(&b->counted, c, (uint16_t)i).frequency)
				first[c] = b->number[i];
		if (first[c] == UINT32_MAX)
			continue;
		for (; at > 0; at--) {
			const uint32_t other = b->category_of[at - 1];

			if (first[other] < first[c] ||
			    (first[other] == first[c] &&
			     strcmp(names->category[other], names->category[c]) < 0))
				break;
			b->category_of[at] = other;
		}
		b->category_of[at] = c;
		b->categories++;
	}
	for (size_t i = 0; i < b->categories; i++)
		b->category[i] = names->category[b->category_of[i]];
	return 0;
}

/* ---- files of an image ---- */

/* 1: the image is of train; 0: of val; -1 with e set. */
static int in_train(const struct join_build *b, const char *name, struct error *e)
{
	regmatch_t match[2];
	const char *key = name;
	size_t n = strlen(name);
	const int fault = b->grouped ? regexec(&b->group, name, 2, match, 0) : REG_NOMATCH;

	if (fault == REG_ESPACE)
		return error_set(e, EXIT_SYSTEM, "--group: no memory to match a name");
	if (fault == 0) {
		const int which = b->group.re_nsub > 0 && match[1].rm_so >= 0 ? 1 : 0;

		key = name + match[which].rm_so;
		n = (size_t)(match[which].rm_eo - match[which].rm_so);
	}
	return ldexp((double)md5_first(key, n), -64) <= b->limits->train;
}

/* Number a plane's labels; whether any is left. */
static bool number_plane(const struct join_build *b, uint16_t *label, size_t n)
{
	uint16_t any = 0;

	for (size_t i = 0; i < n; i++)
		any |= label[i] = b->number[label[i]];
	return any != 0;
}

static int write_map(const struct join_build *b, const struct join_item *item, uint16_t *label,
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
		status = write_below(b, to, bytes, n, e);
	text_free(&png);
	free(bytes);
	free(to);
	return status;
}

/* A category's labels of the whole image, each once. */
static int write_numbers(const struct join_build *b, uint32_t category,
                         const struct join_item *item, struct text *cell, struct error *e)
{
	bool *seen = item->wholes ? memory_new(LABELS, sizeof *seen, e) : NULL;

	if (item->wholes && !seen)
		return -1;
	for (size_t i = 0; i < item->wholes; i++) {
		const uint16_t number =
		        b->number[join_label(&b->plan->names, item->whole[i].name)];

		if (item->whole[i].category != category || !number || seen[number])
			continue;
		seen[number] = true;
		text_print(cell, "%s%u", cell->length ? ";" : "", number);
	}
	free(seen);
	return 0;
}

/* A category's cell; its maps are written. */
static int write_cell(const struct join_build *b, const char *name, size_t category,
                      const struct join_item *item, struct text *cell, struct error *e)
{
	const uint32_t of = b->category_of[category];
	const size_t n = (size_t)item->sh * item->sw;
	size_t maps = 0, at = 0;
	bool *left = memory_new(item->planes, sizeof *left, e);
	int status = left ? 0 : -1;

	for (size_t i = 0; left && i < item->planes; i++)
		if (item->plane[i].category == of)
			maps += left[i] = number_plane(b, item->plane[i].label, n);
	for (size_t i = 0; i < item->planes && status == 0; i++) {
		char *map;

		if (!left[i])
			continue;
		at++;
		map = maps > 1 ? memory_print(e, "%s_%s_%zu.png", name, b->category[category],
		                              at)
		               : memory_print(e, "%s_%s.png", name, b->category[category]);
		status = map ? write_map(b, item, item->plane[i].label, map, e) : -1;
		if (map)
			text_print(cell, "%s%s", cell->length ? ";" : "", map);
		free(map);
	}
	free(left);
	return status < 0 ? -1 : write_numbers(b, of, item, cell, e);
}

static int write_image(const struct join_build *b, const char *image, struct join_item *item,
                       struct error *e)
{
	char *path = memory_print(e, "images/%s", image), *bytes;
	const size_t n = item->file.length;
	int status = -1;

	bytes = path ? text_take(&item->file, path, e) : NULL;
	if (bytes)
		status = write_below(b, path, bytes, n, e);
	free(bytes);
	free(path);
	return status;
}

/* What a run that ended has left of the image, whose maps may have been others. */
static int forget_files(const struct join_build *b, size_t i, struct error *e)
{
	static const char *const endings[] = {".jpg", ".png", ".pnm"};
	const struct join_image *image = &b->plan->image[i];
	const struct join_source *s = &b->plan->source[image->source];
	char path[PATH_BYTES];

	for (size_t k = 0; k < sizeof endings / sizeof *endings; k++) {
		snprintf(path, sizeof path, "images/%s%s", image->name, endings[k]);
		if (unlinkat(b->root, path, 0) < 0 && errno != ENOENT && errno != ENOTDIR)
			return place_error(b, path, e);
	}
	for (size_t c = 0; c < b->plan->names.categories; c++)
		for (size_t k = 0; k <= s->layers + 1; k++) {
			int n = snprintf(path, sizeof path, "images/%s_%s", image->name,
			                 b->plan->names.category[c]);

			if (n + 32 > (int)sizeof path)
				return error_set(e, EXIT_USAGE, "%.200s: name is too long",
				                 image->name);
			if (k)
				snprintf(path + n, sizeof path - (size_t)n, "_%zu.png", k);
			else
				snprintf(path + n, sizeof path - (size_t)n, ".png");
			if (unlinkat(b->root, path, 0) < 0 && errno != ENOENT &&
			    errno != ENOTDIR)
				return place_error(b, path, e);
		}
	return 0;
}

/* The row of index.csv, "image,split,...", after the files are written. */
static int write_item(const struct join_build *b, size_t i, struct join_item *item,
                      struct text *line, struct error *e)
{
	const char *name = b->plan->image[i].name;
	char *image = memory_print(e, "%s%s", name, item->ending);
	bool any = false;
	struct text row = {0};
	char *text;
	const int train = image ? in_train(b, image, e) : -1;
	int status = train < 0 ? -1 : 0;

	if (status == 0)
		text_print(&row, "%s,%s,%u,%u,%u,%u", image, train ? "train" : "val", item->ih,
		           item->iw, item->sh, item->sw);
	for (size_t c = 0; c < b->categories && status == 0; c++) {
		struct text cell = {0};
		char *of_category;

		status = write_cell(b, name, c, item, &cell, e);
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
		status = write_image(b, image, item, e);
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

int join_build_make(const struct join_build *b, size_t i, struct join_item *item,
                    struct text *line, struct error *e)
{
	int status = 0;

	text_free(line);
	if (join_item_make(b->plan, i, b->pass == JOIN_WRITE, item, e) < 0)
		return -1;
	if (b->pass == JOIN_COUNT) {
		print_counts(item, line);
		return 0;
	}
	text_print(line, "%016" PRIx64 " ", item->signature);
	if (b->resumed)
		status = forget_files(b, i, e);
	if (status == 0 && item->labelled)
		status = write_item(b, i, item, line, e);
	text_byte(line, '\n');
	return status;
}

int join_build_note(struct join_build *b, const struct join_item *item, struct text *line,
                    struct error *e)
{
	const size_t n = line->length;
	char *text;
	int status;

	if (b->pass == JOIN_COUNT && count_item(b, item, e) < 0)
		return -1;
	text = text_take(line, "a line", e);
	if (!text)
		return -1;
	if (b->pass == JOIN_WRITE)
		b->facts.images += n > 18;
	b->next++;
	status = add_bytes(b, text, n, e);
	free(text);
	return status;
}

/* ---- tables ---- */

struct row {
	uint64_t order;
	const char *text;
};

static int by_order(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return strcmp(x->text, y->text);
}

static int write_index(const struct join_build *b, struct error *e)
{
	struct row *row = memory_new(b->facts.images, sizeof *row, e);
	struct text out = {0};
	size_t length, n = 0;
	char *text = NULL;
	int status = -1;

	if (row && lseek(b->log, 0, SEEK_SET) == 0)
		text = file_read_open(b->log, log_names[JOIN_WRITE], &length, e);
	text_string(&out, "image,split,ih,iw,sh,sw");
	for (size_t i = 0; i < b->categories; i++)
		text_print(&out, ",%s", b->category[i]);
	text_string(&out, "\r\n");
	for (char *line = text ? strchr(text, '\n') : NULL, *end;
	     line && (end = strchr(line + 1, '\n')); line = end) {
		*end = '\0';
		if (n < b->facts.images && end > line + 18) {
			row[n].text = line + 18;
			row[n].order = md5_first(line + 18, strcspn(line + 18, ","));
			n++;
		}
	}
	if (n)
		qsort(row, n, sizeof *row, by_order);
	for (size_t i = 0; i < n; i++)
		text_print(&out, "%s\r\n", row[i].text);
	free(row);
	length = out.length;
	if (text) {
		free(text);
		text = text_take(&out, "index.csv", e);
		if (text)
			status = write_below(b, "index.csv", text, length, e);
	}
	text_free(&out);
	free(text);
	return status;
}

/* Counts of the labels that are kept, by number and by the directory's categories. */
static int renumber(const struct join_build *b, struct broden_statistics *s, struct error *e)
{
	if (broden_statistics_new(s, b->categories, e) < 0)
		return -1;
	for (size_t c = 0; c < b->categories; c++)
		for (unsigned i = 1; i < LABELS; i++) {
			const struct broden_count count =
			        broden_count_of(&b->counted, b->category_of[c], (uint16_t)i);

			if (b->number[i] && count.frequency &&
			    broden_statistics_put(s, c, b->number[i], count, e) < 0)
				return -1;
		}
	return 0;
}

static int write_table(const struct join_build *b, const struct broden_names *n,
                       const struct broden_statistics *s, size_t which, struct error *e)
{
	char *name = which == 0   ? memory_string("category.csv", e)
	             : which == 1 ? memory_string("label.csv", e)
	                          : memory_print(e, "c_%s.csv", n->category[which - 2]);
	int fd, status = -1;

	if (!name)
		return -1;
	fd = openat(b->root, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
	if (fd < 0)
		place_error(b, name, e);
	else if (which == 0)
		status = broden_write_categories(n, s, fd, name, e);
	else if (which == 1)
		status = broden_write_labels(n, s, fd, name, e);
	else
		status = broden_write_category(n, s, which - 2, fd, name, e);
	if (fd >= 0 && close(fd) < 0 && status == 0)
		status = place_error(b, name, e);
	free(name);
	return status;
}

static int write_tables(const struct join_build *b, struct error *e)
{
	const struct broden_names names = {.categories = b->categories,
	                                   .category = b->category,
	                                   .name = (const char *const *)b->name,
	                                   .synonyms = (const char *const *)b->synonyms};
	struct broden_statistics s;
	int status = renumber(b, &s, e);

	for (size_t i = 0; i < b->categories + 2 && status == 0; i++)
		status = write_table(b, &names, &s, i, e);
	broden_statistics_free(&s);
	return status < 0 ? -1 : write_index(b, e);
}

/* By the system's call, as not every C library has a function for it. */
static int rename_as(const struct join_build *b, unsigned how)
{
	return (int)syscall(SYS_renameat2, AT_FDCWD, b->part, AT_FDCWD, b->directory, how);
}

/* DIR.part gets its name; what had it goes. */
static int give_name(struct join_build *b, struct error *e)
{
	for (int i = 0; i < 2; i++)
		if (unlinkat(b->root, log_names[i], 0) < 0)
			return place_error(b, log_names[i], e);
	if (syncfs(b->root) < 0)
		return error_errno(e, "%s", b->part);
	if (rename_as(b, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EEXIST || !b->limits->replace)
		return error_errno(e, "%s", b->directory);
	if (rename_as(b, RENAME_EXCHANGE) < 0)
		return error_errno(e, "%s", b->directory);
	return remove_tree(b->part, e);
}

int join_build_finish(struct join_build *b, struct error *e)
{
	return write_tables(b, e) < 0 ? -1 : give_name(b, e);
}

int join_build_number(struct join_build *b, struct error *e)
{
	close(b->log);
	b->log = -1;
	return number_labels(b, e) < 0 ? -1 : order_categories(b, e);
}

struct join_facts join_build_facts(const struct join_build *b)
{
	return b->facts;
}

/* ---- the whole ---- */

/* What stands in the way is left alone, unless it is to be replaced and is such a directory. */
static int check_directory(const struct join_build *b, struct error *e)
{
	char *index;
	struct stat st;
	bool is_broden;

	if (lstat(b->directory, &st) < 0)
		return errno == ENOENT ? 0 : error_errno(e, "%s", b->directory);
	if (!b->limits->replace)
		return error_set(e, EXIT_USAGE, "%s: is there already (--force replaces it)",
		                 b->directory);
	index = memory_print(e, "%s/index.csv", b->directory);
	if (!index)
		return -1;
	is_broden = S_ISDIR(st.st_mode) && access(index, F_OK) == 0;
	free(index);
	return is_broden ? 0
	                 : error_set(e, EXIT_USAGE,
	                             "%s: no Broden directory, which --force would replace",
	                             b->directory);
}

static int open_part(struct join_build *b, bool *again, struct error *e)
{
	char first[64] = "", header[64];
	int log;

	if (mkdir(b->part, 0777) < 0 && errno != EEXIST)
		return error_errno(e, "%s", b->part);
	b->root = open(b->part, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (b->root < 0)
		return error_errno(e, "%s", b->part);
	if (flock(b->root, LOCK_EX | LOCK_NB) < 0)
		return error_errno(e, "%s: another run is at work there", b->part);
	log = openat(b->root, log_names[JOIN_COUNT], O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (log < 0)
		return errno == ENOENT ? 0 : place_error(b, log_names[JOIN_COUNT], e);
	snprintf(header, sizeof header, "broden-make counts %08x\n", plan_digest(b));
	if (pread(log, first, strlen(header), 0) < 0) {
		close(log);
		return place_error(b, log_names[JOIN_COUNT], e);
	}
	close(log);
	*again = strcmp(first, header) != 0;
	return 0;
}

static int clear_part(const struct join_build *b, struct error *e)
{
	char *images = memory_print(e, "%s/images", b->part);
	int status = images ? remove_tree(images, e) : -1;

	free(images);
	for (int i = 0; i < 2 && status == 0; i++)
		if (unlinkat(b->root, log_names[i], 0) < 0 && errno != ENOENT)
			status = place_error(b, log_names[i], e);
	return status;
}

static int open_all(struct join_build *b, const char *directory, bool *again, struct error *e)
{
	size_t n = strlen(directory);
	char reason[200];
	int status;

	while (n > 1 && directory[n - 1] == '/')
		n--;
	b->directory = memory_print(e, "%.*s", (int)n, directory);
	b->part = memory_print(e, "%.*s.part", (int)n, directory);
	b->number = memory_new(LABELS, sizeof *b->number, e);
	b->name = memory_new(LABELS, sizeof *b->name, e);
	b->synonyms = memory_new(LABELS, sizeof *b->synonyms, e);
	b->category = memory_new(JOIN_CATEGORIES_MAX, sizeof *b->category, e);
	b->category_of = memory_new(JOIN_CATEGORIES_MAX, sizeof *b->category_of, e);
	if (!b->directory || !b->part || !b->number || !b->name || !b->synonyms ||
	    !b->category || !b->category_of || check_directory(b, e) < 0 ||
	    broden_statistics_new(&b->counted, b->plan->names.categories, e) < 0)
		return -1;
	if (b->limits->group) {
		status = regcomp(&b->group, b->limits->group, REG_EXTENDED);
		if (status) {
			regerror(status, &b->group, reason, sizeof reason);
			return error_set(e, status == REG_ESPACE ? EXIT_SYSTEM : EXIT_USAGE,
			                 "--group '%.100s': %s", b->limits->group, reason);
		}
		b->grouped = true;
	}
	if (open_part(b, again, e) < 0)
		return -1;
	return *again ? clear_part(b, e) : 0;
}

struct join_build *join_build_open(const struct join_plan *plan,
                                   const struct join_limits *limits, const char *directory,
                                   bool *again, struct error *e)
{
	struct join_build *b = memory_new(1, sizeof *b, e);

	if (!b)
		return NULL;
	b->plan = plan;
	b->limits = limits;
	b->root = b->log = -1;
	*again = false;
	if (open_all(b, directory, again, e) == 0)
		return b;
	join_build_close(b);
	return NULL;
}

void join_build_close(struct join_build *b)
{
	if (!b)
		return;
	if (b->log >= 0)
		close(b->log);
	if (b->root >= 0)
		close(b->root);
	if (b->grouped)
		regfree(&b->group);
	for (size_t i = 0; b->name && b->synonyms && i < LABELS; i++) {
		free(b->name[i]);
		free(b->synonyms[i]);
	}
	broden_statistics_free(&b->counted);
	free(b->number);
	free(b->name);
	free(b->synonyms);
	free(b->category);
	free(b->category_of);
	free(b->directory);
	free(b->part);
	free(b);
}
