/* cell.c -- see cell.h. */
#include "broden/cell.h"

#include <string.h>

#include "broden/directory.h"

enum { SEPARATOR = ';' }; /* between the labels of a cell */

void broden_fields(const struct broden *b, size_t row, const char *field[static BRODEN_FIELDS])
{
	const char *at = b->text + b->row[row].text;

	for (size_t i = 0; i < b->fields; i++) {
		field[i] = b->column[i] == NO_COLUMN ? "" : at;
		if (b->column[i] != NO_COLUMN)
			at += strlen(at) + 1;
	}
}

bool broden_next_part(const char **cell, struct broden_part *part)
{
	const char *end;

	while (**cell == SEPARATOR || **cell == ' ' || **cell == '\t')
		++*cell;
	part->text = *cell;
	while (**cell && **cell != SEPARATOR)
		++*cell;
	for (end = *cell; end > part->text && (end[-1] == ' ' || end[-1] == '\t');)
		end--;
	part->length = (size_t)(end - part->text);
	part->is_number = csv_whole(part->text, part->length, &part->number);
	return part->length > 0;
}

void broden_count_parts(const char *cell, size_t *maps, size_t *numbers)
{
	struct broden_part part;

	*maps = *numbers = 0;
	while (broden_next_part(&cell, &part)) {
		*maps += !part.is_number;
		*numbers += part.is_number && part.number;
	}
}

bool broden_is_labelled(const struct broden *b, const char *const *field)
{
	struct broden_part part;

	for (size_t i = FIXED; i < b->fields; i++) {
		const char *cell = field[i];

		while (broden_next_part(&cell, &part))
			if (!part.is_number || part.number)
				return true;
	}
	return false;
}

uint32_t broden_count(const struct broden *b, uint32_t first, uint32_t end)
{
	const char *field[BRODEN_FIELDS];
	uint32_t n = 0;

	for (uint32_t row = first; row < end; row++) {
		broden_fields(b, row, field);
		n += broden_is_labelled(b, field);
	}
	return n;
}
