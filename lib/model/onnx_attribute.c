/* onnx_attribute.c -- AttributeProto to attribute. */
#include <string.h>

#include "graph/literal.h"
#include "model/onnx_parts.h"
#include "model/protobuf.h"

static int read_ints(struct graph *g, struct bytes message, struct attribute *a,
                     struct error *e)
{
	uint64_t *ints;
	size_t n;

	if (wire_repeated(message, 8, PB_WT_VARINT, NULL, 0, &n) != 0)
		return onnx_malformed(g, e, "broken attribute");
	if (n == 0)
		return 0;
	ints = graph_alloc(g, n, sizeof *ints, e);
	if (!ints)
		return -1;
	if (wire_repeated(message, 8, PB_WT_VARINT, ints, n, &n) != 0)
		return onnx_malformed(g, e, "broken attribute");
	a->ints = (const int64_t *)ints;
	a->n_ints = n;
	return 0;
}

static int read_floats(struct graph *g, struct bytes message, struct attribute *a,
                       struct error *e)
{
	uint64_t *bits;
	float *floats;
	size_t n;

	if (wire_repeated(message, 7, PB_WT_32BIT, NULL, 0, &n) != 0)
		return onnx_malformed(g, e, "broken attribute");
	if (n == 0)
		return 0;
	bits = graph_alloc(g, n, sizeof *bits, e);
	floats = graph_alloc(g, n, sizeof *floats, e);
	if (!bits || !floats)
		return -1;
	if (wire_repeated(message, 7, PB_WT_32BIT, bits, n, &n) != 0)
		return onnx_malformed(g, e, "broken attribute");
	for (size_t i = 0; i < n; i++)
		literal_put(ONNX_FLOAT, bits[i], floats, i);
	a->floats = floats;
	a->n_floats = n;
	return 0;
}

/* A letter for AttributeProto.AttributeType, as in struct operation; '?' for what is not
 * held, such as graphs and sparse tensors. */
static char type_letter(uint64_t type)
{
	static const char letters[] = "\0fist?FI";

	return type < sizeof letters - 1 ? letters[type] : '?';
}

/* The same by the field that holds the value, for files of before there was a type. */
static char type_by_field(uint32_t number)
{
	return number >= 2 && number <= 6     ? type_letter(number - 1)
	       : number == 7 || number == 8   ? type_letter(number - 1)
	       : number == 9 || number == 10  ? '?'
	       : number == 11 || number == 22 ? '?'
	                                      : '\0';
}

int onnx_attribute(struct graph *g, struct bytes message, struct attribute *a,
                   const char **refers, struct error *e)
{
	struct wire w = wire_open(message);
	struct wire_field f;
	struct literal *l;
	char held = '\0';
	int r;

	a->name = "";
	while ((r = wire_next(&w, &f)) == 1) {
		held = type_by_field(f.number) ? type_by_field(f.number) : held;
		if (f.number == 1) {
			a->name = graph_string(g, f.bytes, e);
			if (!a->name)
				return -1;
		} else if (f.number == 21 && f.bytes.n) {
			*refers = graph_string(g, f.bytes, e);
			if (!*refers)
				return -1;
		} else if (f.number == 20 && f.type == PB_WT_VARINT) {
			a->type = type_letter(f.value);
		} else if (f.number == 2 && f.type == PB_WT_32BIT) {
			a->f = wire_float(&f);
		} else if (f.number == 3 && f.type == PB_WT_VARINT) {
			a->i = (int64_t)f.value;
		} else if (f.number == 4 && f.type == PB_WT_STRING) {
			a->s = graph_string(g, f.bytes, e);
			if (!a->s)
				return -1;
		} else if (f.number == 5 && f.type == PB_WT_STRING) {
			l = graph_alloc(g, 1, sizeof *l, e);
			if (!l || onnx_tensor(g, f.bytes, l, NULL, e) < 0)
				return -1;
			a->tensor = l;
		}
	}
	if (r != 0)
		return onnx_malformed(g, e, "broken attribute");
	if (a->type && held && a->type != held)
		return onnx_malformed(g, e, "an attribute's value is not of its type");
	if (!a->type)
		a->type = held;
	return read_ints(g, message, a, e) < 0 ? -1 : read_floats(g, message, a, e);
}
