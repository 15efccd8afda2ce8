/* log.c -- see log.h. */
#include "join/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/checksum.h"
#include "base/file.h"
#include "base/memory.h"

enum { LABELS = 65536, ROW = 17 };
enum { BAD = 2 }; /* in a line of counts, where 1 is labelled */

static const char *const log_names[] = {"counts", "written"};

/* ---- what lines depend on ---- */

static uint32_t instances_digest(uint32_t sum, const struct instances *s)
{
	for (size_t i = 0; i < s->images; i++)
		sum = checksum(sum, s->image[i].file, strlen(s->image[i].file) + 1);
	for (size_t i = 0; i < s->count; i++) {
		const uint32_t facts[] = {s->instance[i].image, s->instance[i].category};

		sum = checksum(sum, facts, sizeof facts);
	}
	if (s->numbers)
		sum = checksum(sum, s->xy, s->numbers * sizeof *s->xy);
	if (s->runs)
		sum = checksum(sum, s->run, s->runs * sizeof *s->run);
	return sum;
}

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
		sum = instances_digest(sum, &s->set[i].instances);
	}
	return sum;
}

uint32_t join_log_of_counts(const struct join_plan *p)
{
	const struct join_form *f = &p->form;
	const uint32_t form[] = {f->size,
	                         f->label_size,
	                         f->crop,
	                         f->colors,
	                         f->upright,
	                         f->skip_bad,
	                         (uint32_t)f->quality,
	                         (uint32_t)p->images};
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
	text_print(line, "%016" PRIx64 " %d %u %d %" PRIu64, item->signature,
	           item->bad ? BAD : item->labelled, item->missing, item->turned,
	           item->tally.area);
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
	item->labelled = labelled == 1;
	item->bad = labelled == BAD;
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
