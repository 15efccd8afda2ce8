/* test_parts.c -- shards of a stream, in any order, on the way to the whole. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "record/parts.h"
#include "stage/sketches.h"
#include "tap.h"

static const float values[] = {3, 1, 4, 1, 5, 9, 2, 6};
static struct ndr_meta meta;

/* SKETCH of one unit's samples, into bytes to free. */
static struct ndr_record sketch_of(const float *v, size_t n, struct error *e)
{
	struct sketch *s = sketch_new(1, 1 << 30, e);
	struct ndr_record rec = {
	        .type = NDR_SKETCH, .item = NDR_NO_ITEM, .ndim = 1, .dims = {1, 1, 1, 1}};
	void *bytes = NULL;

	if (s && sketch_add(s, v, n, (struct units){0, 1}, e) == 0) {
		rec.length = sketch_encoded_size(s, 0);
		rec.dims[0] = (uint32_t)rec.length;
		bytes = malloc(rec.length);
		sketch_encode(s, 0, bytes);
	}
	rec.data = bytes;
	sketch_free(s);
	return rec;
}

/* A segment of items first to end - 1, each with the activation of its number; its file's
 * descriptor. */
static int shard(uint32_t first, uint32_t end, bool thresholds, struct error *e)
{
	static const double row[NDR_THRESH_FIELDS] = {4, 1, 9, 8, 0.5, 0, 3, 4};
	const struct ndr_record thresh = {.type = NDR_THRESH,
	                                  .item = NDR_NO_ITEM,
	                                  .dtype = NDR_F64,
	                                  .ndim = 2,
	                                  .dims = {1, NDR_THRESH_FIELDS},
	                                  .data = row};
	const struct ndr_range range = {.first = first, .end = end, .most = end - first};
	const struct ndr_item_info info = {.name = "a"};
	const struct ndr_provenance none = {0};
	const int fd = memfd_create("shard", 0);
	struct ndr_writer *w = ndr_create(fd, "shard", e);
	struct ndr_item item = {0};
	bool good = w && ndr_begin(w, &range, &meta, &none, e) == 0;

	for (uint32_t i = first; good && i < end; i++) {
		const struct ndr_record act = {.type = NDR_ACT,
		                               .dtype = NDR_F32,
		                               .ndim = 3,
		                               .dims = {1, 1, 1},
		                               .data = &values[i]};

		ndr_item_clear(&item, i);
		good = ndr_item_add_info(&item, &info, e) == 0 &&
		       ndr_item_add(&item, &act, e) && ndr_write_item(w, &item, e) == 0;
	}
	good = good && (!thresholds || ndr_write(w, &thresh, e) == 0) && ndr_end(w, 0, e) == 0;
	if (!good)
		printf("# %s\n", e->text);
	ndr_item_free(&item);
	ndr_destroy(w);
	return fd;
}

static int no_spool(struct error *e)
{
	return error_set(e, EXIT_SYSTEM, "no temporary file is needed");
}

/* Appends items' numbers to a text. */
static int note(void *text, const struct ndr_record *rec, struct error *e)
{
	char *t = text;

	(void)e;
	if (rec->type == NDR_ACT)
		sprintf(t + strlen(t), "%u:%g ", rec->item, (double)*(const float *)rec->data);
	return 0;
}

static int find(struct ndr_parts *p, const int *fd, size_t n, struct error *e)
{
	static char name[3][32];
	char *names[3];

	*e = (struct error){0};
	*p = (struct ndr_parts){.spool = no_spool};
	for (size_t i = 0; i < n; i++) {
		snprintf(name[i], sizeof name[i], "/proc/self/fd/%d", fd[i]);
		names[i] = name[i];
	}
	return ndr_parts_find(p, names, n, 0, e);
}

static void test_order(void)
{
	struct error e = {0};
	const int fd[] = {shard(5, 8, false, &e), shard(0, 2, false, &e),
	                  shard(2, 5, false, &e)},
	          twice[] = {fd[0], fd[1], fd[0]},
	          more[] = {shard(0, 1, true, &e), shard(1, 2, true, &e)};
	struct ndr_parts p;
	char text[128] = "";
	bool good = find(&p, fd, 3, &e) == 0;

	ok(good && p.count == 3 && p.united.all.range.first == 0 &&
	           p.united.all.range.end == 8 && p.united.all.items == 8,
	   "three shards are the whole: %s", e.text);
	for (size_t i = 0; good && i < p.count; i++)
		good = ndr_parts_read(&p, i, note, text, &e) == 0;
	ok(good, "their records: %s", e.text);
	is_str(text, "0:3 1:1 2:4 3:1 4:5 5:9 6:2 7:6 ", "in order");
	ndr_parts_free(&p);

	ok(find(&p, twice, 3, &e) < 0 && e.code == EXIT_MALFORMED && strstr(e.text, "overlap"),
	   "one of them twice: %s", e.text);
	ndr_parts_free(&p);
	ok(find(&p, more, 1, &e) == 0, "thresholds of one part: %s", e.text);
	ndr_parts_free(&p);
	ok(find(&p, more, 2, &e) < 0 && e.code == EXIT_MALFORMED && strstr(e.text, "THRESH"),
	   "of two: %s", e.text);
	ndr_parts_free(&p);
	for (size_t i = 0; i < 3; i++)
		close(fd[i]);
	close(more[0]);
	close(more[1]);
}

/* Sketches of a part of the samples, and of the rest, are those of all. */
static void test_sketches(void)
{
	struct error e = {0};
	struct ndr_record a = sketch_of(values, 3, &e), b = sketch_of(values + 3, 5, &e),
	                  all = sketch_of(values, 8, &e), rec;
	const struct ndr_range range = {.end = 1, .most = 1};
	const struct ndr_provenance none = {0};
	const int fd = memfd_create("sum", 0);
	struct ndr_writer *w = ndr_create(fd, "sum", &e);
	struct ndr_segment *segment;
	struct ndr_reader *r;
	struct sketches s = {.limit = 1 << 24};
	char name[32];

	ok(w && ndr_begin(w, &range, &meta, &none, &e) == 0 &&
	           sketches_add(&s, &meta, &b, &e) == 0 &&
	           sketches_add(&s, &meta, &a, &e) == 0 &&
	           sketches_write(&s, &meta, w, &e) == 0 && ndr_end(w, 0, &e) == 0,
	   "two sketches add up: %s", e.text);
	snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	r = ndr_open(&(char *){name}, 1, 0, &e);
	if (ok(r && ndr_next_segment(r, &segment, &e) == 1 && ndr_read(r, &rec, &e) == 1 &&
	               rec.type == NDR_SKETCH && rec.length == all.length,
	       "to one: %s", e.text))
		ok(memcmp(rec.data, all.data, all.length) == 0, "that of all samples");
	ndr_close(r);
	ndr_destroy(w);
	close(fd);
	sketches_free(&s);
	free((void *)a.data);
	free((void *)b.data);
	free((void *)all.data);
}

int main(void)
{
	const struct ndr_layer layer = {.name = "conv", .units = 1, .height = 1, .width = 1};
	struct error e = {0};

	meta.items = 8;
	ok(ndr_meta_add_layer(&meta, &layer, &e) == 0, "a layer");
	test_order();
	test_sketches();
	ndr_meta_free(&meta);
	return done();
}
