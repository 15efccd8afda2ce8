/* build.c -- see build.h. */
#include "join/build.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <math.h>
#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/checksum.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "broden/statistics.h"
#include "image/png_writer.h"
#include "join/item.h"
#include "join/md5.h"
#include "join/names.h"

enum { LABELS = 65536, PATH_BYTES = 4096, ROW = 17 };

/* ==== place ==== */

struct join_place {
	char *directory, *part; /* DIR, DIR.part */
	int root;               /* part, open and locked, or -1 */
};

/* Say what the directory is to be called: EXIT_USAGE where something stands in the way, unless
 * replace and it is a Broden directory.  join_place_close() also after an error. */
int join_place_name(struct join_place *p, const char *directory, bool replace,
                    struct error *e) CHECK_RESULT;
/* Make DIR.part, or go on in it; an error if another run is at work there. */
int join_place_open(struct join_place *p, struct error *e) CHECK_RESULT;
void join_place_close(struct join_place *p);

/* Write a file of it, by a name below DIR.part, in folders that may not be there yet. */
int join_place_write(const struct join_place *p, const char *name, const void *bytes, size_t n,
                     struct error *e) CHECK_RESULT;
/* Open such a file to be written anew: a descriptor to close, or -1. */
int join_place_create(const struct join_place *p, const char *name,
                      struct error *e) CHECK_RESULT;
/* Remove a file, or a folder with all in it, if it is there. */
int join_place_remove(const struct join_place *p, const char *name,
                      struct error *e) CHECK_RESULT;
int join_place_clear(const struct join_place *p, const char *folder,
                     struct error *e) CHECK_RESULT;

/* DIR.part is DIR; what had that name is gone. */
int join_place_finish(const struct join_place *p, bool replace, struct error *e) CHECK_RESULT;

/* Set e by errno, of a file by its name below DIR.part: -1. */
int join_place_error(const struct join_place *p, const char *name, struct error *e);

int join_place_error(const struct join_place *p, const char *name, struct error *e)
{
	return error_errno(e, "%s/%s", p->part, name);
}

/* ---- files ---- */

int join_place_create(const struct join_place *p, const char *name, struct error *e)
{
	const int fd = openat(p->root, name,
	                      O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);

	return fd < 0 ? join_place_error(p, name, e) : fd;
}

int join_place_write(const struct join_place *p, const char *name, const void *bytes, size_t n,
                     struct error *e)
{
	char path[PATH_BYTES];
	int fd, status;

	if (snprintf(path, sizeof path, "%s", name) >= (int)sizeof path)
		return error_set(e, EXIT_USAGE, "%.200s: name is too long", name);
	for (char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdirat(p->root, path, 0777) < 0 && errno != EEXIST)
			return join_place_error(p, path, e);
		*slash = '/';
	}
	fd = join_place_create(p, path, e);
	if (fd < 0)
		return -1;
	status = file_write(fd, path, bytes, n, e);
	if (close(fd) < 0 && status == 0)
		status = join_place_error(p, path, e);
	return status;
}

int join_place_remove(const struct join_place *p, const char *name, struct error *e)
{
	return unlinkat(p->root, name, 0) == 0 || errno == ENOENT || errno == ENOTDIR
	               ? 0
	               : join_place_error(p, name, e);
}

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

int join_place_clear(const struct join_place *p, const char *folder, struct error *e)
{
	char *path = memory_print(e, "%s/%s", p->part, folder);
	const int status = path ? remove_tree(path, e) : -1;

	free(path);
	return status;
}

/* ---- its name ---- */

/* What stands in the way is left alone, unless it is to be replaced and is such a directory. */
static int check_directory(const struct join_place *p, bool replace, struct error *e)
{
	char *index;
	struct stat st;
	bool is_broden;

	if (lstat(p->directory, &st) < 0)
		return errno == ENOENT ? 0 : error_errno(e, "%s", p->directory);
	if (!replace)
		return error_set(e, EXIT_USAGE, "%s: is there already (--force replaces it)",
		                 p->directory);
	index = memory_print(e, "%s/index.csv", p->directory);
	if (!index)
		return -1;
	is_broden = S_ISDIR(st.st_mode) && access(index, F_OK) == 0;
	free(index);
	return is_broden ? 0
	                 : error_set(e, EXIT_USAGE,
	                             "%s: no Broden directory, which --force would replace",
	                             p->directory);
}

int join_place_name(struct join_place *p, const char *directory, bool replace, struct error *e)
{
	size_t n = strlen(directory);

	while (n > 1 && directory[n - 1] == '/')
		n--;
	*p = (struct join_place){.root = -1};
	p->directory = memory_print(e, "%.*s", (int)n, directory);
	p->part = memory_print(e, "%.*s.part", (int)n, directory);
	return p->directory && p->part ? check_directory(p, replace, e) : -1;
}

int join_place_open(struct join_place *p, struct error *e)
{
	if (mkdir(p->part, 0777) < 0 && errno != EEXIST)
		return error_errno(e, "%s", p->part);
	p->root = open(p->part, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (p->root < 0)
		return error_errno(e, "%s", p->part);
	if (flock(p->root, LOCK_EX | LOCK_NB) < 0)
		return error_errno(e, "%s: another run is at work there", p->part);
	return 0;
}

void join_place_close(struct join_place *p)
{
	if (p->root >= 0)
		close(p->root);
	free(p->directory);
	free(p->part);
	*p = (struct join_place){.root = -1};
}

/* By the system's call, as not every C library has a function for it. */
static int rename_as(const struct join_place *p, unsigned how)
{
	return (int)syscall(SYS_renameat2, AT_FDCWD, p->part, AT_FDCWD, p->directory, how);
}

int join_place_finish(const struct join_place *p, bool replace, struct error *e)
{
	if (syncfs(p->root) < 0)
		return error_errno(e, "%s", p->part);
	if (rename_as(p, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EEXIST || !replace)
		return error_errno(e, "%s", p->directory);
	if (rename_as(p, RENAME_EXCHANGE) < 0)
		return error_errno(e, "%s", p->directory);
	return remove_tree(p->part, e);
}

/* ==== split ==== */

/* Zero it before use. */
struct join_split {
	double train;        /* share of images that are of the split train */
	const char *pattern; /* of group, or NULL; the caller's */
	regex_t group;
	bool grouped;
};

/* group: a POSIX extended regular expression, images with the same match of which, or of its
 * first parentheses, are of one split; or NULL. */
int join_split_open(struct join_split *s, double train, const char *group,
                    struct error *e) CHECK_RESULT;
void join_split_close(struct join_split *s);

/* 1: the image of that name is of train; 0: of val; -1 with e set.  Any number of threads. */
int join_split_is_train(const struct join_split *s, const char *name,
                        struct error *e) CHECK_RESULT;

int join_split_open(struct join_split *s, double train, const char *group, struct error *e)
{
	char reason[200];
	int status;

	s->train = train;
	s->pattern = group;
	if (!group)
		return 0;
	status = regcomp(&s->group, group, REG_EXTENDED);
	if (status) {
		regerror(status, &s->group, reason, sizeof reason);
		return error_set(e, status == REG_ESPACE ? EXIT_SYSTEM : EXIT_USAGE,
		                 "--group '%.100s': %s", group, reason);
	}
	s->grouped = true;
	return 0;
}

void join_split_close(struct join_split *s)
{
	if (s->grouped)
		regfree(&s->group);
	s->grouped = false;
}

int join_split_is_train(const struct join_split *s, const char *name, struct error *e)
{
	regmatch_t match[2];
	const char *key = name;
	size_t n = strlen(name);
	const int fault = s->grouped ? regexec(&s->group, name, 2, match, 0) : REG_NOMATCH;

	if (fault == REG_ESPACE)
		return error_set(e, EXIT_SYSTEM, "--group: no memory to match a name");
	if (fault == 0) {
		const int which = s->group.re_nsub > 0 && match[1].rm_so >= 0 ? 1 : 0;

		key = name + match[which].rm_so;
		n = (size_t)(match[which].rm_eo - match[which].rm_so);
	}
	return ldexp((double)md5_first(key, n), -64) <= s->train;
}

/* ==== kept ==== */

/* Zero it before use. */
struct join_kept {
	uint16_t *number; /* [65536] by join_label(): the directory's, or 0 */
	size_t labels, dropped;
	char **name, **synonyms; /* [65536] by the directory's number */
	const char **category;   /* [categories] in the directory's order, the names' own */
	uint32_t *category_of;   /* [categories] which of the names' it is */
	size_t categories;
};

/* Keep the labels that at least so many images hold, and that cover at least so many of them:
 * those of more images have lower numbers.  Categories come by the lowest number that they
 * have. EXIT_MALFORMED if none is kept.  join_kept_free() also after an error. */
int join_kept_choose(struct join_kept *k, const struct join_names *names,
                     const struct broden_statistics *counted, uint64_t min_images,
                     double min_coverage, struct error *e) CHECK_RESULT;
void join_kept_free(struct join_kept *k);

struct candidate {
	uint16_t label;
	struct broden_count count;
};

static int by_count(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	const int order = broden_compare(x->count, y->count);

	return order ? order : (x->label > y->label) - (x->label < y->label);
}

/* The other names of the labels that are kept. */
static int take_synonyms(struct join_kept *k, const struct join_names *names, struct error *e)
{
	struct text *t = memory_new(k->labels + 1, sizeof *t, e);
	int status = t ? 0 : -1;

	for (uint32_t i = 0; t && i < names->names; i++) {
		const uint16_t number = k->number[join_label(names, i)];

		if (number && join_first(names, i) != i)
			text_print(&t[number], "%s%s", t[number].length ? ";" : "",
			           names->name[i].text);
	}
	for (size_t i = 1; t && i <= k->labels; i++) {
		if (status == 0) {
			k->synonyms[i] = text_take(&t[i], "synonyms", e);
			status = k->synonyms[i] ? 0 : -1;
		}
		text_free(&t[i]);
	}
	free(t);
	return status;
}

static int number_labels(struct join_kept *k, const struct join_names *names,
                         const struct broden_statistics *counted, uint64_t min_images,
                         double min_coverage, struct error *e)
{
	struct candidate *candidate = memory_new(LABELS, sizeof *candidate, e);
	size_t n = 0;

	if (!candidate)
		return -1;
	for (unsigned i = 1; i < LABELS; i++) {
		const struct broden_count c = broden_count_all(counted, (uint16_t)i);

		if (c.frequency && c.frequency >= min_images &&
		    broden_coverage(c) >= min_coverage)
			candidate[n++] = (struct candidate){(uint16_t)i, c};
		else
			k->dropped += c.frequency > 0;
	}
	qsort(candidate, n, sizeof *candidate, by_count);
	for (size_t i = 0; i < n; i++) {
		const uint32_t first = candidate[i].label - 1u;

		k->number[candidate[i].label] = (uint16_t)(i + 1);
		k->name[i + 1] = memory_string(names->name[first].text, e);
		if (!k->name[i + 1]) {
			free(candidate);
			return -1;
		}
	}
	free(candidate);
	k->labels = n;
	return n ? take_synonyms(k, names, e)
	         : error_set(e, EXIT_MALFORMED,
	                     "no label is on %" PRIu64 " images and covers %g of them "
	                     "(--min-images, --min-coverage)",
	                     min_images, min_coverage);
}

/* Categories by the lowest number that they have, then by name. */
static void order_categories(struct join_kept *k, const struct join_names *names,
                             const struct broden_statistics *counted)
{
	uint32_t first[JOIN_CATEGORIES_MAX];

	for (uint32_t c = 0; c < names->categories; c++) {
		size_t at = k->categories;

		first[c] = UINT32_MAX;
		for (unsigned i = 1; i < LABELS; i++)
			if (k->number[i] && k->number[i] < first[c] &&
			    broden_count_of(counted, c, (uint16_t)i).frequency)
				first[c] = k->number[i];
		if (first[c] == UINT32_MAX)
			continue;
		for (; at > 0; at--) {
			const uint32_t other = k->category_of[at - 1];

			if (first[other] < first[c] ||
			    (first[other] == first[c] &&
			     strcmp(names->category[other], names->category[c]) < 0))
				break;
			k->category_of[at] = other;
		}
		k->category_of[at] = c;
		k->categories++;
	}
	for (size_t i = 0; i < k->categories; i++)
		k->category[i] = names->category[k->category_of[i]];
}

int join_kept_choose(struct join_kept *k, const struct join_names *names,
                     const struct broden_statistics *counted, uint64_t min_images,
                     double min_coverage, struct error *e)
{
	k->number = memory_new(LABELS, sizeof *k->number, e);
	k->name = memory_new(LABELS, sizeof *k->name, e);
	k->synonyms = memory_new(LABELS, sizeof *k->synonyms, e);
	k->category = memory_new(JOIN_CATEGORIES_MAX, sizeof *k->category, e);
	k->category_of = memory_new(JOIN_CATEGORIES_MAX, sizeof *k->category_of, e);
	if (!k->number || !k->name || !k->synonyms || !k->category || !k->category_of ||
	    number_labels(k, names, counted, min_images, min_coverage, e) < 0)
		return -1;
	order_categories(k, names, counted);
	return 0;
}

void join_kept_free(struct join_kept *k)
{
	for (size_t i = 0; k->name && k->synonyms && i < LABELS; i++) {
		free(k->name[i]);
		free(k->synonyms[i]);
	}
	free(k->number);
	free(k->name);
	free(k->synonyms);
	free(k->category);
	free(k->category_of);
	*k = (struct join_kept){0};
}

/* ==== log ==== */

struct join_log {
	const struct join_place *place;
	enum join_pass pass;
	int fd; /* or -1 */
	char header[64];
	uint64_t good; /* bytes from its begin that are of use */
};

/* What the lines of the first pass depend on, and what those of the second do. */
uint32_t join_log_of_counts(const struct join_plan *p);
uint32_t join_log_of_files(const struct join_plan *p, const struct join_kept *k,
                           const struct join_split *s);

/* Open a pass's log, or make it.  What it holds, to free(): its lines of such a checksum begin
 * at l->good, which the caller moves behind those that are of use.  NULL with e set. */
char *join_log_open(struct join_log *l, const struct join_place *p, enum join_pass pass,
                    uint32_t sum, struct error *e) CHECK_RESULT;
/* Forget what is behind l->good, and go on there. */
int join_log_go_on(struct join_log *l, struct error *e) CHECK_RESULT;
int join_log_add(struct join_log *l, const void *bytes, size_t n, struct error *e) CHECK_RESULT;
/* All of it, as join_log_open() gives it. */
char *join_log_read(const struct join_log *l, struct error *e) CHECK_RESULT;
void join_log_close(struct join_log *l);

/* *stale: there is a log of counts, and its lines are of another checksum. */
int join_log_is_stale(const struct join_place *p, uint32_t sum, bool *stale,
                      struct error *e) CHECK_RESULT;
/* Both are gone. */
int join_logs_remove(const struct join_place *p, struct error *e) CHECK_RESULT;

/* What a line of files begins with; its row, if any, and its end follow. */
void join_log_print_signature(const struct join_item *item, struct text *line);
/* A line of counts, and the same read again: 1; 0 if it is no such line; -1 with e set.  item,
 * zeroed, gets what it says; join_item_free() it. */
void join_log_print_counts(const struct join_item *item, struct text *line);
int join_log_read_counts(const char *line, size_t categories, struct join_item *item,
                         struct error *e) CHECK_RESULT;
/* The row in a line of files; NULL: it has none. */
const char *join_log_row(const char *line);

static const char *const log_names[] = {"counts", "written"};

/* ---- what lines depend on ---- */

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

uint32_t join_log_of_counts(const struct join_plan *p)
{
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

uint32_t join_log_of_files(const struct join_plan *p, const struct join_kept *k,
                           const struct join_split *s)
{
	uint32_t sum = join_log_of_counts(p);

	sum = checksum(sum, k->number, LABELS * sizeof *k->number);
	sum = checksum(sum, &s->train, sizeof s->train);
	if (s->pattern)
		sum = checksum(sum, s->pattern, strlen(s->pattern));
	for (size_t i = 0; i < k->categories; i++)
		sum = checksum(sum, k->category[i], strlen(k->category[i]) + 1);
	return sum;
}

/* ---- lines ---- */

void join_log_print_signature(const struct join_item *item, struct text *line)
{
	text_print(line, "%016" PRIx64 " ", item->signature);
}

void join_log_print_counts(const struct join_item *item, struct text *line)
{
	text_print(line, "%016" PRIx64 " %d %u %d %" PRIu64, item->signature, item->labelled,
	           item->missing, item->turned, item->tally.area);
	for (size_t i = 0; i < item->tally.count && item->labelled; i++)
		text_print(line, " %u:%u:%" PRIu64, item->tally.held[i].category,
		           item->tally.held[i].label, item->tally.held[i].pixels);
	text_byte(line, '\n');
}

int join_log_read_counts(const char *line, size_t categories, struct join_item *item,
                         struct error *e)
{
	struct broden_tally *t = &item->tally;
	int labelled, turned, n;

	if (sscanf(line, "%*x %d %u %d %" SCNu64 "%n", &labelled, &item->missing, &turned,
	           &t->area, &n) != 4)
		return 0;
	item->labelled = labelled;
	item->turned = turned;
	for (line += n; *line == ' '; line += n) {
		struct broden_held held;

		if (sscanf(line, " %" SCNu32 ":%" SCNu16 ":%" SCNu64 "%n", &held.category,
		           &held.label, &held.pixels, &n) != 3 ||
		    held.category >= categories)
			return 0;
		if (memory_grow(&t->held, &t->capacity, t->count + 1, sizeof held, e) < 0)
			return -1;
		t->held[t->count++] = held;
	}
	return !item->labelled || t->area || !t->count;
}

const char *join_log_row(const char *line)
{
	return strlen(line) > ROW && line[ROW] != '\n' ? line + ROW : NULL;
}

/* ---- the file ---- */

static void print_header(char header[static 64], enum join_pass pass, uint32_t sum)
{
	snprintf(header, 64, "broden-make %s %08x\n", log_names[pass], sum);
}

char *join_log_open(struct join_log *l, const struct join_place *p, enum join_pass pass,
                    uint32_t sum, struct error *e)
{
	const char *name = log_names[pass];
	char *text;

	l->place = p;
	l->pass = pass;
	l->good = 0;
	print_header(l->header, pass, sum);
	l->fd = openat(p->root, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
	if (l->fd < 0) {
		join_place_error(p, name, e);
		return NULL;
	}
	text = join_log_read(l, e);
	if (text && strncmp(text, l->header, strlen(l->header)) == 0)
		l->good = strlen(l->header);
	else if (text)
		*text = '\0';
	return text;
}

int join_log_go_on(struct join_log *l, struct error *e)
{
	if (ftruncate(l->fd, (off_t)l->good) < 0 || lseek(l->fd, (off_t)l->good, SEEK_SET) < 0)
		return join_place_error(l->place, log_names[l->pass], e);
	return l->good ? 0 : join_log_add(l, l->header, strlen(l->header), e);
}

int join_log_add(struct join_log *l, const void *bytes, size_t n, struct error *e)
{
	l->good += n;
	return file_write(l->fd, log_names[l->pass], bytes, n, e);
}

char *join_log_read(const struct join_log *l, struct error *e)
{
	const char *name = log_names[l->pass];
	size_t length;

	if (lseek(l->fd, 0, SEEK_SET) < 0) {
		join_place_error(l->place, name, e);
		return NULL;
	}
	return file_read_open(l->fd, name, &length, e);
}

void join_log_close(struct join_log *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}

int join_log_is_stale(const struct join_place *p, uint32_t sum, bool *stale, struct error *e)
{
	const char *name = log_names[JOIN_COUNT];
	char first[64] = "", header[64];
	const int fd = openat(p->root, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	int status = 0;

	*stale = false;
	if (fd < 0)
		return errno == ENOENT ? 0 : join_place_error(p, name, e);
	print_header(header, JOIN_COUNT, sum);
	if (pread(fd, first, strlen(header), 0) < 0)
		status = join_place_error(p, name, e);
	else
		*stale = strcmp(first, header) != 0;
	close(fd);
	return status;
}

int join_logs_remove(const struct join_place *p, struct error *e)
{
	for (int i = 0; i < 2; i++)
		if (join_place_remove(p, log_names[i], e) < 0)
			return -1;
	return 0;
}

/* ==== files ==== */

/* What they are made of, the caller's. */
struct join_files {
	const struct join_plan *plan;
	const struct join_place *place;
	const struct join_kept *kept;
	const struct join_split *split;
};

/* Write the files of image i, and then its row "image,split,..." behind what is in line;
 * neither if none of its labels is kept.  Labels in item's planes become the directory's.  Any
 * number of threads at a time. */
int join_files_write(const struct join_files *f, size_t i, struct join_item *item,
                     struct text *line, struct error *e) CHECK_RESULT;
/* Remove what a run that ended has left of image i, whose maps may have been others. */
int join_files_forget(const struct join_files *f, size_t i, struct error *e) CHECK_RESULT;

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

/* The row of index.csv, "image,split,...", after the files are written. */
int join_files_write(const struct join_files *f, size_t i, struct join_item *item,
                     struct text *line, struct error *e)
{
	const char *name = f->plan->image[i].name;
	char *image = memory_print(e, "%s%s", name, item->ending);
	bool any = false;
	struct text row = {0};
	char *text;
	const int train = image ? join_split_is_train(f->split, image, e) : -1;
	int status = train < 0 ? -1 : 0;

	if (status == 0)
		text_print(&row, "%s,%s,%u,%u,%u,%u", image, train ? "train" : "val", item->ih,
		           item->iw, item->sh, item->sw);
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

/* ==== tables ==== */

/* Write all but index.csv: of the labels that are kept, what was counted. */
int join_tables_write(const struct join_place *p, const struct join_kept *k,
                      const struct broden_statistics *counted, struct error *e) CHECK_RESULT;

/* Write index.csv: the rows that the log of files has, of at most so many images, in the order
 * of digests of their images' names. */
int join_index_write(const struct join_place *p, const struct join_kept *k,
                     const struct join_log *log, size_t images, struct error *e) CHECK_RESULT;

/* ---- labels ---- */

/* Counts of the labels that are kept, by number and by the directory's categories. */
static int renumber(const struct join_kept *k, const struct broden_statistics *counted,
                    struct broden_statistics *s, struct error *e)
{
	if (broden_statistics_new(s, k->categories, e) < 0)
		return -1;
	for (size_t c = 0; c < k->categories; c++)
		for (unsigned i = 1; i < LABELS; i++) {
			const struct broden_count count =
			        broden_count_of(counted, k->category_of[c], (uint16_t)i);

			if (k->number[i] && count.frequency &&
			    broden_statistics_put(s, c, k->number[i], count, e) < 0)
				return -1;
		}
	return 0;
}

static int write_table(const struct join_place *p, const struct broden_names *n,
                       const struct broden_statistics *s, size_t which, struct error *e)
{
	char *name = which == 0   ? memory_string("category.csv", e)
	             : which == 1 ? memory_string("label.csv", e)
	                          : memory_print(e, "c_%s.csv", n->category[which - 2]);
	int fd, status = -1;

	if (!name)
		return -1;
	fd = join_place_create(p, name, e);
	if (fd >= 0 && which == 0)
		status = broden_write_categories(n, s, fd, name, e);
	else if (fd >= 0 && which == 1)
		status = broden_write_labels(n, s, fd, name, e);
	else if (fd >= 0)
		status = broden_write_category(n, s, which - 2, fd, name, e);
	if (fd >= 0 && close(fd) < 0 && status == 0)
		status = join_place_error(p, name, e);
	free(name);
	return status;
}

int join_tables_write(const struct join_place *p, const struct join_kept *k,
                      const struct broden_statistics *counted, struct error *e)
{
	const struct broden_names names = {.categories = k->categories,
	                                   .category = k->category,
	                                   .name = (const char *const *)k->name,
	                                   .synonyms = (const char *const *)k->synonyms};
	struct broden_statistics s;
	int status = renumber(k, counted, &s, e);

	for (size_t i = 0; i < k->categories + 2 && status == 0; i++)
		status = write_table(p, &names, &s, i, e);
	broden_statistics_free(&s);
	return status;
}

/* ---- images ---- */

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

/* The log's rows in their order, at most so many: its lines are ended where they stand. */
static size_t find_rows(char *log, struct row *row, size_t rows)
{
	size_t n = 0;

	for (char *line = strchr(log, '\n'), *end; line && (end = strchr(line + 1, '\n'));
	     line = end) {
		*end = '\0';
		if (n < rows && join_log_row(line + 1)) {
			row[n].text = join_log_row(line + 1);
			row[n].order = md5_first(row[n].text, strcspn(row[n].text, ","));
			n++;
		}
	}
	if (n)
		qsort(row, n, sizeof *row, by_order);
	return n;
}

int join_index_write(const struct join_place *p, const struct join_kept *k,
                     const struct join_log *log, size_t images, struct error *e)
{
	struct row *row = memory_new(images, sizeof *row, e);
	char *lines = row ? join_log_read(log, e) : NULL, *bytes;
	const size_t n = lines ? find_rows(lines, row, images) : 0;
	struct text out = {0};
	int status = -1;

	text_string(&out, "image,split,ih,iw,sh,sw");
	for (size_t i = 0; i < k->categories; i++)
		text_print(&out, ",%s", k->category[i]);
	text_string(&out, "\r\n");
	for (size_t i = 0; i < n; i++)
		text_print(&out, "%s\r\n", row[i].text);
	free(row);
	if (lines) {
		const size_t length = out.length;

		free(lines);
		bytes = text_take(&out, "index.csv", e);
		if (bytes)
			status = join_place_write(p, "index.csv", bytes, length, e);
		free(bytes);
	}
	text_free(&out);
	return status;
}

/* ==== build ==== */

struct join_build {
	const struct join_plan *plan;
	const struct join_limits *limits;
	struct join_place place;
	struct join_split split;
	struct join_log log;              /* of the pass */
	size_t next;                      /* image whose line comes next */
	bool resumed;                     /* there may be files that another run has left */
	struct broden_statistics counted; /* by join_label() */
	struct join_kept kept;
	struct join_facts facts;
};

/* ---- a pass ---- */

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
	int status = join_log_read_counts(line, b->plan->names.categories, &item, e);

	if (status == 1 && count_item(b, &item, e) < 0)
		status = -1;
	join_item_free(&item);
	return status;
}

/* Take the lines that are of use: b->next is the first image without one. */
static int take_lines(struct join_build *b, char *text, struct error *e)
{
	for (char *line = text + b->log.good, *end; (end = strchr(line, '\n'));
	     line = end + 1) {
		uint64_t signature;
		int good = 1;

		if (b->next == b->plan->images ||
		    join_item_sign(b->plan, b->next, &signature, e) < 0)
			break;
		*end = '\0';
		if (strtoull(line, NULL, 16) != signature)
			break;
		if (b->log.pass == JOIN_COUNT)
			good = count_line(b, line, e);
		else
			b->facts.images += join_log_row(line) != NULL;
		if (good <= 0)
			break;
		b->next++;
		b->log.good = (uint64_t)(end + 1 - text);
	}
	return e->code == EXIT_OK ? 0 : -1;
}

int join_build_begin(struct join_build *b, enum join_pass pass, size_t *done, struct error *e)
{
	const uint32_t sum = pass == JOIN_COUNT
	                             ? join_log_of_counts(b->plan)
	                             : join_log_of_files(b->plan, &b->kept, &b->split);
	char *text;
	int status;

	b->resumed = faccessat(b->place.root, "images", F_OK, 0) == 0;
	b->next = 0;
	join_log_close(&b->log);
	text = join_log_open(&b->log, &b->place, pass, sum, e);
	if (!text)
		return -1;
	status = take_lines(b, text, e);
	free(text);
	*done = b->next;
	return status < 0 ? -1 : join_log_go_on(&b->log, e);
}

int join_build_make(const struct join_build *b, size_t i, struct join_item *item,
                    struct text *line, struct error *e)
{
	const struct join_files files = {b->plan, &b->place, &b->kept, &b->split};
	int status = 0;

	text_free(line);
	if (join_item_make(b->plan, i, b->log.pass == JOIN_WRITE, item, e) < 0)
		return -1;
	if (b->log.pass == JOIN_COUNT) {
		join_log_print_counts(item, line);
		return 0;
	}
	join_log_print_signature(item, line);
	if (b->resumed)
		status = join_files_forget(&files, i, e);
	if (status == 0 && item->labelled)
		status = join_files_write(&files, i, item, line, e);
	text_byte(line, '\n');
	return status;
}

int join_build_note(struct join_build *b, const struct join_item *item, struct text *line,
                    struct error *e)
{
	const size_t n = line->length;
	char *text;
	int status;

	if (b->log.pass == JOIN_COUNT && count_item(b, item, e) < 0)
		return -1;
	text = text_take(line, "a line", e);
	if (!text)
		return -1;
	if (b->log.pass == JOIN_WRITE)
		b->facts.images += join_log_row(text) != NULL;
	b->next++;
	status = join_log_add(&b->log, text, n, e);
	free(text);
	return status;
}

/* ---- the whole ---- */

int join_build_number(struct join_build *b, struct error *e)
{
	const int status = join_kept_choose(&b->kept, &b->plan->names, &b->counted,
	                                    b->limits->min_images, b->limits->min_coverage, e);

	b->facts.labels = b->kept.labels;
	b->facts.dropped = b->kept.dropped;
	return status;
}

int join_build_finish(struct join_build *b, struct error *e)
{
	if (join_tables_write(&b->place, &b->kept, &b->counted, e) < 0 ||
	    join_index_write(&b->place, &b->kept, &b->log, b->facts.images, e) < 0 ||
	    join_logs_remove(&b->place, e) < 0)
		return -1;
	return join_place_finish(&b->place, b->limits->replace, e);
}

struct join_facts join_build_facts(const struct join_build *b)
{
	return b->facts;
}

static int open_all(struct join_build *b, const char *directory, bool *again, struct error *e)
{
	const struct join_limits *limits = b->limits;

	if (join_place_name(&b->place, directory, limits->replace, e) < 0 ||
	    broden_statistics_new(&b->counted, b->plan->names.categories, e) < 0 ||
	    join_split_open(&b->split, limits->train, limits->group, e) < 0 ||
	    join_place_open(&b->place, e) < 0 ||
	    join_log_is_stale(&b->place, join_log_of_counts(b->plan), again, e) < 0)
		return -1;
	if (!*again)
		return 0;
	return join_place_clear(&b->place, "images", e) < 0 ? -1
	                                                    : join_logs_remove(&b->place, e);
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
	b->place.root = b->log.fd = -1;
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
	join_log_close(&b->log);
	join_place_close(&b->place);
	join_split_close(&b->split);
	join_kept_free(&b->kept);
	broden_statistics_free(&b->counted);
	free(b);
}
