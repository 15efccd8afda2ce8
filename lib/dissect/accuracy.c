/* accuracy.c -- see accuracy.h. */
#include "dissect/accuracy.h"

size_t accuracy_rank(const float *logit, size_t n, size_t right)
{
	size_t before = 0;

	for (size_t i = 0; i < n; i++)
		before += logit[i] > logit[right] || (logit[i] == logit[right] && i < right);
	return before;
}

void accuracy_add(struct accuracy *a, size_t rank)
{
	a->images++;
	a->top1 += rank < 1;
	a->top5 += rank < 5;
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
