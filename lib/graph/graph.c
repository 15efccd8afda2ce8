/* graph.c -- see graph.h. */
#include "graph/graph.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

/* The arena is a list of blocks, filled from the front. */
enum { ARENA_BLOCK = 1 << 16 };

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	_Alignas(16) unsigned char bytes[];
};

struct graph *graph_new(const char *path, const struct operator_table *operators,
                        struct error *e)
{
	struct graph *g = memory_new(1, sizeof *g, e);

	if (!g)
		return NULL;
	g->input = NO_TENSOR;
	g->operators = operators;
	g->path = memory_string(path, e);
	if (!g->path) {
		free(g);
		return NULL;
	}
	return g;
}

void graph_free(struct graph *g)
{
	struct arena_block *b, *next;

	if (!g)
		return;
	for (size_t i = 0; i < g->n_maps; i++) {
		munmap(g->maps[i].p, g->maps[i].n);
		free(g->maps[i].path);
	}
	for (b = g->arena; b; b = next) {
		next = b->next;
		free(b);
	}
	free(g->maps);
	free(g->notes);
	free(g->tensors);
	free(g->slots);
	free(g->nodes);
	free(g->path);
	free(g);
}

int graph_map(struct graph *g, const char *path, struct bytes *b, struct error *e)
{
	struct stat st;
	struct mapping *m;
	int fd;

	for (size_t i = 0; i < g->n_maps; i++) {
		if (strcmp(g->maps[i].path, path) == 0) {
			*b = (struct bytes){g->maps[i].p, g->maps[i].n};
			return 0;
		}
	}
	if (memory_grow(&g->maps, &g->cap_maps, g->n_maps + 1, sizeof *g->maps, e) < 0)
		return -1;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return error_errno(e, "%s", path);
	if (fstat(fd, &st) < 0) {
		error_errno(e, "%s", path);
		close(fd);
		return -1;
	}
	if (!S_ISREG(st.st_mode) || st.st_size == 0) {
		close(fd);
		return error_set(e, EXIT_MALFORMED, "%s: %s", path,
		                 S_ISREG(st.st_mode) ? "empty file" : "not a regular file");
	}
	m = &g->maps[g->n_maps];
	m->n = (size_t)st.st_size;
	m->p = mmap(NULL, m->n, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (m->p == MAP_FAILED)
		return error_errno(e, "%s: map", path);
	m->path = memory_string(path, e);
	if (!m->path) {
		munmap(m->p, m->n);
		return -1;
	}
	g->n_maps++;
	*b = (struct bytes){m->p, m->n};
	return 0;
}

void *graph_alloc(struct graph *g, size_t count, size_t size, struct error *e)
{
	struct arena_block *b = g->arena;
	size_t n, block;
	void *p;

	if (!size_multiply(count, size, &n) || n > ARENA_LIMIT ||
	    g->arena_bytes > ARENA_LIMIT - n) {
		error_set(e, EXIT_MALFORMED, "%s: the description of the network is too large",
		          g->path);
		return NULL;
	}
	n = (n + 15) & ~(size_t)15;
	if (!b || b->size - b->used < n) {
		block = n > ARENA_BLOCK ? n : ARENA_BLOCK;
		b = calloc(1, sizeof *b + block);
		if (!b) {
			error_set(e, EXIT_SYSTEM, "no memory for %zu bytes", block);
			return NULL;
		}
		b->size = block;
		b->next = g->arena;
		g->arena = b;
	}
	p = b->bytes + b->used;
	b->used += n;
	g->arena_bytes += n;
	return p;
}

char *graph_string(struct graph *g, struct bytes b, struct error *e)
{
	char *s;

	if (b.n && memchr(b.p, '\0', b.n)) {
		error_set(e, EXIT_MALFORMED, "%s: not an ONNX model: a name holds a zero byte",
		          g->path);
		return NULL;
	}
	s = graph_alloc(g, b.n + 1, 1, e);
	if (s && b.n)
		memcpy(s, b.p, b.n);
	return s;
}

int graph_note(struct graph *g, struct error *e, const char *format, ...)
{
	struct error line = {0}; /* which keeps it a line, whatever names are in it */
	char text[sizeof line.text];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	error_set(&line, EXIT_MALFORMED, "%s", text);
	for (size_t i = 0; i < g->n_notes; i++)
		if (strcmp(g->notes[i], line.text) == 0)
			return 0;
	if (memory_grow(&g->notes, &g->cap_notes, g->n_notes + 1, sizeof *g->notes, e) < 0)
		return -1;
	g->notes[g->n_notes] = graph_string(
	        g, (struct bytes){(const uint8_t *)line.text, strlen(line.text)}, e);
	return g->notes[g->n_notes] ? (g->n_notes++, 0) : -1;
}

/* ---- tensors by name ---- */

static size_t hash(const char *s)
{
	uint64_t h = 14695981039346656037ull;

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 1099511628211ull;
	return (size_t)(h ^ h >> 29);
}

/* The slot where the name is, or where it would go. */
static size_t *slot_of(const struct graph *g, const char *name)
{
	size_t i = hash(name) & (g->n_slots - 1);

	while (g->slots[i] && strcmp(g->tensors[g->slots[i] - 1].name, name) != 0)
		i = (i + 1) & (g->n_slots - 1);
	return &g->slots[i];
}

static int grow_slots(struct graph *g, struct error *e)
{
	size_t *old = g->slots;

	if (g->n_slots > 2 * g->n_tensors)
		return 0;
	g->n_slots = g->n_slots ? g->n_slots * 2 : 256;
	g->slots = memory_new(g->n_slots, sizeof *g->slots, e);
	if (!g->slots) {
		g->slots = old;
		g->n_slots /= 2;
		return -1;
	}
	free(old);
	for (size_t i = 0; i < g->n_tensors; i++)
		*slot_of(g, g->tensors[i].name) = i + 1;
	return 0;
}

size_t graph_lookup(const struct graph *g, const char *name)
{
	size_t *slot = g->n_slots ? slot_of(g, name) : NULL;

	return slot && *slot ? *slot - 1 : NO_TENSOR;
}

size_t graph_tensor(struct graph *g, const char *name, struct error *e)
{
	size_t *slot, id = graph_lookup(g, name);
	struct tensor *t;

	if (id != NO_TENSOR)
		return id;
	if (g->n_tensors == TENSOR_LIMIT) {
		error_set(e, EXIT_MALFORMED, "%s: more than %d tensors", g->path, TENSOR_LIMIT);
		return NO_TENSOR;
	}
	if (memory_grow(&g->tensors, &g->cap_tensors, g->n_tensors + 1, sizeof *g->tensors, e) <
	            0 ||
	    grow_slots(g, e) < 0)
		return NO_TENSOR;
	slot = slot_of(g, name);
	t = &g->tensors[g->n_tensors];
	memset(t, 0, sizeof *t);
	t->name = name;
	t->producer = NO_NODE;
	*slot = ++g->n_tensors;
	return g->n_tensors - 1;
}

struct node *graph_node(struct graph *g, struct error *e)
{
	if (g->n_nodes == NODE_LIMIT) {
		error_set(e, EXIT_MALFORMED, "%s: more than %d nodes", g->path, NODE_LIMIT);
		return NULL;
	}
	if (memory_grow(&g->nodes, &g->cap_nodes, g->n_nodes + 1, sizeof *g->nodes, e) < 0)
		return NULL;
	memset(&g->nodes[g->n_nodes], 0, sizeof *g->nodes);
	return &g->nodes[g->n_nodes++];
}

/* ---- order ---- */

/* Kahn's algorithm.  Among nodes that are ready the file's order is kept as far as a
 * queue keeps it, so the order is the same each time. */
struct sorter {
	size_t *missing; /* inputs of a node that are not made yet */
	size_t *first;   /* users of tensor t: users[first[t]] to users[first[t + 1]] */
	size_t *users;
	size_t *order;
	size_t made; /* nodes in order */
};

static void count_users(const struct graph *g, struct sorter *s)
{
	size_t t, sum = 0, n;

	for (size_t i = 0; i < g->n_nodes; i++)
		for (size_t k = 0; k < g->nodes[i].n_inputs; k++) {
			t = g->nodes[i].inputs[k];
			if (t != NO_TENSOR && g->tensors[t].producer != NO_NODE) {
				s->first[t]++;
				s->missing[i]++;
			}
		}
	for (t = 0; t <= g->n_tensors; t++) {
		n = s->first[t];
		s->first[t] = sum;
		sum += n;
	}
	for (size_t i = 0; i < g->n_nodes; i++)
		for (size_t k = 0; k < g->nodes[i].n_inputs; k++) {
			t = g->nodes[i].inputs[k];
			if (t != NO_TENSOR && g->tensors[t].producer != NO_NODE)
				s->users[s->first[t]++] = i;
		}
	for (t = g->n_tensors; t > 0; t--)
		s->first[t] = s->first[t - 1];
	s->first[0] = 0;
}

static void sort_nodes(const struct graph *g, struct sorter *s)
{
	size_t t;

	for (size_t i = 0; i < g->n_nodes; i++)
		if (s->missing[i] == 0)
			s->order[s->made++] = i;
	for (size_t next = 0; next < s->made; next++) {
		const struct node *n = &g->nodes[s->order[next]];

		for (size_t k = 0; k < n->n_outputs; k++) {
			t = n->outputs[k];
			if (t == NO_TENSOR)
				continue;
			for (size_t u = s->first[t]; u < s->first[t + 1]; u++)
				if (--s->missing[s->users[u]] == 0)
					s->order[s->made++] = s->users[u];
		}
	}
}

/* Put the nodes in the order found and point their tensors at the new places. */
static int apply_order(struct graph *g, const struct sorter *s, struct error *e)
{
	struct node *nodes = memory_new(g->n_nodes, sizeof *nodes, e);

	if (!nodes)
		return -1;
	for (size_t i = 0; i < g->n_nodes; i++) {
		nodes[i] = g->nodes[s->order[i]];
		for (size_t k = 0; k < nodes[i].n_outputs; k++)
			if (nodes[i].outputs[k] != NO_TENSOR)
				g->tensors[nodes[i].outputs[k]].producer = i;
	}
	free(g->nodes);
	g->nodes = nodes;
	g->cap_nodes = g->n_nodes;
	return 0;
}

int graph_sort(struct graph *g, struct error *e)
{
	struct sorter s = {0};
	size_t i, edges = 0;
	int r = -1;

	for (i = 0; i < g->n_nodes; i++)
		edges += g->nodes[i].n_inputs;
	s.missing = memory_new(g->n_nodes, sizeof *s.missing, e);
	s.first = memory_new(g->n_tensors + 1, sizeof *s.first, e);
	s.users = memory_new(edges, sizeof *s.users, e);
	s.order = memory_new(g->n_nodes, sizeof *s.order, e);
	if (s.missing && s.first && s.users && s.order) {
		count_users(g, &s);
		sort_nodes(g, &s);
		for (i = 0; i < g->n_nodes && s.missing[i] == 0; i++)
			;
		if (s.made < g->n_nodes)
			error_set(e, EXIT_MALFORMED,
			          "%s: the graph has a cycle through node %s", g->path,
			          g->nodes[i].name);
		else
			r = apply_order(g, &s, e);
	}
	free(s.missing);
	free(s.first);
	free(s.users);
	free(s.order);
	return r;
}

int tensor_set(struct tensor *t, enum kind kind, const struct shape *shape, struct error *e)
{
	char text[128];

	t->kind = kind;
	t->shape = *shape;
	if (!shape_count(shape, &t->count))
		return error_set(e, EXIT_MALFORMED, "tensor %s of %s is too large", t->name,
		                 shape_text(shape, text, sizeof text));
	t->known = true;
	return 0;
}
