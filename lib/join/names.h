/* names.h -- what labels are called, over all sources: names that are one label become one.
 *
 * Names are compared and kept in lower case (of ASCII), as Broden has them.  What lines join by
 * '=' is one label, and what is joined to one of these by another line too.  The label's name
 * is the one that came first, the others are its synonyms. */
#ifndef JOIN_NAMES_H
#define JOIN_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { JOIN_NAMES_MAX = 65535, JOIN_CATEGORIES_MAX = 255 };

struct join_name {
	char *text;
	uint32_t same; /* a name before it that is the same label, or itself */
};

/* Zero it before use. */
struct join_names {
	struct join_name *name; /* [names], in the order in which they came */
	size_t names, name_capacity;
	uint32_t *slot; /* [slots]: a hash table of 1 + their indices */
	size_t slots;
	char *category[JOIN_CATEGORIES_MAX];
	size_t categories;
};

/* The index of a name, which is added where it is new; text need not end after length.  place
 * begins messages: EXIT_MALFORMED where it cannot be a name. */
int join_name(struct join_names *n, const char *text, size_t length, const char *place,
              uint32_t *index, struct error *e) CHECK_RESULT;
/* Two names are one label. */
void join_same(struct join_names *n, uint32_t a, uint32_t b);
/* The first name of the label. */
uint32_t join_first(const struct join_names *n, uint32_t name);

/* The number that a name has while labels are counted: 1 and above, the same for names of one
 * label. */
uint16_t join_label(const struct join_names *names, uint32_t name);

/* The index of a category, added where it is new; a plain name without '/', ',', '(' and the
 * like. */
int join_category(struct join_names *n, const char *text, size_t length, const char *place,
                  uint32_t *index, struct error *e) CHECK_RESULT;

void join_names_free(struct join_names *n);

#endif
