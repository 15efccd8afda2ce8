/* geometry.h -- where the cells of a tensor lie in the input image. */
#ifndef GRAPH_GEOMETRY_H
#define GRAPH_GEOMETRY_H

#include "graph/shape.h"

/* Receptive field of the cells along one axis, in pixels of the input: cell i covers size
 * pixels centred at offset + i * stride. */
struct receptive_field {
	double offset, size, stride;
};

/* Where the cells of a tensor lie in the input image: which axes are y and x,
 * and the receptive field along each. */
struct geometry {
	enum { GEOMETRY_UNKNOWN, GEOMETRY_MAP, GEOMETRY_GLOBAL, GEOMETRY_TOKENS } kind;
	const char *lost; /* if unknown: why; or NULL */
	/* If unknown, and of rank 1 or more: the shape of the map whose values these are, in
	 * the same order; axis and field are its. */
	struct shape folded;
	int axis[2];
	/* Tokens: cells row by row along axis[0] (and axis[1], the same), after so many that
	 * have no place; others without a place can follow. */
	size_t skip, grid[2];
	struct receptive_field field[2];
};

#endif
