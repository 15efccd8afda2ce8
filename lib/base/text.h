/* text.h -- text that grows as it is written, in memory.
 *
 * Unlike a FILE of open_memstream(), which forgets what there was no memory for and
 * closes without a word, it remembers that something is lost: writers need not look, who
 * takes the text is told. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Zero it before use. */
struct text {
	char *bytes; /* (length), no NUL behind them */
	size_t length;
	/* private: */
	size_t capacity;
	bool lost;
};

/* Append a byte, n of them, a string without its NUL, what printf() would print. */
void text_byte(struct text *t, char c);
void text_bytes(struct text *t, const void *bytes, size_t n);
void text_string(struct text *t, const char *s);
void text_print(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* All of it, ended by a NUL, to free(); t is empty again.  NULL with e set, EXIT_SYSTEM, if
 * any was lost; what names it in the message. */
char *text_take(struct text *t, const char *what, struct error *e) CHECK_RESULT;
void text_free(struct text *t);

#endif
