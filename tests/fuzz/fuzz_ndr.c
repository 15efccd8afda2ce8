/* fuzz_ndr.c -- any bytes, through the reader, to the writer.
 *
 *	make fuzz
 *	build-fuzz/fuzz_ndr -max_len=8192 NEW-DIRECTORY tests/format/passed tests/fuzz/seeds/ndr
 *
 * What the reader accepts is written again; that must be accepted too, and be
 * written the same once more.  What recovery makes of the bytes must be
 * accepted as well.  An odd last byte has all checksums put right first, so that
 * what is behind them is reached. */
#include <zlib.h>

#include "record/ndr.h"
#include "fuzz.h"

struct bytes {
	unsigned char *p;
	size_t n;
};

static uint64_t get(const unsigned char *p, int n)
{
	uint64_t v = 0;

	while (n--)
		v = v << 8 | p[n];
	return v;
}

static void put(unsigned char *p, uint64_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (unsigned char)(v >> 8 * i);
}

/* Sequence numbers and checksums of whatever looks like records. */
static void mend(unsigned char *p, size_t n)
{
	unsigned char *end = p + n, *head = NULL;
	uint64_t sequence = 0;
	uint32_t over = 0;

	while (end - p >= 64) {
		uint64_t length = get(p + 8, 8), room = (uint64_t)(end - p) - 64, padded;
		unsigned type = (unsigned)get(p + 4, 2);

		memcpy(p, "\x89NDR", 4);
		if (length > room)
			length = room;
		padded = (length + 63) / 64 * 64;
		if (padded > room)
			padded = room;
		if (type == NDR_HEAD) {
			sequence = over = 0;
			head = p;
		}
		put(p + 16, sequence++);
		put(p + 20, 0);
		if (type == NDR_META && head && head + 64 < p) {
			put(head + 64 + 8, crc32(0, p + 64, (unsigned)length));
			put(head + 56, crc32(0, head + 64, 64));
			put(head + 60, crc32(0, head, 60));
			over = (uint32_t)crc32(0, head + 60, 4);
		}
		if (type == NDR_END && length >= 16)
			put(p + 64 + 4, over);
		put(p + 56, crc32(0, p + 64, (unsigned)padded));
		put(p + 60, crc32(0, p, 60));
		over = (uint32_t)crc32(over, p + 60, 4);
		p += 64 + padded;
	}
}

/* Read all segments and write them again.  The exit code. */
static enum exit_code copy(struct bytes in, bool recover, struct bytes *out)
{
	char path[PATH_BYTES], *name = path;
	int from = memory_file(in.p, in.n, path), to = memfd_create("out", 0), more = -1;
	struct error e = {0};
	struct ndr_reader *r;
	struct ndr_writer *w = ndr_create(to, "out", &e);
	struct ndr_segment *s;
	struct ndr_item item = {0};

	if (to < 0 || !w)
		abort();
	r = ndr_open(&name, 1, 0, &e);
	if (r && recover)
		ndr_recover(r);
	while (r && (more = ndr_next_segment(r, &s, &e)) == 1) {
		if (ndr_begin(w, &s->range, &s->meta, &s->provenance, &e) < 0)
			break;
		while ((more = ndr_read_item(r, &item, &e)) == 1)
			if (ndr_write_item(w, &item, &e) < 0)
				abort();
		if (more < 0 || ndr_end(w, s->flags, &e) < 0)
			break;
	}
	if ((e.code == EXIT_OK) != (more == 0))
		abort();
	ndr_item_free(&item);
	ndr_close(r);
	ndr_destroy(w);
	*out = (struct bytes){NULL, (size_t)lseek(to, 0, SEEK_END)};
	out->p = malloc(out->n + 1);
	if (!out->p || pread(to, out->p, out->n, 0) != (ssize_t)out->n)
		abort();
	close(from);
	close(to);
	return e.code;
}

static void copy_again(struct bytes in)
{
	struct bytes out;

	if (copy(in, false, &out) != EXIT_OK || out.n != in.n || memcmp(out.p, in.p, in.n) != 0)
		abort();
	free(out.p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = {malloc(size + 1), size}, out;

	if (!in.p)
		abort();
	memcpy(in.p, data, size);
	if (size % 64 && in.p[size - 1] & 1)
		mend(in.p, --in.n);
	if (copy(in, false, &out) == EXIT_OK)
		copy_again(out);
	free(out.p);
	copy(in, true, &out);
	if (out.n > 0)
		copy_again(out);
	free(out.p);
	free(in.p);
	return 0;
}
