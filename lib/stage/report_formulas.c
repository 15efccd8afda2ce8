/* report_formulas.c -- the formulas of a side's units, from the table of lengths that
 * unit-formula writes; see report_side.h.
 *
 * Names come from the streams: of a formula only the numbers are read. */
#include "stage/report_side.h"
#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LAYER, UNIT, LENGTH, SCORE, PROVEN, NUMBERS, OTHER, COLUMNS };
static const char *const column_name[COLUMNS] = {"layer",  "unit",    "length",   "score",
                                                 "proven", "numbers", "score-val"};

/* A table at work. */
struct reading {
	const char *path;
	size_t line;
	int column[COLUMNS]; /* where each is; -1: there is none */
	char *field[COLUMNS];
	const struct reporting_side *side;
};

static int bad(const struct reading *in, const char *what, struct error *e)
{
	return error_set(e, EXIT_MALFORMED, "%s: line %zu: %s", in->path, in->line, what);
}

/* ---- lines ---- */

/* The next field of a line, ended in place; NULL: there is none. */
static char *next_field(char **line)
{
	char *field = *line, *end;

	if (!field)
		return NULL;
	end = strchr(field, '\t');
	*line = end ? end + 1 : NULL;
	if (end)
		*end = '\0';
	return field;
}

/* \t, \n, \r and \\ become what they stand for. */
static void unescape(char *s)
{
	char *to = s;

	for (; *s; s++) {
		if (*s == '\\' && s[1]) {
			s++;
			*to++ = *s == 't' ? '\t' : *s == 'n' ? '\n' : *s == 'r' ? '\r' : *s;
		} else {
			*to++ = *s;
		}
	}
	*to = '\0';
}

static int find_columns(struct reading *in, char *line, struct error *e)
{
	char *name;

	for (int c = 0; c < COLUMNS; c++)
		in->column[c] = -1;
	for (int i = 0; (name = next_field(&line)); i++)
		for (int c = 0; c < COLUMNS; c++)
			if (strcmp(name, column_name[c]) == 0)
				in->column[c] = i;
	for (int c = 0; c < COLUMNS; c++)
		if (in->column[c] < 0 && c != OTHER)
			return error_set(e, EXIT_MALFORMED,
			                 "%s: no column '%s': not what unit-formula --lengths "
			                 "writes",
			                 in->path, column_name[c]);
	return 0;
}

static int find_fields(struct reading *in, char *line, struct error *e)
{
	char *field;

	memset(in->field, 0, sizeof in->field);
	for (int i = 0; (field = next_field(&line)); i++)
		for (int c = 0; c < COLUMNS; c++)
			if (in->column[c] == i)
				in->field[c] = field;
	for (int c = 0; c < COLUMNS; c++)
		if (in->column[c] >= 0 && !in->field[c])
			return bad(in, "too few fields", e);
	return 0;
}

/* ---- fields ---- */

static int read_count(const struct reading *in, int column, size_t most, size_t *value,
                      struct error *e)
{
	const char *s = in->field[column];
	char *end = (char *)s;
	unsigned long v = 0;

	errno = 0;
	if (*s >= '0' && *s <= '9')
		v = strtoul(s, &end, 10);
	if (end == s || *end || errno || v < 1 || v > most)
		return error_set(e, EXIT_MALFORMED, "%s: line %zu: %s '%.40s' is not 1 to %zu",
		                 in->path, in->line, column_name[column], s, most);
	*value = v;
	return 0;
}

static int read_iou(const struct reading *in, int column, double *value, struct error *e)
{
	const char *s = in->field[column];
	char *end = (char *)s;

	*value = NAN;
	if (!s)
		return 0;
	if (*s >= '0' && *s <= '9')
		*value = strtod(s, &end);
	return end == s || *end || !(*value >= 0 && *value <= 1)
	               ? error_set(e, EXIT_MALFORMED, "%s: line %zu: %s '%.40s' is no IoU",
	                           in->path, in->line, column_name[column], s)
	               : 0;
}

static bool take_word(const char **s, const char *word)
{
	const size_t n = strlen(word);

	if (strncmp(*s, word, n) != 0)
		return false;
	*s += n;
	return true;
}

static int read_term(const struct reading *in, const char **s, struct report_formula *f,
                     struct error *e)
{
	const struct ndr_meta *m = &in->side->meta;
	struct report_term *term = &f->term[f->terms];
	char *end = (char *)*s;
	unsigned long number = 0;

	if (f->terms == REPORT_TERMS)
		return bad(in, "too long a formula", e);
	if (**s >= '1' && **s <= '9')
		number = strtoul(*s, &end, 10);
	if (number == 0 || number >= m->labels || !m->label[number].name)
		return bad(in, "a formula of labels that the scores do not have", e);
	*s = end;
	term->label = (uint16_t)number;
	term->name = m->label[number].name;
	term->category = (size_t)m->label[number].category;
	f->terms++;
	return 0;
}

/* "1 OR 2 AND NOT 3", or nothing. */
static int read_formula(const struct reading *in, struct report_formula *f, struct error *e)
{
	const char *s = in->field[NUMBERS];

	while (*s) {
		if (f->terms > 0 && f->terms < REPORT_TERMS) {
			enum report_operator *op = &f->term[f->terms].operator;

			if (take_word(&s, " OR "))
				*op = REPORT_OR;
			else if (take_word(&s, " AND NOT "))
				*op = REPORT_AND_NOT;
			else if (take_word(&s, " AND "))
				*op = REPORT_AND;
			else
				return bad(in, "not a formula", e);
		}
		if (read_term(in, &s, f, e) < 0)
			return -1;
	}
	return 0;
}

/* ---- rows ---- */

static int read_row(const struct reading *in, struct report_side *side, struct error *e)
{
	struct report_formula f = {0};
	struct report_unit *u;
	size_t unit, length;

	unescape(in->field[LAYER]);
	if (strcmp(in->field[LAYER], layer_of(in->side)->name) != 0)
		return 0;
	if (read_count(in, UNIT, side->result.units, &unit, e) < 0 ||
	    read_count(in, LENGTH, REPORT_TERMS, &length, e) < 0 ||
	    read_iou(in, SCORE, &f.iou, e) < 0 || read_iou(in, OTHER, &f.other, e) < 0 ||
	    read_formula(in, &f, e) < 0)
		return -1;
	f.proven = strcmp(in->field[PROVEN], "yes") == 0;
	if (f.terms > length)
		return bad(in, "a formula of more labels than its length", e);
	u = &side->unit[unit - 1];
	if (length != u->formulas + 1)
		return bad(in, "lengths of a unit do not follow one another from 1 on", e);
	if (!u->formula)
		u->formula = memory_new(REPORT_TERMS, sizeof *u->formula, e);
	if (!u->formula)
		return -1;
	u->formula[u->formulas++] = f;
	return 0;
}

static int read_table(struct reading *in, char *text, size_t length, struct report_side *side,
                      struct error *e)
{
	char *line = text, *end;

	if (strlen(text) != length)
		return error_set(e, EXIT_MALFORMED, "%s: not a table: there is a zero byte",
		                 in->path);
	for (; *line; line = end) {
		in->line++;
		end = line + strcspn(line, "\n");
		if (*end)
			*end++ = '\0';
		if (in->line == 1 ? find_columns(in, line, e) < 0
		                  : find_fields(in, line, e) < 0 || read_row(in, side, e) < 0)
			return -1;
	}
	return in->line == 0 ? error_set(e, EXIT_MALFORMED, "%s: empty", in->path) : 0;
}

int side_read_formulas(struct reporting *r, size_t n, struct error *e)
{
	struct report_side *side = &r->report.side[n];
	struct reading in = {.path = r->choice->formulas[n], .side = r->side[n]};
	size_t length;
	char *text;
	int status;

	if (!in.path)
		return 0;
	text = file_read(in.path, in.path, &length, e);
	if (!text)
		return -1;
	status = read_table(&in, text, length, side, e);
	free(text);
	for (size_t k = 0; status == 0 && k < side->result.units; k++)
		if (side->unit[k].formulas == 0 ||
		    side->unit[k].formulas != side->unit[0].formulas)
			status = error_set(e, EXIT_MALFORMED,
			                   "%s: no formulas of layer %.200s, or not of all "
			                   "units, here %zu",
			                   in.path, layer_of(in.side)->name, k + 1);
	return status;
}
