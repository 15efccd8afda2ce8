/* input.h -- the bytes of one file after the other, gzip inflated; private to
 * lib/record. */
#ifndef RECORD_INPUT_H
#define RECORD_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct input;

/* The named files; count 0 and "-" stand for standard input.  None is open yet.  The names must
 * outlive it. */
struct input *input_open(char *const *names, size_t count, struct error *e) CHECK_RESULT;
void input_close(struct input *in);

/* Open the next file.  1, or 0 if there is none, or -1. */
int input_next_file(struct input *in, struct error *e) CHECK_RESULT;
/* Read n bytes of the current file; fewer only at its end.  -1 on error. */
long input_read(struct input *in, void *to, size_t n, struct error *e) CHECK_RESULT;

/* Whether the current file is a regular one, named and not compressed. */
bool input_can_seek(const struct input *in);
/* Whether it is compressed. */
bool input_is_inflated(const struct input *in);
/* Go to a byte offset of a file that can seek. */
int input_seek(struct input *in, uint64_t offset, struct error *e) CHECK_RESULT;
/* Pass over n bytes of such a file; its end is noticed by the next read. */
int input_skip(struct input *in, uint64_t n, struct error *e) CHECK_RESULT;
/* Pass over steps of so many bytes up to one that begins with the n bytes of mark, or less
 * than a step before the end. */
int input_find(struct input *in, const void *mark, size_t n, size_t step,
               struct error *e) CHECK_RESULT;
/* Have the last n bytes read, which are at p, read again. */
int input_put_back(struct input *in, const void *p, size_t n, struct error *e) CHECK_RESULT;

/* From any thread: what waits for the bytes of a pipe, or will, fails at once. */
void input_interrupt(struct input *in);

const char *input_name(const struct input *in); /* "<stdin>" for standard input */
uint64_t input_offset(const struct input *in);  /* of the next byte, inflated */

#endif
