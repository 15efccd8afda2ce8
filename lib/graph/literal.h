/* literal.h -- values that stand in a model file, read when used. */
#ifndef GRAPH_LITERAL_H
#define GRAPH_LITERAL_H

#include "graph/graph.h"

/* ONNX's TensorProto.DataType */
enum onnx_type {
	ONNX_FLOAT = 1,
	ONNX_UINT8 = 2,
	ONNX_INT8 = 3,
	ONNX_UINT16 = 4,
	ONNX_INT16 = 5,
	ONNX_INT32 = 6,
	ONNX_INT64 = 7,
	ONNX_BOOL = 9,
	ONNX_FLOAT16 = 10,
	ONNX_DOUBLE = 11,
	ONNX_UINT32 = 12,
	ONNX_UINT64 = 13,
};

/* The bytes belong to the graph's mappings. */
struct literal {
	int type; /* enum onnx_type, or one that is not held */
	enum kind kind;
	struct shape shape;
	size_t count;
	struct bytes raw; /* little-endian values of type */
	/* Where raw.p is NULL: the field of a message that repeats them, and who knows how. */
	struct bytes message;
	uint32_t field;
	void (*unpack)(const struct literal *l, void *out);
};

/* Kind of an enum onnx_type; false if it is not a number type that is held. */
bool literal_kind(int type, enum kind *kind);
/* Bytes of a value of an enum onnx_type that is held. */
size_t literal_type_size(int type);
/* Its name ("uint8"), "values of a kind that is not known" for another; and of one of integers
 * the least and the greatest that are exact in float32, too. */
const char *literal_type_name(int type);
void literal_type_range(int type, float *least, float *most);

/* The values themselves where they can be used in place, or NULL. */
const void *literal_borrow(const struct literal *l);
/* Convert all values into out: float[count] or int64_t[count], by kind. */
void literal_read(const struct literal *l, void *out);

/* For unpack: one value from its bits, which are zero-extended, to out[i]. */
void literal_put(int type, uint64_t bits, void *out, size_t i);

#endif
