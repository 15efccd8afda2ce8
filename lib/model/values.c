/* values.c -- see values.h. */
#include "model/values.h"

void values_field(int type, uint32_t *number, pb_wire_type_t *wire)
{
	*wire = PB_WT_VARINT;
	if (type == ONNX_FLOAT) {
		*number = 4;
		*wire = PB_WT_32BIT;
	} else if (type == ONNX_DOUBLE) {
		*number = 10;
		*wire = PB_WT_64BIT;
	} else if (type == ONNX_INT64) {
		*number = 7;
	} else if (type == ONNX_UINT32 || type == ONNX_UINT64) {
		*number = 11;
	} else {
		*number = 5;
	}
}

static void unpack(const struct literal *l, void *out)
{
	struct wire w = wire_open(l->message);
	struct wire_field f;
	uint32_t usual;
	pb_wire_type_t wire;

	values_field(l->type, &usual, &wire);
	for (size_t i = 0; i < l->count && wire_next(&w, &f) == 1;) {
		pb_istream_t s = pb_istream_from_buffer(f.bytes.p, f.bytes.n);

		if (f.number != l->field)
			continue;
		if (f.type != PB_WT_STRING) {
			literal_put(l->type, f.value, out, i++);
			continue;
		}
		while (i < l->count && s.bytes_left) {
			uint64_t bits = 0;
			uint32_t low = 0;
			bool fine = wire == PB_WT_VARINT  ? pb_decode_varint(&s, &bits)
			            : wire == PB_WT_32BIT ? pb_decode_fixed32(&s, &low)
			                                  : pb_decode_fixed64(&s, &bits);

			if (!fine)
				return;
			literal_put(l->type, bits | low, out, i++);
		}
	}
}

void values_of_field(struct literal *l, struct bytes message, uint32_t number)
{
	l->message = message;
	l->field = number;
	l->unpack = unpack;
}
