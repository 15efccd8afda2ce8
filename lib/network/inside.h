/* inside.h -- what a network is made of; private to lib/network and tests. */
#ifndef NETWORK_INSIDE_H
#define NETWORK_INSIDE_H

#include "network/network.h"
#include "plan/plan.h"

struct network {
	struct graph *graph;
	size_t *users;  /* by tensor: how many nodes read it */
	size_t *user;   /* and one of them */
	size_t *listed; /* tensors in the order shown */
	size_t n_listed;
	size_t *number; /* by tensor: where it is in listed */
	/* How tokens lie that no convolution tells: rows, columns and, before them, those that
	 * are left out; 0: not told. */
	size_t token_rows, token_columns, token_skip;
};

/* How a tensor is a map of units, and whether its cells have places; NULL, or why it is none.
 */
const char *network_view(const struct network *net, const struct tensor *t,
                         struct plan_view *view, bool *placed);

/* A network of a resolved graph, which it then owns; NULL with e set (the graph is
 * freed). */
struct network *network_of(struct graph *g, struct error *e) CHECK_RESULT;

#endif
