/* survey_counts.c -- what tables say otherwise than was counted; see survey.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "broden/cell.h"
#include "broden/survey_parts.h"

enum { LABELS = 65536 };

/* How a statistic of a table is to what was counted. */
enum agreement {
	AGREES,
	NEAR, /* as those of larger maps are */
	DIFFERS
};

struct compare {
	const struct broden_survey *s;
	size_t near;            /* statistics that are NEAR */
	size_t homeless_labels; /* of no category, and the first of them */
	uint16_t homeless;
	struct broden_faults *f;
	struct error *e;
};

/* A map that is scaled by taking the nearest label can lose a small thing, and never gains
 * one; what things cover changes little. */
static const double near_share = 0.1, near_images = 0.01;
/* label.csv has six digits behind the point. */
static const double rounding = 1e-6;

static enum agreement frequency_agrees(const struct compare *c, uint64_t stated,
                                       uint64_t counted)
{
	if (stated == UINT64_MAX || stated == counted)
		return AGREES;
	return stated > counted && !c->s->form->exact ? NEAR : DIFFERS;
}

static enum agreement coverage_agrees(const struct compare *c, double stated, double counted)
{
	const double off = fabs(stated - counted);

	if (isnan(stated) || off <= rounding + 1e-9 * counted)
		return AGREES;
	return !c->s->form->exact &&
	                       off <= fmax(near_images, near_share * fmax(stated, counted))
	               ? NEAR
	               : DIFFERS;
}

/* Of a label in a table. */
static int compare_stated(struct compare *c, const char *place, const char *what,
                          const struct stated *stated, struct broden_count counted)
{
	const enum agreement frequency =
	        frequency_agrees(c, stated->frequency, counted.frequency);
	const double coverage = broden_coverage(counted);
	const enum agreement covered = coverage_agrees(c, stated->coverage, coverage);

	c->near += frequency == NEAR || covered == NEAR;
	if (frequency == DIFFERS &&
	    broden_faults_add(c->f, c->e, BRODEN_COUNT, place, stated->row,
	                      "%s: frequency %llu, and %llu images hold it", what,
	                      (unsigned long long)stated->frequency,
	                      (unsigned long long)counted.frequency) < 0)
		return -1;
	if (covered == DIFFERS &&
	    broden_faults_add(c->f, c->e, BRODEN_COUNT, place, stated->row,
	                      "%s: coverage %.9g, and it covers %.9g images", what,
	                      stated->coverage, coverage) < 0)
		return -1;
	return 0;
}

static int compare_code(struct compare *c, size_t category, uint16_t label)
{
	const struct broden_survey *s = c->s;
	const struct survey_category *in = &s->category[category];
	const struct stated *stated = survey_stated(in, label);
	const struct broden_count counted = broden_count_of(&s->statistics, category, label);
	char *what;
	int status;

	if (!s->label[label].name || (!stated && !counted.frequency))
		return 0;
	if (!stated)
		return in->damaged
		               ? 0
		               : broden_faults_add(c->f, c->e, BRODEN_COUNT, in->place, 0,
		                                   "label %u '%.100s' is not listed, and %llu "
		                                   "images hold it",
		                                   label, s->label[label].name,
		                                   (unsigned long long)counted.frequency);
	what = memory_print(c->e, "label %u '%.100s'", label, s->label[label].name);
	status = what ? compare_stated(c, in->place, what, stated, counted) : -1;
	free(what);
	return status;
}

/* A part of label.csv's column category, "object(12)", against what was counted of it: whether
 * it names a category that lists the label. */
static int compare_part(struct compare *c, uint16_t label, const struct broden_part *part,
                        const char *place)
{
	const struct broden_survey *s = c->s;
	const struct survey_label *l = &s->label[label];
	const char *open = memrchr(part->text, '(', part->length);
	const size_t length = open ? (size_t)(open - part->text) : part->length;
	uint64_t n = UINT64_MAX;

	for (size_t i = 0; i < s->categories; i++) {
		const struct survey_category *in = &s->category[i];
		uint64_t counted;

		if (strlen(in->name) != length || memcmp(in->name, part->text, length) != 0 ||
		    !broden_lists(&s->names, &s->statistics, i, label))
			continue;
		counted = broden_count_of(&s->statistics, i, label).frequency;
		if (open && part->text[part->length - 1] == ')')
			csv_whole(open + 1, part->length - length - 2, &n);
		if (frequency_agrees(c, n, counted) != DIFFERS)
			return 0;
		return broden_faults_add(c->f, c->e, BRODEN_COUNT, place, l->stated.row,
		                         "label %u '%.100s': category %.*s, and %llu images "
		                         "hold it there",
		                         label, l->name, (int)part->length, part->text,
		                         (unsigned long long)counted);
	}
	return broden_faults_add(c->f, c->e, BRODEN_COUNT, place, l->stated.row,
	                         "label %u '%.100s': category %.*s, which neither lists nor "
	                         "holds it",
	                         label, l->name, (int)(part->length < 200 ? part->length : 200),
	                         part->text);
}

static int compare_label(struct compare *c, uint16_t label, const char *place)
{
	const struct broden_survey *s = c->s;
	const struct survey_label *l = &s->label[label];
	const char *parts = l->categories;
	struct broden_part part;
	size_t lists = 0, named = 0;
	char *what;
	int status;

	for (size_t i = 0; i < s->categories; i++)
		lists += broden_lists(&s->names, &s->statistics, i, label);
	if (!lists) {
		c->homeless = c->homeless ? c->homeless : label;
		c->homeless_labels++;
		return 0;
	}
	what = memory_print(c->e, "label %u '%.100s'", label, l->name);
	status = what ? compare_stated(c, place, what, &l->stated,
	                               broden_count_all(&s->statistics, label))
	              : -1;
	free(what);
	while (status == 0 && broden_next_part(&parts, &part)) {
		named++;
		status = compare_part(c, label, &part, place);
	}
	if (status == 0 && named && named < lists)
		status = broden_faults_add(c->f, c->e, BRODEN_COUNT, place, l->stated.row,
		                           "label %u '%.100s': category '%.200s', and it is of "
		                           "%zu",
		                           label, l->name, l->categories, lists);
	return status;
}

static int compare_category(struct compare *c, size_t category, const char *place)
{
	static const char *const what[CATEGORY_NUMBERS] = {"first", "last", "count",
	                                                   "frequency"};
	const struct broden_survey *s = c->s;
	const struct survey_category *in = &s->category[category];
	const struct broden_category is =
	        broden_category_of(&s->names, &s->statistics, category);
	const uint64_t number[CATEGORY_NUMBERS] = {is.first, is.last, is.labels, is.frequency};

	for (int i = 0; i < CATEGORY_NUMBERS; i++) {
		if (in->number[i] == UINT64_MAX || in->number[i] == number[i] ||
		    (i == FREQUENCY && frequency_agrees(c, in->number[i], number[i]) == NEAR))
			continue;
		if (broden_faults_add(c->f, c->e, BRODEN_COUNT, place, in->row,
		                      "category '%.100s': %s %llu, and it is %llu", in->name,
		                      what[i], (unsigned long long)in->number[i],
		                      (unsigned long long)number[i]) < 0)
			return -1;
	}
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;
	const int order = strcmp(x->name, y->name);

	return order ? order : (x->row > y->row) - (x->row < y->row);
}

/* Rows of one image make items of one name: told of the second one, once. */
static int find_same_images(struct broden_survey *s, struct broden_faults *f, struct error *e)
{
	const struct seen *seen = s->seen;

	if (s->names_seen)
		qsort(s->seen, s->names_seen, sizeof *s->seen, by_name);
	for (size_t i = 0, n; i < s->names_seen; i += n) {
		n = 1;
		while (i + n < s->names_seen && strcmp(seen[i].name, seen[i + n].name) == 0)
			n++;
		if (n > 1 &&
		    broden_faults_add(f, e, BRODEN_TABLE, s->index_place, seen[i + 1].row,
		                      "image '%.200s' again, as in row %llu, and in %zu "
		                      "rows in all",
		                      seen[i].name, (unsigned long long)seen[i].row, n) < 0)
			return -1;
	}
	return 0;
}

static int compare_all(struct compare *c, const char *categories, const char *labels)
{
	const struct broden_survey *s = c->s;

	for (size_t i = 0; i < s->categories; i++)
		if (compare_category(c, i, categories) < 0)
			return -1;
	for (unsigned i = 1; i < LABELS; i++)
		if (s->label[i].name && compare_label(c, (uint16_t)i, labels) < 0)
			return -1;
	for (size_t k = 0; k < s->categories; k++)
		for (unsigned i = 1; i < LABELS; i++)
			if (compare_code(c, k, (uint16_t)i) < 0)
				return -1;
	if (c->homeless_labels &&
	    broden_faults_add(c->f, c->e, BRODEN_REMARK, labels,
	                      s->label[c->homeless].stated.row,
	                      "%zu labels are of no category, the first %u '%.100s'",
	                      c->homeless_labels, c->homeless, s->label[c->homeless].name) < 0)
		return -1;
	if (!c->near)
		return 0;
	return broden_faults_add(c->f, c->e, BRODEN_REMARK, s->files.directory, 0,
	                         "%zu statistics are near what the maps hold, as those of maps "
	                         "before they were scaled are",
	                         c->near);
}

/* What a map would hold that is not there nobody knows: each statistic could seem wrong. */
static int say_uncounted(const struct broden_survey *s, struct broden_faults *f,
                         struct error *e)
{
	return broden_faults_add(f, e, BRODEN_REMARK, s->files.directory, 0,
	                         "statistics are not compared, as %llu maps, numbers or "
	                         "rows are no good",
	                         (unsigned long long)s->uncounted);
}

int broden_survey_end(struct broden_survey *s, struct broden_faults *faults, struct error *e)
{
	struct compare c = {.s = s, .f = faults, .e = e};
	char *categories = memory_print(e, "%s/category.csv", s->files.directory);
	char *labels = memory_print(e, "%s/label.csv", s->files.directory);
	int status = -1;

	if (categories && labels && find_same_images(s, faults, e) == 0)
		status = !s->rows || !s->whole_labels ? 0
		         : s->uncounted               ? say_uncounted(s, faults, e)
		                                      : compare_all(&c, categories, labels);
	free(categories);
	free(labels);
	return status;
}
