/* onnx_tensor.c -- TensorProto to literal; its values stay in the model's file or in one of
 * external data, which is taken only from the model's own folder. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "model/onnx_parts.h"
#include "model/values.h"

int onnx_malformed(const struct graph *g, struct error *e, const char *what)
{
	return error_set(e, EXIT_MALFORMED, "%s: not an ONNX model: %s", g->path, what);
}

enum { NAME_SHOWN = 80 };

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
	if (external_path(g, name, location, path, e) < 0 || graph_map(g, path, &file, e) < 0)
		return -1;
	if (offset > file.n || (has_length && length > file.n - offset))
		return error_set(e, EXIT_MALFORMED,
		                 "%s: tensor %s: external data ends before it", g->path, name);
	l->raw.p = file.p + offset;
	l->raw.n = has_length ? length : file.n - offset;
	if (!has_length && l->raw.n > l->count * literal_type_size(l->type))
		l->raw.n = l->count * literal_type_size(l->type);
	return 0;
}

/* ---- tensors ---- */

/* Dimensions of a TensorProto (field 1). */
static int literal_shape(struct graph *g, struct bytes message, const char *name,
                         struct literal *l, struct error *e)
{
	uint64_t dims[RANK_MAX];
	size_t rank;

	if (wire_repeated(message, 1, PB_WT_VARINT, dims, RANK_MAX, &rank) != 0)
		return onnx_malformed(g, e, "broken tensor");
	if (rank > RANK_MAX)
		return error_set(e, EXIT_MALFORMED, "%s: tensor %s has %zu axes, at most %d",
		                 g->path, name, rank, RANK_MAX);
	l->shape.rank = (int)rank;
	for (size_t i = 0; i < rank; i++) {
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

	values_field(l->type, &number, &wire);
	if (wire_repeated(message, number, wire, NULL, 0, &n) != 0)
		return onnx_malformed(g, e, "broken tensor");
	if ((external && raw) || ((external || raw) && n != 0))
		return error_set(e, EXIT_MALFORMED, "%s: tensor %s has values twice", g->path,
		                 name);
	if (external && external_read(g, message, name, l, e) < 0)
		return -1;
	if (external || raw) {
		if (l->raw.n != l->count * literal_type_size(l->type))
			return error_set(
			        e, EXIT_MALFORMED,
			        "%s: tensor %s holds %zu bytes where its shape needs %zu",
			        g->path, name, l->raw.n, l->count * literal_type_size(l->type));
		return 0;
	}
	if (n != l->count)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: tensor %s holds %zu values where its shape needs %zu",
		                 g->path, name, n, l->count);
	values_of_field(l, message, number);
	while (wire_next(&w, &f) == 1) {
		if (f.number == number) {
			packed = f.bytes;
			fields++;
		}
	}
	/* One packed field of fixed-size values is laid out as raw data is. */
	if (fields == 1 && wire != PB_WT_VARINT &&
	    packed.n == l->count * literal_type_size(l->type))
		l->raw = packed;
	return 0;
}

int onnx_tensor(struct graph *g, struct bytes message, struct literal *l, struct bytes *name,
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
		return onnx_malformed(g, e, "broken tensor");
	if (called.n)
		memcpy(shown, called.p, called.n < sizeof shown ? called.n : sizeof shown - 1);
	if (name)
		*name = called;
	if (literal_shape(g, message, shown, l, e) < 0)
		return -1;
	/* Strings and complex numbers can stand in a model as long as nothing uses them. */
	if (!literal_kind(l->type, &l->kind))
		return 0;
	return literal_values(g, message, shown, external, raw, l, e);
}
