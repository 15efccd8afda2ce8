/* source.c -- the text file that describes a source; see source.h. */
#include "join/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "table/utf8.h"

enum { CODES_MAX = 65534, LAYERS_MAX = 1 << 10, LINES_MAX = 1 << 20, SETS_MAX = 64 };

static const char *const kinds[JOIN_KINDS] = {"indexed", "grey",     "colour",   "broden",
                                              "ade",     "panoptic", "instances"};
/* The highest code of each; those of JSON are its categories. */
static const uint32_t highest[JOIN_KINDS] = {
        255, 65535, 0xffffff, 65535, 25 * 256 + 255, INT32_MAX, INT32_MAX};

/* ---- a line ---- */

struct parse {
	struct join_source *s;
	struct join_names *names;
	const char *base; /* directory that paths count from */
	uint64_t line;
	char place[300];
	struct error *e;
};

static int bad(const struct parse *p, const char *reason, const char *what)
{
	return error_set(p->e, EXIT_MALFORMED, "%s: %s%s%.80s%s", p->place, reason,
	                 what ? " '" : "", what ? what : "", what ? "'" : "");
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The next word, ended where it stands; "" after the last. */
static char *word(char **at)
{
	char *begin;

	while (is_blank(**at))
		++*at;
	begin = *at;
	while (**at && !is_blank(**at))
		++*at;
	if (**at)
		*(*at)++ = '\0';
	return begin;
}

/* Without the blanks around it, where it stands. */
static char *trim(char *s)
{
	char *end = s + strlen(s);

	while (is_blank(*s))
		s++;
	while (end > s && is_blank(end[-1]))
		end--;
	*end = '\0';
	return s;
}

/* Fit for a file's name and a cell. */
static bool is_plain(const char *s)
{
	return *s && strlen(s) <= 64 &&
	       !s[strspn(s,
	                 "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")];
}

/* A whole number below 2^32 that ends at one of ends; *text goes behind it. */
static bool number(const char **text, uint32_t *n)
{
	const char *s = *text;
	uint64_t value = 0;

	for (; *s >= '0' && *s <= '9' && value <= UINT32_MAX; s++)
		value = value * 10 + (uint64_t)(*s - '0');
	if (s == *text || value > UINT32_MAX)
		return false;
	*n = (uint32_t)value;
	*text = s;
	return true;
}

/* A code: a number, or three of a colour. */
static int code(const struct parse *p, const struct join_set *set, const char *text,
                uint32_t *to)
{
	const char *s = text;
	uint32_t part[3] = {0};
	const int parts = set->kind == JOIN_COLOUR ? 3 : 1;

	for (int i = 0; i < parts; i++) {
		if (i && *s++ != ',')
			return bad(p, "a colour is R,G,B, and no", text);
		if (!number(&s, &part[i]))
			return bad(p, "no code:", text);
		if (part[i] > (parts == 3 ? 255 : highest[set->kind]))
			return bad(p, "out of range for maps of this kind:", text);
	}
	if (*s)
		return bad(p, parts == 3 ? "a colour is R,G,B, and no" : "no code:", text);
	*to = parts == 3 ? part[0] | part[1] << 8 | part[2] << 16 : part[0];
	return 0;
}

/* ---- names ---- */

/* "name = synonym = synonym", of which the first one is *first. */
static int synonyms(const struct parse *p, char *text, uint32_t *first)
{
	bool any = false;

	for (char *next; text; text = next) {
		uint32_t name;

		next = strchr(text, '=');
		if (next)
			*next++ = '\0';
		text = trim(text);
		if (join_name(p->names, text, strlen(text), p->place, &name, p->e) < 0)
			return -1;
		if (any)
			join_same(p->names, *first, name);
		else
			*first = name;
		any = true;
	}
	return 0;
}

static int category_of(const struct parse *p, const char *text, uint32_t *category)
{
	return join_category(p->names, text, strlen(text), p->place, category, p->e);
}

/* "CODE CATEGORY NAME = SYNONYM"; CODE '-' tells of names alone. */
static int meaning(struct parse *p, char *line)
{
	struct join_set *set = p->s->sets ? &p->s->set[p->s->sets - 1] : NULL;
	const char *what = word(&line), *category = word(&line);
	struct join_meaning m = {0};

	if (!*category || !*trim(line))
		return bad(p, "neither 'key = value' nor 'CODE CATEGORY NAME':", what);
	if (category_of(p, category, &m.category) < 0 || synonyms(p, line, &m.name) < 0)
		return -1;
	if (strcmp(what, "-") == 0)
		return 0;
	if (!set)
		return bad(p, "a code before any 'labels ='", NULL);
	if (code(p, set, what, &m.code) < 0)
		return -1;
	if (set->meanings == CODES_MAX)
		return bad(p, "more than 65534 codes", NULL);
	if (memory_grow(&set->meaning, &set->capacity, set->meanings + 1, sizeof m, p->e) < 0)
		return -1;
	set->meaning[set->meanings++] = m;
	return 0;
}

/* ---- keys ---- */

/* A path from the file's directory, free() it. */
static char *path_of(const struct parse *p, const char *text)
{
	if (*text == '/' || strcmp(p->base, ".") == 0)
		return memory_string(text, p->e);
	return memory_print(p->e, "%s/%s", p->base, text);
}

/* "DIR" or "DIR/ *SUFFIX". */
static int pattern(const struct parse *p, char *value, char **directory, char **suffix)
{
	char *star = strchr(value, '*');

	if (star &&
	    (strchr(star + 1, '*') || (star > value && star[-1] != '/') || strchr(star, '/')))
		return bad(p, "'*' stands once, behind the directory's '/':", value);
	free(*directory);
	free(*suffix);
	*directory = *suffix = NULL;
	if (star) {
		*suffix = memory_string(star + 1, p->e);
		if (!*suffix)
			return -1;
		*star = '\0';
		if (star > value + 1)
			star[-1] = '\0';
	}
	*directory = path_of(p, *value ? value : ".");
	return *directory ? 0 : -1;
}

static int set_images(struct parse *p, struct join_set *set, char *value)
{
	(void)set;
	if (p->s->directory)
		return bad(p, "images again", NULL);
	return pattern(p, value, &p->s->directory, &p->s->suffix);
}

static int set_labels(struct parse *p, struct join_set *set, char *value)
{
	struct join_source *s = p->s;

	if (s->sets == SETS_MAX)
		return bad(p, "more than 64 sets of label maps", NULL);
	if (memory_grow(&s->set, &s->set_capacity, s->sets + 1, sizeof *set, p->e) < 0)
		return -1;
	set = &s->set[s->sets++];
	set->line = p->line;
	set->category = UINT32_MAX;
	if (pattern(p, value, &set->directory, &set->suffix) < 0)
		return -1;
	set->starred = set->suffix;
	if (!set->suffix)
		set->suffix = memory_string(".png", p->e);
	return set->suffix ? 0 : -1;
}

static int set_kind(struct parse *p, struct join_set *set, char *value)
{
	if (set->meanings || set->nones || set->kind_given)
		return bad(p, "the kind is said once, before codes", NULL);
	set->kind_given = true;
	for (int i = 0; i < JOIN_KINDS; i++)
		if (strcmp(value, kinds[i]) == 0) {
			set->kind = i;
			return 0;
		}
	return bad(p, "no kind of label map:", value);
}

static int set_void(struct parse *p, struct join_set *set, char *value)
{
	for (char *one; *(one = word(&value));) {
		if (memory_grow(&set->none, &set->none_capacity, set->nones + 1,
		                sizeof *set->none, p->e) < 0 ||
		    code(p, set, one, &set->none[set->nones]) < 0)
			return -1;
		set->nones++;
	}
	return 0;
}

static int set_other(struct parse *p, struct join_set *set, char *value)
{
	set->others_are_none = true;
	return strcmp(value, "void") == 0 ? 0 : bad(p, "other codes can be void, not", value);
}

static int set_missing(struct parse *p, struct join_set *set, char *value)
{
	set->needed = strcmp(value, "error") == 0;
	return set->needed || strcmp(value, "skip") == 0
	               ? 0
	               : bad(p, "maps that are missing can be an error or skip, not", value);
}

static int set_json(struct parse *p, struct join_set *set, char *value)
{
	if (set->json)
		return bad(p, "json again", NULL);
	set->json = path_of(p, value);
	return set->json ? 0 : -1;
}

static int set_category(struct parse *p, struct join_set *set, char *value)
{
	return category_of(p, value, &set->category);
}

static int set_folders(struct parse *p, struct join_set *set, char *value)
{
	(void)set;
	return category_of(p, value, &p->s->folders);
}

static int set_name(struct parse *p, struct join_set *set, char *value)
{
	(void)set;
	free(p->s->name);
	p->s->name = memory_string(value, p->e);
	return p->s->name ? 0 : -1;
}

static int set_split(struct parse *p, struct join_set *set, char *value)
{
	(void)set;
	if (p->s->split)
		return bad(p, "split again", NULL);
	if (!is_plain(value))
		return bad(p, "no name for a split: letters, digits, '.', '_', '-', and not",
		           value);
	p->s->split = memory_string(value, p->e);
	return p->s->split ? 0 : -1;
}

static int set_whole(struct parse *p, struct join_set *set, char *value)
{
	char *path = path_of(p, value);
	const int status =
	        path ? join_whole_read(&p->s->whole, path, UINT32_MAX, p->names, p->e) : -1;

	(void)set;
	free(path);
	return status;
}

/* "CATEGORY TABLE" */
static int set_marks(struct parse *p, struct join_set *set, char *value)
{
	const char *category = word(&value);
	uint32_t of;
	char *path;
	int status = -1;

	(void)set;
	value = trim(value);
	if (!*value)
		return bad(p, "marks = CATEGORY TABLE, and not", category);
	if (category_of(p, category, &of) < 0)
		return -1;
	path = path_of(p, value);
	if (path)
		status = join_whole_read(&p->s->whole, path, of, p->names, p->e);
	free(path);
	return status;
}

static const struct key {
	const char *name;
	bool of_set;
	int (*set)(struct parse *p, struct join_set *set, char *value);
} keys[] = {
        {"images", false, set_images},    {"labels", false, set_labels},
        {"name", false, set_name},        {"split", false, set_split},
        {"folders", false, set_folders},  {"whole", false, set_whole},
        {"marks", false, set_marks},      {"kind", true, set_kind},
        {"void", true, set_void},         {"other", true, set_other},
        {"missing", true, set_missing},   {"json", true, set_json},
        {"category", true, set_category},
};

/* Whether the line is "key = value": 1, 0 or -1. */
static int key_value(struct parse *p, char *line)
{
	const size_t n = strspn(line, "abcdefghijklmnopqrstuvwxyz");
	char *equal = line + n + strspn(line + n, " \t"), *value;

	if (!n || *equal != '=')
		return 0;
	value = trim(equal + 1);
	line[n] = '\0';
	if (!*value)
		return bad(p, "nothing behind '=' of", line);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		if (strcmp(line, keys[i].name) != 0)
			continue;
		if (keys[i].of_set && !p->s->sets)
			return bad(p, "behind 'labels =' there can be, and not before it,",
			           line);
		return keys[i].set(p, p->s->sets ? &p->s->set[p->s->sets - 1] : NULL, value) < 0
		               ? -1
		               : 1;
	}
	return bad(p, "no key:", line);
}

/* ---- sets as they are used ---- */

static int by_code(const void *a, const void *b)
{
	const struct join_meaning *x = a, *y = b;

	if (x->code != y->code)
		return x->code < y->code ? -1 : 1;
	return (x->layer > y->layer) - (x->layer < y->layer);
}

static int by_value(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* By code, those of one code as they came. */
static void order_meanings(struct join_set *set)
{
	for (size_t i = 0; i < set->meanings; i++)
		set->meaning[i].layer = (uint32_t)i;
	if (set->meanings)
		qsort(set->meaning, set->meanings, sizeof *set->meaning, by_code);
}

static bool is_none(const struct join_set *set, uint32_t value)
{
	return set->nones && bsearch(&value, set->none, set->nones, sizeof value, by_value);
}

/* A code's labels of one category lie on top of each other, each in a layer of its own: the
 * first of every code in the first. */
static int find_layers(struct parse *p, uint32_t which)
{
	struct join_source *s = p->s;
	struct join_set *set = &s->set[which];
	const size_t first = s->layers;

	order_meanings(set);
	for (size_t i = 0; i < set->meanings; i++) {
		struct join_meaning *m = &set->meaning[i];
		size_t before = 0, layer = first;

		for (size_t k = i; k > 0 && set->meaning[k - 1].code == m->code; k--)
			before += set->meaning[k - 1].category == m->category;
		for (; layer < s->layers; layer++)
			if (s->layer[layer].category == m->category && before-- == 0)
				break;
		m->layer = (uint32_t)layer;
		if (layer < s->layers)
			continue;
		if (s->layers == LAYERS_MAX)
			return bad(p, "codes with more than 1024 labels", NULL);
		if (memory_grow(&s->layer, &s->layer_capacity, s->layers + 1, sizeof *s->layer,
		                p->e) < 0)
			return -1;
		s->layer[s->layers++] = (struct join_layer){m->category, which};
	}
	return 0;
}

static int check_set(struct parse *p, const struct join_set *set)
{
	for (size_t i = 0; i < set->meanings; i++)
		if (is_none(set, set->meaning[i].code))
			return bad(p, "a code of its set is void and has a name", NULL);
	if (set->kind == JOIN_PANOPTIC && !set->json)
		return bad(p, "panoptic maps need 'json = FILE'", NULL);
	if (set->kind != JOIN_PANOPTIC &&
	    (set->json || (set->category != UINT32_MAX && set->kind != JOIN_INSTANCES)))
		return bad(p, "json and category are for panoptic maps", NULL);
	if (set->kind == JOIN_INSTANCES && set->starred)
		return bad(p, "labels of kind instances are a JSON file, without '*'", NULL);
	if (!set->meanings && set->category == UINT32_MAX)
		return bad(p, "no code of the set has a name", NULL);
	return 0;
}

/* The set's categories that the JSON alone names get the one that the source says. */
static int name_by_json(struct parse *p, struct join_set *set,
                        const struct coco_categories *all, const char *file)
{
	const size_t known = set->meanings;

	order_meanings(set);
	for (size_t i = 0, at = 0; set->category != UINT32_MAX && i < all->count; i++) {
		const struct coco_category *c = &all->category[i];
		struct join_meaning m = {.code = c->id, .category = set->category};

		while (at < known && set->meaning[at].code < c->id)
			at++;
		if (is_none(set, c->id) || (at < known && set->meaning[at].code == c->id))
			continue;
		if (set->meanings == CODES_MAX)
			return bad(p, "more than 65534 codes", NULL);
		if (join_name(p->names, c->name, strlen(c->name), file, &m.name, p->e) < 0 ||
		    memory_grow(&set->meaning, &set->capacity, set->meanings + 1, sizeof m,
		                p->e) < 0)
			return -1;
		set->meaning[set->meanings++] = m;
	}
	return 0;
}

static int finish_sets(struct parse *p, bool with_tables)
{
	struct join_source *s = p->s;

	for (size_t i = 0; i < s->sets; i++) {
		struct join_set *set = &s->set[i];

		snprintf(p->place, sizeof p->place, "%.200s: line %llu", s->path,
		         (unsigned long long)set->line);
		if (set->nones)
			qsort(set->none, set->nones, sizeof *set->none, by_value);
		if (check_set(p, set) < 0 ||
		    (set->json && with_tables &&
		     (panoptic_read(&set->panoptic, set->json, p->e) < 0 ||
		      name_by_json(p, set, &set->panoptic.categories, set->json) < 0)) ||
		    (set->kind == JOIN_INSTANCES && with_tables &&
		     (instances_read(&set->instances, set->directory, p->e) < 0 ||
		      name_by_json(p, set, &set->instances.categories, set->directory) < 0)) ||
		    find_layers(p, (uint32_t)i) < 0)
			return -1;
	}
	return 0;
}

/* ---- the file ---- */

static int parse_line(struct parse *p, char *line)
{
	int status;

	snprintf(p->place, sizeof p->place, "%.200s: line %llu", p->s->path,
	         (unsigned long long)p->line);
	line = trim(line);
	if (!*line || *line == '#')
		return 0;
	status = key_value(p, line);
	return status ? status : meaning(p, line);
}

static int parse_lines(struct parse *p, char *text)
{
	for (char *next; text; text = next) {
		size_t n = strcspn(text, "\n");

		next = text[n] ? text + n + 1 : NULL;
		text[n] = '\0';
		if (n && text[n - 1] == '\r')
			text[n - 1] = '\0';
		if (++p->line > LINES_MAX)
			return error_set(p->e, EXIT_MALFORMED, "%s: more than %d lines",
			                 p->s->path, LINES_MAX);
		if (parse_line(p, text) < 0)
			return -1;
	}
	return 0;
}

/* What the folder in DIR/images is called. */
static int check_name(struct parse *p)
{
	struct join_source *s = p->s;
	const char *slash = strrchr(s->path, '/'), *base = slash ? slash + 1 : s->path, *dot;

	if (!s->name) {
		dot = strrchr(base, '.');
		s->name = memory_print(
		        p->e, "%.*s", dot > base ? (int)(dot - base) : (int)strlen(base), base);
	}
	if (!s->name)
		return -1;
	if (!is_plain(s->name) || *s->name == '.')
		return error_set(p->e, EXIT_MALFORMED,
		                 "%s: '%.80s' is no name for a folder: letters, digits, '.', "
		                 "'_', '-' ('name =' gives another)",
		                 s->path, s->name);
	return 0;
}

static int parse_all(struct parse *p, const char *text, size_t length, bool with_tables)
{
	struct join_source *s = p->s;
	char *copy;
	int status;

	s->folders = UINT32_MAX;
	if (utf16_is(text, length))
		return error_set(p->e, EXIT_MALFORMED, "%s: UTF-16, not UTF-8", s->path);
	if (memchr(text, '\0', length))
		return error_set(p->e, EXIT_MALFORMED, "%s: NUL byte: not a text file",
		                 s->path);
	text += utf8_mark(text, length);
	copy = memory_string(text, p->e);
	status = copy ? parse_lines(p, copy) : -1;
	free(copy);
	if (status < 0)
		return -1;
	if (!s->directory)
		return error_set(p->e, EXIT_MALFORMED, "%s: no 'images = DIR'", s->path);
	return finish_sets(p, with_tables) < 0 ? -1 : check_name(p);
}

int join_source_parse(struct join_source *s, const char *text, size_t length,
                      const char *directory, struct join_names *names, struct error *e)
{
	struct parse p = {.s = s, .names = names, .base = directory, .e = e};

	s->path = "source";
	return parse_all(&p, text, length, false);
}

int join_source_read(struct join_source *s, const char *path, struct join_names *names,
                     struct error *e)
{
	const char *slash = strrchr(path, '/');
	char *base = slash ? memory_print(e, "%.*s", (int)(slash - path), path)
	                   : memory_string(".", e);
	struct parse p = {.s = s, .names = names, .base = base, .e = e};
	int status = -1;

	s->path = path;
	if (base) {
		if (!*base)
			p.base = "/";
		s->text = file_read(path, path, &s->length, e);
	}
	if (s->text)
		status = parse_all(&p, s->text, s->length, true);
	free(base);
	return status;
}

void join_source_free(struct join_source *s)
{
	for (size_t i = 0; i < s->sets; i++) {
		struct join_set *set = &s->set[i];

		free(set->directory);
		free(set->suffix);
		free(set->meaning);
		free(set->none);
		free(set->json);
		panoptic_free(&set->panoptic);
		instances_free(&set->instances);
	}
	join_whole_free(&s->whole);
	free(s->name);
	free(s->split);
	free(s->text);
	free(s->directory);
	free(s->suffix);
	free(s->set);
	free(s->layer);
	*s = (struct join_source){0};
}
