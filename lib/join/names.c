/* names.c -- see names.h. */
#include "join/names.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "table/utf8.h"

enum { SLOTS_FIRST = 1024 };

static uint64_t hash(const char *text)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return h ^ h >> 32;
}

static void put_in_slot(struct join_names *n, uint32_t index)
{
	size_t at = hash(n->name[index].text) & (n->slots - 1);

	while (n->slot[at])
		at = (at + 1) & (n->slots - 1);
	n->slot[at] = index + 1;
}

/* At most half of the slots are taken. */
static int make_room(struct join_names *n, struct error *e)
{
	const size_t slots = n->slots ? 2 * n->slots : SLOTS_FIRST;
	uint32_t *slot;

	if (2 * (n->names + 1) <= n->slots)
		return 0;
	slot = memory_new(slots, sizeof *slot, e);
	if (!slot)
		return -1;
	free(n->slot);
	n->slot = slot;
	n->slots = slots;
	for (size_t i = 0; i < n->names; i++)
		put_in_slot(n, (uint32_t)i);
	return 0;
}

/* A copy in lower case; NULL with e set if it cannot be a name. */
static char *plain(const char *text, size_t length, const char *place, struct error *e)
{
	char *copy = memory_print(e, "%.*s", (int)length, text);
	const char *reason = NULL;

	if (!copy)
		return NULL;
	if (!*copy)
		reason = "a name is empty";
	else if (length > 200)
		reason = "a name is longer than 200 bytes";
	else if (!utf8_is(copy))
		reason = "a name is not UTF-8";
	for (char *p = copy; *p; p++) {
		if (iscntrl((unsigned char)*p))
			reason = "a name has control characters";
		if (*p == ';')
			reason = "a name has ';', which stands between synonyms";
		*p = (char)tolower((unsigned char)*p);
	}
	if (!reason)
		return copy;
	error_set(e, EXIT_MALFORMED, "%s: %s", place, reason);
	free(copy);
	return NULL;
}

int join_name(struct join_names *n, const char *text, size_t length, const char *place,
              uint32_t *index, struct error *e)
{
	char *copy = plain(text, length, place, e);

	if (!copy || make_room(n, e) < 0) {
		free(copy);
		return -1;
	}
	for (size_t at = hash(copy) & (n->slots - 1); n->slot[at];
	     at = (at + 1) & (n->slots - 1)) {
		*index = n->slot[at] - 1;
		if (strcmp(n->name[*index].text, copy) == 0) {
			free(copy);
			return 0;
		}
	}
	if (n->names == JOIN_NAMES_MAX) {
		free(copy);
		return error_set(e, EXIT_MALFORMED, "%s: more than %d names in all", place,
		                 JOIN_NAMES_MAX);
	}
	if (memory_grow(&n->name, &n->name_capacity, n->names + 1, sizeof *n->name, e) < 0) {
		free(copy);
		return -1;
	}
	*index = (uint32_t)n->names++;
	n->name[*index] = (struct join_name){copy, *index};
	put_in_slot(n, *index);
	return 0;
}

uint32_t join_first(const struct join_names *n, uint32_t name)
{
	while (n->name[name].same != name)
		name = n->name[name].same;
	return name;
}

void join_same(struct join_names *n, uint32_t a, uint32_t b)
{
	const uint32_t first = join_first(n, a), other = join_first(n, b);

	if (first < other)
		n->name[other].same = first;
	else
		n->name[first].same = other;
}

uint16_t join_label(const struct join_names *names, uint32_t name)
{
	return (uint16_t)(join_first(names, name) + 1);
}

int join_category(struct join_names *n, const char *text, size_t length, const char *place,
                  uint32_t *index, struct error *e)
{
	static const char *const taken[] = {"image", "split", "ih", "iw", "sh", "sw"};
	char *copy = plain(text, length, place, e);
	bool good = copy && !strpbrk(copy, "/,()\" *=") && *copy != '.' && length <= 64;

	if (!copy)
		return -1;
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
		good &= strcmp(copy, taken[i]) != 0;
	for (size_t i = 0; good && i < n->categories; i++)
		if (strcmp(n->category[i], copy) == 0) {
			*index = (uint32_t)i;
			free(copy);
			return 0;
		}
	if (!good)
		error_set(e, EXIT_MALFORMED, "%s: '%s' is no name for a category", place, copy);
	else if (n->categories == JOIN_CATEGORIES_MAX)
		error_set(e, EXIT_MALFORMED, "%s: more than %d categories", place,
		          JOIN_CATEGORIES_MAX);
	else {
		*index = (uint32_t)n->categories++;
		n->category[*index] = copy;
		return 0;
	}
	free(copy);
	return -1;
}

void join_names_free(struct join_names *n)
{
	for (size_t i = 0; i < n->names; i++)
		free(n->name[i].text);
	for (size_t i = 0; i < n->categories; i++)
		free(n->category[i]);
	free(n->name);
	free(n->slot);
	*n = (struct join_names){0};
}
