/* palette.h -- the six categories of Broden, the same everywhere: their order, a letter that
 * tells them apart without colour, and colours that differ in lightness too, after Okabe and
 * Ito's set for all kinds of colour vision ("Color Universal Design", 2008). */
#ifndef REPORT_PALETTE_H
#define REPORT_PALETTE_H

enum { PALETTE_CATEGORIES = 6 };

struct palette_category {
	const char *name;
	char letter;
	const char *color; /* "#rrggbb": of bars and borders, on white and on black */
};

/* In the order of the paper's plots; the last is that of all other names. */
extern const struct palette_category palette_category[PALETTE_CATEGORIES + 1];

/* Its place there. */
int palette_find(const char *category);

#endif
