/* class_sets.h -- classes of pixels by what they are, for CLASSES: sets of categories and
 * labels, how many pixels and images have each, and a number for it.
 *
 * Any number of threads add to it: by a class's hash it goes to one of several parts, each with
 * a lock. */
#ifndef STAGE_CLASS_SETS_H
#define STAGE_CLASS_SETS_H

#include <pthread.h>
#include <stdatomic.h>

#include "record/summary.h"

/* Bytes that several tables may take together. */
struct memory_share {
	uint64_t limit;
	_Atomic uint64_t used;
};
/* EXIT_SYSTEM, naming --memory, if it is not enough for more bytes. */
int memory_share_take(struct memory_share *m, uint64_t bytes, struct error *e) CHECK_RESULT;

enum { CLASS_PARTS = 64 };

struct class_part {
	pthread_mutex_t lock;
	size_t count, capacity;
	struct ndr_class *class; /* (count) */
	size_t begin_capacity;
	size_t *begin; /* (count): where its list begins */
	size_t listed, list_capacity;
	uint16_t *list; /* (listed) */
	size_t slots;   /* a power of 2 */
	uint32_t *slot; /* (slots): place of a class in this part + 1 */
};

struct class_order {
	const struct ndr_class *class;
	const uint16_t *list;
	uint32_t number;
};

struct class_sets {
	struct memory_share *memory;
	bool locks;
	struct class_part part[CLASS_PARTS];
	/* After class_sets_finish(): */
	size_t count;              /* of the classes that have a pixel */
	struct class_order *order; /* (count): as CLASSES has them */
	uint32_t *place;           /* by number: there */
};

/* Zero it before; memory must outlive it.  Close it also after an error. */
int class_sets_open(struct class_sets *s, struct memory_share *memory,
                    struct error *e) CHECK_RESULT;
void class_sets_close(struct class_sets *s);

/* Count an image's pixels of a class: its categories and labels, each ascending, in list.
 * *number is the class's, which depends on who came first.  On any thread. */
int class_sets_add(struct class_sets *s, const struct ndr_class *class, const uint16_t *list,
                   uint32_t *number, struct error *e) CHECK_RESULT;

/* Put them in order.  Once, after the last. */
int class_sets_finish(struct class_sets *s, struct error *e) CHECK_RESULT;
/* After it: of the class of a number; the CLASSES of all, appended to an item. */
const struct ndr_class *class_sets_find(const struct class_sets *s, uint32_t number,
                                        const uint16_t **list);
int class_sets_write(const struct class_sets *s, struct ndr_item *out,
                     struct error *e) CHECK_RESULT;

#endif
