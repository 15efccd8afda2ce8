/* onnx.c -- ONNX files: ModelProto to graph.
 *
 * The file is mapped and walked once; strings and small lists are copied to the
 * graph's arena, weights stay where they are.  External data is taken only from
 * files inside the model's own folder.
 * Field numbers: onnx/onnx.proto (IR version 8). */
#include "graph/graph.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { IR_VERSION_MAX = 10, OPSET_MAX = 17, NAME_SHOWN = 80 };

static int malformed(const struct graph *g, struct error *e, const char *what)
{
	return error_set(e, EXIT_MALFORMED, "%s: not an ONNX model: %s", g->path, what);
}

bool kind_of_type(int type, enum kind *kind)
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

static size_t type_size(int type)
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

/* The repeated field of TensorProto that holds values of the type, if not raw. */
static void type_field(int type, uint32_t *number, pb_wire_type_t *wire)
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

/* ---- external data ---- */

/* The real path of location inside the model's folder, in out[PATH_MAX]. */
static int external_path(const struct graph *g, const char *name, const char *location,
                         char *out, struct error *e)
{
	char folder[PATH_MAX], joined[PATH_MAX];
	const char *slash = strrchr(g->path, '/');
	size_t n = slash ? (size_t)(slash - g->path) + 1 : 0;

	if (location[0] == '/' || location[0] == '\0')
		return error_set(
		        e, EXIT_MALFORMED,
		        "%s: tensor %s: external data '%s' is not in the model's folder",
		        g->path, name, location);
	if (n + strlen(location) + 2 > sizeof joined)
		return error_set(e, EXIT_MALFORMED, "%s: tensor %s: external path too long",
		                 g->path, name);
	memcpy(joined, n ? g->path : "./", n ? n : 2);
	n = n ? n : 2;
	joined[n] = '\0';
	if (!realpath(joined, folder))
		return error_errno(e, "%s", joined);
	strcpy(joined + n, location);
	if (!realpath(joined, out))
		return error_errno(e, "%s: tensor %s: external data %s", g->path, name, joined);
	n = strlen(folder);
	if (strncmp(out, folder, n) != 0 || (n > 1 && out[n] != '/'))
		return error_set(
		        e, EXIT_MALFORMED,
		        "%s: tensor %s: external data '%s' is not in the model's folder",
		        g->path, name, location);
	return 0;
}

static bool number_of(const char *s, size_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(s, &end, 10);
	return *s >= '0' && *s <= '9' && *end == '\0' && errno == 0;
}

/* external_data entries (field 13 of a TensorProto) to l->raw. */
static int external_read(struct graph *g, struct bytes message, const char *name,
                         struct literal *l, struct error *e)
{
	struct wire w = wire_open(message), inner;
	struct wire_field f, part;
	const char *location = "";
	size_t offset = 0, length = 0;
	bool fine = true, has_length = false;
	char path[PATH_MAX];
	struct bytes file;

	while (wire_next(&w, &f) == 1) {
		struct bytes key = {0}, value = {0};
		char *text;

		if (f.number != 13)
			continue;
		inner = wire_open(f.bytes);
		while (wire_next(&inner, &part) == 1) {
			if (part.number == 1)
				key = part.bytes;
			else if (part.number == 2)
				value = part.bytes;
		}
		text = graph_string(g, value, e);
		if (!text)
			return -1;
		if (bytes_are(key, "location")) {
			location = text;
		} else if (bytes_are(key, "offset")) {
			fine = fine && number_of(text, &offset);
		} else if (bytes_are(key, "length")) {
			fine = fine && number_of(text, &length);
			has_length = true;
		}
	}
	if (!fine)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: tensor %s: bad external offset or length", g->path, name);
	if (external_path(g, name, location, path, e) != 0 || graph_map(g, path, &file, e) != 0)
		return -1;
	if (offset > file.n || (has_length && length > file.n - offset))
		return error_set(e, EXIT_MALFORMED,
		                 "%s: tensor %s: external data ends before it", g->path, name);
	l->raw.p = file.p + offset;
	l->raw.n = has_length ? length : file.n - offset;
	if (!has_length && l->raw.n > l->count * type_size(l->type))
		l->raw.n = l->count * type_size(l->type);
	return 0;
}

/* ---- tensors ---- */

/* Dimensions of a TensorProto (field 1). */
static int literal_shape(struct graph *g, struct bytes message, const char *name,
                         struct literal *l, struct error *e)
{
	uint64_t dims[RANK_MAX];
	size_t rank, i;

	if (wire_repeated(message, 1, PB_WT_VARINT, dims, RANK_MAX, &rank) != 0)
		return malformed(g, e, "broken tensor");
	if (rank > RANK_MAX)
		return error_set(e, EXIT_MALFORMED, "%s: tensor %s has %zu axes, at most %d",
		                 g->path, name, rank, RANK_MAX);
	l->shape.rank = (int)rank;
	for (i = 0; i < rank; i++) {
		if ((int64_t)dims[i] < 0)
			return error_set(e, EXIT_MALFORMED,
			                 "%s: tensor %s has a negative dimension", g->path,
			                 name);
		l->shape.dims[i] = dims[i];
	}
	if (!shape_count(&l->shape, &l->count))
		return error_set(e, EXIT_MALFORMED, "%s: tensor %s is too large", g->path,
		                 name);
	return 0;
}

/* Find out how the values are stored and that all are there. */
static int literal_values(struct graph *g, struct bytes message, const char *name,
                          bool external, bool raw, struct literal *l, struct error *e)
{
	struct wire w = wire_open(message);
	struct wire_field f;
	uint32_t number;
	pb_wire_type_t wire;
	size_t n, fields = 0;
	struct bytes packed = {0};

	if (external && external_read(g, message, name, l, e) != 0)
		return -1;
	if (external || raw) {
		if (l->raw.n != l->count * type_size(l->type))
			return error_set(
			        e, EXIT_MALFORMED,
			        "%s: tensor %s holds %zu bytes where its shape needs %zu",
			        g->path, name, l->raw.n, l->count * type_size(l->type));
		return 0;
	}
	type_field(l->type, &number, &wire);
	if (wire_repeated(message, number, wire, NULL, 0, &n) != 0)
		return malformed(g, e, "broken tensor");
	if (n != l->count)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: tensor %s holds %zu values where its shape needs %zu",
		                 g->path, name, n, l->count);
	l->message = message;
	l->field = number;
	while (wire_next(&w, &f) == 1) {
		if (f.number == number) {
			packed = f.bytes;
			fields++;
		}
	}
	/* One packed field of fixed-size values is laid out as raw data is. */
	if (fields == 1 && wire != PB_WT_VARINT && packed.n == l->count * type_size(l->type))
		l->raw = packed;
	return 0;
}

int literal_parse(struct graph *g, struct bytes message, struct literal *l, struct bytes *name,
                  struct error *e)
{
	struct wire w = wire_open(message);
	struct wire_field f;
	struct bytes called = {0};
	bool external = false, raw = false;
	char shown[NAME_SHOWN] = "";
	int r;

	memset(l, 0, sizeof *l);
	while ((r = wire_next(&w, &f)) == 1) {
		if (f.number == 2 && f.type == PB_WT_VARINT) {
			l->type = f.value > INT_MAX ? -1 : (int)f.value;
		} else if (f.number == 8) {
			called = f.bytes;
		} else if (f.number == 9) {
			l->raw = f.bytes;
			raw = true;
		} else if (f.number == 14 && f.type == PB_WT_VARINT) {
			external = f.value == 1;
		}
	}
	if (r != 0)
		return malformed(g, e, "broken tensor");
	if (called.n)
		memcpy(shown, called.p, called.n < sizeof shown ? called.n : sizeof shown - 1);
	if (name)
		*name = called;
	if (literal_shape(g, message, shown, l, e) != 0)
		return -1;
	/* Strings and complex numbers can stand in a model as long as nothing uses them. */
	if (!kind_of_type(l->type, &l->kind))
		return 0;
	return literal_values(g, message, shown, external, raw, l, e);
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

static float half_to_float(uint16_t h)
{
	int exponent = h >> 10 & 0x1f;
	int fraction = h & 0x3ff;
	float x;

	if (exponent == 0x1f)
		x = fraction ? NAN : INFINITY;
	else if (exponent == 0)
		x = ldexpf((float)fraction, -24);
	else
		x = ldexpf((float)(fraction + 1024), exponent - 25);
	return h & 0x8000 ? -x : x;
}

/* One value from its bits, which are zero-extended. */
static void convert(int type, uint64_t bits, void *out, size_t i)
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
	size_t i, size = type_size(l->type);
	uint32_t usual;
	pb_wire_type_t wire;
	struct wire w;
	struct wire_field f;

	if (as_held(l)) {
		memcpy(out, l->raw.p, l->count * size);
		return;
	}
	if (l->raw.p) {
		for (i = 0; i < l->count; i++) {
			uint64_t bits = 0;

			memcpy(&bits, l->raw.p + i * size, size);
			convert(l->type, bits, out, i);
		}
		return;
	}
	type_field(l->type, &usual, &wire);
	w = wire_open(l->message);
	for (i = 0; i < l->count && wire_next(&w, &f) == 1;) {
		pb_istream_t s = pb_istream_from_buffer(f.bytes.p, f.bytes.n);

		if (f.number != l->field)
			continue;
		if (f.type != PB_WT_STRING) {
			convert(l->type, f.value, out, i++);
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
			convert(l->type, bits | low, out, i++);
		}
	}
}

/* ---- nodes ---- */

static int read_ints(struct graph *g, struct bytes message, struct attribute *a,
                     struct error *e)
{
	uint64_t *ints;
	size_t n;

	if (wire_repeated(message, 8, PB_WT_VARINT, NULL, 0, &n) != 0)
		return malformed(g, e, "broken attribute");
	if (n == 0)
		return 0;
	ints = graph_alloc(g, n, sizeof *ints, e);
	if (!ints)
		return -1;
	if (wire_repeated(message, 8, PB_WT_VARINT, ints, n, &n) != 0)
		return malformed(g, e, "broken attribute");
	a->ints = (const int64_t *)ints;
	a->n_ints = n;
	return 0;
}

static int read_floats(struct graph *g, struct bytes message, struct attribute *a,
                       struct error *e)
{
	uint64_t *bits;
	float *floats;
	size_t n, i;

	if (wire_repeated(message, 7, PB_WT_32BIT, NULL, 0, &n) != 0)
		return malformed(g, e, "broken attribute");
	if (n == 0)
		return 0;
	bits = graph_alloc(g, n, sizeof *bits, e);
	floats = graph_alloc(g, n, sizeof *floats, e);
	if (!bits || !floats)
		return -1;
	if (wire_repeated(message, 7, PB_WT_32BIT, bits, n, &n) != 0)
		return malformed(g, e, "broken attribute");
	for (i = 0; i < n; i++)
		convert(ONNX_FLOAT, bits[i], floats, i);
	a->floats = floats;
	a->n_floats = n;
	return 0;
}

/* AttributeProto */
static int read_attribute(struct graph *g, struct bytes message, struct attribute *a,
                          struct error *e)
{
	struct wire w = wire_open(message);
	struct wire_field f;
	struct literal *l;
	int r;

	a->name = "";
	while ((r = wire_next(&w, &f)) == 1) {
		if (f.number == 1) {
			a->name = graph_string(g, f.bytes, e);
			if (!a->name)
				return -1;
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
			if (!l || literal_parse(g, f.bytes, l, NULL, e) != 0)
				return -1;
			a->tensor = l;
		}
	}
	if (r != 0)
		return malformed(g, e, "broken attribute");
	return read_ints(g, message, a, e) != 0 ? -1 : read_floats(g, message, a, e);
}

/* Names of tensors (field 1 or 2 of a NodeProto). */
static int read_names(struct graph *g, struct bytes message, uint32_t number, size_t *ids,
                      struct error *e)
{
	struct wire w = wire_open(message);
	struct wire_field f;
	size_t n = 0;
	const char *name;

	while (wire_next(&w, &f) == 1) {
		if (f.number != number)
			continue;
		name = graph_string(g, f.bytes, e);
		if (!name)
			return -1;
		ids[n] = NO_TENSOR;
		if (*name) {
			ids[n] = graph_tensor(g, name, e);
			if (ids[n] == NO_TENSOR)
				return -1;
		}
		n++;
	}
	return 0;
}

static int read_node(struct graph *g, struct bytes message, int opset, struct error *e)
{
	struct wire w = wire_open(message);
	struct wire_field f;
	struct node *n = graph_node(g, e);
	size_t i = 0, k;
	int r;

	if (!n)
		return -1;
	n->type = n->name = "";
	n->opset = opset;
	while ((r = wire_next(&w, &f)) == 1) {
		n->n_inputs += f.number == 1;
		n->n_outputs += f.number == 2;
		n->n_attributes += f.number == 5;
		if (f.number == 3 && f.bytes.n && !(n->name = graph_string(g, f.bytes, e)))
			return -1;
		if (f.number == 4 && !(n->type = graph_string(g, f.bytes, e)))
			return -1;
		/* Another domain's operator is never one of ours. */
		if (f.number == 7 && f.bytes.n && !bytes_are(f.bytes, "ai.onnx"))
			n->opset = 0;
	}
	if (r != 0)
		return malformed(g, e, "broken node");
	n->inputs = graph_alloc(g, n->n_inputs, sizeof *n->inputs, e);
	n->outputs = graph_alloc(g, n->n_outputs, sizeof *n->outputs, e);
	n->attributes = graph_alloc(g, n->n_attributes, sizeof *n->attributes, e);
	if (!n->inputs || !n->outputs || !n->attributes ||
	    read_names(g, message, 1, n->inputs, e) != 0 ||
	    read_names(g, message, 2, n->outputs, e) != 0)
		return -1;
	w = wire_open(message);
	while (wire_next(&w, &f) == 1)
		if (f.number == 5 && read_attribute(g, f.bytes, &n->attributes[i++], e) != 0)
			return -1;
	for (k = 0; k < n->n_outputs; k++) {
		struct tensor *t;

		if (n->outputs[k] == NO_TENSOR)
			continue;
		t = &g->tensors[n->outputs[k]];
		if (t->producer != NO_NODE)
			return error_set(e, EXIT_MALFORMED,
			                 "%s: tensor %s is made by two nodes", g->path,
			                 t->name);
		t->producer = g->n_nodes - 1;
		if (!*n->name)
			n->name = t->name;
	}
	return 0;
}

/* ---- graph ---- */

/* TensorShapeProto: dimensions left open become 0. */
static int read_dims(struct graph *g, struct bytes message, struct shape *s, struct error *e)
{
	struct wire w = wire_open(message), dim;
	struct wire_field f, part;

	s->rank = 0;
	while (wire_next(&w, &f) == 1) {
		if (f.number != 1)
			continue;
		if (s->rank == RANK_MAX)
			return malformed(g, e, "an input has too many axes");
		dim = wire_open(f.bytes);
		s->dims[s->rank] = 0;
		while (wire_next(&dim, &part) == 1)
			if (part.number == 1 && part.type == PB_WT_VARINT)
				s->dims[s->rank] =
				        (int64_t)part.value > 0 ? (size_t)part.value : 0;
		s->rank++;
	}
	return 0;
}

/* ValueInfoProto of a graph input. */
static int read_input(struct graph *g, struct bytes message, struct error *e)
{
	struct wire w = wire_open(message), type, tensor;
	struct wire_field f, t, part;
	struct shape shape = {0};
	int number = ONNX_FLOAT;
	const char *name = "";
	enum kind kind;
	size_t id;

	while (wire_next(&w, &f) == 1) {
		if (f.number == 1 && !(name = graph_string(g, f.bytes, e)))
			return -1;
		if (f.number != 2)
			continue;
		type = wire_open(f.bytes);
		while (wire_next(&type, &t) == 1) {
			if (t.number != 1)
				continue;
			tensor = wire_open(t.bytes);
			while (wire_next(&tensor, &part) == 1) {
				if (part.number == 1)
					number = (int)part.value;
				else if (part.number == 2 &&
				         read_dims(g, part.bytes, &shape, e) != 0)
					return -1;
			}
		}
	}
	if (!*name)
		return malformed(g, e, "an input has no name");
	id = graph_tensor(g, name, e);
	if (id == NO_TENSOR)
		return -1;
	/* Old files list the weights as inputs too. */
	if (g->tensors[id].literal || g->tensors[id].producer != NO_NODE)
		return 0;
	g->tensors[id].kind = kind_of_type(number, &kind) ? kind : KIND_INT;
	g->tensors[id].shape = shape;
	g->tensors[id].is_input = true;
	return 0;
}

static int read_initializer(struct graph *g, struct bytes message, struct error *e)
{
	struct literal *l = graph_alloc(g, 1, sizeof *l, e);
	struct bytes name;
	const char *text;
	size_t id;

	if (!l || literal_parse(g, message, l, &name, e) != 0)
		return -1;
	text = graph_string(g, name, e);
	if (!text)
		return -1;
	id = graph_tensor(g, text, e);
	if (id == NO_TENSOR)
		return -1;
	g->tensors[id].literal = l;
	return 0;
}

/* GraphProto, twice: weights and nodes first, so that inputs can be told from weights. */
static int read_graph(struct graph *g, struct bytes message, int opset, struct error *e)
{
	struct wire w = wire_open(message);
	struct wire_field f;
	int r;

	while ((r = wire_next(&w, &f)) == 1) {
		if (f.number == 5 && read_initializer(g, f.bytes, e) != 0)
			return -1;
		if (f.number == 1 && read_node(g, f.bytes, opset, e) != 0)
			return -1;
		if (f.number == 15)
			return error_set(e, EXIT_MALFORMED,
			                 "%s: sparse weights are not supported", g->path);
	}
	if (r != 0)
		return malformed(g, e, "broken graph");
	w = wire_open(message);
	while (wire_next(&w, &f) == 1)
		if (f.number == 11 && read_input(g, f.bytes, e) != 0)
			return -1;
	return 0;
}

/* OperatorSetIdProto: the version if it is the standard set. */
static int read_opset(struct bytes message, int opset)
{
	struct wire w = wire_open(message);
	struct wire_field f;
	struct bytes domain = {0};
	uint64_t version = 0;

	while (wire_next(&w, &f) == 1) {
		if (f.number == 1)
			domain = f.bytes;
		else if (f.number == 2)
			version = f.value;
	}
	if (domain.n && !bytes_are(domain, "ai.onnx"))
		return opset;
	return version > INT_MAX ? INT_MAX : (int)version;
}

int onnx_read(struct graph *g, struct error *e)
{
	struct bytes file, graph = {0};
	struct wire w;
	struct wire_field f;
	int r, opset = 0;
	uint64_t ir = 0;

	if (graph_map(g, g->path, &file, e) != 0)
		return -1;
	w = wire_open(file);
	while ((r = wire_next(&w, &f)) == 1) {
		if (f.number == 1 && f.type == PB_WT_VARINT)
			ir = f.value;
		else if (f.number == 7 && f.type == PB_WT_STRING)
			graph = f.bytes;
		else if (f.number == 8 && f.type == PB_WT_STRING)
			opset = read_opset(f.bytes, opset);
	}
	if (r != 0)
		return malformed(g, e, "cut or broken");
	if (!graph.p)
		return malformed(g, e, "no graph in it");
	if (ir == 0 || ir > IR_VERSION_MAX)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: ONNX IR version %llu, at most %d is known", g->path,
		                 (unsigned long long)ir, IR_VERSION_MAX);
	if (opset < 1 || opset > OPSET_MAX)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: operator set %d, at most %d is known (export with "
		                 "opset_version=%d)",
		                 g->path, opset, OPSET_MAX, OPSET_MAX);
	return read_graph(g, graph, opset, e);
}
