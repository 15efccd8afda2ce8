/* basis.h -- the matrices that turn the layers of a stream into another basis: MATRIX ->
 * MATRIX, and META's note of them. */
#ifndef STAGE_BASIS_H
#define STAGE_BASIS_H

#include "dissect/power.h"
#include "record/ndr.h"

/* Set seed and how before use, all else to zero. */
struct basis {
	uint64_t seed; /* of Q, where no file was read */
	struct rotation how;
	/* Of the layers of the segment: */
	size_t layers;
	float **matrix; /* (layers): (units, units) */
	const struct ndr_meta *meta;
	/* private: */
	uint32_t schema;
	uint32_t *units; /* (layers) */
	const char *file;
	struct ndr_meta given_meta;
	struct ndr_item given; /* MATRIX records */
};

/* Take Q from the MATRIX records of a stream, by the names of layers; one in a stream without
 * layers is for all.  name must outlive b. */
int basis_read(struct basis *b, const char *name, uint64_t most_label_pixels,
               struct error *e) CHECK_RESULT;

/* The matrices for the layers of a segment, whose META then says which basis they are in:
 * seeds or checksums, and how, one rotation after the other; a rotation that takes back the
 * last is left out with it.  s->meta must outlive their use. 1 if they are others than before,
 * 0, or -1: EXIT_MALFORMED where a given matrix does not fit its layer, or is not orthogonal.
 */
int basis_segment(struct basis *b, struct ndr_segment *s, struct error *e) CHECK_RESULT;

/* Nothing turns: activations are to pass as they are. */
bool basis_keeps_bytes(const struct basis *b);

/* Append rec, the ACT of an item in, to out, turned.  On any thread.  EXIT_MALFORMED, naming
 * the item, where it is not finite then. */
int basis_rotate(const struct basis *b, const struct ndr_item *in, const struct ndr_record *rec,
                 struct ndr_item *out, struct error *e) CHECK_RESULT;
/* Write the matrices as a stream of the segment s, to a writer that has begun nothing. */
int basis_write(const struct basis *b, const struct ndr_segment *s, struct ndr_writer *w,
                struct error *e) CHECK_RESULT;

void basis_free(struct basis *b);

#endif
