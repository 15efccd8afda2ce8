/* whole.h -- labels of whole images, in a table: CSV (RFC 4180) if its name ends in .csv, else
 * separated by tabs.
 *
 *	image <tab> scene  <tab> texture
 *	1.jpg <tab> street <tab> dotted;woven
 *
 * The header names categories; a cell has any number of names, joined by ';'.  Or it names
 * labels of one category, and a cell of 1 gives an image the label, as 0, -1 or nothing does
 * not:
 *
 *	image,smiling,young
 *	1.jpg,1,-1
 *
 * A column without a name is passed over.  Images are named as they lie below the images'
 * directory, with their ending or without. */
#ifndef JOIN_WHOLE_H
#define JOIN_WHOLE_H

#include "join/names.h"

/* A label of a whole image. */
struct join_whole {
	char *image; /* below the images' directory */
	uint32_t category, name;
	uint64_t row;
};

/* Zero it before use. */
struct join_wholes {
	struct join_whole *label; /* [count], by image, then as they came */
	size_t count, capacity;
};

/* Add the table's labels; category is of all its columns, or UINT32_MAX: columns are
 * categories. */
int join_whole_read(struct join_wholes *s, const char *path, uint32_t category,
                    struct join_names *names, struct error *e) CHECK_RESULT;
/* The same of text in memory, which is freed: text[length] is NUL.  path is for its ending and
 * for messages. */
int join_whole_parse(struct join_wholes *s, char *text, size_t length, const char *path,
                     uint32_t category, struct join_names *names, struct error *e) CHECK_RESULT;
/* Once images have other names: their order. */
void join_whole_order(struct join_wholes *s);
void join_whole_free(struct join_wholes *s);

/* Labels of an image by its name below the images' directory: the first, or NULL, and how many
 * follow each other. */
const struct join_whole *join_whole_of(const struct join_wholes *s, const char *image,
                                       size_t *count);

#endif
