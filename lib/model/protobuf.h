/* protobuf.h -- a cursor over protobuf wire format in memory.
 *
 * Nothing is copied: every struct bytes points into the buffer that the caller
 * keeps alive.  The wire-level calls are nanopb's; no generated code.  Safe on
 * hostile input: a length that leaves the buffer ends the walk with -1.
 * Format: protobuf.dev, "Encoding". */
#ifndef MODEL_PROTOBUF_H
#define MODEL_PROTOBUF_H

#include <pb_decode.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* One field of a message. */
struct wire_field {
	uint32_t number;
	pb_wire_type_t type; /* PB_WT_VARINT, _64BIT, _STRING or _32BIT */
	uint64_t value;      /* varint or fixed bits */
	struct bytes bytes;  /* PB_WT_STRING */
};

/* Private. */
struct wire {
	pb_istream_t stream;
	const uint8_t *end;
};

/* A cursor before the first field. */
struct wire wire_open(struct bytes message);

/* The next field: 1 and *f filled, 0 at the end, -1 if the bytes are not protobuf. */
int wire_next(struct wire *w, struct wire_field *f);

/* The float of a fixed32 field. */
float wire_float(const struct wire_field *f);

/* The elements of a repeated scalar field, packed or not, in a whole message:
 * varints (number's int64s), fixed 32-bit or fixed 64-bit bits.  The first cap
 * go to out (which can be NULL with cap 0), *n is the number of all of them.
 * -1 if the bytes are not such a field. */
int wire_repeated(struct bytes message, uint32_t number, pb_wire_type_t type, uint64_t *out,
                  size_t cap, size_t *n);

#endif
