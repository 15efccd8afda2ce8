/* graph.h -- a model as nodes and tensors.
 *
 *   model file --onnx.c, caffe.c--> graph --resolve.c--> shapes, constants, geometry
 *        --plan.c--> steps
 *
 * The graph owns an arena; names, node lists and operator parameters live there
 * until graph_free().  Weights stay in the mapped file (struct literal).  After
 * graph_resolve() nothing in it changes. */
#ifndef GRAPH_GRAPH_H
#define GRAPH_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "graph/geometry.h"
#include "graph/shape.h"

/* All number types are held as one of these two: float and wider or narrower
 * floats as float, integers and booleans as int64_t. */
enum kind { KIND_FLOAT, KIND_INT };

enum {
	FOLD_LIMIT = 1 << 14,   /* values of a constant computed at open; larger ones wait */
	NODE_LIMIT = 1 << 15,   /* nodes of a graph */
	TENSOR_LIMIT = 1 << 18, /* tensors of a graph */
	ARENA_LIMIT = 1 << 28,  /* bytes that a graph's description can take */
};

#define NO_TENSOR ((size_t)-1)
#define NO_NODE   ((size_t)-1)

struct literal;   /* values in a model file: literal.h */
struct operation; /* operation.h */
struct operator_table;

/* Which member holds the value depends on the operator; the others are zero.  Everything it
 * points to is the graph's. */
struct attribute {
	const char *name;
	char type; /* a letter as in struct operation, '?' for what is not held, 0: not told */
	float f;
	int64_t i;
	const char *s; /* NULL if none */
	const int64_t *ints;
	size_t n_ints;
	const float *floats;
	size_t n_floats;
	const struct literal *tensor; /* NULL if none */
};

/* Pointers are the graph's, or point into a mapped file. */
struct tensor {
	const char *name;
	size_t producer; /* node, or NO_NODE */
	enum kind kind;
	struct shape shape;
	size_t count;
	bool is_input;                 /* the model wants it given */
	int type;                      /* of an input's values, as in literal.h; else 0 */
	bool known;                    /* kind, shape and count hold */
	bool constant;                 /* does not depend on the image */
	const struct literal *literal; /* an initializer */
	const void *data;              /* float[] or int64_t[] if computed at open */
	struct geometry geometry;
};

/* Values of an input that is not the image: one for all of it, or all. */
struct graph_given {
	const char *name;
	const double *values;
	size_t n;
};

/* An operator at work: everything it points to is the graph's. */
struct node {
	const char *name; /* its own, or its first output's */
	const char *type;
	const struct operation *op; /* NULL: not known */
	const char *origin;         /* of an operator that is not ONNX's own; or NULL */
	int opset;
	size_t n_inputs, n_outputs, n_attributes;
	size_t *inputs, *outputs; /* tensors or NO_TENSOR */
	struct attribute *attributes;
	void *params;      /* what the operator's infer left for its run */
	const char *fault; /* why its outputs have no shape; or NULL */
};

/* A file in memory, unmapped and freed with the graph. */
struct mapping {
	char *path;
	uint8_t *p;
	size_t n;
};

struct graph {
	char *path;
	const struct operator_table *operators;
	struct tensor *tensors;
	size_t n_tensors, cap_tensors;
	size_t *slots; /* hash table of tensors by name: tensor + 1, or 0 */
	size_t n_slots;
	struct node *nodes; /* in order of computation after graph_resolve() */
	size_t n_nodes, cap_nodes;
	size_t input;         /* the image, or NO_TENSOR; (1, channels, height, width) or */
	bool channels_last;   /* (1, height, width, channels) */
	bool size_open;       /* the model leaves height or width to its user */
	struct mapping *maps; /* the model, then its external data */
	size_t n_maps, cap_maps;
	const char **notes; /* what was passed over in the files, a line each */
	size_t n_notes, cap_notes;
	struct arena_block *arena;
	size_t arena_bytes;
};

/* An empty graph for the model at path, which is copied; operators outlive it.  NULL with e
 * set (EXIT_SYSTEM); graph_free() it.  Faults of the model are EXIT_MALFORMED throughout. */
struct graph *graph_new(const char *path, const struct operator_table *operators,
                        struct error *e) CHECK_RESULT;
void graph_free(struct graph *g);

/* Map a regular file until graph_free(); again: the same bytes.  -1 with e set: it can't be
 * read (EXIT_SYSTEM), is no regular file or empty. */
int graph_map(struct graph *g, const char *path, struct bytes *b, struct error *e) CHECK_RESULT;

/* count * size zeroed bytes that live as long as the graph, and a copy of b with a zero after
 * it.  NULL with e set: no memory, more than ARENA_LIMIT in all, a zero byte in b. */
void *graph_alloc(struct graph *g, size_t count, size_t size, struct error *e) CHECK_RESULT;
char *graph_string(struct graph *g, struct bytes b, struct error *e) CHECK_RESULT;

/* Keep a line on what was passed over in the model's files; the same line only once. */
int graph_note(struct graph *g, struct error *e, const char *format, ...)
        __attribute__((format(printf, 3, 4))) CHECK_RESULT;

/* The tensor of that name, made if there is none; or NO_TENSOR with e set.  The name is kept,
 * not copied: it must live as long as the graph.  Pointers to tensors die at this call. */
size_t graph_tensor(struct graph *g, const char *name, struct error *e) CHECK_RESULT;
/* The tensor of that name, or NO_TENSOR. */
size_t graph_lookup(const struct graph *g, const char *name);

/* Append a node, zeroed.  The pointer dies at the next call.  NULL with e set. */
struct node *graph_node(struct graph *g, struct error *e) CHECK_RESULT;

/* Put nodes in an order in which each follows what it needs, the same each time, and tell
 * their outputs.  -1 with e set: no memory, or a cycle. */
int graph_sort(struct graph *g, struct error *e) CHECK_RESULT;

/* Make the tensor a known one.  -1 with e set where it has more than COUNT_LIMIT values. */
int tensor_set(struct tensor *t, enum kind kind, const struct shape *shape,
               struct error *e) CHECK_RESULT;

/* Up to three tensors' names closest to name, as ", did you mean a, b or c?", or "". */
void graph_near(const struct graph *g, const char *name, char *text, size_t n);

/* Bytes of a value. */
static inline size_t kind_size(enum kind kind)
{
	return kind == KIND_FLOAT ? sizeof(float) : sizeof(int64_t);
}

#endif
