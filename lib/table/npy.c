/* npy.c -- see npy.h. */
#include "table/npy.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/magic.h"

enum { PREFIX_BYTES = 10, MOST_HEADER_BYTES = 1 << 16 };

/* ---- reading ---- */

static int bad(const char *name, const char *reason, struct error *e)
{
	return error_set(e, EXIT_MALFORMED, "%s: NPY header: %s", name, reason);
}

static int read_bytes(FILE *f, void *to, size_t n, const char *name, struct error *e)
{
	if (fread(to, 1, n, f) == n)
		return 0;
	if (ferror(f))
		return error_errno(e, "%s", name);
	return error_set(e, EXIT_TRUNCATED, "%s: truncated within the NPY header", name);
}

/* After key and blanks and colon in text; NULL if it is not there once. */
static const char *value_of(const char *text, const char *key)
{
	const char *at = strstr(text, key);

	if (!at || strstr(at + 1, key))
		return NULL;
	at += strlen(key);
	at += strspn(at, " ");
	if (*at++ != ':')
		return NULL;
	return at + strspn(at, " ");
}

static const char *parse_descr(const char *text, struct npy *a)
{
	const char *at = value_of(text, "'descr'");
	size_t n;

	if (!at || *at++ != '\'')
		return "no simple type";
	n = strcspn(at, "'");
	if (at[n] != '\'' || n < 3 || n >= sizeof a->descr || !strchr("<>|=", at[0]) ||
	    1 + strspn(at + 1, "abcdefghijklmnopqrstuvwxyzMOSUV0123456789") != n)
		return "no simple type";
	memcpy(a->descr, at, n);
	return NULL;
}

static const char *parse_order(const char *text, struct npy *a)
{
	const char *at = value_of(text, "'fortran_order'");

	if (!at || (strncmp(at, "True", 4) != 0 && strncmp(at, "False", 5) != 0))
		return "no order";
	a->fortran_order = *at == 'T';
	return NULL;
}

/* "(2, 3)", "(2,)" or "()"; Python 2 wrote "(2L, 3L)" */
static const char *parse_shape(const char *text, struct npy *a)
{
	const char *at = value_of(text, "'shape'");

	if (!at || *at++ != '(')
		return "no shape";
	for (at += strspn(at, " "); *at != ')'; at += strspn(at, " ")) {
		char *end;

		if (a->ndim == NPY_DIMENSIONS)
			return "too many dimensions";
		if (!isdigit((unsigned char)*at))
			return "bad shape";
		a->shape[a->ndim] = strtoull(at, &end, 10);
		if (a->shape[a->ndim++] > INT64_MAX)
			return "bad shape";
		end += *end == 'L';
		at = end + strspn(end, " ");
		if (*at == ',')
			at++;
		else if (*at != ')')
			return "bad shape";
	}
	return NULL;
}

int npy_read(FILE *f, struct npy *a, const char *name, struct error *e)
{
	unsigned char prefix[PREFIX_BYTES + 2];
	char but[MAGIC_BYTES];
	const char *why = NULL;
	size_t length;
	char *text;
	int status;

	*a = (struct npy){0};
	if (read_bytes(f, prefix, PREFIX_BYTES, name, e) < 0)
		return -1;
	if (memcmp(prefix, "\x93NUMPY", 6) != 0)
		return error_set(e, EXIT_MALFORMED, "%s: not an NPY file%s", name,
		                 magic_but(prefix, PREFIX_BYTES, but));
	if (prefix[6] < 1 || prefix[6] > 3)
		return bad(name, "unknown version", e);
	length = prefix[8] | (size_t)prefix[9] << 8;
	if (prefix[6] > 1) {
		if (read_bytes(f, prefix + PREFIX_BYTES, 2, name, e) < 0)
			return -1;
		length |= (size_t)prefix[10] << 16 | (size_t)prefix[11] << 24;
	}
	if (length > MOST_HEADER_BYTES)
		return bad(name, "too long", e);
	text = calloc(length + 1, 1);
	if (!text)
		return error_set(e, EXIT_SYSTEM, "no memory");
	status = read_bytes(f, text, length, name, e);
	if (status == 0 && ((why = parse_descr(text, a)) || (why = parse_order(text, a)) ||
	                    (why = parse_shape(text, a))))
		status = bad(name, why, e);
	free(text);
	return status;
}

/* ---- writing ---- */

void npy_encode(const struct npy *a, char header[static NPY_HEADER_BYTES])
{
	char *at = header + PREFIX_BYTES, *end = header + NPY_HEADER_BYTES;

	memset(header, ' ', NPY_HEADER_BYTES);
	memcpy(header, "\x93NUMPY\x01\x00", 8);
	header[8] = NPY_HEADER_BYTES - PREFIX_BYTES;
	header[9] = 0;
	at += snprintf(at, (size_t)(end - at),
	               "{'descr': '%s', 'fortran_order': False, 'shape': (", a->descr);
	for (unsigned i = 0; i < a->ndim && i < 4; i++)
		at += snprintf(at, (size_t)(end - at), "%s%" PRIu64, i ? ", " : "",
		               a->shape[i]);
	at += snprintf(at, (size_t)(end - at), a->ndim == 1 ? ",), }" : "), }");
	*at = ' ';
	end[-1] = '\n';
}
