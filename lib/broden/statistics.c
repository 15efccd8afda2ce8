/* statistics.c -- counts of labels; see statistics.h. */
#include "broden/statistics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "table/table.h"

enum { LABELS = 65536, PAGE = 256, PAGES = LABELS / PAGE };
/* In all, 128 MiB: a category that uses all labels takes 2, and there may be a thousand. */
enum { PAGES_MAX = 1 << 14 };
enum { FRACTION_BITS = 80 };

/* ---- one image ---- */

/* Of a label of the whole image; pixels that are counted too stay below it. */
#define WHOLE (UINT64_C(1) << 63)

int broden_tally_begin(struct broden_tally *t, uint64_t area, struct error *e)
{
	if (!t->pixels)
		t->pixels = memory_new(LABELS, sizeof *t->pixels, e);
	if (!t->pixels)
		return -1;
	memset(t->pixels, 0, (t->highest + (size_t)1) * sizeof *t->pixels);
	t->highest = 0;
	t->area = area;
	t->count = 0;
	return 0;
}

void broden_tally_map(struct broden_tally *t, const uint16_t *label)
{
	uint16_t highest = t->highest;

	for (uint64_t i = 0; i < t->area; i++) {
		t->pixels[label[i]]++;
		highest = label[i] > highest ? label[i] : highest;
	}
	t->highest = highest;
}

void broden_tally_whole(struct broden_tally *t, uint16_t label)
{
	t->pixels[label] |= WHOLE;
	t->highest = label > t->highest ? label : t->highest;
}

int broden_tally_take(struct broden_tally *t, uint32_t category, struct error *e)
{
	size_t n = 0;

	for (size_t i = 1; i <= t->highest; i++)
		n += t->pixels[i] > 0;
	if (memory_grow(&t->held, &t->capacity, t->count + n, sizeof *t->held, e) < 0)
		return -1;
	for (size_t i = 1; i <= t->highest; i++)
		if (t->pixels[i])
			t->held[t->count++] = (struct broden_held){
			        category, (uint16_t)i,
			        t->pixels[i] & WHOLE ? t->area : t->pixels[i]};
	memset(t->pixels, 0, (t->highest + (size_t)1) * sizeof *t->pixels);
	t->highest = 0;
	return 0;
}

void broden_tally_free(struct broden_tally *t)
{
	free(t->held);
	free(t->pixels);
	*t = (struct broden_tally){0};
}

/* ---- all images ---- */

int broden_statistics_new(struct broden_statistics *s, size_t categories, struct error *e)
{
	size_t n;

	*s = (struct broden_statistics){.categories = categories};
	if (!size_multiply(categories, PAGES, &n))
		return error_set(e, EXIT_SYSTEM, "%zu categories: too many", categories);
	s->page = memory_new(n, sizeof(struct broden_count *), e);
	return s->page ? 0 : -1;
}

void broden_statistics_free(struct broden_statistics *s)
{
	for (size_t i = 0; s->page && i < s->categories * PAGES; i++)
		free(s->page[i]);
	free(s->page);
	*s = (struct broden_statistics){0};
}

static struct broden_count *count_at(struct broden_statistics *s, size_t category,
                                     uint16_t label, struct error *e)
{
	struct broden_count **page = &s->page[category * PAGES + label / PAGE];

	if (!*page) {
		if (s->pages == PAGES_MAX) {
			error_set(e, EXIT_MALFORMED,
			          "labels of too many categories to be counted: more than %d "
			          "times 256 of them",
			          PAGES_MAX);
			return NULL;
		}
		*page = memory_new(PAGE, sizeof **page, e);
		if (!*page)
			return NULL;
		s->pages++;
	}
	return &(*page)[label % PAGE];
}

int broden_statistics_add(struct broden_statistics *s, const struct broden_tally *t,
                          struct error *e)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct broden_held *held = &t->held[i];
		struct broden_count *c = count_at(s, held->category, held->label, e);

		if (!c)
			return -1;
		c->frequency++;
		c->coverage +=
		        (((broden_sum)held->pixels << FRACTION_BITS) + t->area / 2) / t->area;
	}
	return 0;
}

int broden_statistics_put(struct broden_statistics *s, size_t category, uint16_t label,
                          struct broden_count count, struct error *e)
{
	struct broden_count *c = count_at(s, category, label, e);

	if (c)
		*c = count;
	return c ? 0 : -1;
}

struct broden_count broden_count_of(const struct broden_statistics *s, size_t category,
                                    uint16_t label)
{
	const struct broden_count *page = s->page[category * PAGES + label / PAGE];

	return page ? page[label % PAGE] : (struct broden_count){0};
}

struct broden_count broden_count_all(const struct broden_statistics *s, uint16_t label)
{
	struct broden_count sum = {0};

	for (size_t c = 0; c < s->categories; c++) {
		const struct broden_count one = broden_count_of(s, c, label);

		sum.frequency += one.frequency;
		sum.coverage += one.coverage;
	}
	return sum;
}

double broden_coverage(struct broden_count c)
{
	return ldexp((double)c.coverage, -FRACTION_BITS);
}

/* Equal sums of fractions are equal here, though each fraction was rounded. */
static broden_sum comparable(struct broden_count c)
{
	return (c.coverage + (1 << 19)) >> 20;
}

int broden_compare(struct broden_count a, struct broden_count b)
{
	if (a.frequency != b.frequency)
		return a.frequency < b.frequency ? 1 : -1;
	if (comparable(a) != comparable(b))
		return comparable(a) < comparable(b) ? 1 : -1;
	return 0;
}

/* ---- tables ---- */

void broden_print_real(double x, char text[static BRODEN_DIGITS])
{
	/* An exponent is for small numbers alone, as in Python. */
	for (int digits = 1; digits <= 17; digits++) {
		snprintf(text, BRODEN_DIGITS - 2, "%.*g", digits, x);
		if (strtod(text, NULL) == x && (!strchr(text, 'e') || fabs(x) < 1e-4))
			break;
	}
	if (!strpbrk(text, ".e"))
		strcat(text, ".0");
}

bool broden_lists(const struct broden_names *n, const struct broden_statistics *s,
                  size_t category, uint16_t label)
{
	return n->name[label] && (broden_count_of(s, category, label).frequency > 0 ||
	                          (n->is_listed && n->is_listed(n->ctx, category, label)));
}

/* A thing with its count, to be put in order. */
struct counted {
	size_t which; /* category or label */
	struct broden_count count;
};

static int by_count(const void *a, const void *b)
{
	const struct counted *x = a, *y = b;
	const int order = broden_compare(x->count, y->count);

	return order ? order : x->which < y->which ? -1 : 1;
}

char *broden_categories_of(const struct broden_names *n, const struct broden_statistics *s,
                           uint16_t label, struct error *e)
{
	struct counted *c = memory_new(n->categories, sizeof *c, e);
	struct text t = {0};
	size_t listed = 0;

	if (!c)
		return NULL;
	for (size_t i = 0; i < n->categories; i++)
		if (broden_lists(n, s, i, label))
			/* Of equal frequency, the order of categories. */
			c[listed++] = (struct counted){
			        i, {.frequency = broden_count_of(s, i, label).frequency}};
	qsort(c, listed, sizeof *c, by_count);
	for (size_t i = 0; i < listed; i++)
		text_print(&t, "%s%s(%llu)", i ? ";" : "", n->category[c[i].which],
		           (unsigned long long)c[i].count.frequency);
	free(c);
	return text_take(&t, "a label's categories", e);
}

struct broden_category broden_category_of(const struct broden_names *n,
                                          const struct broden_statistics *s, size_t category)
{
	struct broden_category c = {0};

	for (uint64_t i = 1; i < LABELS; i++) {
		if (!broden_lists(n, s, category, (uint16_t)i))
			continue;
		c.first = c.first ? c.first : i;
		c.last = i;
		c.labels++;
		c.frequency += broden_count_of(s, category, (uint16_t)i).frequency;
	}
	return c;
}

static int write_categories(const struct broden_names *n, const struct broden_statistics *s,
                            int fd, const char *name, struct error *e)
{
	static const char *const column[] = {"name", "first", "last", "count", "frequency"};
	struct table t;
	int status;

	table_begin(&t, TABLE_CSV, column, sizeof column / sizeof *column);
	for (size_t i = 0; i < n->categories; i++) {
		const struct broden_category c = broden_category_of(n, s, i);

		table_text(&t, n->category[i]);
		table_count(&t, c.first);
		table_count(&t, c.last);
		table_count(&t, c.labels);
		table_count(&t, c.frequency);
	}
	status = table_end(&t, fd, name, e);
	table_free(&t);
	return status;
}

static int add_label(struct table *t, const struct broden_names *n,
                     const struct broden_statistics *s, uint16_t label, struct error *e)
{
	const struct broden_count c = broden_count_all(s, label);
	char *categories = broden_categories_of(n, s, label, e), coverage[BRODEN_DIGITS];

	if (!categories)
		return -1;
	table_count(t, label);
	table_text(t, n->name[label]);
	table_text(t, categories);
	table_count(t, c.frequency);
	snprintf(coverage, sizeof coverage, "%f", broden_coverage(c));
	table_text(t, coverage);
	table_text(t, n->synonyms[label] ? n->synonyms[label] : "");
	free(categories);
	return 0;
}

static int write_labels(const struct broden_names *n, const struct broden_statistics *s, int fd,
                        const char *name, struct error *e)
{
	static const char *const column[] = {"number",    "name",     "category",
	                                     "frequency", "coverage", "syns"};
	struct table t;
	int status = 0;

	table_begin(&t, TABLE_CSV, column, sizeof column / sizeof *column);
	for (unsigned i = 1; i < LABELS && status == 0; i++)
		if (n->name[i])
			status = add_label(&t, n, s, (uint16_t)i, e);
	if (status == 0)
		status = table_end(&t, fd, name, e);
	table_free(&t);
	return status;
}

static void add_code(struct table *t, const struct broden_names *n, const struct counted *c,
                     uint64_t code)
{
	char coverage[BRODEN_DIGITS];

	table_count(t, code);
	table_count(t, c->which);
	table_text(t, n->name[c->which]);
	table_count(t, c->count.frequency);
	broden_print_real(broden_coverage(c->count), coverage);
	table_text(t, coverage);
}

static int write_category(const struct broden_names *n, const struct broden_statistics *s,
                          size_t category, int fd, const char *name, struct error *e)
{
	static const char *const column[] = {"code", "number", "name", "frequency", "coverage"};
	struct counted *c = memory_new(LABELS, sizeof *c, e);
	size_t listed = 0;
	struct table t;
	int status;

	if (!c)
		return -1;
	for (size_t i = 1; i < LABELS; i++)
		if (broden_lists(n, s, category, (uint16_t)i))
			c[listed++] =
			        (struct counted){i, broden_count_of(s, category, (uint16_t)i)};
	qsort(c, listed, sizeof *c, by_count);
	table_begin(&t, TABLE_CSV, column, sizeof column / sizeof *column);
	for (size_t i = 0; i < listed; i++)
		add_code(&t, n, &c[i], i + 1);
	status = table_end(&t, fd, name, e);
	table_free(&t);
	free(c);
	return status;
}

enum { TABLES = 2 }; /* before those of categories */

size_t broden_statistics_tables(const struct broden_names *n)
{
	return TABLES + n->categories;
}

char *broden_statistics_table_name(const struct broden_names *n, size_t table, struct error *e)
{
	return table == 0   ? memory_string("category.csv", e)
	       : table == 1 ? memory_string("label.csv", e)
	                    : memory_print(e, "c_%s.csv", n->category[table - TABLES]);
}

int broden_statistics_write(const struct broden_names *n, const struct broden_statistics *s,
                            size_t table, int fd, const char *name, struct error *e)
{
	return table == 0   ? write_categories(n, s, fd, name, e)
	       : table == 1 ? write_labels(n, s, fd, name, e)
	                    : write_category(n, s, table - TABLES, fd, name, e);
}
