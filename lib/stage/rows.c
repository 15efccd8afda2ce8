/* rows.c -- see rows.h. */
#include "stage/rows.h"
#include "base/finite.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int check_array(struct rows *r, bool image, struct error *e)
{
	const struct npy *a = &r->array;
	const bool f4 = strcmp(a->descr, "<f4") == 0, f8 = strcmp(a->descr, "<f8") == 0,
	           u1 = strcmp(a->descr, "|u1") == 0;
	size_t values = 1;

	if (a->fortran_order)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: array in Fortran order: save "
		                 "numpy.ascontiguousarray() of it",
		                 r->name);
	if (image ? !u1 : !(f4 || f8 || u1))
		return error_set(e, EXIT_MALFORMED, "%s: array of '%s', not of %s", r->name,
		                 a->descr, image ? "'|u1'" : "'<f4', '<f8' or '|u1'");
	if (image ? a->ndim != 4 || a->shape[3] != 3 : a->ndim != 2 && a->ndim != 4)
		return error_set(e, EXIT_MALFORMED, "%s: array is not of shape %s", r->name,
		                 image ? "(N, height, width, 3)"
		                       : "(N, units, height, width) or (N, units)");
	r->element = f4 ? 4 : f8 ? 8 : 1;
	r->record = (struct ndr_record){.type = image ? NDR_IMAGE : NDR_ACT,
	                                .dtype = image ? NDR_U8 : NDR_F32,
	                                .ndim = 3,
	                                .dims = {1, 1, 1}};
	for (unsigned i = 1; i < a->ndim; i++) {
		r->record.dims[i - 1] = (uint32_t)a->shape[i];
		if (a->shape[i] == 0 || a->shape[i] > INT32_MAX ||
		    !size_multiply(values, a->shape[i], &values))
			return error_set(e, EXIT_MALFORMED, "%s: array is too large or empty",
			                 r->name);
	}
	if (values > 1 << 28 || a->shape[0] >= NDR_NO_ITEM)
		return error_set(e, EXIT_MALFORMED, "%s: array is too large", r->name);
	r->values = values;
	r->row = memory_new(values, r->element, e);
	return r->row ? 0 : -1;
}

int rows_open(struct rows *r, FILE *file, const char *name, bool image, struct error *e)
{
	r->file = file;
	r->name = name;
	return npy_read(file, &r->array, name, e) < 0 ? -1 : check_array(r, image, e);
}

int rows_read(struct rows *r, struct error *e)
{
	if (fread(r->row, r->element, r->values, r->file) == r->values) {
		r->next++;
		return 0;
	}
	if (ferror(r->file))
		return error_errno(e, "%s", r->name);
	return error_set(e, EXIT_TRUNCATED, "%s: truncated within row %" PRIu64, r->name,
	                 r->next);
}

int rows_floats(const struct rows *r, uint32_t item, float *to, struct error *e)
{
	const float *f4 = (const void *)r->row;
	const double *f8 = (const void *)r->row;
	const size_t cells = r->values / r->record.dims[0];
	size_t at;

	for (size_t i = 0; i < r->values; i++)
		to[i] = r->element == 4   ? f4[i]
		        : r->element == 8 ? (float)f8[i]
		                          : (float)r->row[i];
	at = finite_prefix(to, r->values);
	if (at == r->values)
		return 0;
	if (r->element == 8 && isfinite(f8[at]))
		return error_set(e, EXIT_MALFORMED,
		                 "%s: row %" PRIu64
		                 ", value %zu: %g does not fit float32 (item %u, unit %zu)",
		                 r->name, r->next - 1, at, f8[at], item, at / cells);
	return error_set(e, EXIT_MALFORMED,
	                 "%s: row %" PRIu64 ", value %zu: NaN or infinity (item %u, unit %zu)",
	                 r->name, r->next - 1, at, item, at / cells);
}

int rows_end(const struct rows *r, struct error *e)
{
	if (fgetc(r->file) != EOF)
		return error_set(e, EXIT_MALFORMED, "%s: bytes after the array", r->name);
	return ferror(r->file) ? error_errno(e, "%s", r->name) : 0;
}

void rows_free(struct rows *r)
{
	free(r->row);
}
