/* view.h -- a tensor as a map. */
#ifndef PLAN_VIEW_H
#define PLAN_VIEW_H

#include <stddef.h>

/* Where unit u of row y and column x of a map is among a tensor's values. */
struct plan_view {
	size_t units, height, width;
	size_t first, unit, row, column; /* values from each to the next */
};

#endif
