/* outline.h -- a bitmap as the edges in its rows: few bytes, which deflate well, for the script
 * of a page.
 *
 *	the first row that has a pixel, and how many there are down to the last; 0 and 0: none
 *	of each of these the edges, the columns where a pixel is not as the one before it, the
 *	row's end among them:
 *	  as many as in the row above, and some: a byte each, 128 and how far it moved, 1 to 254
 *	  else: 255, how many, the first, and of each other how far it is from the one before
 *
 * Numbers that are no byte have 7 bits in each, the lowest first; all bytes but the last have
 * the eighth set. */
#ifndef REPORT_OUTLINE_H
#define REPORT_OUTLINE_H

#include <stdint.h>

#include "base/text.h"

/* Append a bitmap of height x width pixels, as segment.h has them.  -1 with e set if there is
 * no memory. */
int outline_write(struct text *t, const uint64_t *bitmap, uint32_t height, uint32_t width,
                  struct error *e) CHECK_RESULT;
/* Append a number. */
void outline_number(struct text *t, uint64_t number);

#endif
