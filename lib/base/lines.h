/* lines.h -- a list of texts that grows. */
#ifndef BASE_LINES_H
#define BASE_LINES_H

#include <stddef.h>

#include "base/error.h"

/* Zero it before use. */
struct lines {
	char **line;
	size_t count, capacity;
};

/* Append what printf() would print. */
int lines_add(struct lines *l, struct error *e, const char *format, ...)
        __attribute__((format(printf, 3, 4))) CHECK_RESULT;
void lines_free(struct lines *l);

#endif
