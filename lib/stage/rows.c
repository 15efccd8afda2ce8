/* rows.c -- see rows.h. */
#include "stage/rows.h"
#include "base/finite.h"
#include "base/half.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK_BYTES = 1 << 27 }; /* of rows in Fortran order that are read at a time */

/* ---- the array ---- */

/* "<f4": byte order, kind and bytes of a number. */
static bool is_number(struct rows *r, bool image)
{
	static const char *const known[] = {"u1", "u2", "u4", "u8", "i1", "i2",
	                                    "i4", "i8", "f2", "f4", "f8", "b1"};
	const char *type = r->array.descr + 1;

	r->kind = *type == 'b' ? 'u' : *type;
	r->element = strtoul(type + 1, NULL, 10);
	for (size_t i = 0; i < (image ? 1 : sizeof known / sizeof *known); i++)
		if (strcmp(type, known[i]) == 0)
			return true;
	return false;
}

static int check_array(struct rows *r, unsigned type, struct error *e)
{
	const bool image = type == NDR_IMAGE, planes = type == NDR_PLANES;
	const struct npy *a = &r->array;
	size_t values = 1;

	if (!is_number(r, image))
		return error_set(e, EXIT_MALFORMED, "%s: array of '%s', not of %s", r->name,
		                 a->descr, image ? "u1" : "f2 to f8, u1 to u8, i1 to i8 or b1");
	if ((a->ndim != 4 && (type != NDR_ACT || a->ndim != 2)) || (image && a->shape[3] != 3))
		return error_set(e, EXIT_MALFORMED, "%s: array is not of shape %s", r->name,
		                 image    ? "(N, height, width, 3)"
		                 : planes ? "(N, channels, height, width)"
		                          : "(N, units, height, width) or (N, units)");
	r->record = (struct ndr_record){.type = (uint16_t)type,
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

/* ---- Fortran order: the first axis is the fastest, so a row's numbers lie N apart ---- */

/* Copy what is left of a pipe, up to one byte more than the array has. */
static int copy_to_spool(struct rows *r, uint64_t bytes, int (*spool)(struct error *e),
                         struct error *e)
{
	char block[1 << 16];
	int fd = spool(e);
	size_t n;

	if (fd < 0)
		return -1;
	r->spool = fdopen(fd, "w+b");
	if (!r->spool) {
		close(fd);
		return error_errno(e, "temporary file");
	}
	for (uint64_t left = bytes + 1; left > 0; left -= n) {
		n = fread(block, 1, left < sizeof block ? left : sizeof block, r->file);
		if (n == 0)
			break;
		if (fwrite(block, 1, n, r->spool) != n)
			return error_errno(e, "temporary file");
	}
	if (ferror(r->file))
		return error_errno(e, "%s", r->name);
	return fflush(r->spool) == 0 ? 0 : error_errno(e, "temporary file");
}

static FILE *source(const struct rows *r)
{
	return r->spool ? r->spool : r->file;
}

/* The whole array must be there. */
static int check_size(const struct rows *r, uint64_t bytes, struct error *e)
{
	const off_t size = lseek(fileno(source(r)), 0, SEEK_END);

	if (size < 0)
		return error_errno(e, "%s", r->name);
	if ((uint64_t)(size - r->start) < bytes)
		return error_set(e, EXIT_TRUNCATED,
		                 "%s: truncated: %" PRIu64 " of the array's %" PRIu64 " bytes",
		                 r->name, (uint64_t)(size - r->start), bytes);
	if ((uint64_t)(size - r->start) > bytes)
		return error_set(e, EXIT_MALFORMED, "%s: bytes after the array", r->name);
	return 0;
}

/* Where a row's numbers go, in the order in which the file has them. */
static void place_values(struct rows *r)
{
	const uint32_t *d = r->record.dims;
	size_t v = 0;

	for (size_t x = 0; x < d[2]; x++)
		for (size_t y = 0; y < d[1]; y++)
			for (size_t u = 0; u < d[0]; u++)
				r->place[v++] = (u * d[1] + y) * d[2] + x;
}

static int open_fortran(struct rows *r, int (*spool)(struct error *e), struct error *e)
{
	const size_t row = r->values * r->element;
	uint64_t bytes;

	if (__builtin_mul_overflow(r->array.shape[0], row, &bytes) || bytes > INT64_MAX)
		return error_set(e, EXIT_MALFORMED, "%s: array is too large", r->name);
	r->start = ftello(r->file);
	if (r->start < 0) {
		r->start = 0;
		if (copy_to_spool(r, bytes, spool, e) < 0)
			return -1;
	}
	if (check_size(r, bytes, e) < 0)
		return -1;
	r->most = row < BLOCK_BYTES ? BLOCK_BYTES / row : 1;
	if (r->most > r->array.shape[0])
		r->most = (size_t)r->array.shape[0];
	r->place = memory_raw(r->values, sizeof *r->place, e);
	r->block = memory_raw(r->most, row, e);
	r->piece = memory_raw(r->most, r->element, e);
	if (!r->place || !r->block || !r->piece)
		return -1;
	place_values(r);
	return 0;
}

/* n bytes that are known to be in the file. */
static int read_at(const struct rows *r, void *to, size_t n, off_t at, struct error *e)
{
	for (size_t done = 0; done < n;) {
		const ssize_t k =
		        pread(fileno(source(r)), (char *)to + done, n - done, at + (off_t)done);

		if (k < 0)
			return error_errno(e, "%s", r->name);
		if (k == 0)
			return error_set(e, EXIT_TRUNCATED, "%s: truncated", r->name);
		done += (size_t)k;
	}
	return 0;
}

/* The next rows, transposed. */
static int read_block(struct rows *r, struct error *e)
{
	const uint64_t all = r->array.shape[0];
	const size_t n = all - r->next < r->most ? (size_t)(all - r->next) : r->most;

	for (size_t v = 0; v < r->values; v++) {
		const off_t at = r->start + (off_t)((v * all + r->next) * r->element);
		unsigned char *to = r->block + r->place[v] * r->element;

		if (read_at(r, r->piece, n * r->element, at, e) < 0)
			return -1;
		for (size_t i = 0; i < n; i++)
			memcpy(to + i * r->values * r->element, r->piece + i * r->element,
			       r->element);
	}
	r->first = r->next;
	r->end = r->next + n;
	return 0;
}

static int read_fortran(struct rows *r, struct error *e)
{
	const size_t row = r->values * r->element;

	if (r->next == r->end && read_block(r, e) < 0)
		return -1;
	memcpy(r->row, r->block + (r->next - r->first) * row, row);
	return 0;
}

/* ---- rows ---- */

static int open_file(struct rows *r, const char *path, struct error *e)
{
	r->file = stdin;
	r->name = "<stdin>";
	if (!path || strcmp(path, "-") == 0)
		return 0;
	r->name = path;
	r->file = fopen(path, "rbe");
	return r->file ? 0 : error_errno(e, "%s", path);
}

int rows_open(struct rows *r, const char *path, unsigned type, int (*spool)(struct error *e),
              struct error *e)
{
	if (open_file(r, path, e) < 0 || npy_read(r->file, &r->array, r->name, e) < 0 ||
	    check_array(r, type, e) < 0)
		return -1;
	return r->array.fortran_order ? open_fortran(r, spool, e) : 0;
}

static int read_plain(struct rows *r, struct error *e)
{
	if (fread(r->row, r->element, r->values, r->file) == r->values)
		return 0;
	if (ferror(r->file))
		return error_errno(e, "%s", r->name);
	return error_set(e, EXIT_TRUNCATED, "%s: truncated within row %" PRIu64, r->name,
	                 r->next);
}

/* From big to little-endian, as the machine and streams are. */
static void swap_bytes(const struct rows *r)
{
	unsigned char *at = r->row;

	for (size_t i = 0; i < r->values; i++, at += r->element)
		for (size_t k = 0; k < r->element / 2; k++) {
			const unsigned char byte = at[k];

			at[k] = at[r->element - 1 - k];
			at[r->element - 1 - k] = byte;
		}
}

int rows_read(struct rows *r, struct error *e)
{
	if ((r->array.fortran_order ? read_fortran(r, e) : read_plain(r, e)) < 0)
		return -1;
	if (r->array.descr[0] == '>')
		swap_bytes(r);
	r->next++;
	return 0;
}

/* Number i of the row. */
static int64_t signed_at(const struct rows *r, size_t i)
{
	const void *at = r->row + i * r->element;

	return r->element == 1   ? *(const int8_t *)at
	       : r->element == 2 ? *(const int16_t *)at
	       : r->element == 4 ? *(const int32_t *)at
	                         : *(const int64_t *)at;
}

static uint64_t unsigned_at(const struct rows *r, size_t i)
{
	const void *at = r->row + i * r->element;

	return r->element == 1   ? *(const uint8_t *)at
	       : r->element == 2 ? *(const uint16_t *)at
	       : r->element == 4 ? *(const uint32_t *)at
	                         : *(const uint64_t *)at;
}

static float float_at(const struct rows *r, size_t i)
{
	const void *at = r->row + i * r->element;

	return r->element == 2   ? half_to_float(*(const uint16_t *)at)
	       : r->element == 4 ? *(const float *)at
	                         : (float)*(const double *)at;
}

/* An integer is the float of its value.  2^63 and 2^64, which some are rounded to, are none of
 * their types. */
static bool is_exact(const struct rows *r, size_t i, float x)
{
	if (r->element < 4)
		return true;
	return r->kind == 'i' ? x < 0x1p63f && (int64_t)x == signed_at(r, i)
	                      : x < 0x1p64f && (uint64_t)x == unsigned_at(r, i);
}

/* A whole number that float32 lacks. */
static int inexact(const struct rows *r, size_t i, uint32_t item, const char *unit,
                   size_t cells, struct error *e)
{
	char number[24];

	if (r->kind == 'i')
		snprintf(number, sizeof number, "%" PRId64, signed_at(r, i));
	else
		snprintf(number, sizeof number, "%" PRIu64, unsigned_at(r, i));
	return error_set(e, EXIT_MALFORMED,
	                 "%s: row %" PRIu64
	                 ", value %zu: %s is no float32 (item %u, %s %zu): round it first",
	                 r->name, r->next - 1, i, number, item, unit, i / cells);
}

int rows_floats(const struct rows *r, uint32_t item, float *to, struct error *e)
{
	const char *unit = r->record.type == NDR_PLANES ? "channel" : "unit";
	const size_t cells = r->values / r->record.dims[0];
	double value;
	size_t at;

	for (size_t i = 0; i < r->values; i++) {
		to[i] = r->kind == 'f'   ? float_at(r, i)
		        : r->kind == 'i' ? (float)signed_at(r, i)
		                         : (float)unsigned_at(r, i);
		if (r->kind != 'f' && !is_exact(r, i, to[i]))
			return inexact(r, i, item, unit, cells, e);
	}
	at = finite_prefix(to, r->values);
	if (at == r->values)
		return 0;
	value = r->element == 8 ? ((const double *)(const void *)r->row)[at] : NAN;
	if (isfinite(value))
		return error_set(e, EXIT_MALFORMED,
		                 "%s: row %" PRIu64
		                 ", value %zu: %g does not fit float32 (item %u, %s %zu)",
		                 r->name, r->next - 1, at, value, item, unit, at / cells);
	return error_set(e, EXIT_MALFORMED,
	                 "%s: row %" PRIu64 ", value %zu: NaN or infinity (item %u, %s %zu)",
	                 r->name, r->next - 1, at, item, unit, at / cells);
}

int rows_end(const struct rows *r, struct error *e)
{
	if (r->array.fortran_order) /* its size was right in the beginning */
		return 0;
	if (fgetc(r->file) != EOF)
		return error_set(e, EXIT_MALFORMED, "%s: bytes after the array", r->name);
	return ferror(r->file) ? error_errno(e, "%s", r->name) : 0;
}

void rows_close(struct rows *r)
{
	if (r->file && r->file != stdin)
		fclose(r->file);
	if (r->spool)
		fclose(r->spool);
	free(r->place);
	free(r->block);
	free(r->piece);
	free(r->row);
}
