/* protobuf.c -- see protobuf.h. */
#include "model/protobuf.h"

#include <string.h>

struct wire wire_open(struct bytes message)
{
	struct wire w = {
	        .stream = pb_istream_from_buffer(message.p, message.n),
	        .end = message.n ? message.p + message.n : message.p,
	};

	return w;
}

int wire_next(struct wire *w, struct wire_field *f)
{
	uint32_t bits;
	uint64_t length;
	bool eof = false;

	memset(f, 0, sizeof *f);
	if (w->stream.bytes_left == 0)
		return 0;
	if (!pb_decode_tag(&w->stream, &f->type, &f->number, &eof) || f->number == 0)
		return -1;
	switch (f->type) {
	case PB_WT_VARINT:
		return pb_decode_varint(&w->stream, &f->value) ? 1 : -1;
	case PB_WT_32BIT:
		if (!pb_decode_fixed32(&w->stream, &bits))
			return -1;
		f->value = bits;
		return 1;
	case PB_WT_64BIT:
		return pb_decode_fixed64(&w->stream, &f->value) ? 1 : -1;
	case PB_WT_STRING:
		if (!pb_decode_varint(&w->stream, &length) || length > w->stream.bytes_left)
			return -1;
		f->bytes.p = w->end - w->stream.bytes_left;
		f->bytes.n = (size_t)length;
		return pb_read(&w->stream, NULL, f->bytes.n) ? 1 : -1;
	default:
		return -1;
	}
}

float wire_float(const struct wire_field *f)
{
	uint32_t bits = (uint32_t)f->value;
	float x;

	memcpy(&x, &bits, sizeof x);
	return x;
}

/* The elements of one packed field. */
static int unpack(struct bytes b, pb_wire_type_t type, uint64_t *out, size_t cap, size_t *n)
{
	pb_istream_t s = pb_istream_from_buffer(b.p, b.n);
	uint64_t value;
	uint32_t bits;
	bool fine;

	while (s.bytes_left) {
		if (type == PB_WT_VARINT) {
			fine = pb_decode_varint(&s, &value);
		} else if (type == PB_WT_64BIT) {
			fine = pb_decode_fixed64(&s, &value);
		} else {
			fine = pb_decode_fixed32(&s, &bits);
			value = bits;
		}
		if (!fine)
			return -1;
		if (*n < cap)
			out[*n] = value;
		++*n;
	}
	return 0;
}

int wire_repeated(struct bytes message, uint32_t number, pb_wire_type_t type, uint64_t *out,
                  size_t cap, size_t *n)
{
	struct wire w = wire_open(message);
	struct wire_field f;
	int r;

	*n = 0;
	while ((r = wire_next(&w, &f)) == 1) {
		if (f.number != number)
			continue;
		if (f.type == PB_WT_STRING) {
			if (unpack(f.bytes, type, out, cap, n) != 0)
				return -1;
			continue;
		}
		if (f.type != type)
			return -1;
		if (*n < cap)
			out[*n] = f.value;
		++*n;
	}
	return r;
}
