/* chart.h -- plots as SVG that stand in a page, readable without script. */
#ifndef REPORT_CHART_H
#define REPORT_CHART_H

#include <stddef.h>

#include "base/text.h"

struct chart_bar {
	const char *label;
	size_t category; /* of palette_category */
	double value;    /* at least 0 */
	char href[32];   /* where it leads: "#u433" */
};

/* Append upright bars, one a label, side by side as they come; a gap where the category
 * changes.  title names the plot for who cannot see it. */
void chart_bars(struct text *t, const struct chart_bar *bar, size_t bars, const char *title);

struct chart_column {
	double low, high; /* above 0 */
	double count;
};

/* Append a histogram on a scale of octaves, its columns, at least one octave wide together, as
 * high as their counts; and a line at mark, if it lies in it. */
void chart_columns(struct text *t, const struct chart_column *column, size_t columns,
                   double mark, const char *title);

/* Append a line from low to high with a tick at each value, and a heavier one at mark. */
void chart_range(struct text *t, double low, double high, double mark, const double *value,
                 size_t values, const char *title);

/* Append a line through values, at least 0, at 1, 2, ...; and another, dashed, through others,
 * if they are not NULL. */
void chart_steps(struct text *t, const double *value, const double *other, size_t values,
                 const char *title);

#endif
