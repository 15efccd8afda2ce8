/* basis.c -- see basis.h. */
#include "stage/basis.h"
#include "base/checksum.h"
#include "base/finite.h"
#include "base/memory.h"
#include "dissect/rotation.h"
#include "stage/activation.h"

#include <cblas.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Q ---- */

int basis_read(struct basis *b, const char *name, uint64_t most_label_pixels, struct error *e)
{
	struct ndr_reader *in;
	struct ndr_segment *s;
	struct ndr_record rec;
	int more = -1;

	b->file = name;
	in = ndr_open((char **)&name, 1, most_label_pixels, e);
	ndr_item_clear(&b->given, NDR_NO_ITEM);
	if (in && ndr_next_segment(in, &s, e) == 1 &&
	    ndr_meta_copy(&b->given_meta, &s->meta, e) == 0)
		while ((more = ndr_read(in, &rec, e)) == 1)
			if (rec.type == NDR_MATRIX && !ndr_item_add(&b->given, &rec, e))
				break;
	ndr_close(in);
	return more == 0 ? 0 : -1;
}

/* The matrix given for a layer; one in a stream without layers is for all. */
static const struct ndr_record *find_given(const struct basis *b, const struct ndr_layer *l,
                                           struct error *e)
{
	const int i = ndr_meta_find_layer(&b->given_meta, l->name);
	const struct ndr_record *rec = NULL;

	if (i >= 0)
		rec = ndr_item_find(&b->given, NDR_MATRIX, (uint32_t)i);
	else if (b->given_meta.layers == 0)
		rec = ndr_item_find(&b->given, NDR_MATRIX, NDR_ANY_GROUP);
	if (!rec)
		error_set(e, EXIT_MALFORMED, "%s: no matrix of layer %s", b->file, l->name);
	else if (rec->dims[0] != l->units)
		error_set(e, EXIT_MALFORMED,
		          "%s: the matrix is %ux%u, but layer %s has %u units", b->file,
		          rec->dims[0], rec->dims[0], l->name, l->units);
	else
		return rec;
	return NULL;
}

static int find_q(const struct basis *b, const struct ndr_layer *l, double *q, struct error *e)
{
	const size_t all = (size_t)l->units * l->units;
	const struct ndr_record *rec;

	if (!b->file)
		return rotation_random(q, l->units, b->seed, e);
	rec = find_given(b, l, e);
	if (rec && finite_prefix(rec->data, all) < all)
		return error_set(e, EXIT_MALFORMED, "%s: NaN or infinity", b->file);
	for (size_t i = 0; rec && i < all; i++)
		q[i] = ((const float *)rec->data)[i];
	if (rec && rotation_defect(q, l->units) > 1e-4)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: the matrix of layer %s is not orthogonal", b->file,
		                 l->name);
	return rec ? 0 : -1;
}

static int make_matrix(const struct basis *b, const struct ndr_layer *l, float **m,
                       struct error *e)
{
	const size_t d = l->units;
	struct error why = {0};
	double *q;
	int status;

	*m = memory_new(d * d, sizeof(**m), e);
	q = memory_new(d * d, sizeof(*q), e);
	status = *m && q ? find_q(b, l, q, e) : -1;
	if (status == 0 && rotation_matrix(*m, q, l->units, &b->how, &why) < 0)
		status = error_set(e, why.code, "layer %s: %s", l->name, why.text);
	free(q);
	return status;
}

/* ---- segments ---- */

static void forget_matrices(struct basis *b)
{
	for (size_t i = 0; b->matrix && i < b->layers; i++)
		free(b->matrix[i]);
	free(b->matrix);
	free(b->units);
	b->matrix = NULL;
	b->units = NULL;
}

bool basis_keeps_bytes(const struct basis *b)
{
	return b->how.alpha == 0 && !b->how.unpermute;
}

enum { TURN = 128 };

/* "seed 1 alpha 0.6": a rotation, or its inverse. */
static int name_turn(const struct basis *b, const struct ndr_layer *l, bool inverse,
                     char text[static TURN], struct error *e)
{
	const struct ndr_record *rec = b->file ? find_given(b, l, e) : NULL;
	char source[32];

	if (b->file && !rec)
		return -1;
	if (rec)
		snprintf(source, sizeof(source), "matrix %08" PRIx32,
		         checksum(0, rec->data, rec->length));
	else
		snprintf(source, sizeof(source), "seed %" PRIu64, b->seed);
	snprintf(text, TURN, "%s alpha %.15g%s%s", source, b->how.alpha,
	         b->how.unpermute ? " unpermuted" : "", inverse ? " inverse" : "");
	return 0;
}

/* If the last rotation of a basis is this one, takes it off. */
static bool take_off(char *basis, const char *turn)
{
	const size_t n = strlen(basis), m = strlen(turn);

	if (n < m || strcmp(basis + n - m, turn) != 0)
		return false;
	if (n > m && (n < m + 2 || strncmp(basis + n - m - 2, ", ", 2) != 0))
		return false;
	basis[n > m ? n - m - 2 : 0] = '\0';
	return true;
}

/* A basis is known by the rotations that led to it, one after the other.  One that takes back
 * the last leaves what was before. */
static int mark_layer(const struct basis *b, struct ndr_meta *m, size_t layer, struct error *e)
{
	const struct ndr_layer *l = &m->layer[layer];
	char turn[TURN], opposite[TURN], *text;
	int status;

	if (name_turn(b, l, b->how.inverse, turn, e) < 0 ||
	    name_turn(b, l, !b->how.inverse, opposite, e) < 0)
		return -1;
	if (l->basis && take_off(l->basis, opposite))
		return ndr_meta_set_basis(m, layer, *l->basis ? l->basis : NULL, e);
	text = memory_print(e, "%s%s%s", l->basis ? l->basis : "", l->basis ? ", " : "", turn);
	if (!text)
		return -1;
	status = ndr_meta_set_basis(m, layer, text, e);
	free(text);
	return status;
}

/* Do the matrices serve a segment, too?  That its schema says so can be an accident, or malice.
 */
static bool fits(const struct basis *b, const struct ndr_segment *s)
{
	if (!b->matrix || b->schema != s->schema || b->layers != s->meta.layers)
		return false;
	for (size_t i = 0; i < b->layers; i++)
		if (b->units[i] != s->meta.layer[i].units)
			return false;
	return true;
}

int basis_segment(struct basis *b, struct ndr_segment *s, struct error *e)
{
	const bool same = fits(b, s);

	b->meta = &s->meta;
	if (!same) {
		forget_matrices(b);
		b->layers = s->meta.layers;
		b->schema = s->schema;
		b->matrix = memory_new(b->layers, sizeof(*b->matrix), e);
		b->units = memory_new(b->layers, sizeof(*b->units), e);
	}
	for (size_t i = 0; b->matrix && b->units && i < b->layers; i++) {
		b->units[i] = s->meta.layer[i].units;
		if (!same && make_matrix(b, &s->meta.layer[i], &b->matrix[i], e) < 0)
			return -1;
		if (!basis_keeps_bytes(b) && mark_layer(b, &s->meta, i, e) < 0)
			return -1;
	}
	return b->matrix && b->units ? !same : -1;
}

int basis_rotate(const struct basis *b, const struct ndr_item *in, const struct ndr_record *rec,
                 struct ndr_item *out, struct error *e)
{
	const float *matrix = b->matrix[rec->group];
	const int units = (int)rec->dims[0];
	const int cells = (int)(rec->dims[1] * rec->dims[2]);
	struct ndr_record rotated = *rec;
	float *to;

	rotated.data = NULL;
	rotated.half = false; /* they are of all bits again */
	rotated.data = to = ndr_item_add(out, &rotated, e);
	if (!to)
		return -1;
	/* One product an item: its shape, and so its rounding, never depends on
	 * what else is in the stream. */
	cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, units, cells, units, 1, matrix,
	            units, rec->data, cells, 0, to, cells);
	return activation_check(in, &rotated, b->meta->layer[rec->group].name, e);
}

int basis_write(const struct basis *b, const struct ndr_segment *s, struct ndr_writer *w,
                struct error *e)
{
	const struct ndr_range none = {0};
	int status = ndr_begin(w, &none, &s->meta, &s->provenance, e);

	for (size_t i = 0; status == 0 && i < b->layers; i++) {
		const uint32_t d = s->meta.layer[i].units;
		const struct ndr_record rec = {.type = NDR_MATRIX,
		                               .item = NDR_NO_ITEM,
		                               .group = (uint32_t)i,
		                               .dtype = NDR_F32,
		                               .ndim = 2,
		                               .dims = {d, d},
		                               .data = b->matrix[i]};

		status = ndr_write(w, &rec, e);
	}
	return status == 0 ? ndr_end(w, 0, e) : -1;
}

void basis_free(struct basis *b)
{
	forget_matrices(b);
	ndr_item_free(&b->given);
	ndr_meta_free(&b->given_meta);
}
