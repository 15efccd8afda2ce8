/* literal.c -- see literal.h. */
#include "graph/literal.h"
#include "base/half.h"

#include <math.h>
#include <string.h>

bool literal_kind(int type, enum kind *kind)
{
	switch (type) {
	case ONNX_FLOAT:
	case ONNX_FLOAT16:
	case ONNX_DOUBLE:
		*kind = KIND_FLOAT;
		return true;
	case ONNX_UINT8:
	case ONNX_INT8:
	case ONNX_UINT16:
	case ONNX_INT16:
	case ONNX_INT32:
	case ONNX_INT64:
	case ONNX_BOOL:
	case ONNX_UINT32:
	case ONNX_UINT64:
		*kind = KIND_INT;
		return true;
	default:
		return false;
	}
}

const char *literal_type_name(int type)
{
	static const char *const names[] = {
	        [ONNX_FLOAT] = "float32",  [ONNX_UINT8] = "uint8",   [ONNX_INT8] = "int8",
	        [ONNX_UINT16] = "uint16",  [ONNX_INT16] = "int16",   [ONNX_INT32] = "int32",
	        [ONNX_INT64] = "int64",    [ONNX_BOOL] = "booleans", [ONNX_FLOAT16] = "float16",
	        [ONNX_DOUBLE] = "float64", [ONNX_UINT32] = "uint32", [ONNX_UINT64] = "uint64"};
	const bool known =
	        type > 0 && (size_t)type < sizeof names / sizeof *names && names[type];

	return known ? names[type] : "values of a kind that is not known";
}

void literal_type_range(int type, float *least, float *most)
{
	enum { EXACT = 1 << 24 }; /* whole numbers up to here are float32's */

	*least = type == ONNX_INT8 ? -128 : type == ONNX_INT16 ? -32768 : 0;
	*most = type == ONNX_BOOL     ? 1
	        : type == ONNX_INT8   ? 127
	        : type == ONNX_UINT8  ? 255
	        : type == ONNX_INT16  ? 32767
	        : type == ONNX_UINT16 ? 65535
	                              : EXACT;
	if (type == ONNX_INT32 || type == ONNX_INT64)
		*least = -EXACT;
}

size_t literal_type_size(int type)
{
	switch (type) {
	case ONNX_UINT8:
	case ONNX_INT8:
	case ONNX_BOOL:
		return 1;
	case ONNX_UINT16:
	case ONNX_INT16:
	case ONNX_FLOAT16:
		return 2;
	case ONNX_FLOAT:
	case ONNX_INT32:
	case ONNX_UINT32:
		return 4;
	default:
		return 8;
	}
}

/* Do its values stand in the file as they are held? */
static bool as_held(const struct literal *l)
{
	return l->raw.p && (l->type == ONNX_FLOAT || l->type == ONNX_INT64);
}

const void *literal_borrow(const struct literal *l)
{
	if (!as_held(l) || (uintptr_t)l->raw.p % kind_size(l->kind) != 0)
		return NULL;
	return l->raw.p;
}

void literal_put(int type, uint64_t bits, void *out, size_t i)
{
	uint32_t low = (uint32_t)bits;
	double d;
	float x;

	switch (type) {
	case ONNX_FLOAT:
		memcpy(&x, &low, sizeof x);
		((float *)out)[i] = x;
		break;
	case ONNX_DOUBLE:
		memcpy(&d, &bits, sizeof d);
		((float *)out)[i] = (float)d;
		break;
	case ONNX_FLOAT16:
		((float *)out)[i] = half_to_float((uint16_t)bits);
		break;
	case ONNX_INT8:
		((int64_t *)out)[i] = (int8_t)bits;
		break;
	case ONNX_INT16:
		((int64_t *)out)[i] = (int16_t)bits;
		break;
	case ONNX_INT32:
		((int64_t *)out)[i] = (int32_t)bits;
		break;
	default:
		((int64_t *)out)[i] = (int64_t)bits;
	}
}

void literal_read(const struct literal *l, void *out)
{
	size_t size = literal_type_size(l->type);

	if (as_held(l)) {
		memcpy(out, l->raw.p, l->count * size);
		return;
	}
	if (!l->raw.p) {
		if (l->count)
			l->unpack(l, out);
		return;
	}
	for (size_t i = 0; i < l->count; i++) {
		uint64_t bits = 0;

		memcpy(&bits, l->raw.p + i * size, size);
		literal_put(l->type, bits, out, i);
	}
}
