/* cell.h -- a cell of index.csv: label maps and labels of the whole image; private to
 * lib/broden. */
#ifndef BRODEN_CELL_H
#define BRODEN_CELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A label map's name, or a label of the whole image. */
struct broden_part {
	const char *text; /* without blanks around it */
	size_t length;
	bool is_number;
	uint64_t number;
};

/* The next part of a cell; false at its end.  Between separators there may be nothing. */
bool broden_next_part(const char **cell, struct broden_part *part);

/* How many maps and whole-image labels other than 0 a cell has. */
void broden_count_parts(const char *cell, size_t *maps, size_t *numbers);

struct broden;
/* Does a row with those fields (of b) have a label in a chosen category? */
bool broden_is_labelled(const struct broden *b, const char *const *field);

#endif
