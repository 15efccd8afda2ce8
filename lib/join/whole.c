/* whole.c -- see whole.h. */
#include "join/whole.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"

struct columns {
	uint32_t category[JOIN_CATEGORIES_MAX];
	size_t count; /* behind the first */
	uint64_t row;
	char place[300];
};

/* A row's next field, ended where it stands; NULL after the last. */
static char *field(char **row)
{
	char *begin = *row;
	size_t n;

	if (!begin)
		return NULL;
	n = strcspn(begin, "\t");
	*row = begin[n] ? begin + n + 1 : NULL;
	begin[n] = '\0';
	return begin;
}

static int read_header(struct columns *c, char *row, struct join_names *names, struct error *e)
{
	const char *name = field(&row);

	if (strcmp(name, "image") != 0)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: the first column is 'image', and then come categories, "
		                 "separated by tabs",
		                 c->place);
	while ((name = field(&row))) {
		if (c->count == JOIN_CATEGORIES_MAX)
			return error_set(e, EXIT_MALFORMED, "%s: too many columns", c->place);
		if (join_category(names, name, strlen(name), c->place, &c->category[c->count],
		                  e) < 0)
			return -1;
		c->count++;
	}
	return c->count ? 0
	                : error_set(e, EXIT_MALFORMED, "%s: no column of a category", c->place);
}

static int read_cell(struct join_wholes *s, const struct columns *c, const char *image,
                     uint32_t category, const char *cell, struct join_names *names,
                     struct error *e)
{
	while (*cell) {
		const size_t n = strcspn(cell, ";");
		struct join_whole *w;
		uint32_t name;

		if (n) {
			if (join_name(names, cell, n, c->place, &name, e) < 0 ||
			    memory_grow(&s->label, &s->capacity, s->count + 1, sizeof *s->label,
			                e) < 0)
				return -1;
			w = &s->label[s->count++];
			*w = (struct join_whole){memory_string(image, e), category, name,
			                         c->row};
			if (!w->image)
				return -1;
		}
		cell += n + (cell[n] == ';');
	}
	return 0;
}

static int read_row(struct join_wholes *s, const struct columns *c, char *row,
                    struct join_names *names, struct error *e)
{
	const char *image = field(&row), *cell;
	size_t n = 0;

	if (!*image)
		return error_set(e, EXIT_MALFORMED, "%s: no image is named", c->place);
	for (; (cell = field(&row)); n++)
		if (n < c->count && read_cell(s, c, image, c->category[n], cell, names, e) < 0)
			return -1;
	return n == c->count ? 0
	                     : error_set(e, EXIT_MALFORMED, "%s: %zu fields instead of %zu",
	                                 c->place, n + 1, c->count + 1);
}

static int by_image(const void *a, const void *b)
{
	const struct join_whole *x = a, *y = b;
	const int order = strcmp(x->image, y->image);

	if (order)
		return order;
	if (x->row != y->row)
		return x->row < y->row ? -1 : 1;
	if (x->category != y->category)
		return x->category < y->category ? -1 : 1;
	return (x->name > y->name) - (x->name < y->name);
}

static int read_rows(struct join_wholes *s, char *text, const char *path,
                     struct join_names *names, struct error *e)
{
	struct columns c = {0};

	for (char *next; text; text = next) {
		size_t n = strcspn(text, "\n");
		int status = 0;

		next = text[n] ? text + n + 1 : NULL;
		text[n] = '\0';
		if (n && text[n - 1] == '\r')
			text[--n] = '\0';
		snprintf(c.place, sizeof c.place, "%.200s: row %llu", path,
		         (unsigned long long)++c.row);
		if (c.row == 1)
			status = read_header(&c, text, names, e);
		else if (n)
			status = read_row(s, &c, text, names, e);
		if (status < 0)
			return -1;
	}
	if (s->count)
		qsort(s->label, s->count, sizeof *s->label, by_image);
	return 0;
}

int join_whole_read(struct join_wholes *s, const char *path, struct join_names *names,
                    struct error *e)
{
	size_t length;
	char *text = file_read(path, path, &length, e);
	int status = -1;

	if (text && memchr(text, '\0', length))
		error_set(e, EXIT_MALFORMED, "%s: NUL byte: not a table in text", path);
	else if (text)
		status = read_rows(s, text, path, names, e);
	free(text);
	return status;
}

const struct join_whole *join_whole_of(const struct join_wholes *s, const char *image,
                                       size_t *count)
{
	size_t low = 0, high = s->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (strcmp(s->label[middle].image, image) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*count = 0;
	while (low + *count < s->count && strcmp(s->label[low + *count].image, image) == 0)
		++*count;
	return *count ? &s->label[low] : NULL;
}

void join_whole_free(struct join_wholes *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->label[i].image);
	free(s->label);
	*s = (struct join_wholes){0};
}
