/* magic.h -- what a file is that is not what it should be, told by its first bytes. */
#ifndef BASE_MAGIC_H
#define BASE_MAGIC_H

#include <stddef.h>

/* "WebP", "a zip archive"; NULL if no known kind of file begins like that.  length bytes are
 * there, and need not be the whole file. */
const char *magic_name(const void *data, size_t length);

/* The same for the end of a message: ", but WebP"; "" if it is not known. */
#define MAGIC_BYTES 64
const char *magic_but(const void *data, size_t length, char text[static MAGIC_BYTES]);

#endif
