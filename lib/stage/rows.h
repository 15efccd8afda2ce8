/* rows.h -- the rows of a NumPy array, on the way to records: (N, H, W, 3) u1 -> IMAGE,
 * (N, units, h, w) or (N, units) f2 to f8, u1 to u8, i1 to i8, b1 -> ACT, (N, channels, h, w)
 * of these -> PLANES.
 *
 * Numbers may be of either byte order.  An array in C order is read as it comes.  One in
 * Fortran order, whose first row ends where the array does, is read in pieces of a file, which
 * a pipe becomes first. */
#ifndef STAGE_ROWS_H
#define STAGE_ROWS_H

#include <stdio.h>
#include <sys/types.h>

#include "record/ndr.h"
#include "table/npy.h"

/* Zero it before use. */
struct rows {
	struct npy array;
	struct ndr_record record; /* what a row becomes, but for group and data */
	size_t values;            /* numbers in a row */
	unsigned char *row;       /* the last that was read, in the machine's byte order */
	const char *name;         /* of the file, for messages */
	/* private: */
	FILE *file;
	char kind;      /* of numbers: 'f', 'u' or 'i' */
	size_t element; /* bytes of a number */
	uint64_t next;  /* row */
	/* in Fortran order: */
	FILE *spool;   /* what came through a pipe, or NULL */
	off_t start;   /* of the array in its file */
	size_t *place; /* (values): where the file's numbers go in a row */
	unsigned char *block,
	        *piece;      /* (most, values): rows; (most): a number of each of them */
	size_t most;         /* rows of a block */
	uint64_t first, end; /* rows in the block */
};

/* Begin to read a file, or standard input where path is NULL or "-", for records of this type.
 * path stays the caller's, and outlives r.  spool makes a temporary file and returns its
 * descriptor, or -1 with e set.  EXIT_MALFORMED at an array of another type or shape. */
int rows_open(struct rows *r, const char *path, unsigned type, int (*spool)(struct error *e),
              struct error *e) CHECK_RESULT;
/* The next row into r->row. */
int rows_read(struct rows *r, struct error *e) CHECK_RESULT;
/* Its numbers (values) as float32.  EXIT_MALFORMED, naming the item that they are for and the
 * unit or channel (from 0), at one that is not finite, or at an integer that is no float32. */
int rows_floats(const struct rows *r, uint32_t item, float *to, struct error *e) CHECK_RESULT;
/* Whether nothing follows the array. */
int rows_end(const struct rows *r, struct error *e) CHECK_RESULT;
void rows_close(struct rows *r); /* also after an error */

#endif
