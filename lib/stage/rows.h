/* rows.h -- the rows of a NumPy array, on the way to records: (N, H, W, 3) u8 -> IMAGE,
 * (N, units, h, w) or (N, units) f32, f64, u8 -> ACT. */
#ifndef STAGE_ROWS_H
#define STAGE_ROWS_H

#include <stdio.h>

#include "record/ndr.h"
#include "table/npy.h"

/* Zero it before use. */
struct rows {
	struct npy array;
	struct ndr_record record; /* what a row becomes, but for group and data */
	size_t values;            /* numbers in a row */
	unsigned char *row;       /* the last that was read */
	/* private: */
	FILE *file;
	const char *name;
	size_t element; /* bytes of a number */
	uint64_t next;  /* row */
};

/* Begin to read a file, which stays the caller's, as does its name.  EXIT_MALFORMED at an array
 * of another type or shape. */
int rows_open(struct rows *r, FILE *file, const char *name, bool image,
              struct error *e) CHECK_RESULT;
/* The next row into r->row. */
int rows_read(struct rows *r, struct error *e) CHECK_RESULT;
/* Its numbers (values) as float32.  EXIT_MALFORMED, naming the item that they are for and the
 * unit (from 0), at one that is not finite, or is not in float32. */
int rows_floats(const struct rows *r, uint32_t item, float *to, struct error *e) CHECK_RESULT;
/* Whether nothing follows the array. */
int rows_end(const struct rows *r, struct error *e) CHECK_RESULT;
void rows_free(struct rows *r);

#endif
