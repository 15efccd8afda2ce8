/* receptive.h -- where the cells of a node's outputs lie in the input image. */
#ifndef GRAPH_RECEPTIVE_H
#define GRAPH_RECEPTIVE_H

#include "graph/graph.h"

/* Geometry of every output of the node, whose shapes are settled. */
void receptive_infer(struct graph *g, const struct node *n);

#endif
