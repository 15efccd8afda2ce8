/* panoptic.c -- see panoptic.h.  Jansson parses each annotation, so that what it makes of a
 * file with a million segments is not in memory all at once; what lies around them is found
 * here. */
#include "join/panoptic.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/file.h"
#include "base/memory.h"

/* What is being read. */
struct scan {
	struct panoptic *p;
	const char *text, *at, *end, *place;
	struct error *e;
};

static int bad(const struct scan *s, const char *reason)
{
	size_t line = 1;

	for (const char *c = s->text; c < s->at; c++)
		line += *c == '\n';
	return error_set(s->e, EXIT_MALFORMED, "%s: line %zu, byte %zu: %s", s->place, line,
	                 (size_t)(s->at - s->text), reason);
}

static char next(struct scan *s)
{
	while (s->at < s->end && strchr(" \t\r\n", *s->at) && *s->at)
		s->at++;
	return s->at < s->end ? *s->at : '\0';
}

static int expect(struct scan *s, char c, const char *reason)
{
	if (next(s) != c)
		return bad(s, reason);
	s->at++;
	return 0;
}

/* Jansson says of want of memory that it is a fault of the text, or nothing. */
static _Thread_local bool starved;

static void *allocate(size_t n)
{
	void *p = malloc(n);

	starved |= !p;
	return p;
}

/* The value that begins here, json_decref() it; NULL with e set. */
static json_t *value(struct scan *s)
{
	json_error_t error;
	json_t *v;

	next(s);
	starved = false;
	v = json_loadb(s->at, (size_t)(s->end - s->at),
	               JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, &error);
	if (starved) {
		json_decref(v);
		error_set(s->e, EXIT_SYSTEM, "%s: no memory for JSON", s->place);
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
	bad(s, error.text);
	return NULL;
}

/* A whole number of an object. */
static int number(const struct scan *s, const json_t *object, const char *key, uint32_t *n)
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
	return bad(s, reason);
}

/* A text of an object, its copy: free() it; NULL with e set. */
static char *text_of(const struct scan *s, const json_t *object, const char *key)
{
	const json_t *v = json_object_get(object, key);
	const char *text = json_string_value(v);
	char reason[100];

	if (text && strlen(text) == json_string_length(v))
		return memory_string(text, s->e);
	snprintf(reason, sizeof reason, "%s is no text, before here", key);
	bad(s, reason);
	return NULL;
}

static int by_id(const void *a, const void *b)
{
	const struct panoptic_segment *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static int add_segments(const struct scan *s, const json_t *list, struct panoptic_map *m)
{
	struct panoptic *p = s->p;
	struct panoptic_segment *segment;

	m->first = p->segments;
	m->segments = json_array_size(list);
	if (!json_is_array(list))
		return bad(s, "segments_info is no list, before here");
	if (memory_grow(&p->segment, &p->segment_capacity, p->segments + m->segments,
	                sizeof *p->segment, s->e) < 0)
		return -1;
	for (size_t i = 0; i < m->segments; i++) {
		const json_t *one = json_array_get(list, i);

		segment = &p->segment[p->segments++];
		if (number(s, one, "id", &segment->id) < 0 ||
		    number(s, one, "category_id", &segment->category) < 0)
			return -1;
	}
	if (!m->segments)
		return 0;
	segment = &p->segment[m->first];
	qsort(segment, m->segments, sizeof *segment, by_id);
	for (size_t i = 1; i < m->segments; i++)
		if (segment[i - 1].id == segment[i].id)
			return bad(s, "an id is there twice, before here");
	return 0;
}

static int add_map(struct scan *s, const json_t *object)
{
	struct panoptic *p = s->p;
	struct panoptic_map *m;

	if (memory_grow(&p->map, &p->map_capacity, p->maps + 1, sizeof *p->map, s->e) < 0)
		return -1;
	m = &p->map[p->maps++];
	m->file = text_of(s, object, "file_name");
	return m->file ? add_segments(s, json_object_get(object, "segments_info"), m) : -1;
}

static int add_category(struct scan *s, const json_t *object)
{
	struct panoptic *p = s->p;
	struct panoptic_category *c;

	if (memory_grow(&p->category, &p->category_capacity, p->categories + 1,
	                sizeof *p->category, s->e) < 0)
		return -1;
	c = &p->category[p->categories++];
	if (number(s, object, "id", &c->id) < 0)
		return -1;
	c->name = text_of(s, object, "name");
	return c->name ? 0 : -1;
}

static int read_list(struct scan *s, int (*add)(struct scan *s, const json_t *object))
{
	if (expect(s, '[', "a list should begin here") < 0)
		return -1;
	while (next(s) != ']') {
		json_t *v = value(s);
		int status = v ? 0 : -1;

		if (v && !json_is_object(v))
			status = bad(s, "no object, before here");
		if (status == 0)
			status = add(s, v);
		json_decref(v);
		if (status < 0)
			return -1;
		if (next(s) == ',')
			s->at++;
		else if (next(s) != ']')
			return bad(s, "neither ',' nor ']'");
	}
	s->at++;
	return 0;
}

static int read_member(struct scan *s)
{
	json_t *key = next(s) == '"' ? value(s) : NULL, *other;
	const char *name = json_string_value(key);
	int status = key ? 0 : bad(s, "no key");

	if (status == 0)
		status = expect(s, ':', "no ':' after a key");
	if (status == 0 && strcmp(name, "annotations") == 0)
		status = read_list(s, add_map);
	else if (status == 0 && strcmp(name, "categories") == 0)
		status = read_list(s, add_category);
	else if (status == 0) {
		other = value(s);
		status = other ? 0 : -1;
		json_decref(other);
	}
	json_decref(key);
	return status;
}

static int by_file(const void *a, const void *b)
{
	return strcmp(((const struct panoptic_map *)a)->file,
	              ((const struct panoptic_map *)b)->file);
}

static int by_number(const void *a, const void *b)
{
	const struct panoptic_category *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

/* In order, each once. */
static int put_in_order(struct panoptic *p, const char *place, struct error *e)
{
	if (!p->maps)
		return error_set(e, EXIT_MALFORMED, "%s: no annotations", place);
	qsort(p->map, p->maps, sizeof *p->map, by_file);
	for (size_t i = 1; i < p->maps; i++)
		if (strcmp(p->map[i - 1].file, p->map[i].file) == 0)
			return error_set(e, EXIT_MALFORMED, "%s: '%.200s' is there twice",
			                 place, p->map[i].file);
	if (p->categories)
		qsort(p->category, p->categories, sizeof *p->category, by_number);
	for (size_t i = 1; i < p->categories; i++)
		if (p->category[i - 1].id == p->category[i].id)
			return error_set(e, EXIT_MALFORMED, "%s: category %u is there twice",
			                 place, p->category[i].id);
	return 0;
}

int panoptic_parse(struct panoptic *p, const char *text, size_t length, const char *place,
                   struct error *e)
{
	struct scan s = {p, text, text, text + length, place, e};

	json_set_alloc_funcs(allocate, free);
	if (expect(&s, '{', "no JSON object") < 0)
		return -1;
	while (next(&s) != '}') {
		if (read_member(&s) < 0)
			return -1;
		if (next(&s) == ',')
			s.at++;
		else if (next(&s) != '}')
			return bad(&s, "neither ',' nor '}'");
	}
	s.at++;
	if (next(&s))
		return bad(&s, "more after the object");
	return put_in_order(p, place, e);
}

int panoptic_read(struct panoptic *p, const char *path, struct error *e)
{
	size_t length;
	char *text = file_read(path, path, &length, e);
	const int status = text ? panoptic_parse(p, text, length, path, e) : -1;

	free(text);
	return status;
}

void panoptic_free(struct panoptic *p)
{
	for (size_t i = 0; i < p->maps; i++)
		free(p->map[i].file);
	for (size_t i = 0; i < p->categories; i++)
		free(p->category[i].name);
	free(p->map);
	free(p->segment);
	free(p->category);
	*p = (struct panoptic){0};
}

const struct panoptic_map *panoptic_find(const struct panoptic *p, const char *file)
{
	const struct panoptic_map key = {.file = (char *)file};

	return p->maps ? bsearch(&key, p->map, p->maps, sizeof key, by_file) : NULL;
}

const struct panoptic_segment *panoptic_segment(const struct panoptic *p,
                                                const struct panoptic_map *map, uint32_t id)
{
	const struct panoptic_segment key = {.id = id};

	return map->segments ? bsearch(&key, p->segment + map->first, map->segments, sizeof key,
	                               by_id)
	                     : NULL;
}
