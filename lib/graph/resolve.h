/* resolve.h -- shapes, small constants and geometry of a whole graph. */
#ifndef GRAPH_RESOLVE_H
#define GRAPH_RESOLVE_H

#include "graph/graph.h"

/* Settle the dims of the image: batch 1, open sizes as given; EXIT_USAGE where they are not.
 * Channels can be the last axis, as some of ONNX are. */
int graph_image(struct graph *g, size_t height, size_t width, bool can_be_last,
                struct error *e) CHECK_RESULT;
/* Make inputs constants of these values; open sizes are 1.  EXIT_USAGE where there is no such
 * input, or it takes other values or another number of them. */
int graph_give(struct graph *g, const struct graph_given *given, size_t n,
               struct error *e) CHECK_RESULT;
/* Settle shapes, small constants and geometry of what a node makes, its inputs being
 * settled.  A node that fails keeps the reason in ->fault, and so do those that need
 * it: -1 is only for what is not the model's fault, or is the whole model's. */
int graph_settle(struct graph *g, struct node *n, struct error *e) CHECK_RESULT;
/* Put the nodes in order and settle everything. */
int graph_resolve(struct graph *g, struct error *e) CHECK_RESULT;

#endif
