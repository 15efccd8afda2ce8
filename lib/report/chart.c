/* chart.c -- see chart.h. */
#include "report/chart.h"
#include "report/escape.h"
#include "report/palette.h"

#include <math.h>

enum {
	BAR = 13,
	STEP = 17,
	GAP = 14,
	LEFT = 34,
	TOP = 16,
	HIGH = 140,
	NAMES = 30, /* room under the bars, and for each character of labels, aslant */
	ASLANT = 5,
	LABEL_MOST = 22,
};

/* A round number that divides the axis into a handful of steps. */
static double axis_step(double most)
{
	double step = 1;

	while (most / step > 6)
		step *= most / step > 12 ? 5 : 2;
	return step;
}

static void put_axis(struct text *t, double most, int width)
{
	for (double v = 0; v <= most; v += axis_step(most)) {
		const double y = TOP + HIGH * (1 - v / most);

		text_print(t,
		           "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
		           "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.0f</text>",
		           LEFT - 4, width, y, y, LEFT - 8, y + 4, v);
	}
}

static void put_bar(struct text *t, const struct chart_bar *bar, double most, int x)
{
	const struct palette_category *c = &palette_category[bar->category];
	const double high = HIGH * bar->value / most, y = TOP + HIGH - high;
	const int middle = x + BAR / 2;

	text_print(t, "<a href=\"%s\" class=\"bar\" data-label=\"", bar->href);
	escape_svg(t, bar->label, 0);
	text_print(t, "\"><title>");
	escape_svg(t, bar->label, 0);
	text_print(t,
	           " (%s): %.0f</title>"
	           "<rect x=\"%d\" y=\"%.1f\" width=\"%d\" height=\"%.1f\" fill=\"%s\"/>"
	           "<text x=\"%d\" y=\"%.1f\" text-anchor=\"middle\">%.0f</text>"
	           "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\" class=\"letter\">%c</text>"
	           "<text transform=\"translate(%d %d) rotate(-60)\" text-anchor=\"end\">",
	           c->name, bar->value, x, y, BAR, high, c->color, middle, y - 3, bar->value,
	           middle, TOP + HIGH + 13, c->letter, middle + 4, TOP + HIGH + 24);
	escape_svg(t, bar->label, LABEL_MOST);
	text_string(t, "</text></a>");
}

static int width_of(const struct chart_bar *bar, size_t bars)
{
	int width = LEFT + STEP;

	for (size_t i = 0; i < bars; i++)
		width += STEP + (i > 0 && bar[i].category != bar[i - 1].category ? GAP : 0);
	return width;
}

/* Characters of the longest label, as far as it is written. */
static int longest_of(const struct chart_bar *bar, size_t bars)
{
	int longest = 0;

	for (size_t i = 0; i < bars; i++) {
		int n = 0;

		for (const char *s = bar[i].label; *s && n <= LABEL_MOST; s++)
			n += (*s & 0xc0) != 0x80; /* what continues a character in UTF-8 */
		longest = n > longest ? n : longest;
	}
	return longest;
}

void chart_bars(struct text *t, const struct chart_bar *bar, size_t bars, const char *title)
{
	const int width = width_of(bar, bars),
	          height = TOP + HIGH + NAMES + ASLANT * longest_of(bar, bars);
	double most = 1;
	int x = LEFT;

	for (size_t i = 0; i < bars; i++)
		most = fmax(most, bar[i].value);
	text_print(t,
	           "<svg class=\"bars\" xmlns=\"http://www.w3.org/2000/svg\" role=\"group\" "
	           "width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\"><title>",
	           width, height, width, height);
	escape_svg(t, title, 0);
	text_string(t, "</title>");
	put_axis(t, most, width);
	for (size_t i = 0; i < bars; i++, x += STEP) {
		x += i > 0 && bar[i].category != bar[i - 1].category ? GAP : 0;
		put_bar(t, &bar[i], most, x);
	}
	text_string(t, "</svg>\n");
}

void chart_range(struct text *t, double low, double high, double mark, const double *value,
                 size_t values, const char *title)
{
	enum { WIDE = 200, TALL = 18 };
	const double scale = high > low ? WIDE / (high - low) : 0;

	text_print(t,
	           "<svg class=\"range\" role=\"img\" width=\"%d\" height=\"%d\" "
	           "viewBox=\"-2 0 %d %d\"><title>",
	           WIDE + 4, TALL, WIDE + 4, TALL);
	escape_svg(t, title, 0);
	text_print(t, "</title><path d=\"M0 12H%d\"/><path class=\"ticks\" d=\"", WIDE);
	for (size_t i = 0; i < values; i++)
		text_print(t, "M%.1f 6v6", (value[i] - low) * scale);
	text_print(t, "\"/><path class=\"mark\" d=\"M%.1f 3v14\"/></svg>",
	           (mark - low) * scale);
}

void chart_columns(struct text *t, const struct chart_column *column, size_t columns,
                   double mark, const char *title)
{
	enum { WIDE = 200, TALL = 44 };
	const double low = columns ? log2(column[0].low) : 0,
	             high = columns ? log2(column[columns - 1].high) : 1,
	             scale = WIDE / fmax(high - low, 1);
	double most = 1;

	for (size_t i = 0; i < columns; i++)
		most = fmax(most, column[i].count);
	text_print(t,
	           "<svg class=\"columns\" role=\"img\" width=\"%d\" height=\"%d\" "
	           "viewBox=\"-2 0 %d %d\"><title>",
	           WIDE + 4, TALL + 4, WIDE + 4, TALL + 4);
	escape_svg(t, title, 0);
	/* One step after the other, along the axis where there is none. */
	text_print(t, "</title><path class=\"ticks\" d=\"M0 %d", TALL);
	for (size_t i = 0; i < columns; i++) {
		const double x = (log2(column[i].low) - low) * scale,
		             x2 = (log2(column[i].high) - low) * scale,
		             y = TALL * column[i].count / most;

		if (i > 0 && column[i].low > column[i - 1].high * (1 + 1e-6))
			text_print(t, "V%dH%.1f", TALL, x);
		text_print(t, "V%.1fH%.1f", TALL - fmax(y, 0.7), x2);
	}
	text_print(t, "V%dz", TALL);
	text_print(t, "\"/><path d=\"M0 %dH%d\"/>", TALL, WIDE);
	if (mark > 0 && log2(mark) >= low && log2(mark) <= high)
		text_print(t, "<path class=\"mark\" d=\"M%.1f 0v%d\"/>",
		           (log2(mark) - low) * scale, TALL + 4);
	text_string(t, "</svg>");
}

/* Through the points of the values; one alone is a dot. */
static void put_curve(struct text *t, const double *value, size_t values, double step,
                      double scale, int high, const char *class)
{
	text_print(t, "<path class=\"%s\" d=\"", class);
	for (size_t i = 0; i < values; i++)
		text_print(t, "%s%.1f %.1f", i ? "L" : "M", step * (double)i,
		           high - scale * value[i]);
	text_string(t, "\"/>");
	for (size_t i = 0; i < values; i++)
		text_print(t, "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\"/>", class,
		           step * (double)i, high - scale * value[i]);
}

void chart_steps(struct text *t, const double *value, const double *other, size_t values,
                 const char *title)
{
	enum { WIDE = 190, TALL = 44, EDGE = 5, NUMBERS = 14 };
	const double step = values > 1 ? (double)WIDE / (double)(values - 1) : WIDE;
	double most = 0;

	for (size_t i = 0; i < values; i++)
		most = fmax(most, other ? fmax(value[i], other[i]) : value[i]);
	text_print(t,
	           "<svg class=\"steps\" role=\"img\" width=\"%d\" height=\"%d\" "
	           "viewBox=\"%d %d %d %d\"><title>",
	           WIDE + 2 * EDGE, TALL + EDGE + NUMBERS, -EDGE, -EDGE, WIDE + 2 * EDGE,
	           TALL + EDGE + NUMBERS);
	escape_svg(t, title, 0);
	text_print(t, "</title><path d=\"M0 %dH%d\"/>", TALL, WIDE);
	for (size_t i = 0; i < values; i++)
		text_print(t, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">%zu</text>",
		           step * (double)i, TALL + NUMBERS - 3,
		           i == 0            ? "start"
		           : i + 1 == values ? "end"
		                             : "middle",
		           i + 1);
	put_curve(t, value, values, step, most > 0 ? TALL / most : 0, TALL, "chosen");
	if (other)
		put_curve(t, other, values, step, most > 0 ? TALL / most : 0, TALL, "other");
	text_string(t, "</svg>");
}
