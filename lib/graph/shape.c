/* shape.c -- see shape.h. */
#include "graph/shape.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"

/* Empty tensors count too: every partial product must fit, as loops run over them. */
bool shape_count(const struct shape *s, size_t *count)
{
	size_t product = 1;
	bool empty = false;

	for (int i = 0; i < s->rank; i++) {
		empty = empty || s->dims[i] == 0;
		if (!size_multiply(product, s->dims[i] ? s->dims[i] : 1, &product) ||
		    product > COUNT_LIMIT)
			return false;
	}
	*count = empty ? 0 : product;
	return true;
}

size_t shape_product(const struct shape *s, int from, int to)
{
	size_t n = 1;

	for (int i = from; i < to; i++)
		n *= s->dims[i];
	return n;
}

bool shape_equal(const struct shape *a, const struct shape *b)
{
	return a->rank == b->rank &&
	       memcmp(a->dims, b->dims, (size_t)a->rank * sizeof a->dims[0]) == 0;
}

const char *shape_text(const struct shape *s, char *buffer, size_t n)
{
	size_t used = 0;

	snprintf(buffer, n, "scalar");
	for (int i = 0; i < s->rank && used < n; i++)
		used += (size_t)snprintf(buffer + used, n - used, "%s%zu", i ? "x" : "",
		                         s->dims[i]);
	return buffer;
}

bool shape_broadcast(const struct shape *a, const struct shape *b, struct shape *out)
{
	int rank = a->rank > b->rank ? a->rank : b->rank;
	struct shape s = {.rank = rank};

	for (int i = 1; i <= rank; i++) {
		size_t x = i <= a->rank ? a->dims[a->rank - i] : 1;
		size_t y = i <= b->rank ? b->dims[b->rank - i] : 1;

		if (x != y && x != 1 && y != 1)
			return false;
		s.dims[rank - i] = x == 1 ? y : x;
	}
	*out = s;
	return true;
}
