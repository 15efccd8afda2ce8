/* check.h -- whether a data record fits the segment that it is in; private to
 * lib/record.  Each function returns the reason why not, or NULL. */
#ifndef RECORD_CHECK_H
#define RECORD_CHECK_H

#include "record/format.h"

/* What the current item's ITEM says. */
struct item_sizes {
	uint32_t height, width, label_height, label_width;
	uint64_t maps;              /* of all label pixels, so far */
	uint64_t most_label_pixels; /* see ndr_check_label_pixels() */
};

/* The shape in the header, before there is a payload. */
const char *check_shape(const struct ndr_record *rec, const struct ndr_meta *m,
                        const struct item_sizes *item);
/* The payload; an ITEM's goes to *item. */
const char *check_content(const struct ndr_record *rec, const struct ndr_meta *m,
                          struct item_sizes *item);

#endif
