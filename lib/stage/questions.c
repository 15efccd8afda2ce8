/* questions.c -- see questions.h. */
#include "stage/questions.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "table/table.h"

/* A number of its own for each thing that is chosen. */
static uint64_t rank(uint64_t seed, uint64_t what, uint64_t number)
{
	return random_rank(random_rank(random_rank(seed) + what) + number);
}

enum { CHOOSE_UNIT, CHOOSE_DECOY, ORDER, NAME };

static int ask(struct questions *q, size_t unit, const char *phrase, const char *source,
               struct error *e)
{
	if (memory_grow(&q->question, &q->capacity, q->count + 1, sizeof *q->question, e) < 0)
		return -1;
	q->question[q->count++] =
	        (struct question){.asked = {.unit = unit, .phrase = phrase}, .source = source};
	return 0;
}

/* ---- order and names ---- */

struct ranked {
	uint64_t rank;
	struct question question;
};

static int by_rank(const void *a, const void *b)
{
	const struct ranked *left = a, *right = b;

	return (left->rank > right->rank) - (left->rank < right->rank);
}

static int shuffle(struct questions *q, uint64_t seed, struct error *e)
{
	struct ranked *r = memory_new(q->count, sizeof *r, e);

	if (!r)
		return -1;
	for (size_t i = 0; i < q->count; i++)
		r[i] = (struct ranked){rank(seed, ORDER, i), q->question[i]};
	qsort(r, q->count, sizeof *r, by_rank);
	for (size_t i = 0; i < q->count; i++)
		q->question[i] = r[i].question;
	free(r);
	return 0;
}

/* By their place, which tells no more than the page does. */
static int name(struct questions *q, uint64_t seed, struct error *e)
{
	for (size_t i = 0; i < q->count; i++) {
		char text[64], *copy;

		snprintf(text, sizeof text, "q%04zu-%08" PRIx32, i + 1,
		         (uint32_t)rank(seed, NAME, i));
		q->question[i].name = copy = memory_string(text, e);
		if (!copy)
			return -1;
		q->question[i].asked.name = copy;
	}
	return 0;
}

static int finish(struct questions *q, uint64_t seed, struct error *e)
{
	return shuffle(q, seed, e) < 0 ? -1 : name(q, seed, e);
}

/* ---- asked for phrases ---- */

int questions_describe(struct questions *q, const struct report *r, size_t n, uint64_t seed,
                       struct error *e)
{
	const size_t units = r->side[0].result.units;
	struct ranked *chosen = memory_new(units, sizeof *chosen, e);
	int status = chosen ? 0 : -1;

	for (size_t k = 0; status == 0 && k < units; k++)
		chosen[k] = (struct ranked){rank(seed, CHOOSE_UNIT, k), {.asked = {.unit = k}}};
	if (status == 0)
		qsort(chosen, units, sizeof *chosen, by_rank);
	for (size_t i = 0; status == 0 && i < units && (n == 0 || i < n); i++)
		status = ask(q, chosen[i].question.asked.unit, NULL, NULL, e);
	free(chosen);
	return status < 0 ? -1 : finish(q, seed, e);
}

/* ---- asked about phrases ---- */

enum { UNIT, PHRASE, LAYER, RATER, OF, COLUMNS };

/* Rows of one rater and layer that follow one another: the page says in each how many it
 * saved. */
struct rows {
	const char *rater, *layer;
	uint64_t rows, of;
};

static int end_rows(const struct csv *c, const struct rows *r, const char *path,
                    struct error *e)
{
	if (r->rows == r->of)
		return 0;
	return error_set(e, EXIT_MALFORMED,
	                 "%s: up to row %" PRIu64 ": %" PRIu64 " rows of %" PRIu64
	                 " that the page saved: is the table cut?",
	                 path, c->row, r->rows, r->of);
}

static int count_rows(const struct csv *c, const int column[static COLUMNS], struct rows *r,
                      const char *path, struct error *e)
{
	const char *rater = column[RATER] < 0 ? "" : c->field[column[RATER]],
	           *layer = column[LAYER] < 0 ? "" : c->field[column[LAYER]];

	if (column[OF] < 0)
		return 0;
	if (!r->rater || strcmp(rater, r->rater) != 0 || strcmp(layer, r->layer) != 0) {
		if (end_rows(c, r, path, e) < 0)
			return -1;
		*r = (struct rows){.rater = rater, .layer = layer};
	}
	r->rows++;
	return csv_count(c, (size_t)column[OF], 1, UINT32_MAX, &r->of, e);
}

static int read_phrase(struct questions *q, const struct report_side *s,
                       const int column[static COLUMNS], const char *path, struct error *e)
{
	const struct csv *c = &q->phrases;
	uint64_t number;

	if (column[LAYER] >= 0 && strcmp(c->field[column[LAYER]], s->layer) != 0)
		return 0;
	if (csv_count(c, (size_t)column[UNIT], 1, s->result.units, &number, e) < 0)
		return -1;
	if (q->truth[number - 1])
		return error_set(e, EXIT_MALFORMED,
		                 "%s: row %" PRIu64 ": unit %" PRIu64 " stands twice", path,
		                 c->row, number);
	if (c->field[column[PHRASE]][0])
		q->truth[number - 1] = c->field[column[PHRASE]];
	return 0;
}

static int read_phrases(struct questions *q, const struct report_side *s, const char *path,
                        struct error *e)
{
	static const char *const name[COLUMNS] = {"unit", "phrase", "layer", "rater", "of"};
	struct csv *c = &q->phrases;
	struct rows rows = {0};
	int column[COLUMNS], more;

	if (csv_open(c, path, e) < 0)
		return -1;
	for (int i = 0; i < COLUMNS; i++) {
		column[i] = i <= PHRASE ? csv_need(c, name[i], e) : csv_column(c, name[i]);
		if (i <= PHRASE && column[i] < 0)
			return -1;
	}
	while ((more = csv_next(c, e)) > 0)
		if (count_rows(c, column, &rows, path, e) < 0 ||
		    read_phrase(q, s, column, path, e) < 0)
			return -1;
	return more < 0 ? -1 : end_rows(c, &rows, path, e);
}

/* The label as people say it. */
static char *plain(const char *label, struct error *e)
{
	const size_t n = strlen(label);
	char *s = memory_string(label, e);

	if (s && n > 2 && (strcmp(s + n - 2, "-s") == 0 || strcmp(s + n - 2, "-c") == 0))
		s[n - 2] = '\0';
	return s;
}

static bool alike(const char *a, const char *b)
{
	return a && b && strcasecmp(a, b) == 0;
}

/* The phrase of another of so many units, from a place that chance gives; or NULL. */
static const char *decoy(const struct questions *q, size_t units, size_t unit,
                         const char *method, uint64_t seed)
{
	const size_t from = (size_t)(rank(seed, CHOOSE_DECOY, unit) % units);

	for (size_t i = 0; i < units; i++) {
		const char *phrase = q->truth[(from + i) % units];

		if (phrase && !alike(phrase, q->truth[unit]) && !alike(phrase, method))
			return phrase;
	}
	return NULL;
}

static int ask_of_unit(struct questions *q, const struct report_side *s, size_t unit,
                       uint64_t seed, struct error *e)
{
	const struct report_unit *u = &s->unit[unit];
	char *method = NULL;
	const char *other;

	if (ask(q, unit, q->truth[unit], "truth", e) < 0)
		return -1;
	if (u->matches) {
		method = plain(u->match[0].name, e);
		if (!method || ask(q, unit, method, "method", e) < 0) {
			free(method);
			return -1;
		}
		q->question[q->count - 1].own = method;
	}
	other = decoy(q, s->result.units, unit, method, seed);
	return other ? ask(q, unit, other, "decoy", e) : 0;
}

int questions_judge(struct questions *q, const struct report *r, const char *path,
                    uint64_t seed, struct error *e)
{
	const struct report_side *s = &r->side[0];

	q->truth = memory_new(s->result.units, sizeof *q->truth, e);
	if (!q->truth || read_phrases(q, s, path, e) < 0)
		return -1;
	for (size_t k = 0; k < s->result.units; k++)
		if (q->truth[k] && ask_of_unit(q, s, k, seed, e) < 0)
			return -1;
	if (q->count == 0)
		return error_set(e, EXIT_MALFORMED, "%s: no phrase for a unit of layer %.100s",
		                 path, s->layer);
	return finish(q, seed, e);
}

void questions_free(struct questions *q)
{
	for (size_t i = 0; i < q->count; i++) {
		free(q->question[i].own);
		free(q->question[i].name);
	}
	free(q->question);
	free(q->truth);
	csv_close(&q->phrases);
	*q = (struct questions){0};
}

int questions_key(const struct questions *q, const struct report *r, int fd, const char *name,
                  struct error *e)
{
	static const char *const column[] = {"question", "layer", "unit", "source", "phrase"};
	const struct report_side *s = &r->side[0];
	struct table t;
	int status;

	table_begin(&t, TABLE_CSV, column, sizeof column / sizeof *column);
	for (size_t i = 0; i < q->count; i++) {
		table_text(&t, q->question[i].name);
		table_text(&t, s->layer);
		table_count(&t, s->result.unit[q->question[i].asked.unit]);
		table_text(&t, q->question[i].source);
		table_text(&t, q->question[i].asked.phrase);
	}
	status = table_end(&t, fd, name, e);
	table_free(&t);
	return status;
}
