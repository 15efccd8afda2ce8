/* whole.h -- labels of whole images, in a table of tab-separated values.
 *
 *	image <tab> scene  <tab> texture
 *	1.jpg <tab> street <tab> dotted;woven
 *
 * The header names categories; a cell has any number of names, joined by ';'.  Images are named
 * as they lie below the images' directory. */
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

/* Add the table's labels. */
int join_whole_read(struct join_wholes *s, const char *path, struct join_names *names,
                    struct error *e) CHECK_RESULT;
void join_whole_free(struct join_wholes *s);

/* Labels of an image by its name below the images' directory: the first, or NULL, and how many
 * follow each other. */
const struct join_whole *join_whole_of(const struct join_wholes *s, const char *image,
                                       size_t *count);

#endif
