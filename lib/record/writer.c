/* writer.c -- records out: numbered, checksummed, buffered. */
#include "record/count.h"
#include "record/format.h"
#include "base/checksum.h"
#include "base/half.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum { BUFFER_BYTES = 1 << 18 };
enum { DIRECT_BYTES = 1 << 14 }; /* from which on data are not copied into the buffer */
enum { PIPE_BYTES = 1 << 20 };   /* a few images: neither side waits for each of them */

struct ndr_writer {
	int fd;
	const char *name;
	uint64_t sequence; /* of the next record */
	uint32_t crc_of_crcs, items;
	struct type_counts count; /* of records */
	unsigned char *buffer;
	size_t used;
	bool half;        /* activations may be narrowed */
	uint16_t *narrow; /* room for them */
	size_t narrow_room;
};

struct ndr_writer *ndr_create(int fd, const char *name, struct error *e)
{
	struct ndr_writer *w = memory_new(1, sizeof *w, e);

	if (!w)
		return NULL;
	w->fd = fd;
	w->name = name;
#ifdef F_SETPIPE_SZ
	fcntl(fd, F_SETPIPE_SZ, PIPE_BYTES); /* of no matter where it is no pipe */
#endif
	w->buffer = memory_raw(BUFFER_BYTES, 1, e);
	if (!w->buffer) {
		ndr_destroy(w);
		return NULL;
	}
	return w;
}

void ndr_destroy(struct ndr_writer *w)
{
	if (!w)
		return;
	counts_free(&w->count);
	free(w->buffer);
	free(w->narrow);
	free(w);
}

/* What is in the buffer, then n bytes of data. */
static int write_through(struct ndr_writer *w, const void *data, size_t n, struct error *e)
{
	struct iovec part[] = {{w->buffer, w->used}, {(void *)data, n}};

	w->used = 0;
	while (part[0].iov_len + part[1].iov_len > 0) {
		ssize_t k = writev(w->fd, part, 2);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return error_errno(e, "%s", w->name);
		for (size_t i = 0; i < 2; i++) {
			size_t done = (size_t)k < part[i].iov_len ? (size_t)k : part[i].iov_len;

			if (done > 0) /* what is nothing may have no place */
				part[i].iov_base = (char *)part[i].iov_base + done;
			part[i].iov_len -= done;
			k -= (ssize_t)done;
		}
	}
	return 0;
}

static int put(struct ndr_writer *w, const void *data, size_t n, struct error *e)
{
	if (n >= DIRECT_BYTES)
		return write_through(w, data, n, e);
	if (n > BUFFER_BYTES - w->used && write_through(w, NULL, 0, e) < 0)
		return -1;
	if (n > 0)
		memcpy(w->buffer + w->used, data, n);
	w->used += n;
	return 0;
}

/* The record's floats become f16 in the writer's room. */
static int narrow(struct ndr_writer *w, struct ndr_record *out, struct error *e)
{
	uint64_t bytes, n, within;

	out->dtype = NDR_F16;
	if (!record_bytes(out, &bytes) || bytes > RECORD_CAP / 2)
		return error_set(e, EXIT_SYSTEM, "%s: a record cannot hold more than 1 GiB",
		                 w->name);
	n = bytes / sizeof *w->narrow;
	within = half_prefix(out->data, (size_t)n);
	if (within < n) {
		const uint64_t cells = (uint64_t)out->dims[1] * out->dims[2];

		return error_set(
		        e, EXIT_MALFORMED,
		        "%s: item %u: layer %u, unit %llu: %.9g is beyond %g, the "
		        "greatest number of 16 bits",
		        w->name, out->item, out->group, (unsigned long long)(within / cells),
		        (double)((const float *)out->data)[within], (double)HALF_GREATEST);
	}
	if (memory_grow(&w->narrow, &w->narrow_room, (size_t)n, sizeof *w->narrow, e) < 0)
		return -1;
	half_narrow(out->data, w->narrow, (size_t)n);
	out->data = w->narrow;
	return 0;
}

int ndr_write(struct ndr_writer *w, const struct ndr_record *rec, struct error *e)
{
	static const unsigned char zeros[RECORD_ALIGNMENT];
	const struct type_info *type = record_type(rec->type);
	struct ndr_record out = *rec;
	unsigned char header[HEADER_BYTES];
	uint32_t crc;
	size_t padding;

	if (type && type->critical)
		out.flags |= NDR_CRITICAL;
	for (int i = out.ndim; i < 4; i++)
		out.dims[i] = 1;
	if (rec->half && w->half && narrow(w, &out, e) < 0)
		return -1;
	out.sequence = w->sequence++;
	if (!record_bytes(&out, &out.length) || out.length > RECORD_CAP)
		return error_set(e, EXIT_SYSTEM, "%s: a record cannot hold more than 1 GiB",
		                 w->name);
	padding = (size_t)(padded(out.length) - out.length);
	crc = checksum(checksum(0, out.data, (size_t)out.length), zeros, padding);
	header_encode(header, &out, crc);
	w->crc_of_crcs = checksum(w->crc_of_crcs, header + HEADER_CRC_AT, 4);
	w->items += out.type == NDR_ITEM;
	if (counts_add(&w->count, out.type, e) < 0 || put(w, header, sizeof header, e) < 0 ||
	    put(w, out.data, (size_t)out.length, e) < 0 || put(w, zeros, padding, e) < 0)
		return -1;
	return 0;
}

int ndr_write_item(struct ndr_writer *w, const struct ndr_item *item, struct error *e)
{
	for (size_t i = 0; i < item->count; i++)
		if (ndr_write(w, &item->record[i], e) < 0)
			return -1;
	return 0;
}

static int write_bytes(struct ndr_writer *w, enum ndr_type type, const void *data, size_t n,
                       struct error *e)
{
	if (n > RECORD_CAP)
		return error_set(e, EXIT_SYSTEM, "%s: a record cannot hold more than 1 GiB",
		                 w->name);
	return ndr_write(w,
	                 &(struct ndr_record){.type = (uint16_t)type,
	                                      .dtype = NDR_BYTES,
	                                      .ndim = 1,
	                                      .dims = {(uint32_t)n},
	                                      .item = NDR_NO_ITEM,
	                                      .data = data},
	                 e);
}

int ndr_begin(struct ndr_writer *w, const struct ndr_range *range, const struct ndr_meta *meta,
              const struct ndr_provenance *provenance, struct error *e)
{
	unsigned char head[HEAD_CUT_BYTES] = {0};
	size_t length;
	char *text = ndr_meta_encode(meta, &length, e);
	int r;

	if (!text)
		return -1;
	w->sequence = 0;
	w->crc_of_crcs = 0;
	w->items = 0;
	counts_clear(&w->count);
	w->half = range->half;
	put16(head, w->half ? NDR_MAJOR_HALF : NDR_MAJOR);
	put16(head + 2, w->half ? 0 : range->cut ? NDR_MINOR : range->minor);
	put16(head + 4, 0); /* a reader of minor version 0 will do */
	put32(head + 8, checksum(0, text, length));
	put32(head + 12, range->first);
	put32(head + 16, range->end);
	put32(head + 20, range->most);
	put32(head + 24, range->cut);
	r = write_bytes(w, NDR_HEAD, head, range->cut ? HEAD_CUT_BYTES : HEAD_BYTES, e);
	if (r == 0)
		r = write_bytes(w, NDR_META, text, length, e);
	for (size_t i = 0; r == 0 && i < provenance->count; i++)
		r = write_bytes(w, NDR_PROV, provenance->text[i], strlen(provenance->text[i]),
		                e);
	free(text);
	return r;
}

int ndr_end(struct ndr_writer *w, uint32_t flags, struct error *e)
{
	const size_t types = counts_types(&w->count);
	unsigned char *end = memory_new(END_BYTES + types, END_COUNT_BYTES, e), *p;
	int r;

	if (!end)
		return -1;
	put32(end, flags);
	put32(end + 4, w->crc_of_crcs);
	put32(end + 8, w->items);
	put32(end + 12, (uint32_t)types);
	p = end + END_BYTES;
	for (uint32_t type = counts_next(&w->count, 0); type <= UINT16_MAX;
	     type = counts_next(&w->count, type + 1)) {
		put32(p, type);
		put64(p + 8, counts_of(&w->count, (uint16_t)type));
		p += END_COUNT_BYTES;
	}
	r = write_bytes(w, NDR_END, end, END_BYTES + types * END_COUNT_BYTES, e);
	free(end);
	return r < 0 ? -1 : write_through(w, NULL, 0, e);
}
