/* near.c -- the tensors that a misspelt name may stand for. */
#include <stdio.h>
#include <string.h>

#include "graph/graph.h"

enum { NEAR_LENGTH = 64, NEAR_COUNT = 3 };

/* Edits that turn a into b, over their first NEAR_LENGTH characters. */
static size_t distance(const char *a, const char *b)
{
	size_t row[NEAR_LENGTH + 1], n = strnlen(a, NEAR_LENGTH), m = strnlen(b, NEAR_LENGTH);
	size_t diagonal, above, best;

	for (size_t j = 0; j <= m; j++)
		row[j] = j;
	for (size_t i = 1; i <= n; i++) {
		diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= m; j++) {
			above = row[j];
			best = diagonal + (a[i - 1] != b[j - 1]);
			if (above + 1 < best)
				best = above + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
			diagonal = above;
		}
	}
	return row[m];
}

void graph_near(const struct graph *g, const char *name, char *text, size_t n)
{
	const char *best[NEAR_COUNT] = {0};
	size_t d[NEAR_COUNT], k, far, found = 0, used;

	for (size_t i = 0; i < g->n_tensors; i++) {
		const struct tensor *t = &g->tensors[i];

		if (t->constant)
			continue;
		/* A name that holds the wanted one, or is held by it, is as near as one edit.
		 */
		far = strstr(t->name, name) || strstr(name, t->name) ? 1
		                                                     : distance(t->name, name);
		if (far > strlen(name) / 2 + 1)
			continue;
		for (k = found < NEAR_COUNT ? found++ : NEAR_COUNT; k > 0 && far < d[k - 1];
		     k--) {
			if (k == NEAR_COUNT)
				continue;
			d[k] = d[k - 1];
			best[k] = best[k - 1];
		}
		if (k < NEAR_COUNT) {
			d[k] = far;
			best[k] = t->name;
		}
	}
	snprintf(text, n, "%s", found ? ", did you mean " : "");
	for (size_t i = 0; i < found; i++) {
		used = strlen(text);
		snprintf(text + used, n - used, "%s%s",
		         i == 0          ? ""
		         : i + 1 < found ? ", "
		                         : " or ",
		         best[i]);
	}
	if (found) {
		used = strlen(text);
		snprintf(text + used, n - used, "?");
	}
}
