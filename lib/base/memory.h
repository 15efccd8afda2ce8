/* memory.h -- sizes that cannot overflow, arrays that grow.
 *
 * Dimensions come from hostile files: multiply them here, then allocate. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* *product = a * b; false if that does not fit. */
static inline bool size_multiply(size_t a, size_t b, size_t *product)
{
	return !__builtin_mul_overflow(a, b, product);
}

/* *sum = a + b; false if that does not fit. */
static inline bool size_add(size_t a, size_t b, size_t *sum)
{
	return !__builtin_add_overflow(a, b, sum);
}

/* count * size zeroed bytes, 64-byte aligned (SIMD, cache lines); free() them.
 * NULL, with e set, if the product overflows or there is no memory.  A zero
 * product gives a valid pointer. */
void *memory_new(size_t count, size_t size, struct error *e) CHECK_RESULT;
/* The same, not zeroed, for what is written whole at once. */
void *memory_raw(size_t count, size_t size, struct error *e) CHECK_RESULT;

/* The same for what can be large: its pages are there at once, not one by one as they are
 * written. */
void *memory_large(size_t count, size_t size, struct error *e) CHECK_RESULT;

/* Make *array, of *capacity elements, hold at least need elements; it at least
 * doubles, so appending is linear.  New elements are zero.  -1 with e set and
 * the array unchanged if it cannot.  The alignment is malloc's. */
int memory_grow(void *array, size_t *capacity, size_t need, size_t size,
                struct error *e) CHECK_RESULT;

/* A copy of s, free() it; NULL with e set. */
char *memory_string(const char *s, struct error *e) CHECK_RESULT;
/* What printf() would print, free() it; NULL with e set. */
char *memory_print(struct error *e, const char *format, ...)
        __attribute__((format(printf, 2, 3))) CHECK_RESULT;
char *memory_print_list(struct error *e, const char *format, va_list args)
        __attribute__((format(printf, 2, 0))) CHECK_RESULT;

#endif
