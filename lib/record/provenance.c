/* provenance.c -- PROV: what was done, without when, where or by how many
 * threads.  A payload is lines: id, program, version, the details, parents,
 * warnings.  The id is the CRC-32 of the lines after it, so equal work has equal
 * ids. */
#include "record/escape.h"
#include "record/ndr.h"
#include "base/checksum.h"
#include "base/memory.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BYTES = 1 << 26 };
enum { ID_DIGITS = 8, ID_LINE = 3 + ID_DIGITS + 1 }; /* "id=0123abcd\n" */

static bool has_id(const char *text)
{
	return strncmp(text, "id=", 3) == 0 && strlen(text) >= ID_LINE &&
	       text[ID_LINE - 1] == '\n';
}

static int append_text(struct ndr_provenance *p, char *text, struct error *e)
{
	if (!text)
		return error_set(e, EXIT_SYSTEM, "no memory for provenance");
	if (p->count == NDR_MOST_PROVENANCE || strlen(text) > MOST_BYTES - p->bytes) {
		free(text);
		return error_set(e, EXIT_MALFORMED,
		                 "more than %d entries of provenance, or %d MiB of it",
		                 NDR_MOST_PROVENANCE, MOST_BYTES >> 20);
	}
	p->bytes += strlen(text);
	if (memory_grow(&p->text, &p->capacity, p->count + 1, sizeof *p->text, e) < 0) {
		free(text);
		return -1;
	}
	p->text[p->count++] = text;
	return 0;
}

/* Put in the id of an entry, now that its lines are there. */
static void seal(char *text)
{
	char id[ID_DIGITS + 1];

	snprintf(id, sizeof id, "%08" PRIx32,
	         checksum(0, text + ID_LINE, strlen(text + ID_LINE)));
	memcpy(text + 3, id, ID_DIGITS);
}

/* Ids that entries name as their parents. */
struct parents {
	size_t count, capacity;
	char (*id)[ID_DIGITS];
};

static int compare_ids(const void *a, const void *b)
{
	return memcmp(a, b, ID_DIGITS);
}

static int find_parents(struct parents *all, const struct ndr_provenance *p, struct error *e)
{
	static const char key[] = "\nparent=";

	for (size_t i = 0; i < p->count; i++) {
		const char *line = p->text[i];

		while ((line = strstr(line, key))) {
			line += strlen(key);
			if (strcspn(line, "\n") != ID_DIGITS || line[ID_DIGITS] != '\n')
				continue;
			if (memory_grow(&all->id, &all->capacity, all->count + 1,
			                sizeof *all->id, e) < 0)
				return -1;
			memcpy(all->id[all->count++], line, ID_DIGITS);
		}
	}
	if (all->count)
		qsort(all->id, all->count, sizeof *all->id, compare_ids);
	return 0;
}

static bool is_parent(const struct parents *all, const char *text)
{
	return all->count &&
	       bsearch(text + 3, all->id, all->count, sizeof *all->id, compare_ids);
}

int ndr_provenance_add(struct ndr_provenance *p, const char *program, const char *version,
                       const char *details, struct error *e)
{
	struct parents parents = {0};
	struct text lines = {0};
	char *text;

	if (find_parents(&parents, p, e) < 0) {
		free(parents.id);
		return -1;
	}
	text_print(&lines, "id=00000000\nprogram=%s\nversion=%s\n%s", program, version,
	           details);
	for (size_t i = 0; i < p->count; i++)
		if (has_id(p->text[i]) && !is_parent(&parents, p->text[i]))
			text_print(&lines, "parent=%.*s\n", ID_DIGITS, p->text[i] + 3);
	free(parents.id);
	text = text_take(&lines, "provenance", e);
	if (!text)
		return -1;
	seal(text);
	return append_text(p, text, e);
}

static bool begins_with(const char *text, const char *what)
{
	return strncmp(text, what, strlen(what)) == 0;
}

int ndr_provenance_ends_with(const struct ndr_provenance *p, const char *program,
                             const char *version, const char *details, struct error *e)
{
	struct parents parents = {0};
	char *want = memory_print(e, "program=%s\nversion=%s\n%s", program, version, details);
	int status = want ? find_parents(&parents, p, e) : -1;
	bool same = p->count > 0;

	for (size_t i = 0; i < p->count && status == 0 && same; i++) {
		const char *entry = p->text[i], *rest;

		if (has_id(entry) && is_parent(&parents, entry))
			continue;
		same = has_id(entry) && begins_with(entry + ID_LINE, want);
		rest = same ? entry + ID_LINE + strlen(want) : "";
		same = same && (!*rest || begins_with(rest, "parent=") ||
		                begins_with(rest, "warning="));
	}
	free(parents.id);
	free(want);
	return status < 0 ? -1 : same;
}

int ndr_provenance_unite(struct ndr_provenance *to, const struct ndr_provenance *from,
                         struct error *e)
{
	for (size_t i = 0; i < from->count; i++) {
		bool there = false;

		for (size_t k = 0; k < to->count && !there; k++)
			there = strcmp(to->text[k], from->text[i]) == 0;
		if (!there && append_text(to, memory_string(from->text[i], e), e) < 0)
			return -1;
	}
	return 0;
}

/* ---- warnings ---- */

/* The next line of an entry from p on that begins with key; NULL: there is none. */
static const char *find_line(const char *p, const char *key)
{
	while (p && strncmp(p, key, strlen(key)) != 0) {
		p = strchr(p, '\n');
		p = p ? p + 1 : NULL;
	}
	return p;
}

static size_t line_length(const char *line)
{
	return strcspn(line, "\n");
}

static int compare_text(const char *a, size_t na, const char *b, size_t nb)
{
	const int order = memcmp(a, b, na < nb ? na : nb);

	return order ? order : (na > nb) - (na < nb);
}

/* Where a warning's line stands in an entry, whose last lines are warnings, in order;
 * NULL: it is there already. */
static const char *place_of(const char *entry, const char *line)
{
	const char *at = entry;

	while ((at = find_line(at, "warning="))) {
		const int order = compare_text(line, strlen(line), at, line_length(at));

		if (order == 0)
			return NULL;
		if (order < 0)
			return at;
		at += line_length(at);
		at += *at == '\n';
	}
	return entry + strlen(entry);
}

int ndr_provenance_warn(struct ndr_provenance *p, const char *warning, struct error *e)
{
	char **entry = &p->text[p->count - 1], *escaped = record_escape(warning, e), *line,
	     *text;
	const char *at;

	if (!escaped)
		return -1;
	line = memory_print(e, "warning=%s", escaped);
	free(escaped);
	if (!line)
		return -1;
	at = place_of(*entry, line);
	text = at ? memory_print(e, "%.*s%s\n%s", (int)(at - *entry), *entry, line, at) : NULL;
	free(line);
	if (!text)
		return at ? -1 : 0;
	seal(text);
	free(*entry);
	*entry = text;
	return 0;
}

/* Of an entry its program and warnings; NULL, without an error, if it has none. */
static char *only_warnings(const char *entry, struct error *e)
{
	const char *program = find_line(entry, "program="),
	           *warning = find_line(entry, "warning=");
	char *text = warning ? memory_new(strlen(entry) + ID_LINE + 1, 1, e) : NULL, *to = text;

	if (!text)
		return NULL;
	to = stpcpy(to, "id=00000000\n");
	if (program) {
		to = mempcpy(to, program, line_length(program));
		*to++ = '\n';
	}
	for (; warning; warning = find_line(warning + 1, "warning=")) {
		to = mempcpy(to, warning, line_length(warning));
		*to++ = '\n';
	}
	seal(text);
	return text;
}

int ndr_provenance_keep_warnings(struct ndr_provenance *p, struct error *e)
{
	struct ndr_provenance kept = {0};
	int status = 0;

	for (size_t i = 0; i < p->count && status == 0; i++) {
		struct error why = {0};
		char *text = only_warnings(p->text[i], &why);
		const struct ndr_provenance one = {.count = 1, .text = &text};

		if (text)
			status = ndr_provenance_unite(&kept, &one, e);
		else if (why.code != EXIT_OK)
			status = error_set(e, why.code, "%s", why.text);
		free(text);
	}
	ndr_provenance_free(p);
	*p = kept;
	return status;
}

static int compare_warnings(const void *a, const void *b)
{
	const struct ndr_warning *x = a, *y = b;
	const int order = strcmp(x->program, y->program);

	return order ? order : strcmp(x->text, y->text);
}

static char *value_of(const char *line, struct error *e)
{
	const char *value = line ? strchr(line, '=') + 1 : "";
	char *copy = memory_new(line ? line_length(value) + 1 : 1, 1, e);

	if (copy && line)
		memcpy(copy, value, line_length(value));
	if (copy)
		record_unescape(copy); /* what is no value stays as far as it was one */
	return copy;
}

static int append_warning(struct ndr_warnings *w, const char *entry, const char *line,
                          struct error *e)
{
	struct ndr_warning *last;

	if (memory_grow(&w->warning, &w->capacity, w->count + 1, sizeof *w->warning, e) < 0)
		return -1;
	last = &w->warning[w->count++];
	last->program = value_of(find_line(entry, "program="), e);
	last->text = value_of(line, e);
	return last->program && last->text ? 0 : -1;
}

/* Sort, and drop what is there twice. */
static void order_warnings(struct ndr_warnings *w)
{
	size_t n = 0;

	if (w->count)
		qsort(w->warning, w->count, sizeof *w->warning, compare_warnings);
	for (size_t i = 0; i < w->count; i++) {
		if (n > 0 && compare_warnings(&w->warning[n - 1], &w->warning[i]) == 0) {
			free(w->warning[i].program);
			free(w->warning[i].text);
		} else {
			w->warning[n++] = w->warning[i];
		}
	}
	w->count = n;
}

int ndr_provenance_warnings(const struct ndr_provenance *p, struct ndr_warnings *w,
                            struct error *e)
{
	*w = (struct ndr_warnings){0};
	for (size_t i = 0; i < p->count; i++) {
		const char *line = p->text[i];

		while ((line = find_line(line, "warning="))) {
			if (append_warning(w, p->text[i], line, e) < 0) {
				ndr_warnings_free(w);
				return -1;
			}
			line += line_length(line);
		}
	}
	order_warnings(w);
	return 0;
}

void ndr_warnings_free(struct ndr_warnings *w)
{
	for (size_t i = 0; i < w->count; i++) {
		free(w->warning[i].program);
		free(w->warning[i].text);
	}
	free(w->warning);
	*w = (struct ndr_warnings){0};
}

void ndr_provenance_free(struct ndr_provenance *p)
{
	for (size_t i = 0; i < p->count; i++)
		free(p->text[i]);
	free(p->text);
	*p = (struct ndr_provenance){0};
}
