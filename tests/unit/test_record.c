/* test_record.c -- what goes into a stream comes out of it, and nothing else
 * passes the reader. */
#include "record/ndr.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "tap.h"

static struct error e;

static struct ndr_meta example_meta(void)
{
	struct ndr_meta m = {.items = 3};
	struct ndr_layer layer = {.name = "conv5",
	                          .units = 3,
	                          .height = 2,
	                          .width = 2,
	                          .offset = {3.5, 3.5},
	                          .stride = {4, 4},
	                          .size = {7, 7},
	                          .input = {8, 8}};

	if (ndr_meta_add_category(&m, "object", &e) < 0 ||
	    ndr_meta_add_category(&m, "part", &e) < 0 ||
	    ndr_meta_set_label(&m, 1, "cat", 0, &e) < 0 ||
	    ndr_meta_set_label(&m, 7, "paw", 1, &e) < 0 ||
	    ndr_meta_add_layer(&m, &layer, &e) < 0)
		abort();
	return m;
}

static void fill_item(struct ndr_item *item, uint32_t number, size_t extra)
{
	struct ndr_item_info info = {2, 3, 2, 2, "a picture.jpg"};
	struct ndr_record image = {
	        .type = NDR_IMAGE, .dtype = NDR_U8, .ndim = 3, .dims = {2, 3, 3}};
	struct ndr_record label = {
	        .type = NDR_LABEL, .group = 1, .dtype = NDR_U16, .ndim = 3, .dims = {1, 2, 2}};
	struct ndr_record act = {
	        .type = NDR_ACT, .dtype = NDR_F32, .ndim = 3, .dims = {3, 2, 2}};
	struct ndr_record other = {.type = NDR_PRIVATE + 1,
	                           .dtype = NDR_U32,
	                           .ndim = 1,
	                           .dims = {(uint32_t)extra}};
	unsigned char *pixel;
	uint16_t *map;
	float *a;
	uint32_t *unit;
	uint64_t *bitmap;

	ndr_item_clear(item, number);
	if (ndr_item_add_info(item, &info, &e) < 0 ||
	    !(pixel = ndr_item_add(item, &image, &e)) ||
	    !(map = ndr_item_add(item, &label, &e)) || !(a = ndr_item_add(item, &act, &e)) ||
	    ndr_seg_add(item, 0, 2, 2, 1, &unit, &bitmap, &e) < 0 ||
	    !ndr_item_add(item, &other, &e))
		abort();
	for (int i = 0; i < 18; i++)
		pixel[i] = (unsigned char)(i + (int)number);
	map[3] = 7;
	for (int i = 0; i < 12; i++)
		a[i] = (float)i / 4 - 1;
	unit[0] = 2;
	bitmap[0] = 0x9; /* top left and bottom right */
}

/* A stream of one segment with items 0 and 2, and a record of no item. */
static int write_example(int fd, const struct ndr_meta *meta, size_t extra)
{
	struct ndr_writer *w = ndr_create(fd, "memory", &e);
	struct ndr_provenance p = {0};
	struct ndr_range range = {.end = 3, .most = 3};
	struct ndr_item item = {0};
	const uint64_t count[8] = {[7] = 2};
	struct ndr_record rec = {.type = NDR_COUNT,
	                         .dtype = NDR_U64,
	                         .ndim = 1,
	                         .dims = {8},
	                         .item = NDR_NO_ITEM,
	                         .data = count};
	int r = -1;

	if (w && ndr_provenance_add(&p, "first", "1", "option.seed=3\n", &e) == 0 &&
	    ndr_provenance_add(&p, "second", "1", "", &e) == 0 &&
	    ndr_begin(w, &range, meta, &p, &e) == 0) {
		fill_item(&item, 0, extra);
		r = ndr_write_item(w, &item, &e);
		fill_item(&item, 2, extra);
		if (r == 0)
			r = ndr_write_item(w, &item, &e);
		if (r == 0)
			r = ndr_write(w, &rec, &e);
		if (r == 0)
			r = ndr_end(w, 0, &e);
	}
	ndr_item_free(&item);
	ndr_provenance_free(&p);
	ndr_destroy(w);
	return r;
}

struct bytes {
	unsigned char *p;
	size_t n;
};

static struct bytes example(size_t extra)
{
	struct ndr_meta meta = example_meta();
	int fd = memfd_create("example", 0);
	struct bytes b;

	ok(write_example(fd, &meta, extra) == 0, "a stream is written: %s", e.text);
	ndr_meta_free(&meta);
	b.n = (size_t)lseek(fd, 0, SEEK_END);
	b.p = malloc(b.n);
	if (!b.p || pread(fd, b.p, b.n, 0) != (ssize_t)b.n)
		abort();
	close(fd);
	return b;
}

/* Put n bytes where ndr_open() finds them under the returned name. */
static char *name_bytes(const void *p, size_t n)
{
	static int fd = -1;
	static char name[64];

	if (fd >= 0)
		close(fd);
	fd = memfd_create("input", 0);
	if (fd < 0 || write(fd, p, n) != (ssize_t)n)
		abort();
	snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	return name;
}

/* Read every item; the exit code, items and segments counted. */
static enum exit_code read_all(const void *p, size_t n, unsigned *items, unsigned *segments)
{
	char *name = name_bytes(p, n);
	struct ndr_reader *r;
	struct ndr_segment *s;
	struct ndr_item item = {0};
	int more = -1;

	e = (struct error){0};
	*items = *segments = 0;
	r = ndr_open(&name, 1, 0, &e);
	while (r && (more = ndr_next_segment(r, &s, &e)) == 1) {
		while ((more = ndr_read_item(r, &item, &e)) == 1)
			*items += item.number != NDR_NO_ITEM;
		if (more < 0)
			break;
		++*segments;
	}
	ndr_item_free(&item);
	ndr_close(r);
	return more == 0 ? EXIT_OK : e.code;
}

static void check_item(const struct ndr_item *item, const struct ndr_meta *m)
{
	const struct ndr_record *rec;
	struct ndr_item_info info;
	struct ndr_seg seg;

	is_int((long long)item->count, 6, "all records of the item");
	ok(ndr_item_info(item, &info, &e) == 0, "ITEM is there");
	is_str(info.name, "a picture.jpg", "its name");
	is_int(info.image_width, 3, "its width");
	rec = ndr_item_find(item, NDR_IMAGE, NDR_ANY_GROUP);
	is_int(((const unsigned char *)rec->data)[17], 17 + item->number, "last pixel");
	is_int((long long)((uintptr_t)rec->data % 64), 0, "aligned");
	rec = ndr_item_find(item, NDR_LABEL, 1);
	is_int(((const uint16_t *)rec->data)[3], 7, "label map");
	ok(!ndr_item_find(item, NDR_LABEL, 0), "no labels of the other category");
	rec = ndr_item_find(item, NDR_ACT, 0);
	is_real(((const float *)rec->data)[11], 1.75, 0, "last activation");
	rec = ndr_item_find(item, NDR_SEG, 0);
	ok(ndr_seg_parse(rec, m->layer[0].units, &seg, &e) == 0, "SEG parses: %s", e.text);
	is_int(seg.unit[0], 2, "its unit");
	is_int((long long)seg.bitmap[0], 9, "its bits");
	is_int(seg.words, 8, "padded to 64 bytes");
	rec = ndr_item_find(item, NDR_PRIVATE + 1, NDR_ANY_GROUP);
	ok(rec && !(rec->flags & NDR_CRITICAL), "a private record passes");
}

static void round_trip(size_t extra)
{
	struct bytes b = example(extra);
	char *name = name_bytes(b.p, b.n);
	struct ndr_reader *r = ndr_open(&name, 1, 0, &e);
	struct ndr_segment *s;
	struct ndr_item item = {0};

	is_int((long long)(b.n % 64), 0, "whole steps of 64 bytes");
	if (!ok(ndr_next_segment(r, &s, &e) == 1, "a segment: %s", e.text))
		return;
	is_int(s->range.end, 3, "range");
	is_int((long long)s->meta.labels, 8, "labels");
	is_str(s->meta.label[7].name, "paw", "a label's name");
	is_int((long long)s->provenance.count, 2, "provenance");
	ok(strstr(s->provenance.text[1], "parent=") != NULL, "the second names the first");
	if (!ok(ndr_read_item(r, &item, &e) == 1, "an item: %s", e.text))
		return;
	is_int(item.number, 0, "item 0");
	check_item(&item, &s->meta);
	ok(ndr_read_item(r, &item, &e) == 1 && item.number == 2, "item 2: %s", e.text);
	check_item(&item, &s->meta);
	ok(ndr_read_item(r, &item, &e) == 1 && item.number == NDR_NO_ITEM && item.count == 1 &&
	           item.record[0].type == NDR_COUNT,
	   "a record of no item: %s", e.text);
	ok(ndr_read_item(r, &item, &e) == 0, "END: %s", e.text);
	is_int(s->items, 2, "END counts the items");
	ok(ndr_next_segment(r, &s, &e) == 0, "no further segment: %s", e.text);
	ndr_item_free(&item);
	ndr_close(r);
	free(b.p);
}

/* Copying record by record gives the same bytes. */
static void copy_is_equal(void)
{
	struct bytes b = example(5);
	char *name = name_bytes(b.p, b.n);
	struct ndr_reader *r = ndr_open(&name, 1, 0, &e);
	struct ndr_segment *s;
	struct ndr_record rec;
	int fd = memfd_create("copy", 0), status = -1;
	struct ndr_writer *w = ndr_create(fd, "copy", &e);
	unsigned char *copy = malloc(b.n);

	if (ndr_next_segment(r, &s, &e) == 1 &&
	    ndr_begin(w, &s->range, &s->meta, &s->provenance, &e) == 0) {
		while ((status = ndr_read(r, &rec, &e)) == 1)
			if (ndr_write(w, &rec, &e) < 0)
				break;
		if (status == 0)
			status = ndr_end(w, s->flags, &e);
	}
	ok(status == 0, "copied: %s", e.text);
	is_int(lseek(fd, 0, SEEK_END), (long long)b.n, "same length");
	ok(pread(fd, copy, b.n, 0) == (ssize_t)b.n && memcmp(copy, b.p, b.n) == 0,
	   "same bytes");
	ndr_close(r);
	ndr_destroy(w);
	close(fd);
	free(copy);
	free(b.p);
}

static void cuts_and_flips(void)
{
	struct bytes b = example(5);
	unsigned items, segments, bad = 0;

	for (size_t n = 0; n < b.n; n++)
		bad += read_all(b.p, n, &items, &segments) != EXIT_TRUNCATED;
	is_int(bad, 0, "cut after any of %zu bytes: truncated", b.n);
	for (size_t i = 0; i < b.n; i++) {
		b.p[i] ^= (unsigned char)(1 << i % 8);
		bad += read_all(b.p, b.n, &items, &segments) != EXIT_MALFORMED;
		b.p[i] ^= (unsigned char)(1 << i % 8);
	}
	is_int(bad, 0, "a bit of any byte flipped: malformed");
	is_int(read_all(b.p, b.n, &items, &segments), EXIT_OK, "and whole again");
	is_int(items, 2, "two items");
	free(b.p);
}

static size_t compress_bytes(const unsigned char *p, size_t n, unsigned char *to, size_t room)
{
	z_stream z = {.next_in = (unsigned char *)p,
	              .avail_in = (unsigned)n,
	              .next_out = to,
	              .avail_out = (unsigned)room};

	if (deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK ||
	    deflate(&z, Z_FINISH) != Z_STREAM_END)
		abort();
	deflateEnd(&z);
	return z.total_out;
}

static void several_segments(void)
{
	struct bytes b = example(5);
	unsigned char *two = malloc(2 * b.n), *packed = malloc(4 * b.n);
	unsigned items, segments;
	size_t n, half = b.n / 2;

	memcpy(two, b.p, b.n);
	memcpy(two + b.n, b.p, b.n);
	is_int(read_all(two, 2 * b.n, &items, &segments), EXIT_OK, "two segments: %s", e.text);
	is_int(segments, 2, "both are seen");
	is_int(items, 4, "with their items");
	is_int(read_all(two, b.n + 64, &items, &segments), EXIT_TRUNCATED, "second one cut");
	memcpy(two + b.n, "garbage", 8);
	is_int(read_all(two, b.n + 8, &items, &segments), EXIT_MALFORMED, "bytes after END");
	is_int(read_all("", 0, &items, &segments), EXIT_TRUNCATED, "nothing is not a stream");
	is_int(read_all("hello\n", 6, &items, &segments), EXIT_MALFORMED, "nor is text");

	n = compress_bytes(b.p, half, packed, 4 * b.n);
	n += compress_bytes(b.p + half, b.n - half, packed + n, 4 * b.n - n);
	is_int(read_all(packed, n, &items, &segments), EXIT_OK, "two gzip members: %s", e.text);
	is_int(items, 2, "inflated");
	is_int(read_all(packed, n - 1, &items, &segments), EXIT_TRUNCATED, "gzip data cut");
	free(two);
	free(packed);
	free(b.p);
}

static void label_pixels(void)
{
	static const struct {
		uint32_t height, width;
		uint64_t maps;
		bool fits;
	} cases[] = {
	        {0, 0, 0, true},          {0, 9, UINT64_MAX, true},
	        {4096, 8192, 0, true},    {4096, 8192, 1, true},
	        {4096, 8192, 2, false},   {4096, 8193, 0, false},
	        {1, 1, 1 << 25, true},    {1, 1, (1 << 25) + 1, false},
	        {16384, 16384, 0, false}, {UINT32_MAX, UINT32_MAX, UINT64_MAX, false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct error why = {0};
		int status = ndr_check_label_pixels(cases[i].height, cases[i].width,
		                                    cases[i].maps, NDR_LABEL_PIXELS, "x", &why);

		ok((status == 0) == cases[i].fits, "%u x %u labels, %llu maps %s",
		   cases[i].width, cases[i].height, (unsigned long long)cases[i].maps,
		   why.text);
		is_int(why.code, cases[i].fits ? EXIT_OK : EXIT_MALFORMED, "exit code");
	}
}

int main(void)
{
	label_pixels();
	round_trip(5);
	round_trip(0);
	round_trip(1000000); /* larger than any buffer */
	copy_is_equal();
	cuts_and_flips();
	several_segments();
	return done();
}
