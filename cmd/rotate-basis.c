/* rotate-basis.c -- change the basis in which a layer's units are read.
 *
 *	ACT -> ACT; everything else passes
 *
 * At each position the activations f(x) of all units become Q^alpha f(x). */
#include <cblas.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/checksum.h"
#include "base/memory.h"
#include "dissect/rotation.h"
#include "record/ndr.h"
#include "stage/activation.h"
#include "tool/blas.h"
#include "filter/filter.h"

#define NO_SEED UINT64_MAX

static uint64_t seed = NO_SEED;
static const char *matrix_file, *write_file;
static double alpha = 1;
static bool inverse, unpermute;

static struct tool_option options[] = {
        {.name = "seed",
         .letter = 's',
         .kind = TOOL_COUNT,
         .value = &seed,
         .argument = "S",
         .help = "draw Q by this number",
         .high = 0x1p53},
        {.name = "matrix",
         .kind = TOOL_TEXT,
         .value = &matrix_file,
         .argument = "FILE",
         .help = "read Q, MATRIX records, from this stream",
         .local = true},
        {.name = "alpha",
         .letter = 'a',
         .kind = TOOL_REAL,
         .value = &alpha,
         .argument = "A",
         .help = "how far to turn, from 0 to 1 [1]",
         .high = 1},
        {.name = "inverse", .kind = TOOL_FLAG, .value = &inverse, .help = "turn back"},
        {.name = "unpermute",
         .kind = TOOL_FLAG,
         .value = &unpermute,
         .help = "give units back the places that Q exchanges"},
        {.name = "write-matrix",
         .kind = TOOL_TEXT,
         .value = &write_file,
         .argument = "FILE",
         .help = "write the matrix applied to a stream",
         .local = true},
        {0},
};

static const struct tool_usage usage = {
        .operands = "[FILE...]",
        .summary = "Rotate each layer's activations, by a random or given orthogonal matrix.",
        .example = "rotate-basis --seed 1 --alpha 0.6 conv5.ndr > rotated.ndr",
        .libraries = blas_kernels,
        .unused = TOOL_VERBOSE,
};

/* Nothing turns: activations pass as they are. */
static bool keeps_bytes(void)
{
	return alpha == 0 && !unpermute;
}

struct job {
	struct tool *tool;
	/* Given by --matrix: */
	struct ndr_meta given_meta;
	struct ndr_item given; /* MATRIX records */
	/* For the layers of a schema: */
	uint32_t schema;
	size_t layers;
	float **matrix; /* (layers): (units, units) */
	const struct ndr_meta *meta;
};

/* ---- Q ---- */

static int read_given(struct job *j)
{
	struct error *e = &j->tool->error;
	char *name = (char *)matrix_file;
	struct ndr_reader *in;
	struct ndr_segment *s;
	struct ndr_record rec;
	int more = -1;

	if (tool_digest(j->tool, "matrix", matrix_file) < 0)
		return -1;
	in = ndr_open(&name, 1, j->tool->most_label_pixels, e);
	ndr_item_clear(&j->given, NDR_NO_ITEM);
	if (in && ndr_next_segment(in, &s, e) == 1 &&
	    ndr_meta_copy(&j->given_meta, &s->meta, e) == 0)
		while ((more = ndr_read(in, &rec, e)) == 1)
			if (rec.type == NDR_MATRIX && !ndr_item_add(&j->given, &rec, e))
				break;
	ndr_close(in);
	return more == 0 ? 0 : -1;
}

/* The matrix given for a layer; one in a stream without layers is for all. */
static const struct ndr_record *find_given(const struct job *j, const struct ndr_layer *l,
                                           struct error *e)
{
	const int i = ndr_meta_find_layer(&j->given_meta, l->name);
	const struct ndr_record *rec = NULL;

	if (i >= 0)
		rec = ndr_item_find(&j->given, NDR_MATRIX, (uint32_t)i);
	else if (j->given_meta.layers == 0)
		rec = ndr_item_find(&j->given, NDR_MATRIX, NDR_ANY_GROUP);
	if (!rec)
		error_set(e, EXIT_MALFORMED, "%s: no matrix of layer %s", matrix_file, l->name);
	else if (rec->dims[0] != l->units)
		error_set(e, EXIT_MALFORMED,
		          "%s: the matrix is %ux%u, but layer %s has %u units", matrix_file,
		          rec->dims[0], rec->dims[0], l->name, l->units);
	else
		return rec;
	return NULL;
}

static int find_q(const struct job *j, const struct ndr_layer *l, double *q, struct error *e)
{
	const size_t all = (size_t)l->units * l->units;
	const struct ndr_record *rec;

	if (!matrix_file)
		return rotation_random(q, l->units, seed, e);
	rec = find_given(j, l, e);
	for (size_t i = 0; rec && i < all; i++) {
		q[i] = ((const float *)rec->data)[i];
		if (!isfinite(q[i]))
			return error_set(e, EXIT_MALFORMED, "%s: NaN or infinity", matrix_file);
	}
	if (rec && rotation_defect(q, l->units) > 1e-4)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: the matrix of layer %s is not orthogonal", matrix_file,
		                 l->name);
	return rec ? 0 : -1;
}

/* The matrix to apply, of which q is the base: with P the exchange of rows,
 * (P q^alpha) or its inverse, the transpose. */
static int finish_matrix(float *m, double *q, uint32_t d, struct error *e)
{
	uint32_t *order = memory_new(d, sizeof(*order), e);
	int status = order ? 0 : -1;

	for (uint32_t i = 0; order && i < d; i++)
		order[i] = i;
	if (status == 0 && unpermute)
		status = rotation_order(order, q, d, e);
	if (status == 0)
		status = rotation_power(q, q, d, alpha, e);
	for (size_t i = 0; status == 0 && i < d; i++)
		for (size_t k = 0; k < d; k++)
			m[inverse ? k * d + i : i * d + k] = (float)q[order[i] * (size_t)d + k];
	free(order);
	return status;
}

static int make_matrix(const struct job *j, const struct ndr_layer *l, float **m,
                       struct error *e)
{
	const size_t d = l->units;
	struct error why = {0};
	double *q;
	int status;

	*m = memory_new(d * d, sizeof(**m), e);
	q = memory_new(d * d, sizeof(*q), e);
	status = *m && q ? find_q(j, l, q, e) : -1;
	if (status == 0 && finish_matrix(*m, q, l->units, &why) < 0)
		status = error_set(e, why.code, "layer %s: %s", l->name, why.text);
	free(q);
	return status;
}

/* ---- segments ---- */

static int write_matrices(const struct job *j, const struct ndr_segment *s, struct error *e)
{
	const struct ndr_range none = {0};
	struct tool_file *file = tool_file_open(write_file, e);
	struct ndr_writer *w = file ? ndr_create(file->fd, write_file, e) : NULL;
	int status = w ? ndr_begin(w, &none, &s->meta, &s->provenance, e) : -1;

	for (size_t i = 0; status == 0 && i < j->layers; i++) {
		const uint32_t d = s->meta.layer[i].units;
		const struct ndr_record rec = {.type = NDR_MATRIX,
		                               .item = NDR_NO_ITEM,
		                               .group = (uint32_t)i,
		                               .dtype = NDR_F32,
		                               .ndim = 2,
		                               .dims = {d, d},
		                               .data = j->matrix[i]};

		status = ndr_write(w, &rec, e);
	}
	if (status == 0)
		status = ndr_end(w, 0, e);
	ndr_destroy(w);
	if (status == 0)
		return tool_file_commit(file, e);
	tool_file_discard(file);
	return -1;
}

/* A basis is known by the rotations that led to it, one after the other. */
static int mark_layer(const struct job *j, struct ndr_meta *m, size_t layer, struct error *e)
{
	const struct ndr_layer *l = &m->layer[layer];
	const struct ndr_record *rec = matrix_file ? find_given(j, l, e) : NULL;
	char source[32], *text;
	int status;

	if (rec)
		snprintf(source, sizeof(source), "matrix %08" PRIx32,
		         checksum(0, rec->data, rec->length));
	else
		snprintf(source, sizeof(source), "seed %" PRIu64, seed);
	if (asprintf(&text, "%s%s%s alpha %.15g%s%s", l->basis ? l->basis : "",
	             l->basis ? ", " : "", source, alpha, unpermute ? " unpermuted" : "",
	             inverse ? " inverse" : "") < 0)
		return error_set(e, EXIT_SYSTEM, "no memory for META");
	status = ndr_meta_set_basis(m, layer, text, e);
	free(text);
	return status;
}

static void forget_matrices(struct job *j)
{
	for (size_t i = 0; j->matrix && i < j->layers; i++)
		free(j->matrix[i]);
	free(j->matrix);
	j->matrix = NULL;
}

static int begin_segment(void *job, struct ndr_segment *s, struct error *e)
{
	struct job *j = job;
	const bool same = j->matrix && j->schema == s->schema;

	j->meta = &s->meta;
	if (!same) {
		forget_matrices(j);
		j->layers = s->meta.layers;
		j->schema = s->schema;
		j->matrix = memory_new(j->layers, sizeof(*j->matrix), e);
	}
	for (size_t i = 0; j->matrix && i < j->layers; i++) {
		if (!same && make_matrix(j, &s->meta.layer[i], &j->matrix[i], e) < 0)
			return -1;
		if (!keeps_bytes() && mark_layer(j, &s->meta, i, e) < 0)
			return -1;
	}
	return j->matrix && (same || !write_file || write_matrices(j, s, e) == 0) ? 0 : -1;
}

/* ---- items ---- */

static int rotate_record(const struct job *j, const struct ndr_item *in,
                         const struct ndr_record *rec, struct ndr_item *out, struct error *e)
{
	const float *matrix = j->matrix[rec->group];
	const int units = (int)rec->dims[0];
	const int cells = (int)(rec->dims[1] * rec->dims[2]);
	struct ndr_record rotated = *rec;
	float *to;

	rotated.data = NULL;
	rotated.data = to = ndr_item_add(out, &rotated, e);
	if (!to)
		return -1;
	/* One product an item: its shape, and so its rounding, never depends on
	 * what else is in the stream. */
	cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, units, cells, units, 1, matrix,
	            units, rec->data, cells, 0, to, cells);
	return activation_check(in, &rotated, j->meta->layer[rec->group].name, e);
}

static int rotate_item(void *job, const struct ndr_item *in, struct ndr_item *out,
                       size_t thread, struct error *e)
{
	(void)thread;
	for (size_t i = 0; i < in->count; i++) {
		const struct ndr_record *rec = &in->record[i];
		const bool turns = rec->type == NDR_ACT && !keeps_bytes();

		if ((turns ? rotate_record(job, in, rec, out, e)
		           : ndr_item_share(out, rec, e)) < 0)
			return -1;
	}
	return 0;
}

static bool is_same_file(const char *a, const char *b)
{
	struct stat s, t;

	return strcmp(a, b) == 0 || (stat(a, &s) == 0 && stat(b, &t) == 0 &&
	                             s.st_dev == t.st_dev && s.st_ino == t.st_ino);
}

/* The matrix must not replace what is read, or be replaced by the output. */
static int check_write_file(struct tool *t)
{
	const char *other = NULL;

	if (!write_file)
		return 0;
	if (strcmp(write_file, "-") == 0)
		return error_set(&t->error, EXIT_USAGE,
		                 "--write-matrix needs a file of its own, not '-'");
	for (size_t i = 0; i < t->operand_count; i++)
		if (is_same_file(write_file, t->operands[i]))
			other = "the input";
	if (matrix_file && is_same_file(write_file, matrix_file))
		other = "--matrix";
	if (t->output && is_same_file(write_file, t->output))
		other = "--output";
	return !other ? 0
	              : error_set(&t->error, EXIT_USAGE,
	                          "--write-matrix %s: the same file as %s", write_file, other);
}

static int run(struct tool *t)
{
	struct job j = {.tool = t};
	const struct filter f = {.segment = begin_segment,
	                         .item = rotate_item,
	                         .consumes = NDR_ACT,
	                         .consumed = "activations",
	                         .ctx = &j};
	int status = 0;

	if (seed == NO_SEED && !matrix_file)
		return error_set(&t->error, EXIT_USAGE, "one of --seed and --matrix is needed");
	if (seed != NO_SEED && matrix_file)
		return error_set(&t->error, EXIT_USAGE,
		                 "--seed and --matrix exclude each other");
	if (check_write_file(t) < 0)
		return -1;
	options[0].local = matrix_file != NULL; /* there is no seed to note then */
	openblas_set_num_threads(1);            /* threads take items */
	if (matrix_file)
		status = read_given(&j);
	if (status == 0)
		status = filter_map(t, &f);
	forget_matrices(&j);
	ndr_item_free(&j.given);
	ndr_meta_free(&j.given_meta);
	return status;
}

int main(int argc, char *argv[])
{
	struct tool t;

	blas_choose_kernels(argv);
	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, run(&t));
}
