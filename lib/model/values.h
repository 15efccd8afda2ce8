/* values.h -- literals whose values a field of a protobuf message repeats. */
#ifndef MODEL_VALUES_H
#define MODEL_VALUES_H

#include "graph/literal.h"
#include "model/protobuf.h"

/* The field of ONNX's TensorProto that repeats values of an enum onnx_type that is held, and
 * how one value is encoded. */
void values_field(int type, uint32_t *number, pb_wire_type_t *wire);

/* l->count values of l->type stand in that field of the message, packed or not: they are
 * unpacked when the literal is read. */
void values_of_field(struct literal *l, struct bytes message, uint32_t number);

#endif
