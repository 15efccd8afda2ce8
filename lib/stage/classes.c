/* classes.c -- see classes.h. */
#include "stage/classes.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { MOST_CLASSES = 1 << 20, LONGEST_NAME = 1 << 16 };

/* ---- order ---- */

static int by_name(const void *a, const void *b, void *names)
{
	char *const *name = names;
	const uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
	const int order = strcmp(name[left], name[right]);

	return order ? order : (left > right) - (left < right);
}

static int sort(struct classes *c, const char *place, struct error *e)
{
	c->sorted = memory_new(c->count, sizeof *c->sorted, e);
	if (!c->sorted)
		return -1;
	for (size_t i = 0; i < c->count; i++)
		c->sorted[i] = (uint32_t)i;
	qsort_r(c->sorted, c->count, sizeof *c->sorted, by_name, c->name);
	for (size_t i = 1; i < c->count; i++)
		if (strcmp(c->name[c->sorted[i - 1]], c->name[c->sorted[i]]) == 0)
			return error_set(
			        e, EXIT_MALFORMED,
			        "%s: class '%.100s' stands for units %" PRIu32 " and %" PRIu32,
			        place, c->name[c->sorted[i]], c->sorted[i - 1], c->sorted[i]);
	return 0;
}

static int add(struct classes *c, const char *name, struct error *e)
{
	if (memory_grow(&c->name, &c->capacity, c->count + 1, sizeof *c->name, e) < 0)
		return -1;
	c->name[c->count] = memory_string(name, e);
	return c->name[c->count] ? (c->count++, 0) : -1;
}

/* ---- where they come from ---- */

static int read_lines(struct classes *c, FILE *file, const char *path, struct error *e)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	int status = 0;

	while (status == 0 && (n = getline(&line, &room, file)) >= 0) {
		while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
			line[--n] = '\0';
		if (n == 0 || n > LONGEST_NAME || (size_t)n != strlen(line))
			status = error_set(e, EXIT_MALFORMED, "%s: line %zu: not a name", path,
			                   c->count + 1);
		else if (c->count == MOST_CLASSES)
			status = error_set(e, EXIT_MALFORMED, "%s: more than %d lines", path,
			                   MOST_CLASSES);
		else
			status = add(c, line, e);
	}
	/* Without memory for a line there is no error of the file, nor its end. */
	if (status == 0 && !feof(file))
		status = error_errno(e, "%s", path);
	free(line);
	return status;
}

int classes_read(struct classes *c, const char *path, struct error *e)
{
	FILE *file = fopen(path, "r");
	int status = file ? read_lines(c, file, path, e) : error_errno(e, "%s", path);

	if (file)
		fclose(file);
	return status == 0 ? sort(c, path, e) : -1;
}

int classes_of_category(struct classes *c, const struct ndr_meta *m, const char *category,
                        struct error *e)
{
	for (size_t i = 1; i < m->labels; i++)
		if (m->label[i].name && m->label[i].category >= 0 &&
		    strcmp(m->category[m->label[i].category], category) == 0 &&
		    add(c, m->label[i].name, e) < 0)
			return -1;
	return sort(c, category, e);
}

int classes_numbers(struct classes *c, size_t count, struct error *e)
{
	char number[24];

	for (size_t i = 0; i < count; i++) {
		snprintf(number, sizeof number, "%zu", i);
		if (add(c, number, e) < 0)
			return -1;
	}
	return sort(c, "numbers", e);
}

void classes_free(struct classes *c)
{
	for (size_t i = 0; i < c->count; i++)
		free(c->name[i]);
	free(c->name);
	free(c->sorted);
	*c = (struct classes){0};
}

long classes_find(const struct classes *c, const char *name)
{
	size_t low = 0, high = c->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const int order = strcmp(name, c->name[c->sorted[middle]]);

		if (order == 0)
			return (long)c->sorted[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return -1;
}
