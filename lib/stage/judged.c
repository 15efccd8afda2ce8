/* judged.c -- see judged.h. */
#include "stage/judged.h"

#include <inttypes.h>
#include <math.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "table/csv.h"

/* ---- names ---- */

struct named {
	char *name;
	uint32_t index;
};

static int compare_names(const void *a, const void *b)
{
	const struct named *left = a, *right = b;

	return strcmp(left->name, right->name);
}

static void free_named(void *named)
{
	free(((struct named *)named)->name);
	free(named);
}

/* What the tree knows by that name, which gets the index next where it is new; its own copy of
 * the name lives as long as the tree.  NULL with e set. */
static const struct named *look_up(void **tree, const char *name, size_t next, struct error *e)
{
	struct named wanted = {.name = (char *)name},
	             **found = tfind(&wanted, tree, compare_names);
	struct named *n;

	if (found)
		return *found;
	n = memory_new(1, sizeof *n, e);
	if (!n)
		return NULL;
	*n = (struct named){memory_string(name, e), (uint32_t)next};
	if (n->name && tsearch(n, tree, compare_names))
		return n;
	error_set(e, EXIT_SYSTEM, "no memory for a name");
	free_named(n);
	return NULL;
}

/* ---- the key ---- */

static int by_name(const void *a, const void *b)
{
	const struct judged_question *left = a, *right = b;

	return strcmp(left->name, right->name);
}

static int find_layer(struct judged *j, const char *name, uint32_t *index, struct error *e)
{
	const struct named *n;

	if (memory_grow(&j->layer, &j->layer_capacity, j->layers + 1, sizeof *j->layer, e) < 0)
		return -1;
	n = look_up(&j->layer_names, name, j->layers, e);
	if (!n)
		return -1;
	*index = n->index;
	if (n->index == j->layers)
		j->layer[j->layers++] = (struct judged_layer){.name = n->name};
	j->layer[n->index].questions++;
	return 0;
}

static int read_question(struct judged *j, const struct csv *c, const int column[static 4],
                         const char *path, struct error *e)
{
	static const char *const sources[] = {"truth", "method", "decoy"};
	struct judged_question *q;
	uint64_t unit;
	size_t source = 0;

	if (csv_count(c, (size_t)column[2], 0, UINT32_MAX, &unit, e) < 0)
		return -1;
	while (source < 3 && strcmp(c->field[column[3]], sources[source]) != 0)
		source++;
	if (source == 3)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: row %" PRIu64 ": source '%.40s' is none of truth, "
		                 "method, decoy",
		                 path, c->row, c->field[column[3]]);
	if (memory_grow(&j->question, &j->question_capacity, j->questions + 1,
	                sizeof *j->question, e) < 0)
		return -1;
	q = &j->question[j->questions++];
	*q = (struct judged_question){.unit = (uint32_t)unit,
	                              .source = (enum judged_source)source};
	q->name = memory_string(c->field[column[0]], e);
	return q->name ? find_layer(j, c->field[column[1]], &q->layer_index, e) : -1;
}

static int need_columns(const struct csv *c, const char *const name[static 4],
                        int column[static 4], struct error *e)
{
	for (size_t i = 0; i < 4; i++) {
		column[i] = csv_need(c, name[i], e);
		if (column[i] < 0)
			return -1;
	}
	return 0;
}

/* Questions of a unit stand together, by layer, unit and source. */
static int by_unit(const void *a, const void *b)
{
	const struct judged_question *left = a, *right = b;

	if (left->layer_index != right->layer_index)
		return left->layer_index < right->layer_index ? -1 : 1;
	if (left->unit != right->unit)
		return left->unit < right->unit ? -1 : 1;
	return left->source != right->source ? (int)left->source - (int)right->source
	                                     : by_name(left, right);
}

static int check_units(const struct judged *j, struct error *e)
{
	for (size_t i = 1; i < j->questions; i++) {
		const struct judged_question *q = &j->question[i];

		if (q[-1].layer_index == q->layer_index && q[-1].unit == q->unit &&
		    q[-1].source == q->source && q->source != JUDGED_DECOY)
			return error_set(
			        e, EXIT_MALFORMED,
			        "the key has two phrases of one source for unit %" PRIu32
			        " of layer %.100s: questions %.40s and %.40s",
			        q->unit, j->layer[q->layer_index].name, q[-1].name, q->name);
	}
	return 0;
}

int judged_key(struct judged *j, const char *path, struct error *e)
{
	static const char *const columns[] = {"question", "layer", "unit", "source"};
	int column[4], more = -1;
	struct csv c = {0};

	if (csv_open(&c, path, e) == 0 && need_columns(&c, columns, column, e) == 0)
		while ((more = csv_next(&c, e)) > 0)
			if (read_question(j, &c, column, path, e) < 0) {
				more = -1;
				break;
			}
	csv_close(&c);
	if (more < 0)
		return -1;
	if (j->questions == 0)
		return error_set(e, EXIT_MALFORMED, "%s: no questions", path);
	qsort(j->question, j->questions, sizeof *j->question, by_unit);
	if (check_units(j, e) < 0)
		return -1;
	qsort(j->question, j->questions, sizeof *j->question, by_name);
	for (size_t i = 1; i < j->questions; i++)
		if (by_name(&j->question[i - 1], &j->question[i]) == 0)
			return error_set(e, EXIT_MALFORMED, "%s: question %.40s stands twice",
			                 path, j->question[i].name);
	return 0;
}

/* ---- answers ---- */

static int find_rater(struct judged *j, const char *name, uint32_t group, uint32_t *index,
                      const char *path, uint64_t row, struct error *e)
{
	const struct named *n;

	if (memory_grow(&j->rater, &j->rater_capacity, j->raters + 1, sizeof *j->rater, e) < 0)
		return -1;
	n = look_up(&j->rater_names, name, j->raters, e);
	if (!n)
		return -1;
	*index = n->index;
	if (n->index == j->raters)
		j->rater[j->raters++] = (struct judged_rater){.name = n->name, .group = group};
	if (j->rater[n->index].group != group)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: row %" PRIu64 ": rater '%.40s' is of both groups", path,
		                 row, name);
	return 0;
}

static int read_answer(struct judged *j, const struct csv *c, const int column[static 4],
                       const char *path, struct error *e)
{
	const char *group = c->field[column[1]], *said = c->field[column[3]];
	const struct judged_question *q =
	        bsearch(&(struct judged_question){.name = c->field[column[2]]}, j->question,
	                j->questions, sizeof *j->question, by_name);
	const bool yes = strcmp(said, "yes") == 0, given = *said != '\0';
	uint32_t rater;

	if (strcmp(group, "A") != 0 && strcmp(group, "B") != 0)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: row %" PRIu64 ": group '%.40s' is neither A nor B", path,
		                 c->row, group);
	if (!q)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: row %" PRIu64 ": the key has no question '%.40s'", path,
		                 c->row, c->field[column[2]]);
	if (given && !yes && strcmp(said, "no") != 0)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: row %" PRIu64 ": answer '%.40s' is neither yes nor no",
		                 path, c->row, said);
	if (find_rater(j, c->field[column[0]], group[0] == 'B', &rater, path, c->row, e) < 0 ||
	    memory_grow(&j->answer, &j->answer_capacity, j->answers + 1, sizeof *j->answer, e) <
	            0)
		return -1;
	j->answer[j->answers++] = (struct judged_answer){(uint32_t)(q - j->question),
	                                                 q->layer_index,
	                                                 rater,
	                                                 group[0] == 'B',
	                                                 given,
	                                                 yes};
	return 0;
}

int judged_read(struct judged *j, const char *path, struct error *e)
{
	static const char *const columns[] = {"rater", "group", "question", "answer"};
	const size_t before = j->answers;
	int column[4], more = -1;
	struct csv c = {0};

	if (csv_open(&c, path, e) == 0 && need_columns(&c, columns, column, e) == 0)
		while ((more = csv_next(&c, e)) > 0)
			if (read_answer(j, &c, column, path, e) < 0) {
				more = -1;
				break;
			}
	csv_close(&c);
	if (more == 0 && j->answers == before)
		return error_set(e, EXIT_MALFORMED, "%s: no answers", path);
	return more;
}

/* ---- counts ---- */

static int by_question(const void *a, const void *b)
{
	const struct judged_answer *left = a, *right = b;

	if (left->question != right->question)
		return left->question < right->question ? -1 : 1;
	return (left->rater > right->rater) - (left->rater < right->rater);
}

static int by_rater(const void *a, const void *b)
{
	const struct judged_answer *left = a, *right = b;

	if (left->rater != right->rater)
		return left->rater < right->rater ? -1 : 1;
	return (left->layer > right->layer) - (left->layer < right->layer);
}

static void drop_raters(struct judged *j, double most_decoys)
{
	for (size_t i = 0; i < j->answers; i++)
		if (j->answer[i].given &&
		    j->question[j->answer[i].question].source == JUDGED_DECOY) {
			j->rater[j->answer[i].rater].decoys.all++;
			j->rater[j->answer[i].rater].decoys.yes += j->answer[i].yes;
		}
	for (size_t i = 0; i < j->raters; i++) {
		const struct answers *d = &j->rater[i].decoys;

		j->rater[i].dropped = (double)d->yes > most_decoys * (double)d->all;
	}
}

/* A rater's rows of a layer, n of them: the page saves one for each question. */
static int check_rows(struct judged *j, const struct judged_answer *a, size_t n,
                      bool incomplete, struct error *e)
{
	struct judged_rater *rater = &j->rater[a->rater];
	struct judged_layer *layer = &j->layer[a->layer];

	if (n < layer->questions && !incomplete)
		return error_set(e, EXIT_MALFORMED,
		                 "rater '%.40s' has rows of %zu of the %" PRIu64
		                 " questions of layer %.100s: is the table cut? (--incomplete "
		                 "goes on)",
		                 rater->name, n, layer->questions, layer->name);
	rater->missing += layer->questions - n;
	if (rater->dropped)
		return 0;
	layer->unanswered += layer->questions;
	for (size_t i = 0; i < n; i++)
		layer->unanswered -= a[i].given;
	return 0;
}

static int check_raters(struct judged *j, bool incomplete, struct error *e)
{
	qsort(j->answer, j->answers, sizeof *j->answer, by_rater);
	for (size_t i = 0, n; i < j->answers; i += n) {
		for (n = 1;
		     i + n < j->answers && by_rater(&j->answer[i], &j->answer[i + n]) == 0;)
			n++;
		if (check_rows(j, &j->answer[i], n, incomplete, e) < 0)
			return -1;
	}
	return 0;
}

int judged_count(struct judged *j, double most_decoys, bool incomplete, struct error *e)
{
	if (j->answers == 0)
		return error_set(e, EXIT_MALFORMED, "no answers");
	qsort(j->answer, j->answers, sizeof *j->answer, by_question);
	for (size_t i = 1; i < j->answers; i++)
		if (by_question(&j->answer[i - 1], &j->answer[i]) == 0)
			return error_set(e, EXIT_MALFORMED,
			                 "rater '%.40s' answers question %.40s twice",
			                 j->rater[j->answer[i].rater].name,
			                 j->question[j->answer[i].question].name);
	drop_raters(j, most_decoys);
	if (check_raters(j, incomplete, e) < 0)
		return -1;
	for (size_t i = 0; i < j->answers; i++) {
		const struct judged_answer *a = &j->answer[i];
		struct answers *of = &j->question[a->question].by_group[a->group];

		if (j->rater[a->rater].dropped || !a->given)
			continue;
		of->all++;
		of->yes += a->yes;
	}
	qsort(j->question, j->questions, sizeof *j->question, by_unit);
	return 0;
}

void judged_free(struct judged *j)
{
	for (size_t i = 0; i < j->questions; i++)
		free(j->question[i].name);
	tdestroy(j->rater_names, free_named);
	tdestroy(j->layer_names, free_named);
	free(j->question);
	free(j->answer);
	free(j->rater);
	free(j->layer);
	*j = (struct judged){0};
}

/* ---- the table ---- */

struct layer_counts {
	uint64_t units, interpretable, human, human_of, method, method_of;
	struct answers decoys;
};

/* A unit's questions, n of them. */
static void count_unit(struct layer_counts *c, const struct judged_question *q, size_t n)
{
	const struct judged_question *truth = NULL, *method = NULL;

	for (size_t i = 0; i < n; i++) {
		if (q[i].source == JUDGED_TRUTH)
			truth = &q[i];
		else if (q[i].source == JUDGED_METHOD)
			method = &q[i];
		for (size_t g = 0; q[i].source == JUDGED_DECOY && g < 2; g++) {
			c->decoys.yes += q[i].by_group[g].yes;
			c->decoys.all += q[i].by_group[g].all;
		}
	}
	c->units += truth != NULL;
	if (!truth || !answers_accept(&truth->by_group[0]))
		return;
	c->interpretable++;
	c->human_of += truth->by_group[1].all > 0;
	c->human += answers_accept(&truth->by_group[1]) != 0;
	/* A unit for which the method has no phrase is one that it does not explain. */
	c->method_of += !method || method->by_group[1].all > 0;
	c->method += method && answers_accept(&method->by_group[1]);
}

static void share(struct table *t, uint64_t k, uint64_t n)
{
	const struct interval i = agreement_wilson(k, n);

	table_count(t, k);
	table_count(t, n);
	if (n)
		table_real(t, (double)k / (double)n);
	else
		table_none(t);
	table_real(t, i.low);
	table_real(t, i.high);
}

static void real(struct table *t, double v)
{
	if (isnan(v))
		table_none(t);
	else
		table_real(t, v);
}

/* A layer's questions, n of them. */
static int write_layer(struct table *t, const struct judged *j, const struct judged_question *q,
                       size_t n, uint64_t samples, uint64_t seed, struct error *e)
{
	struct answers *all = memory_new(n, sizeof *all, e);
	uint32_t *unit = memory_new(n, sizeof *unit, e);
	struct interval alpha = {NAN, NAN};
	struct layer_counts c = {0};
	int status = all && unit ? 0 : -1;

	for (size_t i = 0; status == 0 && i < n; i++) {
		const struct answers *g = q[i].by_group;

		all[i] = (struct answers){g[0].yes + g[1].yes, g[0].all + g[1].all};
		unit[i] = q[i].unit;
	}
	for (size_t i = 0, same; i < n; i += same) {
		for (same = 1; i + same < n && q[i + same].unit == q[i].unit;)
			same++;
		count_unit(&c, q + i, same);
	}
	if (status == 0)
		status = agreement_alpha_interval(all, unit, n, samples, seed, &alpha, e);
	if (status == 0) {
		table_text(t, j->layer[q->layer_index].name);
		table_count(t, c.units);
		table_count(t, c.interpretable);
		share(t, c.human, c.human_of);
		share(t, c.method, c.method_of);
		table_count(t, c.decoys.yes);
		table_count(t, c.decoys.all);
		real(t, agreement_raw(all, n));
		real(t, agreement_alpha(all, n));
		real(t, alpha.low);
		real(t, alpha.high);
		table_count(t, j->layer[q->layer_index].unanswered);
	}
	free(all);
	free(unit);
	return status;
}

int judged_write(const struct judged *j, enum table_format format, uint64_t samples,
                 uint64_t seed, int fd, const char *name, struct error *e)
{
	static const char *const column[] = {
	        "layer",        "units",      "interpretable", "human",      "human-of",
	        "human-share",  "human-low",  "human-high",    "method",     "method-of",
	        "method-share", "method-low", "method-high",   "decoys-yes", "decoys",
	        "agreement",    "alpha",      "alpha-low",     "alpha-high", "unanswered"};
	struct table t;
	int status = 0;

	table_begin(&t, format, column, sizeof column / sizeof *column);
	for (size_t i = 0, n; status == 0 && i < j->questions; i += n) {
		const struct judged_question *q = &j->question[i];

		for (n = 1; i + n < j->questions && q[n].layer_index == q->layer_index;)
			n++;
		status = write_layer(&t, j, q, n, samples, seed, e);
	}
	if (status == 0)
		status = table_end(&t, fd, name, e);
	table_free(&t);
	return status;
}
