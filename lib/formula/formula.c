/* formula.c -- see formula.h. */
#include "formula/formula.h"

static bool has(const uint16_t *label, size_t n, uint16_t wanted)
{
	size_t low = 0;

	while (n > 0) {
		const size_t half = n / 2;

		if (label[low + half] < wanted) {
			low += half + 1;
			n -= half + 1;
		} else {
			n = half;
		}
	}
	return label[low] == wanted;
}

bool formula_holds(const struct formula *f, const uint16_t *label, size_t n)
{
	bool holds = false;

	for (uint32_t i = 0; n > 0 && i < f->length; i++) {
		const bool is = label[n - 1] >= f->label[i] && has(label, n, f->label[i]);

		if (i == 0 || f->op[i] == FORMULA_OR)
			holds |= is;
		else
			holds &= is == (f->op[i] == FORMULA_AND);
	}
	return holds;
}

int formula_compare(const struct formula *a, const struct formula *b)
{
	if (a->length != b->length)
		return a->length < b->length ? -1 : 1;
	for (uint32_t i = 0; i < a->length; i++) {
		if (a->label[i] != b->label[i])
			return a->label[i] < b->label[i] ? -1 : 1;
		if (i > 0 && a->op[i] != b->op[i])
			return a->op[i] < b->op[i] ? -1 : 1;
	}
	return 0;
}

void formula_print(const struct formula *f,
                   const char *(*name)(const void *ctx, uint16_t label), const void *ctx,
                   struct text *out)
{
	static const char *const word[] = {" OR ", " AND ", " AND (NOT "};

	for (uint32_t i = 1; i < f->length; i++)
		text_byte(out, '(');
	for (uint32_t i = 0; i < f->length; i++) {
		if (i > 0)
			text_string(out, word[f->op[i]]);
		text_string(out, name(ctx, f->label[i]));
		if (i > 0)
			text_string(out, f->op[i] == FORMULA_AND_NOT ? "))" : ")");
	}
}

void formula_print_numbers(const struct formula *f, struct text *out)
{
	static const char *const word[] = {" OR ", " AND ", " AND NOT "};

	for (uint32_t i = 0; i < f->length; i++)
		text_print(out, "%s%u", i ? word[f->op[i]] : "", f->label[i]);
}

int formula_compare_iou(int64_t area, struct formula_counts x, struct formula_counts y)
{
	const __int128 a = (__int128)x.both * (area + y.truth - y.both);
	const __int128 b = (__int128)y.both * (area + x.truth - x.both);

	return (a > b) - (a < b);
}

double formula_iou(int64_t area, struct formula_counts x)
{
	return x.both ? (double)x.both / (double)(area + x.truth - x.both) : 0;
}
