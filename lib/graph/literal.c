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
