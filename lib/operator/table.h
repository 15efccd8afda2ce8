/* table.h -- all operators. */
#ifndef OPERATOR_TABLE_H
#define OPERATOR_TABLE_H

#include "graph/operation.h"

/* For graph_new(). */
extern const struct operator_table operator_table;

#endif
