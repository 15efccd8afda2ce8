/* palette.c -- see palette.h. */
#include "report/palette.h"

#include <string.h>

const struct palette_category palette_category[PALETTE_CATEGORIES + 1] = {
        {"object", 'O', "#0072b2"},   {"scene", 'S', "#009e73"},   {"part", 'P', "#56b4e9"},
        {"material", 'M', "#d55e00"}, {"texture", 'T', "#cc79a7"}, {"color", 'C', "#c9a800"},
        {"other", '?', "#808080"},
};

int palette_find(const char *category)
{
	int i = 0;

	while (i < PALETTE_CATEGORIES && strcmp(palette_category[i].name, category) != 0)
		i++;
	return i;
}
