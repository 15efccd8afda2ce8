/* onnx_node.c -- see onnx_node.h. */
#include "model/onnx_node.h"

#include <limits.h>
#include <string.h>

#include "model/onnx_parts.h"
#include "model/onnx_scope.h"
#include "model/protobuf.h"

enum {
	DEPTH_MAX = 16,         /* of functions and branches in one another */
	CALLED_LIMIT = 1 << 26, /* bytes of them, as often as they are read */
};

/* ---- operators ---- */

int onnx_opset(struct bytes message, int opset)
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

static bool same_domain(struct bytes a, struct bytes b)
{
	static const struct bytes own = {(const uint8_t *)"ai.onnx", 7};

	return bytes_same(a.n ? a : own, b.n ? b : own);
}

int onnx_function(const struct graph *g, struct onnx_operators *o, struct bytes message,
                  struct error *e)
{
	struct wire w = wire_open(message);
	struct wire_field f;
	struct onnx_function *to = &o->functions[o->n_functions];

	if (o->n_functions == FUNCTIONS_MAX)
		return error_set(e, EXIT_MALFORMED, "%s: more than %d functions", g->path,
		                 FUNCTIONS_MAX);
	*to = (struct onnx_function){.message = message};
	while (wire_next(&w, &f) == 1) {
		if (f.number == 1)
			to->name = f.bytes;
		else if (f.number == 10)
			to->domain = f.bytes;
		else if (f.number == 13)
			to->overload = f.bytes;
	}
	o->n_functions++;
	return 0;
}

/* The function of the model that it is, whatever else has its name; or NULL. */
static const struct onnx_function *find_function(const struct onnx_operators *o,
                                                 const struct called *c)
{
	for (size_t i = 0; i < o->n_functions; i++) {
		const struct onnx_function *f = &o->functions[i];

		if (c->type.n && bytes_same(f->name, c->type) &&
		    bytes_same(f->overload, c->overload) && same_domain(f->domain, c->domain))
			return f;
	}
	return NULL;
}

static int read_node(struct graph *g, const struct scope *s, struct bytes message,
                     struct error *e);

/* A scope in another, for tensors called after the first output of the node that it is of. */
static int enter(struct graph *g, const struct scope *s, const size_t *outputs,
                 const struct called *c, const char *what, struct bytes message,
                 struct scope *inner, struct error *e)
{
	const char *first = c->n_outputs && outputs[0] != NO_TENSOR
	                            ? g->tensors[outputs[0]].name
	                            : s->prefix;
	size_t n = strlen(first), m = strlen(what);
	char *prefix = graph_alloc(g, n + m + 1, 1, e);

	if (!prefix)
		return -1;
	memcpy(prefix, first, n);
	memcpy(prefix + n, what, m);
	*inner = (struct scope){.operators = s->operators,
	                        .opset = s->opset,
	                        .depth = s->depth + 1,
	                        .prefix = prefix};
	s->operators->expanded++;
	s->operators->bytes += message.n;
	if (s->operators->expanded > NODE_LIMIT)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: more than %d calls of functions and branches", g->path,
		                 NODE_LIMIT);
	if (s->operators->bytes > CALLED_LIMIT)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: functions and branches are read too often", g->path);
	return 0;
}

/* ---- If ---- */

/* The graph in an attribute of that name (field 6); empty: none. */
static struct bytes find_graph(struct bytes message, const char *name)
{
	struct wire w = wire_open(message), inner;
	struct wire_field f, part;

	while (wire_next(&w, &f) == 1) {
		struct bytes called = {0}, graph = {0};

		if (f.number != 5)
			continue;
		inner = wire_open(f.bytes);
		while (wire_next(&inner, &part) == 1) {
			called = part.number == 1 ? part.bytes : called;
			graph = part.number == 6 ? part.bytes : graph;
		}
		if (bytes_are(called, name))
			return graph;
	}
	return (struct bytes){0};
}

/* The nodes of a branch, and the tensors that are its n outputs. */
static int read_branch(struct graph *g, const struct scope *s, struct bytes branch,
                       size_t *outputs, size_t n, struct error *e)
{
	struct wire w = wire_open(branch), value;
	struct wire_field f, part;
	size_t k = 0;
	int r;

	while ((r = wire_next(&w, &f)) == 1) {
		if (onnx_initializer(g, &f, s->prefix, e) < 0)
			return -1;
	}
	if (r != 0)
		return onnx_malformed(g, e, "broken graph");
	w = wire_open(branch);
	while (wire_next(&w, &f) == 1)
		if (f.number == 1 && read_node(g, s, f.bytes, e) < 0)
			return -1;
	w = wire_open(branch);
	while (wire_next(&w, &f) == 1) {
		if (f.number != 12)
			continue;
		value = wire_open(f.bytes);
		while (k < n && wire_next(&value, &part) == 1)
			if (part.number == 1)
				outputs[k] = onnx_find_tensor(g, s, part.bytes, false, e);
		k++;
	}
	if (e->code != EXIT_OK)
		return -1;
	return k == n ? 0
	              : error_set(e, EXIT_MALFORMED,
	                          "%s: a branch of If makes %zu of %zu outputs", g->path, k, n);
}

static int read_if(struct graph *g, const struct scope *s, struct bytes message,
                   const struct called *c, struct error *e)
{
	static const char *const names[] = {"then_branch", "else_branch"};
	static const char *const prefixes[] = {"/then/", "/else/"};
	size_t *inputs, *outputs, *branch[2];

	if (onnx_read_ends(g, s, message, c, &inputs, &outputs, e) < 0)
		return -1;
	for (int i = 0; i < 2; i++) {
		struct bytes graph = find_graph(message, names[i]);
		struct scope inner;

		branch[i] = graph_alloc(g, c->n_outputs, sizeof *branch[i], e);
		if (!branch[i] || enter(g, s, outputs, c, prefixes[i], graph, &inner, e) < 0)
			return -1;
		inner.outer = s;
		if (read_branch(g, &inner, graph, branch[i], c->n_outputs, e) < 0)
			return -1;
	}
	for (size_t k = 0; k < c->n_outputs; k++) {
		size_t *ends = graph_alloc(g, 4, sizeof *ends, e);

		if (!ends)
			return -1;
		ends[0] = c->n_inputs ? inputs[0] : NO_TENSOR;
		ends[1] = branch[0][k];
		ends[2] = branch[1][k];
		ends[3] = outputs[k];
		if (!onnx_add_node(g, "If", NULL, s->opset, ends, 3, ends + 3, 1, e))
			return -1;
	}
	return 0;
}

/* ---- functions of the model ---- */

/* Names of a function's inputs (field 4) or outputs (5), for the tensors of the call; what the
 * call leaves out stands for nothing as an input, for itself as an output. */
static void read_formals(struct scope *s, struct bytes function, uint32_t number,
                         const size_t *actual, size_t n)
{
	struct wire w = wire_open(function);
	struct wire_field f;
	size_t k = 0;

	for (; s->n_formals < FORMALS_MAX && wire_next(&w, &f) == 1;) {
		if (f.number != number)
			continue;
		if (number == 4 || (k < n && actual[k] != NO_TENSOR)) {
			s->formals[s->n_formals] = f.bytes;
			s->actual[s->n_formals++] = k < n ? actual[k] : NO_TENSOR;
		}
		k++;
	}
}

static size_t count_fields(struct bytes message, uint32_t number)
{
	struct wire w = wire_open(message);
	struct wire_field f;
	size_t n = 0;

	while (wire_next(&w, &f) == 1)
		n += f.number == number;
	return n;
}

/* The attributes inside of a function: those of the call, then those by default. */
static int read_arguments(struct graph *g, const struct scope *s, struct bytes message,
                          const struct called *c, struct bytes function, struct scope *inner,
                          struct error *e)
{
	size_t room = c->n_attributes + count_fields(function, 11);
	struct attribute *attributes = graph_alloc(g, room, sizeof *attributes, e);

	if (!attributes ||
	    onnx_read_attributes(g, s, message, 5, attributes, &inner->n_attributes, e) < 0 ||
	    onnx_read_attributes(g, s, function, 11, attributes, &inner->n_attributes, e) < 0)
		return -1;
	inner->attributes = attributes;
	return 0;
}

static int read_call(struct graph *g, const struct scope *s, struct bytes message,
                     const struct called *c, struct bytes function, struct error *e)
{
	struct wire w = wire_open(function);
	struct wire_field f;
	size_t *inputs, *outputs;
	struct scope inner;
	int r;

	if (onnx_read_ends(g, s, message, c, &inputs, &outputs, e) < 0 ||
	    enter(g, s, outputs, c, "/", function, &inner, e) < 0 ||
	    read_arguments(g, s, message, c, function, &inner, e) < 0)
		return -1;
	read_formals(&inner, function, 4, inputs, c->n_inputs);
	read_formals(&inner, function, 5, outputs, c->n_outputs);
	while ((r = wire_next(&w, &f)) == 1)
		if (f.number == 9)
			inner.opset = onnx_opset(f.bytes, inner.opset);
	if (r != 0)
		return onnx_malformed(g, e, "broken function");
	if (inner.opset < 1 || inner.opset > OPSET_MAX)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: a function of operator set %d, at most %d is known",
		                 g->path, inner.opset, OPSET_MAX);
	w = wire_open(function);
	while (wire_next(&w, &f) == 1)
		if (f.number == 7 && read_node(g, &inner, f.bytes, e) < 0)
			return -1;
	return 0;
}

static int read_node(struct graph *g, const struct scope *s, struct bytes message,
                     struct error *e)
{
	const struct onnx_function *function;
	const char *origin;
	struct called c;

	if (onnx_read_called(g, message, &c, e) < 0 || onnx_read_origin(g, &c, &origin, e) < 0)
		return -1;
	function = find_function(s->operators, &c);
	if ((function || (!origin && bytes_are(c.type, "If"))) && s->depth >= DEPTH_MAX)
		return onnx_read_plain(g, s, message, &c, "(too deep in one another)", e);
	if (function)
		return read_call(g, s, message, &c, function->message, e);
	if (!origin && bytes_are(c.type, "If"))
		return read_if(g, s, message, &c, e);
	return onnx_read_plain(g, s, message, &c, origin, e);
}

int onnx_node(struct graph *g, struct bytes message, struct onnx_operators *o, struct error *e)
{
	const struct scope s = {.operators = o, .opset = o->opset, .prefix = ""};

	return read_node(g, &s, message, e);
}
