/* node.h -- reading a node: its inputs, outputs and attributes.
 *
 * What fails is EXIT_MALFORMED, in one line with the file, the node and its operator. */
#ifndef GRAPH_NODE_H
#define GRAPH_NODE_H

#include "graph/graph.h"

/* Fail with file, the node's name and type before the reason.  Always -1. */
int node_fail(const struct graph *g, const struct node *n, struct error *e, const char *format,
              ...) __attribute__((format(printf, 4, 5)));

/* Input or output i, or NULL where it is absent. */
struct tensor *node_input(const struct graph *g, const struct node *n, size_t i);
struct tensor *node_output(const struct graph *g, const struct node *n, size_t i);
/* Input i, which must be there and hold floats; NULL with e set. */
struct tensor *node_float(const struct graph *g, const struct node *n, size_t i,
                          struct error *e) CHECK_RESULT;
/* Refuse fewer inputs than least and more than most. */
int node_arity(const struct graph *g, const struct node *n, size_t least, size_t most,
               struct error *e) CHECK_RESULT;
/* Settle kind and shape of output i, if it is there; -1 with e set if it is too large. */
int node_set(const struct graph *g, const struct node *n, size_t i, enum kind kind,
             const struct shape *shape, struct error *e) CHECK_RESULT;

/* Refuse attributes that the node's operator is not known to have, or of another type, or
 * given twice. */
int node_check_attributes(const struct graph *g, const struct node *n,
                          struct error *e) CHECK_RESULT;

/* An attribute of the node, which lives as long as the graph; or NULL, or what it is
 * otherwise. */
const struct attribute *node_attribute(const struct node *n, const char *name);
int64_t node_int(const struct node *n, const char *name, int64_t otherwise);
float node_number(const struct node *n, const char *name, float otherwise);
const char *node_text(const struct node *n, const char *name, const char *otherwise);

/* A list of at most cap integers that must be known at open, into out: attribute name, or the
 * input where the attribute is absent.  *count is how many, -1 where there is neither. */
int node_ints(const struct graph *g, const struct node *n, const char *name, size_t input,
              int64_t *out, int cap, int *count, struct error *e) CHECK_RESULT;
/* The values of input i if they are known at open, else NULL. */
const void *node_values(const struct graph *g, const struct node *n, size_t i);

/* An axis attribute as 0 to rank - 1 (or rank if end is true). */
int node_axis(const struct graph *g, const struct node *n, int64_t axis, int rank, bool end,
              size_t *out, struct error *e) CHECK_RESULT;

#endif
