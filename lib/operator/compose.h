/* compose.h -- nodes that are together what one operator is.
 *
 * Exporters write GELU, Swish and layer normalization as chains of simple operators. */
#ifndef OPERATOR_COMPOSE_H
#define OPERATOR_COMPOSE_H

#include "graph/graph.h"
#include "operator/layer_norm.h"

enum { COMPOSED_NODES = 9 }; /* most nodes of a chain */

/* The one node, which points into this struct. */
struct composed {
	struct node node;
	size_t inputs[3], output;
	struct layer_norm layer_norm;          /* its params */
	size_t nodes[COMPOSED_NODES], n_nodes; /* of the graph, the last one first */
};

/* Is the node at that number the end of such a chain?  Then fill c, which is not moved after.
 * constants: their values, by tensor; others NULL.  Who else reads what is between is not
 * looked at. */
bool compose(const struct graph *g, size_t end, const void *const *constants,
             struct composed *c);

#endif
