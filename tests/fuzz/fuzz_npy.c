/* fuzz_npy.c -- any bytes as the header of a NumPy array.
 *
 *	make fuzz
 *	build-fuzz/fuzz_npy -max_len=512 NEW-DIRECTORY
 *
 * What is understood is written, and then understood the same. */
#include "table/npy.h"
#include "fuzz.h"

static int read_header(const void *data, size_t size, struct npy *a)
{
	FILE *f = fmemopen((void *)data, size, "rb");
	struct error e = {0};
	int status;

	if (!f)
		return -1;
	status = npy_read(f, a, "input", &e);
	fclose(f);
	if ((status == 0) != (e.code == EXIT_OK))
		abort();
	return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char header[NPY_HEADER_BYTES];
	struct npy a, again;

	if (read_header(data, size, &a) < 0 || a.ndim > 4 || a.fortran_order)
		return 0;
	for (unsigned i = 0; i < a.ndim; i++)
		if (a.shape[i] > UINT32_MAX)
			return 0;
	npy_encode(&a, header);
	if (read_header(header, sizeof header, &again) < 0 || again.ndim != a.ndim ||
	    strcmp(again.descr, a.descr) != 0 ||
	    memcmp(again.shape, a.shape, sizeof a.shape) != 0)
		abort();
	return 0;
}
