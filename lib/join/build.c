/* build.c -- see build.h. */
#include "join/build.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "join/files.h"
#include "join/tables.h"

struct join_build {
	const struct join_plan *plan;
	const struct join_limits *limits;
	struct join_place place;
	struct join_split split;
	struct join_log log;              /* of the pass */
	size_t next;                      /* image whose line comes next */
	bool resumed;                     /* there may be files that another run has left */
	struct broden_statistics counted; /* by join_label() */
	bool *bad;                        /* [images] left out for a fault */
	struct join_kept kept;
	struct join_facts facts;
};

/* ---- a pass ---- */

static int count_item(struct join_build *b, const struct join_item *item, struct error *e)
{
	b->facts.missing += item->missing;
	b->facts.turned += item->turned;
	b->facts.left_out += !item->labelled && !item->bad;
	b->facts.bad += item->bad;
	b->bad[b->next] = item->bad;
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
	if (item->bad && !b->bad[i]) /* it was good when it was counted */
		return error_set(e, item->fault.code, "%s", item->fault.text);
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

	b->bad = memory_new(b->plan->images, sizeof *b->bad, e);
	if (!b->bad || join_place_name(&b->place, directory, limits->replace, e) < 0 ||
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
	free(b->bad);
	broden_statistics_free(&b->counted);
	free(b);
}
