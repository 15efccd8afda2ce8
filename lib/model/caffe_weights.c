/* caffe_weights.c -- .caffemodel files: a NetParameter with the values of each layer.
 *
 * Only the outer messages are walked when the file is opened; values stay where they
 * are until a plan needs them. */
#include "model/caffe_weights.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/values.h"

struct caffe_stored {
	struct bytes name, message;
	uint32_t blobs; /* the field of message that repeats BlobProto */
};

struct caffe_weights {
	const char *path;
	struct caffe_stored *layers; /* by name, then as they stand in the file */
	size_t n_layers, cap_layers;
};

static int malformed(const struct caffe_weights *w, struct error *e, const char *what)
{
	return error_set(e, EXIT_MALFORMED, "%s: not a Caffe model: %s", w->path, what);
}

/* Name and blobs of a layer are fields of its message, by age: LayerParameter,
 * V1LayerParameter, and the V0LayerParameter that stands in field 1 of that one. */
static const struct version {
	uint32_t name, blobs;
} versions[] = {{1, 7}, {4, 6}, {1, 50}};

enum { V2, V1, V0 };

static int add_layer(struct caffe_weights *w, struct bytes message, int version,
                     struct error *e)
{
	const struct version *v = &versions[version];
	struct wire wire = wire_open(message);
	struct caffe_stored *s;
	struct wire_field f;
	int r;

	if (w->n_layers == NODE_LIMIT)
		return malformed(w, e, "too many layers");
	if (memory_grow(&w->layers, &w->cap_layers, w->n_layers + 1, sizeof *w->layers, e) < 0)
		return -1;
	s = &w->layers[w->n_layers++];
	*s = (struct caffe_stored){.message = message, .blobs = v->blobs};
	while ((r = wire_next(&wire, &f)) == 1) {
		if (version == V1 && f.number == 1 && f.type == PB_WT_STRING) {
			w->n_layers--;
			return add_layer(w, f.bytes, V0, e);
		}
		if (f.number == v->name && f.type == PB_WT_STRING)
			s->name = f.bytes;
	}
	return r == 0 ? 0 : malformed(w, e, "a layer is cut or broken");
}

static int compare_names(struct bytes a, struct bytes b)
{
	int r = 0;

	if (a.n && b.n)
		r = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
	return r ? r : a.n < b.n ? -1 : a.n > b.n;
}

static int by_name(const void *a, const void *b)
{
	const struct caffe_stored *x = a, *y = b;
	int r = compare_names(x->name, y->name);

	return r ? r : x->message.p < y->message.p ? -1 : x->message.p > y->message.p;
}

struct caffe_weights *caffe_weights_open(struct graph *g, const char *path, struct error *e)
{
	struct caffe_weights *w = memory_new(1, sizeof *w, e);
	struct bytes file;
	struct wire wire;
	struct wire_field f;
	int r = -1;

	if (!w)
		return NULL;
	w->path = path;
	if (graph_map(g, path, &file, e) == 0) {
		wire = wire_open(file);
		while ((r = wire_next(&wire, &f)) == 1)
			if ((f.number == 2 || f.number == 100) && f.type == PB_WT_STRING &&
			    add_layer(w, f.bytes, f.number == 2 ? V1 : V2, e) < 0)
				break;
		if (r < 0)
			malformed(w, e, "cut or broken");
		else if (w->n_layers == 0)
			malformed(w, e, "no layers in it");
	}
	if (e->code != EXIT_OK) {
		caffe_weights_free(w);
		return NULL;
	}
	qsort(w->layers, w->n_layers, sizeof *w->layers, by_name);
	return w;
}

void caffe_weights_free(struct caffe_weights *w)
{
	if (!w)
		return;
	free(w->layers);
	free(w);
}

const char *caffe_weights_path(const struct caffe_weights *w)
{
	return w->path;
}

const struct caffe_stored *caffe_weights_find(const struct caffe_weights *w, const char *name)
{
	struct bytes wanted = {(const uint8_t *)name, strlen(name)};
	size_t from = 0, to = w->n_layers, middle;

	/* The first that comes after the name; the one before it is the last of the name. */
	while (from < to) {
		middle = from + (to - from) / 2;
		if (compare_names(w->layers[middle].name, wanted) <= 0)
			from = middle + 1;
		else
			to = middle;
	}
	if (from == 0 || !bytes_are(w->layers[from - 1].name, name))
		return NULL;
	return &w->layers[from - 1];
}

int caffe_stored_count(const struct caffe_weights *w, const struct caffe_stored *s,
                       size_t *count, struct error *e)
{
	struct wire wire = wire_open(s->message);
	struct wire_field f;
	int r;

	*count = 0;
	while ((r = wire_next(&wire, &f)) == 1)
		*count += f.number == s->blobs && f.type == PB_WT_STRING;
	return r == 0 ? 0 : malformed(w, e, "a layer is cut or broken");
}

/* Fields 1 to 4 are num, channels, height and width; newer files have a BlobShape, 7. */
static int read_shape(const struct caffe_weights *w, struct bytes message, struct literal *l,
                      struct error *e)
{
	uint64_t dims[RANK_MAX] = {0};
	struct wire wire = wire_open(message);
	struct wire_field f;
	size_t rank = 0;
	bool told = false;

	while (wire_next(&wire, &f) == 1) {
		if (f.number >= 1 && f.number <= 4 && f.type == PB_WT_VARINT) {
			dims[f.number - 1] = f.value;
			rank = 4;
			told = true;
		} else if (f.number == 7 && f.type == PB_WT_STRING) {
			if (wire_repeated(f.bytes, 1, PB_WT_VARINT, dims, RANK_MAX, &rank) != 0)
				return malformed(w, e, "a broken shape");
			told = true;
		}
	}
	if (!told) {
		dims[0] = l->count;
		rank = 1;
	}
	if (rank > RANK_MAX)
		return malformed(w, e, "weights have too many axes");
	l->shape.rank = (int)rank;
	for (size_t i = 0; i < rank; i++)
		l->shape.dims[i] = dims[i];
	return 0;
}

/* The values of field number, width bytes each, packed or not. */
static int count_values(const struct caffe_weights *w, struct bytes message, uint32_t number,
                        size_t width, struct literal *l, struct error *e)
{
	struct wire wire = wire_open(message);
	struct wire_field f;
	size_t fields = 0;
	int r;

	while ((r = wire_next(&wire, &f)) == 1) {
		if (f.number != number)
			continue;
		if (f.type == PB_WT_STRING && f.bytes.n % width != 0)
			return malformed(w, e, "weights are cut or broken");
		l->count += f.type == PB_WT_STRING ? f.bytes.n / width : 1;
		l->raw = f.bytes;
		fields++;
	}
	if (r != 0)
		return malformed(w, e, "weights are cut or broken");
	if (fields != 1)
		l->raw = (struct bytes){0};
	values_of_field(l, message, number);
	return 0;
}

int caffe_stored_blob(const struct caffe_weights *w, const struct caffe_stored *s, size_t i,
                      struct literal *l, struct error *e)
{
	struct wire wire = wire_open(s->message);
	struct wire_field f = {0};
	size_t k = 0;

	memset(l, 0, sizeof *l);
	while (wire_next(&wire, &f) == 1)
		if (f.number == s->blobs && f.type == PB_WT_STRING && k++ == i)
			break;
	l->kind = KIND_FLOAT;
	l->type = ONNX_FLOAT;
	if (count_values(w, f.bytes, 5, sizeof(float), l, e) < 0)
		return -1;
	if (l->count == 0) {
		l->type = ONNX_DOUBLE;
		if (count_values(w, f.bytes, 8, sizeof(double), l, e) < 0)
			return -1;
	}
	return read_shape(w, f.bytes, l, e);
}
