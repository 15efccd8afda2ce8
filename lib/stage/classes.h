/* classes.h -- which class each unit of a layer of logits stands for. */
#ifndef STAGE_CLASSES_H
#define STAGE_CLASSES_H

#include "record/ndr.h"

/* Zero it before use; classes_free() also after an error. */
struct classes {
	size_t count;
	char **name; /* (count), by unit */
	/* private: */
	size_t capacity;
	uint32_t *sorted; /* (count): units, by name */
};

/* A text file with a line for each unit.  EXIT_MALFORMED, naming file and line, where a name
 * stands twice or is empty. */
int classes_read(struct classes *c, const char *path, struct error *e) CHECK_RESULT;
/* The labels of a category, the k-th of them, by number, for unit k.  EXIT_MALFORMED where two
 * have one name. */
int classes_of_category(struct classes *c, const struct ndr_meta *m, const char *category,
                        struct error *e) CHECK_RESULT;
/* "0", "1" and so on: units are named by their numbers. */
int classes_numbers(struct classes *c, size_t count, struct error *e) CHECK_RESULT;
void classes_free(struct classes *c);

/* The unit of a class, or -1. */
long classes_find(const struct classes *c, const char *name);

#endif
