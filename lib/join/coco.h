/* coco.h -- COCO's JSON: an object of lists, of which those that are wanted are handed on, an
 * object at a time.  The text is in memory meanwhile; other members are passed over.  One
 * thread at a time. */
#ifndef JOIN_COCO_H
#define JOIN_COCO_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/error.h"

/* Where it is. */
struct coco_scan {
	void *ctx;
	const char *text, *at, *end, *place;
	struct error *e;
};

typedef int coco_add(struct coco_scan *s, const json_t *object);
/* A list that is wanted; the last one has no key. */
struct coco_list {
	const char *key;
	coco_add *add;
};

/* place names the text in messages. */
int coco_parse(const char *text, size_t length, const char *place,
               const struct coco_list *lists, void *ctx, struct error *e) CHECK_RESULT;

/* Say what is wrong, and where; always -1. */
int coco_bad(const struct coco_scan *s, const char *reason);
/* A whole number of an object, from 0 to INT32_MAX. */
int coco_number(const struct coco_scan *s, const json_t *object, const char *key,
                uint32_t *n) CHECK_RESULT;
/* A text of an object, its copy: free() it; NULL with e set. */
char *coco_text(const struct coco_scan *s, const json_t *object, const char *key) CHECK_RESULT;

struct coco_category {
	uint32_t id;
	char *name;
};
/* Zero it before use. */
struct coco_categories {
	struct coco_category *category; /* [count], by id once they are in order */
	size_t count, capacity;
};
int coco_add_category(const struct coco_scan *s, struct coco_categories *all,
                      const json_t *object) CHECK_RESULT;
/* By id, each once. */
int coco_order_categories(struct coco_categories *all, const char *place,
                          struct error *e) CHECK_RESULT;
void coco_free_categories(struct coco_categories *all);

#endif
