/* accuracy.c -- see accuracy.h. */
#include "dissect/accuracy.h"

#include <math.h>

size_t accuracy_rank(const float *logit, size_t n, size_t right)
{
	size_t before = 0;

	for (size_t i = 0; i < n; i++)
		before += logit[i] > logit[right] || (logit[i] == logit[right] && i < right);
	return before;
}

size_t accuracy_first(const float *logit, size_t n)
{
	size_t first = 0;

	for (size_t i = 1; i < n; i++)
		first = logit[i] > logit[first] ? i : first;
	return first;
}

void accuracy_add(struct accuracy *a, size_t rank)
{
	a->images++;
	a->top1 += rank < 1;
	a->top5 += rank < 5;
}

void accuracy_count(struct accuracy *of, const float *logit, size_t n, size_t right)
{
	accuracy_add(&of[right], accuracy_rank(logit, n, right));
	of[accuracy_first(logit, n)].named++;
	exact_add(&of[right].logit, logit[right]);
}

double accuracy_balanced(const struct accuracy *a, uint64_t images)
{
	if (a->images == 0 || a->images == images)
		return NAN;
	return ((double)a->top1 / (double)a->images + 1 -
	        (double)(a->named - a->top1) / (double)(images - a->images)) /
	       2;
}

double accuracy_logit(const struct accuracy *a)
{
	return a->images ? exact_sum(&a->logit) / (double)a->images : NAN;
}

struct accuracy_shares accuracy_shares(const struct accuracy *of, size_t classes)
{
	struct accuracy_shares s = {0};
	uint64_t top1 = 0, top5 = 0;

	for (size_t c = 0; c < classes; c++) {
		const double n = (double)of[c].images;

		if (of[c].images == 0)
			continue;
		s.images += of[c].images;
		s.classes++;
		top1 += of[c].top1;
		top5 += of[c].top5;
		s.class_top1 += (double)of[c].top1 / n;
		s.class_top5 += (double)of[c].top5 / n;
	}
	if (s.images) {
		s.top1 = (double)top1 / (double)s.images;
		s.top5 = (double)top5 / (double)s.images;
		s.class_top1 /= (double)s.classes;
		s.class_top5 /= (double)s.classes;
	}
	return s;
}
