/* layer_norm.h -- normalization of what lies along the last axes. */
#ifndef OPERATOR_LAYER_NORM_H
#define OPERATOR_LAYER_NORM_H

#include <stdbool.h>
#include <stddef.h>

/* LayerNormalization and RMSNormalization, which takes no mean off: over all axes from one on,
 * with a scale, and the former a shift, for each of their values. */
struct layer_norm {
	size_t outer, n;
	bool centred;
	double epsilon;
	size_t scales, shifts; /* values of each, which repeat; shifts can be 0 */
};

#endif
