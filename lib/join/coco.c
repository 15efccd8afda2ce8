/* coco.c -- see coco.h.  Jansson parses each object, so that what it makes of a file with a
 * million of them is not in memory all at once; what lies around them is found here. */
#include "join/coco.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* ---- a value ---- */

int coco_bad(const struct coco_scan *s, const char *reason)
{
	size_t line = 1;

	for (const char *c = s->text; c < s->at; c++)
		line += *c == '\n';
	return error_set(s->e, EXIT_MALFORMED, "%s: line %zu, byte %zu: %s", s->place, line,
	                 (size_t)(s->at - s->text), reason);
}

static char next(struct coco_scan *s)
{
	while (s->at < s->end && strchr(" \t\r\n", *s->at) && *s->at)
		s->at++;
	return s->at < s->end ? *s->at : '\0';
}

static int expect(struct coco_scan *s, char c, const char *reason)
{
	if (next(s) != c)
		return coco_bad(s, reason);
	s->at++;
	return 0;
}

/* Jansson says of want of memory that it is a fault of the text, or nothing; and it makes much
 * of little text. */
enum { VALUE_BYTES_MAX = 1 << 30 };
static _Thread_local bool starved;
static _Thread_local size_t taken;

static void *allocate(size_t n)
{
	void *p = n > VALUE_BYTES_MAX - taken ? NULL : malloc(n);

	starved |= !p && n <= VALUE_BYTES_MAX - taken;
	taken += p ? n : VALUE_BYTES_MAX - taken;
	return p;
}

/* The value that begins here, json_decref() it; NULL with e set. */
static json_t *value(struct coco_scan *s)
{
	json_error_t error;
	json_t *v;

	next(s);
	starved = false;
	taken = 0;
	v = json_loadb(s->at, (size_t)(s->end - s->at),
	               JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, &error);
	if (starved) {
		json_decref(v);
		error_set(s->e, EXIT_SYSTEM, "%s: no memory for JSON", s->place);
		return NULL;
	}
	if (taken == VALUE_BYTES_MAX) {
		json_decref(v);
		coco_bad(s, "a value that takes more than a gigabyte begins here");
		return NULL;
	}
	if (v) {
		s->at += error.position;
		return v;
	}
	if (error.position > 0 && error.position <= s->end - s->at)
		s->at += error.position;
	for (char *c = error.text; *c; c++)
		if ((unsigned char)*c < ' ' || (unsigned char)*c > '~')
			*c = '?';
	coco_bad(s, error.text);
	return NULL;
}

int coco_number(const struct coco_scan *s, const json_t *object, const char *key, uint32_t *n)
{
	const json_t *v = json_object_get(object, key);
	const json_int_t i = json_integer_value(v);
	char reason[100];

	if (json_is_integer(v) && i >= 0 && i <= INT32_MAX) {
		*n = (uint32_t)i;
		return 0;
	}
	snprintf(reason, sizeof reason, "%s is no number from 0 to 2147483647, before here",
	         key);
	return coco_bad(s, reason);
}

char *coco_text(const struct coco_scan *s, const json_t *object, const char *key)
{
	const json_t *v = json_object_get(object, key);
	const char *text = json_string_value(v);
	char reason[100];

	if (text && strlen(text) == json_string_length(v))
		return memory_string(text, s->e);
	snprintf(reason, sizeof reason, "%s is no text, before here", key);
	coco_bad(s, reason);
	return NULL;
}

/* ---- lists ---- */

static int read_list(struct coco_scan *s, coco_add *add)
{
	if (expect(s, '[', "a list should begin here") < 0)
		return -1;
	while (next(s) != ']') {
		json_t *v = value(s);
		int status = v ? 0 : -1;

		if (v && !json_is_object(v))
			status = coco_bad(s, "no object, before here");
		if (status == 0)
			status = add(s, v);
		json_decref(v);
		if (status < 0)
			return -1;
		if (next(s) == ',')
			s->at++;
		else if (next(s) != ']')
			return coco_bad(s, "neither ',' nor ']'");
	}
	s->at++;
	return 0;
}

static int read_member(struct coco_scan *s, const struct coco_list *lists)
{
	json_t *key = next(s) == '"' ? value(s) : NULL, *other;
	const char *name = json_string_value(key);
	int status = key ? 0 : coco_bad(s, "no key");

	if (status == 0)
		status = expect(s, ':', "no ':' after a key");
	while (status == 0 && lists->key && strcmp(name, lists->key) != 0)
		lists++;
	if (status == 0 && lists->key)
		status = read_list(s, lists->add);
	else if (status == 0) {
		other = value(s);
		status = other ? 0 : -1;
		json_decref(other);
	}
	json_decref(key);
	return status;
}

int coco_parse(const char *text, size_t length, const char *place,
               const struct coco_list *lists, void *ctx, struct error *e)
{
	struct coco_scan s = {ctx, text, text, text + length, place, e};

	json_set_alloc_funcs(allocate, free);
	if (expect(&s, '{', "no JSON object") < 0)
		return -1;
	while (next(&s) != '}') {
		if (read_member(&s, lists) < 0)
			return -1;
		if (next(&s) == ',')
			s.at++;
		else if (next(&s) != '}')
			return coco_bad(&s, "neither ',' nor '}'");
	}
	s.at++;
	return next(&s) ? coco_bad(&s, "more after the object") : 0;
}

/* ---- categories ---- */

int coco_add_category(const struct coco_scan *s, struct coco_categories *all,
                      const json_t *object)
{
	struct coco_category *c;

	if (memory_grow(&all->category, &all->capacity, all->count + 1, sizeof *c, s->e) < 0)
		return -1;
	c = &all->category[all->count++];
	*c = (struct coco_category){0};
	if (coco_number(s, object, "id", &c->id) < 0)
		return -1;
	c->name = coco_text(s, object, "name");
	return c->name ? 0 : -1;
}

static int by_number(const void *a, const void *b)
{
	const struct coco_category *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

int coco_order_categories(struct coco_categories *all, const char *place, struct error *e)
{
	if (all->count)
		qsort(all->category, all->count, sizeof *all->category, by_number);
	for (size_t i = 1; i < all->count; i++)
		if (all->category[i - 1].id == all->category[i].id)
			return error_set(e, EXIT_MALFORMED, "%s: category %u is there twice",
			                 place, all->category[i].id);
	return 0;
}

void coco_free_categories(struct coco_categories *all)
{
	for (size_t i = 0; i < all->count; i++)
		free(all->category[i].name);
	free(all->category);
	*all = (struct coco_categories){0};
}
