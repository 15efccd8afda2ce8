/* error.h -- how a library function says what went wrong.
 *
 * A function that can fail takes a struct error, fills it where the fault is
 * detected and returns -1 (or NULL).  Callers pass it up and add nothing: the
 * text already names file, place and reason.  The first fault stays; later
 * ones, which follow from it, are dropped. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

/* Exit codes of every program of the suite; append only. */
enum exit_code {
	EXIT_OK = 0,
	EXIT_SYSTEM = 1,    /* open, read, write, memory */
	EXIT_USAGE = 2,     /* options and operands */
	EXIT_MALFORMED = 3, /* input is malformed, or needs a newer reader */
	EXIT_TRUNCATED = 4, /* input ended without an END record */
};

struct error {
	enum exit_code code; /* EXIT_OK while nothing has failed */
	char text[512];      /* one line, no program name, no newline */
};

/* Record a fault unless one is recorded already.  Always returns -1. */
int error_set(struct error *e, enum exit_code code, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* The same for a failed system call: EXIT_SYSTEM, and strerror(errno) after
 * the text.  Always returns -1. */
int error_errno(struct error *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define CHECK_RESULT __attribute__((warn_unused_result))

#endif
