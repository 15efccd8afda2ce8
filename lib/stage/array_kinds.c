/* array_kinds.c -- see array_kinds.h. */
#include "stage/array_kinds.h"
#include "dissect/ordered.h"
#include "record/summary.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int array_grow(struct array *a, unsigned ndim, const uint64_t *shape, struct error *e)
{
	if (a->begun) {
		a->out.array.shape[0] += shape[0];
		return 0;
	}
	a->begun = true;
	a->out.array.ndim = ndim;
	memcpy(a->out.array.shape, shape, ndim * sizeof *shape);
	strcpy(a->out.array.descr, array_kinds[a->choice.kind].descr);
	return npy_writer_open(&a->out, a->fd, a->name, a->spool, e);
}

/* ---- of items ---- */

enum { MOST_MASKS = 1 << 30 }; /* bytes of an item, of which a record may hold but a few bits */

/* One more of that shape: all are of the size of the first. */
static int stack(struct array *a, const struct ndr_record *rec, const uint32_t *dims,
                 const uint32_t *pixels, const char *what, struct error *e)
{
	const uint64_t shape[] = {1, dims[0], dims[1], dims[2]};
	const uint64_t *first = a->out.array.shape;
	const size_t y = pixels == dims ? 1 : 2;

	if (a->begun && (first[y] != pixels[0] || first[y + 1] != pixels[1]))
		return error_set(e, EXIT_MALFORMED,
		                 "item %u: %s of %ux%u pixels does not stack on the first, of "
		                 "%" PRIu64 "x%" PRIu64 ": choose with --item",
		                 rec->item, what, pixels[1], pixels[0], first[y + 1], first[y]);
	return array_grow(a, 4, shape, e);
}

static int add_image(struct array *a, const struct ndr_record *rec, struct error *e)
{
	if (stack(a, rec, rec->dims, rec->dims, "an image", e) < 0)
		return -1;
	return npy_writer_put(&a->out, rec->data, rec->length, e);
}

/* ACT, or PLANES. */
static int add_floats(struct array *a, const struct ndr_record *rec, struct error *e)
{
	const char *what = rec->type == NDR_PLANES ? "an image" : "a map";

	if (a->begun && a->out.array.shape[1] != rec->dims[0])
		return error_set(e, EXIT_MALFORMED,
		                 "item %u: %s of %u channels does not stack on the first, of "
		                 "%" PRIu64 ": choose with --item",
		                 rec->item, what, rec->dims[0], a->out.array.shape[1]);
	if (stack(a, rec, rec->dims, rec->dims + 1, what, e) < 0)
		return -1;
	return npy_writer_put(&a->out, rec->data, rec->length, e);
}

/* A byte a pixel: 1 where the bit is set. */
static int put_bits(struct array *a, const uint64_t *bitmap, size_t pixels, struct error *e)
{
	unsigned char block[4096];

	for (size_t p = 0, n; p < pixels; p += n) {
		n = pixels - p < sizeof block ? pixels - p : sizeof block;
		for (size_t i = 0; i < n; i++)
			block[i] = bitmap[(p + i) / 64] >> (p + i) % 64 & 1;
		if (npy_writer_put(&a->out, block, n, e) < 0)
			return -1;
	}
	return 0;
}

static int add_masks(struct array *a, const struct ndr_record *rec, struct error *e)
{
	struct ndr_seg seg;
	uint32_t dims[3], mask = 0;
	size_t pixels;

	if (ndr_seg_parse(rec, a->units, &seg, e) < 0)
		return -1;
	dims[0] = a->units;
	dims[1] = seg.height;
	dims[2] = seg.width;
	pixels = (size_t)seg.height * seg.width;
	if (pixels > 0 && a->units > MOST_MASKS / pixels)
		return error_set(e, EXIT_MALFORMED,
		                 "item %u: masks of %u units and %zu pixels are more than %d "
		                 "bytes",
		                 rec->item, a->units, pixels, MOST_MASKS);
	if (stack(a, rec, dims, dims + 1, "a mask", e) < 0)
		return -1;
	for (uint32_t unit = 0; unit < a->units; unit++) {
		const bool any = mask < seg.count && seg.unit[mask] == unit;
		const uint64_t *bitmap = seg.bitmap + (size_t)mask * seg.words;

		if ((any ? put_bits(a, bitmap, pixels, e)
		         : npy_writer_repeat(&a->out, "", 1, pixels, e)) < 0)
			return -1;
		mask += any;
	}
	return 0;
}

/* ---- labels of one item ---- */

/* A map over all pixels for each label of the whole image. */
static int spread_labels(struct array *a, const struct ndr_record *rec, struct error *e)
{
	const size_t pixels = (size_t)a->info.label_height * a->info.label_width;
	const uint64_t most = a->most_label_pixels ? a->most_label_pixels : NDR_LABEL_PIXELS;
	const uint16_t *label = rec->data;
	char place[32];

	snprintf(place, sizeof place, "item %u", rec->item);
	if (ndr_check_label_pixels(a->info.label_height, a->info.label_width,
	                           a->out.array.shape[0], most, place, e) < 0)
		return -1;
	for (uint32_t i = 0; i < rec->dims[0]; i++)
		if (npy_writer_repeat(&a->out, &label[i], sizeof *label, pixels, e) < 0)
			return -1;
	return 0;
}

static int add_labels(struct array *a, const struct ndr_record *rec, struct error *e)
{
	const uint64_t shape[] = {rec->dims[0], a->info.label_height, a->info.label_width};

	if (array_grow(a, 3, shape, e) < 0)
		return -1;
	if (shape[1] != rec->dims[1] || shape[2] != rec->dims[2])
		return spread_labels(a, rec, e);
	return npy_writer_put(&a->out, rec->data, rec->length, e);
}

/* ---- of one record ---- */

static int add_whole(struct array *a, const struct ndr_record *rec, struct error *e)
{
	const uint64_t shape[] = {rec->dims[0], rec->dims[1], rec->dims[2], rec->dims[3]};

	if (a->begun)
		return error_set(e, EXIT_MALFORMED, "several %s: see ndr-cat",
		                 array_kinds[a->choice.kind].name);
	if (array_grow(a, rec->ndim, shape, e) < 0)
		return -1;
	return npy_writer_put(&a->out, rec->data, rec->length, e);
}

/* A row of A, and the number of b that belongs to it. */
static int add_linear(struct array *a, const struct ndr_record *rec, struct error *e)
{
	const struct ndr_linear l = ndr_linear_view(rec);
	const uint64_t shape[] = {l.rows, (uint64_t)l.columns + 1};
	int status;

	if (a->begun)
		return error_set(e, EXIT_MALFORMED, "several LINEAR: see ndr-cat");
	status = array_grow(a, 2, shape, e);
	for (size_t i = 0; i < l.rows && status == 0; i++) {
		status = npy_writer_put(&a->out, l.matrix + i * l.columns,
		                        l.columns * sizeof *l.matrix, e);
		if (status == 0)
			status = npy_writer_put(&a->out, &l.bias[i], sizeof *l.bias, e);
	}
	return status;
}

/* ---- of several records, by units ---- */

static int add_maps(struct array *a, const struct ndr_record *rec, struct error *e)
{
	const struct ndr_topmap m = ndr_topmap_view(rec);
	const uint64_t shape[] = {m.units, m.k, m.height, m.width};

	if (m.first != a->out.array.shape[0])
		return error_set(e, EXIT_MALFORMED,
		                 "maps of unit %u follow those of %" PRIu64 " units", m.first,
		                 a->out.array.shape[0]);
	if (array_grow(a, 4, shape, e) < 0)
		return -1;
	return npy_writer_put(&a->out, m.maps, rec->length - 64, e);
}

/* All units of a seed, then those of the next one. */
static int add_chance(struct array *a, const struct ndr_record *rec, struct error *e)
{
	const struct ndr_chance c = ndr_chance_view(rec);
	const bool is_new = !a->begun || a->seed_units == a->units;
	const uint64_t shape[] = {is_new, a->units, c.labels};

	if (is_new)
		a->seed_units = 0;
	if (c.first != a->seed_units || (!is_new && c.seed != a->seed))
		return error_set(e, EXIT_MALFORMED, "seed %" PRIu64 " has %u of %u units",
		                 is_new ? c.seed : a->seed, a->seed_units, a->units);
	a->seed = c.seed;
	a->seed_units += c.units;
	if (array_grow(a, 3, shape, e) < 0)
		return -1;
	return npy_writer_put(&a->out, c.pixels, rec->length - 64, e);
}

/* ---- tables ---- */

static int begin_rows(struct array *a, uint64_t rows, uint64_t columns, struct error *e)
{
	const uint64_t shape[] = {rows, columns};

	return array_grow(a, 2, shape, e);
}

static int put_reals(struct array *a, const double *row, size_t columns, struct error *e)
{
	return npy_writer_put(&a->out, row, columns * sizeof *row, e);
}

static int put_counts(struct array *a, const uint64_t *row, size_t columns, struct error *e)
{
	return npy_writer_put(&a->out, row, columns * sizeof *row, e);
}

/* The sample whose place in the order is that of the bin and these low bits. */
static double sample_in(uint32_t bin, uint16_t low)
{
	return (double)ordered_value((int32_t)((bin << 12 | low) - (UINT32_C(1) << 31)));
}

static int add_sketch(struct array *a, const struct ndr_record *rec, struct error *e)
{
	struct {
		uint32_t unit, bits;
		uint64_t count;
	} head;
	struct {
		uint32_t bin;
		uint16_t least, greatest;
		uint64_t samples;
	} bin;
	const char *at = rec->data;
	int status;

	memcpy(&head, at, sizeof head);
	at += sizeof head;
	status = begin_rows(a, head.count, 4, e);
	for (uint64_t i = 0; i < head.count && status == 0; i++, at += sizeof bin) {
		double row[4];

		memcpy(&bin, at, sizeof bin);
		row[0] = head.unit;
		row[1] = sample_in(bin.bin, bin.least);
		row[2] = sample_in(bin.bin, bin.greatest);
		row[3] = (double)bin.samples;
		status = put_reals(a, row, 4, e);
	}
	return status;
}

static int add_tail(struct array *a, const struct ndr_record *rec, struct error *e)
{
	const struct ndr_tail t = ndr_tail_view(rec);
	int status = begin_rows(a, t.count, 2, e);

	for (uint64_t i = 0; i < t.count && status == 0; i++) {
		const double row[] = {t.unit, (double)t.values[i]};

		status = put_reals(a, row, 2, e);
	}
	return status;
}

static int add_maxima(struct array *a, const struct ndr_record *rec, struct error *e)
{
	const struct ndr_maxima m = ndr_maxima_view(rec);
	int status = begin_rows(a, m.count, 4, e);

	for (uint64_t i = 0; i < m.count && status == 0; i++) {
		const struct ndr_maxima_bin *b = &m.bin[i];
		const double row[] = {m.unit, b->item, (double)b->value, (double)b->images};

		status = put_reals(a, row, 4, e);
	}
	return status;
}

static int add_joint(struct array *a, const struct ndr_record *rec, struct error *e)
{
	const struct ndr_joint j = ndr_joint_view(rec);
	int status = begin_rows(a, j.count, 3, e);

	for (uint64_t i = 0; i < j.count && status == 0; i++) {
		const uint64_t row[] = {j.unit, j.class[i].class, j.class[i].pixels};

		status = put_counts(a, row, 3, e);
	}
	return status;
}

/* What a row of CLASSES says of a class: a category or a label that it has, or neither. */
enum { HAS_CATEGORY, HAS_LABEL, HAS_NOTHING };

static int add_classes(struct array *a, const struct ndr_record *rec, struct error *e)
{
	const struct ndr_classes c = ndr_classes_view(rec);
	const uint16_t *number = c.list;
	uint64_t empty = 0;
	int status;

	for (uint64_t i = 0; i < c.count; i++)
		empty += c.class[i].categories + c.class[i].labels == 0;
	status = begin_rows(a, c.listed + empty, 5, e);
	for (uint64_t i = 0; i < c.count && status == 0; i++) {
		const struct ndr_class *of = &c.class[i];
		const unsigned n = (unsigned)of->categories + of->labels;
		uint64_t row[] = {i, of->pixels, of->images, HAS_NOTHING, 0};

		if (n == 0)
			status = put_counts(a, row, 5, e);
		for (unsigned k = 0; k < n && status == 0; k++) {
			row[3] = k < of->categories ? HAS_CATEGORY : HAS_LABEL;
			row[4] = *number++;
			status = put_counts(a, row, 5, e);
		}
	}
	return status;
}

const struct array_kind_info array_kinds[] = {
        [ARRAY_IMAGE] = {NDR_IMAGE, "|u1", "IMAGE", LAYER_NONE, true, true, add_image},
        [ARRAY_PLANES] = {NDR_PLANES, "<f4", "PLANES", LAYER_NONE, true, true, add_floats},
        [ARRAY_LABEL] = {NDR_LABEL, "<u2", "LABEL", LAYER_NONE, true, true, add_labels},
        [ARRAY_ACT] = {NDR_ACT, "<f4", "ACT", LAYER_NEEDED, true, true, add_floats},
        [ARRAY_SEG] = {NDR_SEG, "|b1", "SEG", LAYER_NEEDED, true, true, add_masks},
        [ARRAY_THRESH] = {NDR_THRESH, "<f8", "THRESH", LAYER_NEEDED, false, false, add_whole},
        [ARRAY_SCORE] = {NDR_SCORE, "<u8", "SCORE", LAYER_NEEDED, false, true, add_whole},
        [ARRAY_COUNT] = {NDR_COUNT, "<u8", "COUNT", LAYER_NONE, false, true, add_whole},
        [ARRAY_TOP] = {NDR_TOP, "<f8", "TOP", LAYER_NEEDED, false, true, add_whole},
        [ARRAY_TOPMAP] = {NDR_TOPMAP, "<f4", "TOPMAP", LAYER_NEEDED, false, true, add_maps},
        [ARRAY_MATRIX] = {NDR_MATRIX, "<f4", "MATRIX", LAYER_IF_ANY, false, false, add_whole},
        [ARRAY_LINEAR] = {NDR_LINEAR, "<f4", "LINEAR", LAYER_IF_ANY, false, false, add_linear},
        [ARRAY_SKETCH] = {NDR_SKETCH, "<f8", "SKETCH", LAYER_NEEDED, false, true, add_sketch},
        [ARRAY_TAIL] = {NDR_TAIL, "<f8", "TAIL", LAYER_NEEDED, false, true, add_tail},
        [ARRAY_MAXIMA] = {NDR_MAXIMA, "<f8", "MAXIMA", LAYER_NEEDED, false, true, add_maxima},
        [ARRAY_CHANCE] = {NDR_CHANCE, "<u8", "CHANCE", LAYER_NEEDED, false, true, add_chance},
        [ARRAY_CLASSES] = {NDR_CLASSES, "<u8", "CLASSES", LAYER_NONE, false, true, add_classes},
        [ARRAY_JOINT] = {NDR_JOINT, "<u8", "JOINT", LAYER_NEEDED, false, true, add_joint},
};
