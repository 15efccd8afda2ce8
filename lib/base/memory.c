/* memory.c -- see memory.h. */
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { ALIGNMENT = 64, PAGE = 1 << 12, LARGE = 1 << 20, HUGE_PAGE = 1 << 21 };

/* Whole huge pages are asked for as such, a wish that the system need not grant: a network
 * reads its values with jumps of many pages.  The rest is not, which would fill more memory. */
static void *allocate(size_t count, size_t size, size_t alignment, struct error *e)
{
	size_t n, rounded;
	void *p;

	if (size && count >= HUGE_PAGE / size)
		alignment = HUGE_PAGE;
	if (!size_multiply(count, size, &n) || !size_add(n, alignment, &rounded)) {
		error_set(e, EXIT_SYSTEM, "%zu elements of %zu bytes: too large", count, size);
		return NULL;
	}
	p = aligned_alloc(alignment, rounded - rounded % alignment);
	if (!p)
		error_set(e, EXIT_SYSTEM, "no memory for %zu bytes", n);
#ifdef MADV_HUGEPAGE
	if (p && alignment == HUGE_PAGE)
		madvise(p, n - n % HUGE_PAGE, MADV_HUGEPAGE);
#endif
	return p;
}

void *memory_raw(size_t count, size_t size, struct error *e)
{
	return allocate(count, size, ALIGNMENT, e);
}

void *memory_large(size_t count, size_t size, struct error *e)
{
	const bool large = size && count >= LARGE / size;
	void *p = allocate(count, size, large ? PAGE : ALIGNMENT, e);

#ifdef MADV_POPULATE_WRITE
	if (p && large) /* a wish: where the system does not know it, pages come one by one */
		madvise(p, count * size, MADV_POPULATE_WRITE);
#endif
	return p;
}

void *memory_new(size_t count, size_t size, struct error *e)
{
	void *p = memory_raw(count, size, e);

	return p ? memset(p, 0, count * size) : NULL;
}

int memory_grow(void *array, size_t *capacity, size_t need, size_t size, struct error *e)
{
	void **a = array;
	size_t want = *capacity, n;
	char *p;

	if (need <= *capacity)
		return 0;
	if (want < 16)
		want = 16;
	while (want < need && want <= (size_t)-1 / 2)
		want *= 2;
	if (want < need || !size_multiply(want, size, &n))
		return error_set(e, EXIT_SYSTEM, "%zu elements of %zu bytes: too large", need,
		                 size);
	p = realloc(*a, n);
	if (!p)
		return error_set(e, EXIT_SYSTEM, "no memory for %zu bytes", n);
	memset(p + *capacity * size, 0, (want - *capacity) * size);
	*a = p;
	*capacity = want;
	return 0;
}

char *memory_string(const char *s, struct error *e)
{
	char *copy = strdup(s);

	if (!copy)
		error_set(e, EXIT_SYSTEM, "no memory for %zu bytes", strlen(s) + 1);
	return copy;
}

char *memory_print(struct error *e, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = memory_print_list(e, format, args);
	va_end(args);
	return text;
}

char *memory_print_list(struct error *e, const char *format, va_list args)
{
	char *text;

	if (vasprintf(&text, format, args) >= 0)
		return text;
	error_set(e, EXIT_SYSTEM, "no memory for a text");
	return NULL;
}
