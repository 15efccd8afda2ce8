/* file.h -- whole files in memory, and their names. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stddef.h>

#include "base/error.h"

#define FILE_SIZE_MAX ((size_t)1 << 30)

/* Read the file at path, a NUL after its last byte; free() the result.  place
 * names it in messages.  NULL with e set if it cannot be opened, is not a
 * regular file or a pipe, or holds more than FILE_SIZE_MAX bytes. */
char *file_read(const char *path, const char *place, size_t *length,
                struct error *e) CHECK_RESULT;
/* The same of an open file, which stays open. */
char *file_read_open(int fd, const char *place, size_t *length, struct error *e) CHECK_RESULT;

/* Make a file's name of s, in place: what is neither letter, digit, '.', '_' nor '-' becomes
 * '-'. */
void file_name_clean(char *s);

/* Write n bytes to fd, which stays the caller's; name is for messages. */
int file_write(int fd, const char *name, const void *bytes, size_t n,
               struct error *e) CHECK_RESULT;

#endif
