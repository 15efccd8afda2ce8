/* test_stage.c -- records on their way to arrays and back. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "stage/activation.h"
#include "stage/array.h"
#include "stage/counter.h"
#include "stage/description.h"
#include "stage/detectors.h"
#include "stage/labelling.h"
#include "stage/layer.h"
#include "stage/masks.h"
#include "stage/samples.h"
#include "stage/score.h"
#include "stage/strongest.h"
#include "tap.h"

/* Two units of 1x2 cells; labels 1 and 2 of category 0, 3 of category 1. */
static struct ndr_meta make_meta(void)
{
	struct ndr_meta m = {.items = 2};
	const struct ndr_layer layer = {.name = "conv", .units = 2, .height = 1, .width = 2};
	struct error e = {0};

	if (ndr_meta_add_category(&m, "thing", &e) < 0 ||
	    ndr_meta_add_category(&m, "scene", &e) < 0 ||
	    ndr_meta_set_label(&m, 1, "cup", 0, &e) < 0 ||
	    ndr_meta_set_label(&m, 2, "plate", 0, &e) < 0 ||
	    ndr_meta_set_label(&m, 3, "kitchen", 1, &e) < 0 ||
	    ndr_meta_add_layer(&m, &layer, &e) < 0)
		printf("# %s\n", e.text);
	return m;
}

static struct ndr_record record(unsigned type, unsigned dtype, uint32_t a, uint32_t b,
                                uint32_t c, const void *data)
{
	struct ndr_record rec = {.type = (uint16_t)type,
	                         .dtype = (uint8_t)dtype,
	                         .ndim = c > 1   ? 3
	                                 : b > 1 ? 2
	                                         : 1,
	                         .dims = {a, b, c, 1},
	                         .item = NDR_NO_ITEM,
	                         .data = data};

	rec.length = (uint64_t)a * b * c * ndr_dtype_size(dtype);
	return rec;
}

static void test_activation(void)
{
	const struct ndr_item_info info = {.name = "a.png"};
	const float values[] = {1, 2, 3, INFINITY};
	struct ndr_record act = record(NDR_ACT, NDR_F32, 2, 1, 2, values);
	struct ndr_item item = {.input = "in"};
	struct error e = {0};

	ndr_item_clear(&item, 7);
	ok(ndr_item_add_info(&item, &info, &e) == 0 &&
	           activation_check(&item, &act, "conv", &e) == -1,
	   "infinity is refused");
	is_str(e.text, "in: item 7 (a.png): layer conv: unit 1 is infinite",
	       "by item and unit");
	act.dims[0] = 1;
	ok(activation_check(&item, &act, "conv", &e) == 0, "a number is not");
	ndr_item_free(&item);
}

/* ---- scores ---- */

/* Segments of 5 and 3 images: unit 0 is a cup with I 3 + 1, A 4 + 2, G 4 + 2, IoU 4 / 8. */
static void test_scores(void)
{
	static const uint64_t one[2][4][3] = {{{0}, {3, 4, 4}, {0, 4, 5}, {1, 9, 9}}},
	                      two[2][4][3] = {{{0}, {1, 2, 2}, {1, 2, 9}, {1, 9, 9}}},
	                      images[] = {0, 5, 5, 1}, more[] = {0, 3, 3, 0};
	const struct ndr_record records[] = {record(NDR_SCORE, NDR_U64, 2, 4, 3, one),
	                                     record(NDR_COUNT, NDR_U64, 4, 1, 1, images),
	                                     record(NDR_SCORE, NDR_U64, 2, 4, 3, two),
	                                     record(NDR_COUNT, NDR_U64, 4, 1, 1, more)};
	struct ndr_segment segment = {.meta = make_meta()};
	struct scores s = {0};
	struct score_labels chosen;
	struct result r = {0};
	struct label_tally total;
	struct error e = {0};
	bool good = true;

	for (int i = 0; i < 4; i++) {
		if (i % 2 == 0)
			good = good && scores_segment(&s, &segment, &e) == 0;
		good = good && scores_add(&s, &records[i], &e) == 0;
	}
	ok(good && scores_has(&s, 0), "two segments add up");
	ok(scores_choose_layers(&s, &segment.meta, NULL, true, &e) == 0, "one layer");
	ok(scores_choose_labels(&s, &segment.meta, 2, &chosen, &e) == 0 && chosen.counted &&
	           chosen.labels == 3 && chosen.rare == 1 && chosen.category[1] == 0 &&
	           chosen.category[3] == -1,
	   "a label of one image is rare");
	ok(scores_result(&s, &segment.meta, 0, chosen.category, &r, &e) == 0, "a result");
	is_str(r.label[0], "cup", "its label");
	is_real(r.iou[0], 4.0 / (6 + 6 - 4), 0, "its IoU");
	ok(r.counts[0] == 4 && r.counts[1] == 6 && r.counts[2] == 6, "its counts");
	is_str(r.label[1], "", "and none where the only label is rare");
	is_str(r.label[2], "", "or no label meets the mask");
	ok(scores_detectors(&r, 0.04, &total, &e) == 0 && total.detectors == 1 &&
	           total.unique == 1,
	   "one detector");
	ok(scores_choose_layers(&s, &segment.meta, "fc", false, &e) < 0 && e.code == EXIT_USAGE,
	   "no such layer: %s", e.text);
	result_free(&r);
	free(chosen.category);
	scores_free(&s);
	ndr_meta_free(&segment.meta);
}

/* Two results, of which each lacks a category of the other, and one is not of Broden. */
static void test_detectors(void)
{
	static const char *const want[] = {
	        "file  units  detectors  unique  object  color  zoo\n"
	        "a         2          2       1     2/1    0/0    -\n"
	        "b         1          0       0       -      -  0/0\n",
	        "file,units,detectors,unique,object-detectors,object-unique,color-detectors,"
	        "color-unique,zoo-detectors,zoo-unique\r\n"
	        "a,2,2,1,2,1,0,0,,\r\nb,1,0,0,,,,,0,0\r\n"};
	static const enum table_format formats[] = {TABLE_TEXT, TABLE_CSV};
	struct detectors d = {0};
	struct result a = {0}, b = {0};
	struct error e = {0};
	bool good = result_new(&a, 2, 2, &e) == 0 && result_new(&b, 1, 1, &e) == 0;

	a.category[0] = "color"; /* after object in the table */
	a.category[1] = "object";
	a.label[0] = a.label[2] = "red";
	a.label[1] = a.label[3] = "cup";
	a.iou[1] = a.iou[3] = 0.05; /* both units detect cups */
	a.best[0] = a.best[1] = 1;
	b.category[0] = "zoo";
	b.label[0] = "ape";
	b.iou[0] = 0.04; /* not above */
	good = good && detectors_add(&d, "a", &a, 0.04, LABEL_TOP, &e) == 0 &&
	       detectors_add(&d, "b", &b, 0.04, LABEL_TOP, &e) == 0;
	for (int i = 0; i < 2; i++) {
		const int fd = memfd_create("table", 0);
		char got[512] = "";

		good = good && detectors_write(&d, formats[i], fd, "table", &e) == 0 &&
		       pread(fd, got, sizeof got - 1, 0) > 0;
		ok(good, "a table is written: %s", e.text);
		is_str(got, want[i], "as %s", i ? "CSV" : "text");
		close(fd);
	}
	detectors_free(&d);
	result_free(&a);
	result_free(&b);
}

/* ---- a result's worth ---- */

static void test_labelling(void)
{
	static const uint64_t scores[2][4][3] = {{{0}, {3, 4, 4}, {0, 4, 5}, {1, 9, 9}}},
	                      images[] = {0, 5, 5, 1};
	const struct ndr_record records[] = {record(NDR_SCORE, NDR_U64, 2, 4, 3, scores),
	                                     record(NDR_COUNT, NDR_U64, 4, 1, 1, images)};
	const struct labelling_choice choice = {.min_images = 6, .threshold = 0.5};
	struct ndr_segment segment = {.meta = make_meta()};
	struct labelling l = {.choice = &choice};
	struct labelling_summary summary;
	struct result r = {0};
	struct error e = {0};
	char *doubt;

	ok(labelling_segment(&l, &segment, &e) == 0 &&
	           labelling_add(&l, &records[0], &e) == 0 &&
	           labelling_add(&l, &records[1], &e) == 0 &&
	           labelling_finish(&l, &segment.meta, &e) == 0,
	   "scores of a layer: %s", e.text);
	doubt = labelling_doubt(&l, 999, 0, &e);
	is_str(doubt,
	       "only 999 images: labels that few of them hold can pass the threshold by "
	       "chance",
	       "few images are doubtful");
	free(doubt);
	ok(!labelling_doubt(&l, 999, 1, &e) && !labelling_doubt(&l, 1000, 0, &e) && !e.code,
	   "nothing else is");
	ok(labelling_check(&l, &e) < 0 && e.code == EXIT_USAGE, "all labels are rare: %s",
	   e.text);
	e = (struct error){0};
	l.labels.category[1] = 0; /* cups are not */
	ok(labelling_result(&l, &segment.meta, 0, &r, &summary, &e) == 0 &&
	           summary.detectors.detectors == 1 && summary.detectors.unique == 1,
	   "IoU 3 / 5 is a detector above 0.5");
	result_free(&r);
	labelling_close(&l);
	ndr_meta_free(&segment.meta);
}

/* ---- layers ---- */

static void test_layer(void)
{
	static const float values[] = {1, 2, 3, 4};
	static const uint16_t map[] = {1};
	const struct ndr_layer second = {
	        .name = ".net/fc 7", .units = 2, .height = 1, .width = 2};
	struct ndr_record a = record(NDR_ACT, NDR_F32, 2, 1, 2, values), b = a,
	                  label = record(NDR_LABEL, NDR_U16, 1, 1, 1, map);
	struct ndr_meta m = make_meta(), one = {0};
	struct ndr_item in = {0}, out = {0};
	struct error e = {0};
	uint32_t layer = 9;
	char *path;

	ok(layer_choose(&m, NULL, &layer, &e) == 0 && layer == 0, "the only layer");
	ok(ndr_meta_add_layer(&m, &second, &e) == 0 &&
	           layer_choose(&m, ".net/fc 7", &layer, &e) == 0 && layer == 1,
	   "a layer by name");
	ok(layer_choose(&m, NULL, &layer, &e) < 0 && e.code == EXIT_USAGE, "several: %s",
	   e.text);
	e = (struct error){0};
	ok(layer_choose(&(struct ndr_meta){0}, NULL, &layer, &e) < 0 &&
	           e.code == EXIT_MALFORMED,
	   "none: %s", e.text);
	e = (struct error){0};
	ok(layer_meta(&m, 1, &one, &e) == 0 && one.layers == 1 && one.labels == 4, "by itself");
	is_str(one.layer[0].name, ".net/fc 7", "it keeps its name");
	b.group = label.group = 1;
	ndr_item_clear(&in, 5);
	ok(ndr_item_add(&in, &label, &e) && ndr_item_add(&in, &a, &e) &&
	           ndr_item_add(&in, &b, &e) && layer_item(&m, 1, &in, &out, &e) == 0,
	   "an item of two layers");
	ok(out.number == 5 && out.count == 2 && out.record[0].type == NDR_LABEL &&
	           out.record[0].group == 1 && out.record[1].group == 0 &&
	           out.record[1].data == in.record[2].data,
	   "of one");
	path = layer_path("out", m.layer[1].name, ".ndr", &e);
	is_str(path, "out/net-fc-7.ndr", "its file");
	free(path);
	path = layer_path("out", "..", "", &e);
	is_str(path, "out/layer", "is in the directory whatever its name");
	free(path);
	ndr_item_free(&in);
	ndr_item_free(&out);
	ndr_meta_free(&one);
	ndr_meta_free(&m);
}

/* ---- text ---- */

static const char *described(const struct ndr_record *rec, const struct ndr_meta *m)
{
	static char *line;
	struct text t = {0};
	struct error e = {0};

	free(line);
	describe_columns(&t, rec, m);
	describe_summary(&t, rec, m);
	text_byte(&t, '|');
	describe_values(&t, rec, 0, 2);
	line = text_take(&t, "a line", &e);
	return line;
}

static void test_description(void)
{
	static const float act[] = {0, 0.1f, -3, 7};
	static const uint16_t map[] = {0, 3, 1, 3};
	struct ndr_meta m = make_meta();
	struct ndr_record rec = record(NDR_ACT, NDR_F32, 2, 1, 2, act);
	struct text t = {0};
	struct error e = {0};
	char *name;

	rec.item = 4;
	rec.sequence = 9;
	is_str(described(&rec, &m),
	       "9\tACT\t4\tconv\tf32[2,1,2]\t16\tmin=-3 max=7 mean=1.025 zeros=1|0 0.100000001",
	       "activations");
	rec = record(NDR_LABEL, NDR_U16, 1, 2, 2, map);
	rec.group = 1;
	is_str(described(&rec, &m), "0\tLABEL\t-\tscene\tu16[1,2,2]\t8\tlabels=1,3|0 3",
	       "labels");
	describe_name(&t, "a b%\x7f\n\xc3\xa9");
	name = text_take(&t, "a name", &e);
	is_str(name, "a%20b%25%7F%0A\xc3\xa9", "a name is one word");
	free(name);
	ndr_meta_free(&m);
}

/* ---- samples ---- */

static void test_methods(void)
{
	const struct sampler layer = {.units = 100, .cells = 1000};
	struct sampler_plan p = {.items = 1000, .memory = 1 << 20};
	struct error e = {0};
	struct ndr_segment s = {.range = {.first = 0, .end = 10, .most = 7},
	                        .meta = {.items = 20}};

	ok(samples_most_items(&s) == 20, "a shard is of a data set");
	s.range.most = NDR_UNBOUNDED;
	ok(samples_most_items(&s) == 20, "whatever it knows of itself");
	s.meta.items = 0;
	ok(samples_most_items(&s) == UINT64_MAX, "which may be nothing");

	/* Of 1,000,000 samples of a unit 1,000 are kept, in at least 400,000 bytes. */
	ok(level_parse(&p.level, "0.001", &e) == 0 &&
	           sampler_choose(&layer, 1, &p, &e) == SAMPLER_TAILS,
	   "tails that fit");
	p.memory = 400000;
	p.repeatable = true;
	ok(sampler_choose(&layer, 1, &p, &e) == SAMPLER_PASSES, "two passes where they do not");
	p.repeatable = false;
	ok(sampler_choose(&layer, 1, &p, &e) == SAMPLER_UNDECIDED && e.code == EXIT_SYSTEM,
	   "of a pipe there are none: %s", e.text);
	e = (struct error){0};
	p.items = UINT64_MAX;
	ok(sampler_choose(&layer, 1, &p, &e) == SAMPLER_UNDECIDED && e.code == EXIT_SYSTEM,
	   "nor room for the shortest tails: %s", e.text);
	e = (struct error){0};
	p.memory = 1 << 20;
	ok(sampler_choose(&layer, 1, &p, &e) == SAMPLER_TAILS, "tails that may fit");
	p.repeatable = true;
	ok(sampler_choose(&layer, 1, &p, &e) == SAMPLER_PASSES, "but surely fit two passes");
}

/* ---- counting ---- */

/* An image of 1x4 pixels, 1 1 2 0, that is a kitchen; a mask of its first and third pixel, on
 * the second of two threads. */
static void test_counter(void)
{
	static const uint16_t map[] = {1, 1, 2, 0}, whole[] = {3};
	/* Label 0, 1, 2, 3: I, A, G. */
	static const uint64_t want[] = {0, 0, 0, 1, 2, 2, 1, 2, 1, 2, 2, 4};
	const struct ndr_item_info info = {.label_height = 1, .label_width = 4, .name = "a"};
	struct ndr_record labels = record(NDR_LABEL, NDR_U16, 1, 1, 4, map),
	                  scene = record(NDR_LABEL, NDR_U16, 1, 1, 1, whole);
	struct ndr_meta m = make_meta();
	struct ndr_item item = {.input = "in"}, out = {0};
	struct counter c = {0};
	struct error e = {0};
	uint32_t *unit = NULL;
	uint64_t *bitmap = NULL;
	bool good;

	labels.ndim = scene.ndim = 3;
	scene.group = 1;
	ndr_item_clear(&item, 0);
	good = ndr_item_add_info(&item, &info, &e) == 0 && ndr_item_add(&item, &labels, &e) &&
	       ndr_item_add(&item, &scene, &e) &&
	       ndr_seg_add(&item, 0, 1, 4, 1, &unit, &bitmap, &e) == 0;
	if (good) {
		*unit = 1;
		*bitmap = 5;
	}
	ndr_item_clear(&out, NDR_NO_ITEM);
	good = good && counter_open(&c, &m, &m, 2, 1 << 20, &e) == 0 &&
	       counter_add(&c, 1, &item, &item, &e) == 0;
	if (good)
		counter_finish(&c);
	good = good && counter_scores(&c, 0, &out, &e) == 0 &&
	       counter_images(&c, &out, &e) == 0;
	if (ok(good && out.count == 2, "an item is counted: %s", e.text)) {
		const uint64_t *scores = out.record[0].data, *images = out.record[1].data;

		ok(memcmp(scores + 12, want, sizeof want) == 0, "by hand");
		ok(!scores[3] && !scores[4] && scores[5] == 2, "a unit without mask has none");
		ok(!images[0] && images[1] == 1 && images[2] == 1 && images[3] == 1, "images");
	}
	counter_close(&c);
	ndr_item_free(&item);
	ndr_item_free(&out);
	ndr_meta_free(&m);
}

/* ---- arrays ---- */

/* A map of 1x4 pixels and a label of the whole image, which becomes a map: (2, 1, 4). */
static void test_array(void)
{
	static const uint16_t map[] = {1, 1, 2, 0}, whole[] = {3},
	                      want[] = {1, 1, 2, 0, 3, 3, 3, 3};
	const struct ndr_item_info info = {.label_height = 1, .label_width = 4, .name = "a"};
	struct ndr_record labels = record(NDR_LABEL, NDR_U16, 1, 1, 4, map),
	                  scene = record(NDR_LABEL, NDR_U16, 1, 1, 1, whole);
	struct ndr_meta m = make_meta();
	struct ndr_item item = {.input = "in"};
	struct array a = {.choice = {.kind = ARRAY_LABEL, .item = 3},
	                  .fd = memfd_create("array", 0),
	                  .name = "array"};
	struct error e = {0};
	char got[NPY_HEADER_BYTES + sizeof want + 1];
	bool good;

	labels.ndim = scene.ndim = 3;
	scene.group = 1;
	ndr_item_clear(&item, 3);
	good = ndr_item_add_info(&item, &info, &e) == 0 && ndr_item_add(&item, &labels, &e) &&
	       ndr_item_add(&item, &scene, &e) && array_segment(&a, &m, "in", &e) == 0 &&
	       array_add(&a, &item, &e) == 0;
	ok(good && array_add(&a, &item, &e) < 0, "an item comes once");
	is_str(e.text, "in: item 3 comes after item 3: see ndr-cat", "and in order");
	e = (struct error){0};
	good = array_finish(&a, &e) == 0 && array_close(&a, &e) == 0;
	ok(good && pread(a.fd, got, sizeof got, 0) == (ssize_t)sizeof got - 1,
	   "labels are an array: %s", e.text);
	ok(strstr(got + 10, "'<u2'") && strstr(got + 10, "(2, 1, 4)"), "of their shape");
	ok(memcmp(got + NPY_HEADER_BYTES, want, sizeof want) == 0, "by hand");
	close(a.fd);
	a = (struct array){.choice = {.kind = ARRAY_ACT, .layer = "fc"}};
	ok(array_segment(&a, &m, "in", &e) < 0 && e.code == EXIT_USAGE, "no such layer: %s",
	   e.text);
	e = (struct error){0};
	ok(array_finish(&a, &e) < 0, "nothing is no array");
	is_str(e.text, "no ACT records of that item in the input", "of an item");
	ndr_item_free(&item);
	ndr_meta_free(&m);
}

/* ---- masks ---- */

/* As many pixels as cells, so that a mask is a comparison: of two units the second reaches its
 * bound in its second cell alone. */
static void test_masks(void)
{
	static float bounds0[] = {4, 3}, *bounds[] = {bounds0};
	static const float values[] = {1, 2, 0, 3};
	const struct ndr_item_info info = {
	        .image_height = 1, .image_width = 2, .name = "a.png"};
	const struct ndr_item_info huge = {
	        .label_height = 1, .label_width = 65536, .name = "b.png"};
	/* 33 times the label pixels that are allowed. */
	const struct ndr_item_info large = {
	        .label_height = 6, .label_width = 11, .name = "c.png"};
	const struct ndr_record act = record(NDR_ACT, NDR_F32, 2, 1, 2, values);
	struct ndr_meta m = make_meta();
	const struct thresholds t = {.known = m, .bounds = bounds, .file = "thr"};
	struct ndr_item in = {.input = "in"}, out = {0};
	struct ndr_seg seg;
	struct masks masks = {0};
	struct error e = {0};
	bool good = masks_segment(&masks, &m, &t, UPSAMPLE_RESIZE, 2, 2, &e) == 0;

	ndr_item_clear(&in, 3);
	ndr_item_clear(&out, 3);
	good = good && ndr_item_add_info(&in, &info, &e) == 0 && ndr_item_add(&in, &act, &e) &&
	       masks_add(&masks, &in, &out, 1, &e) == 0 && out.count == 1;
	if (ok(good && ndr_seg_parse(&out.record[0], 2, &seg, &e) == 0, "a SEG: %s", e.text))
		ok(seg.height == 1 && seg.width == 2 && seg.count == 1 && seg.unit[0] == 1 &&
		           seg.bitmap[0] == 2,
		   "by hand, at the size of an image without labels");
	ndr_item_clear(&in, 4);
	ok(ndr_item_add_info(&in, &huge, &e) == 0 && ndr_item_add(&in, &act, &e) &&
	           masks_add(&masks, &in, &out, 0, &e) < 0,
	   "labels of a size that SEG cannot have are refused");
	is_str(e.text, "in: item 4 (b.png), layer 0: labels or image of 1x65536 pixels",
	       "by item");
	e = (struct error){0};
	ndr_item_clear(&in, 5);
	ok(ndr_item_add_info(&in, &large, &e) == 0 && ndr_item_add(&in, &act, &e) &&
	           masks_add(&masks, &in, &out, 0, &e) < 0,
	   "more pixels of masks than an item may have are refused");
	is_str(e.text,
	       "in: item 5 (c.png), layer 0: the item's masks, here of 6x11 pixels and 1 "
	       "units, "
	       "have more than 64 pixels (32 times --max-label-pixels)",
	       "by item");
	e = (struct error){0};
	ok(masks_segment(&masks, &(struct ndr_meta){0}, &t, UPSAMPLE_RESIZE, 2, 0, &e) == 0 &&
	           masks.layers == 0,
	   "another segment has other layers");
	masks_close(&masks);
	ndr_item_free(&in);
	ndr_item_free(&out);
	ndr_meta_free(&m);
}

/* ---- the strongest images ---- */

/* Offered in the wrong order, on two threads; unit 0 has a tie, of which the lower item comes
 * first.  The numbers of TOPMAP are the last that is in it. */
static void test_strongest(void)
{
	static const float act7[] = {5, 0, 3, -1}, act4[] = {1, 5, 2, 2}, act9[] = {0, 0, 0, 0};
	static const double want[] = {5, 4, 5, 7, 3, 7, 2, 4};
	static const float maps[] = {1, 5, 5, 0, 3, -1, 2, 2};
	static const struct {
		uint32_t number;
		const float *values;
	} items[] = {{7, act7}, {4, act4}, {9, act9}};
	const struct ndr_range range = {.end = 10, .most = 3, .minor = 1};
	const struct ndr_provenance none = {0};
	struct ndr_meta m = make_meta();
	struct strongest s = {0};
	struct ndr_writer *w;
	struct ndr_reader *r;
	struct ndr_segment *segment;
	struct ndr_record rec;
	struct error e = {0};
	int fd = memfd_create("top", 0);
	bool good = strongest_open(&s, &m, 2, true, false, 2, &e) == 0;
	char name[32];

	for (size_t i = 0; i < 3; i++) {
		const struct ndr_record act =
		        record(NDR_ACT, NDR_F32, 2, 1, 2, items[i].values);
		struct ndr_item item = {0};

		ndr_item_clear(&item, items[i].number);
		good = good && ndr_item_add(&item, &act, &e) &&
		       strongest_add(&s, &m, &item, i % 2, &e) == 0;
		ndr_item_free(&item);
	}
	w = ndr_create(fd, "top", &e);
	ok(good && w && ndr_begin(w, &range, &m, &none, &e) == 0 &&
	           strongest_write(&s, &m, w, &e) == 0 && ndr_end(w, 0, &e) == 0,
	   "the strongest are written: %s", e.text);
	ndr_destroy(w);
	strongest_close(&s);

	snprintf(name, sizeof name, "/dev/fd/%d", fd);
	lseek(fd, 0, SEEK_SET);
	r = ndr_open(&(char *){name}, 1, 0, &e);
	if (ok(r && ndr_next_segment(r, &segment, &e) == 1 && ndr_read(r, &rec, &e) == 1 &&
	               rec.type == NDR_TOP && rec.length == sizeof want,
	       "a TOP: %s", e.text))
		ok(memcmp(rec.data, want, sizeof want) == 0, "by hand");
	if (ok(ndr_read(r, &rec, &e) == 1 && rec.type == NDR_TOPMAP, "its TOPMAP: %s", e.text))
		ok(memcmp((const char *)rec.data + rec.length - sizeof maps, maps,
		          sizeof maps) == 0,
		   "with the maps of these images");
	ndr_close(r);
	close(fd);
	ndr_meta_free(&m);
}

int main(void)
{
	test_activation();
	test_scores();
	test_detectors();
	test_labelling();
	test_layer();
	test_description();
	test_methods();
	test_counter();
	test_array();
	test_masks();
	test_strongest();
	return done();
}
