/* color.c -- see color.h. */
#include "image/color.h"

#include <stddef.h>

const char *const color_names[COLOR_COUNT] = {
        "black", "blue",   "brown", "green", "grey",   "orange",
        "pink",  "purple", "red",   "white", "yellow",
};

/* What people point at when asked for the name, in light and in shade. */
static const struct prototype {
	uint8_t name, r, g, b;
} prototypes[] = {
        {COLOR_BLACK, 0, 0, 0},        {COLOR_BLACK, 24, 24, 24},
        {COLOR_BLACK, 52, 52, 52},     {COLOR_BLACK, 16, 24, 32},
        {COLOR_BLACK, 32, 24, 16},     {COLOR_BLUE, 0, 0, 255},
        {COLOR_BLUE, 16, 24, 96},      {COLOR_BLUE, 64, 104, 176},
        {COLOR_BLUE, 72, 136, 224},    {COLOR_BLUE, 128, 184, 232},
        {COLOR_BLUE, 0, 192, 240},     {COLOR_BLUE, 48, 64, 104},
        {COLOR_BLUE, 96, 120, 152},    {COLOR_BLUE, 168, 192, 216},
        {COLOR_BROWN, 72, 40, 16},     {COLOR_BROWN, 144, 72, 32},
        {COLOR_BROWN, 152, 104, 64},   {COLOR_BROWN, 104, 72, 56},
        {COLOR_BROWN, 176, 144, 112},  {COLOR_BROWN, 88, 72, 56},
        {COLOR_GREEN, 0, 160, 0},      {COLOR_GREEN, 16, 56, 16},
        {COLOR_GREEN, 72, 112, 32},    {COLOR_GREEN, 64, 224, 64},
        {COLOR_GREEN, 136, 184, 104},  {COLOR_GREEN, 160, 216, 48},
        {COLOR_GREEN, 40, 152, 104},   {COLOR_GREEN, 88, 104, 72},
        {COLOR_GREEN, 56, 72, 48},     {COLOR_GREEN, 152, 176, 144},
        {COLOR_GREY, 80, 80, 80},      {COLOR_GREY, 112, 112, 112},
        {COLOR_GREY, 136, 136, 136},   {COLOR_GREY, 160, 160, 160},
        {COLOR_GREY, 184, 184, 184},   {COLOR_ORANGE, 255, 128, 0},
        {COLOR_ORANGE, 224, 112, 40},  {COLOR_ORANGE, 248, 168, 80},
        {COLOR_ORANGE, 208, 96, 16},   {COLOR_PINK, 255, 192, 203},
        {COLOR_PINK, 248, 136, 176},   {COLOR_PINK, 240, 64, 152},
        {COLOR_PINK, 216, 144, 144},   {COLOR_PINK, 216, 176, 184},
        {COLOR_PINK, 184, 128, 136},   {COLOR_PURPLE, 128, 0, 160},
        {COLOR_PURPLE, 72, 24, 88},    {COLOR_PURPLE, 168, 72, 224},
        {COLOR_PURPLE, 152, 120, 184}, {COLOR_PURPLE, 136, 40, 112},
        {COLOR_PURPLE, 104, 88, 128},  {COLOR_PURPLE, 184, 168, 208},
        {COLOR_RED, 255, 0, 0},        {COLOR_RED, 176, 16, 24},
        {COLOR_RED, 104, 8, 16},       {COLOR_RED, 216, 56, 56},
        {COLOR_RED, 144, 48, 48},      {COLOR_WHITE, 255, 255, 255},
        {COLOR_WHITE, 224, 224, 224},  {COLOR_WHITE, 248, 248, 232},
        {COLOR_WHITE, 224, 232, 240},  {COLOR_YELLOW, 255, 255, 0},
        {COLOR_YELLOW, 248, 208, 32},  {COLOR_YELLOW, 240, 232, 128},
        {COLOR_YELLOW, 200, 176, 48},  {COLOR_YELLOW, 208, 192, 120},
};
enum { PROTOTYPES = sizeof prototypes / sizeof *prototypes };

struct lab {
	double l, a, b;
};

/* sRGB's transfer curve, 0..255 to 0..1, as a cubic; off by 0.003 at most. */
static double linear(unsigned v)
{
	double x = v / 255.0;

	return x * (x * (x * 0.305306011 + 0.682171111) + 0.012522878);
}

/* The cube root of x in 0..1, by Newton's method from above. */
static double cube_root(double x)
{
	double y = 1;

	if (x < 1e-6)
		return 0;
	for (int i = 0; i < 24; i++)
		y -= (y - x / (y * y)) / 3;
	return y;
}

static struct lab oklab(unsigned red, unsigned green, unsigned blue)
{
	double r = linear(red), g = linear(green), b = linear(blue);
	double l = cube_root(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
	double m = cube_root(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
	double s = cube_root(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);

	return (struct lab){
	        0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
	        1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
	        0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s,
	};
}

static enum color nearest(struct lab c, const struct lab p[PROTOTYPES])
{
	double best = 1e9;
	size_t found = 0;

	for (size_t i = 0; i < PROTOTYPES; i++) {
		double l = p[i].l - c.l, a = p[i].a - c.a, b = p[i].b - c.b;
		double d = l * l / 4 + a * a + b * b;

		if (d < best) {
			best = d;
			found = i;
		}
	}
	return prototypes[found].name;
}

void color_table_init(struct color_table *t)
{
	struct lab p[PROTOTYPES];

	for (size_t i = 0; i < PROTOTYPES; i++)
		p[i] = oklab(prototypes[i].r, prototypes[i].g, prototypes[i].b);
	for (unsigned r = 0; r < COLOR_LEVELS; r++)
		for (unsigned g = 0; g < COLOR_LEVELS; g++)
			for (unsigned b = 0; b < COLOR_LEVELS; b++)
				t->cell[r][g][b] =
				        nearest(oklab(8 * r + 4, 8 * g + 4, 8 * b + 4), p);
}
