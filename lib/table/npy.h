/* npy.h -- headers of NumPy's array files (numpy.lib.format, versions 1.0 to 3.0).
 *
 * A header is a magic number, a version, a length and a Python dict in text:
 *
 *	{'descr': '<f4', 'fortran_order': False, 'shape': (20, 512, 13, 13), }
 *
 * padded with blanks so that the array that follows is aligned. */
#ifndef TABLE_NPY_H
#define TABLE_NPY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

enum { NPY_DIMENSIONS = 8, NPY_HEADER_BYTES = 128 };

struct npy {
	char descr[8]; /* "<f4", "|u1", ... */
	bool fortran_order;
	unsigned ndim;
	uint64_t shape[NPY_DIMENSIONS];
};

/* Read a header; the array follows.  name is for messages. */
int npy_read(FILE *f, struct npy *a, const char *name, struct error *e) CHECK_RESULT;

/* A version 1.0 header, which is always of the same length, so that it can be
 * written again once the first dimension is known. */
void npy_encode(const struct npy *a, char header[static NPY_HEADER_BYTES]);

#endif
