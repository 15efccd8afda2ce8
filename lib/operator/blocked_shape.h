/* blocked_shape.h -- shapes of tensors that are blocked; see kernel/blocked.h. */
#ifndef OPERATOR_BLOCKED_SHAPE_H
#define OPERATOR_BLOCKED_SHAPE_H

#include "graph/graph.h"
#include "kernel/blocked.h"

/* Can a tensor of that shape be blocked: has it a batch, channels and positions? */
bool shape_is_blockable(const struct shape *s);
/* The same values in the blocked order, as a shape of four axes. */
struct shape shape_blocked(const struct shape *s);
/* What the kernels need to know of it. */
struct blocked_size shape_blocked_size(const struct shape *s);

#endif
