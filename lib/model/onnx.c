/* onnx.c -- ONNX files: ModelProto to graph.
 *
 * The file is mapped and walked once; strings and small lists are copied to the
 * graph's arena, weights stay where they are.
 * Field numbers: onnx/onnx.proto (IR version 8). */
#include "model/onnx.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/magic.h"
#include "base/memory.h"
#include "graph/literal.h"
#include "graph/resolve.h"
#include "model/onnx_node.h"
#include "model/onnx_parts.h"
#include "model/protobuf.h"

enum { IR_VERSION_MAX = 13 };

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
			return onnx_malformed(g, e, "an input has too many axes");
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
				         read_dims(g, part.bytes, &shape, e) < 0)
					return -1;
			}
		}
	}
	if (!*name)
		return onnx_malformed(g, e, "an input has no name");
	id = graph_tensor(g, name, e);
	if (id == NO_TENSOR)
		return -1;
	/* Old files list the weights as inputs too. */
	if (g->tensors[id].literal || g->tensors[id].producer != NO_NODE)
		return 0;
	if (g->tensors[id].is_input)
		return error_set(e, EXIT_MALFORMED, "%s: input %s is given twice", g->path,
		                 name);
	g->tensors[id].kind = literal_kind(number, &kind) ? kind : KIND_INT;
	g->tensors[id].type = number;
	g->tensors[id].shape = shape;
	g->tensors[id].is_input = true;
	return 0;
}

/* GraphProto, twice: weights and nodes first, so that inputs can be told from weights. */
static int read_graph(struct graph *g, struct bytes message, struct onnx_operators *o,
                      struct error *e)
{
	struct wire w = wire_open(message);
	struct wire_field f;
	int r;

	while ((r = wire_next(&w, &f)) == 1) {
		if (onnx_initializer(g, &f, "", e) < 0)
			return -1;
		if (f.number == 1 && onnx_node(g, f.bytes, o, e) < 0)
			return -1;
	}
	if (r != 0)
		return onnx_malformed(g, e, "broken graph");
	w = wire_open(message);
	while (wire_next(&w, &f) == 1)
		if (f.number == 11 && read_input(g, f.bytes, e) < 0)
			return -1;
	return 0;
}

int onnx_read(struct graph *g, struct error *e)
{
	struct bytes file, graph = {0};
	struct wire w;
	struct wire_field f;
	struct onnx_operators o = {.opset = 0};
	int r;
	uint64_t ir = 0;
	const char *other;

	if (graph_map(g, g->path, &file, e) < 0)
		return -1;
	other = magic_name(file.p, file.n);
	w = wire_open(file);
	while ((r = wire_next(&w, &f)) == 1) {
		if (f.number == 1 && f.type == PB_WT_VARINT)
			ir = f.value;
		else if (f.number == 7 && f.type == PB_WT_STRING)
			graph = f.bytes;
		else if (f.number == 8 && f.type == PB_WT_STRING)
			o.opset = onnx_opset(f.bytes, o.opset);
		else if (f.number == 25 && f.type == PB_WT_STRING &&
		         onnx_function(g, &o, f.bytes, e) < 0)
			return -1;
	}
	if (r != 0)
		return onnx_malformed(g, e, other ? other : "cut or broken");
	if (!graph.p)
		return onnx_malformed(g, e, "no graph in it");
	if (ir == 0 || ir > IR_VERSION_MAX)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: ONNX IR version %llu, at most %d is known", g->path,
		                 (unsigned long long)ir, IR_VERSION_MAX);
	if (o.opset < 1 || o.opset > OPSET_MAX)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: operator set %d, at most %d is known (export with "
		                 "opset_version=%d)",
		                 g->path, o.opset, OPSET_MAX, OPSET_MAX);
	return read_graph(g, graph, &o, e);
}

/* Which of two inputs is the image's less. */
static size_t other_input(const struct graph *g, size_t a, size_t b)
{
	return g->tensors[a].shape.rank != 4 && g->tensors[b].shape.rank == 4 ? a : b;
}

/* The input that is neither weight nor given. */
static int find_image(struct graph *g, struct error *e)
{
	size_t *used = memory_new(g->n_tensors, sizeof *used, e);

	if (!used)
		return -1;
	for (size_t i = 0; i < g->n_nodes; i++)
		for (size_t k = 0; k < g->nodes[i].n_inputs; k++)
			if (g->nodes[i].inputs[k] != NO_TENSOR)
				used[g->nodes[i].inputs[k]]++;
	for (size_t i = 0; i < g->n_tensors; i++) {
		const struct tensor *t = &g->tensors[i];

		if (!t->is_input || t->literal || t->producer != NO_NODE || t->data || !used[i])
			continue;
		if (g->input != NO_TENSOR) {
			error_set(e, EXIT_MALFORMED,
			          "%s: the network has several inputs (%s, %s), not one image: "
			          "--set %s=VALUE gives one that is none",
			          g->path, g->tensors[g->input].name, t->name,
			          g->tensors[other_input(g, g->input, i)].name);
			break;
		}
		g->input = i;
	}
	free(used);
	if (e->code == EXIT_OK && g->input == NO_TENSOR)
		error_set(e, EXIT_MALFORMED, "%s: the network has no input", g->path);
	return e->code == EXIT_OK ? 0 : -1;
}

int onnx_open(struct graph *g, size_t height, size_t width, const struct graph_given *given,
              size_t n, struct error *e)
{
	if (onnx_read(g, e) < 0 || graph_give(g, given, n, e) < 0 || find_image(g, e) < 0)
		return -1;
	return graph_image(g, height, width, true, e) < 0 ? -1 : graph_resolve(g, e);
}
