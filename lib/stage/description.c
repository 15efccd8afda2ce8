/* description.c -- see description.h. */
#include "stage/description.h"
#include "record/summary.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Control characters and % as %XX, so that a name stays one word in one line. */
void describe_name(struct text *t, const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s <= ' ' || *s == 0x7f || *s == '%')
			text_print(t, "%%%02X", (unsigned char)*s);
		else
			text_byte(t, *s);
}

void describe_columns(struct text *t, const struct ndr_record *rec, const struct ndr_meta *m)
{
	static const char *const dtype[] = {"bytes", "u8", "u16", "u32", "u64", "f32", "f64"};
	const char *group = ndr_group_name(m, rec);
	char buffer[8];

	text_print(t, "%" PRIu64 "\t%s\t", rec->sequence, ndr_type_name(rec->type, buffer));
	text_print(t, rec->item == NDR_NO_ITEM ? "-\t" : "%" PRIu32 "\t", rec->item);
	if (group)
		describe_name(t, group);
	else
		text_print(t, rec->group ? "%" PRIu32 : "-", rec->group);
	text_print(t, "\t%s[", rec->half ? "f16" : dtype[rec->dtype]);
	for (int i = 0; i < rec->ndim; i++)
		text_print(t, "%s%" PRIu32, i ? "," : "", rec->dims[i]);
	text_print(t, "]\t%" PRIu64 "\t", rec->half ? rec->length / 2 : rec->length);
}

/* ---- summaries ---- */

static double value_at(const struct ndr_record *rec, uint64_t i)
{
	switch (rec->dtype) {
	case NDR_U16:
		return ((const uint16_t *)rec->data)[i];
	case NDR_U32:
		return ((const uint32_t *)rec->data)[i];
	case NDR_U64:
		return (double)((const uint64_t *)rec->data)[i];
	case NDR_F32:
		return (double)((const float *)rec->data)[i];
	case NDR_F64:
		return ((const double *)rec->data)[i];
	default:
		return ((const uint8_t *)rec->data)[i];
	}
}

static void print_statistics(struct text *t, const struct ndr_record *rec)
{
	uint64_t n = rec->length / ndr_dtype_size(rec->dtype), zeros = 0;
	double least = INFINITY, greatest = -INFINITY, sum = 0;

	for (uint64_t i = 0; i < n; i++) {
		double v = value_at(rec, i);

		least = fmin(least, v);
		greatest = fmax(greatest, v);
		sum += v;
		zeros += v == 0;
	}
	if (n > 0)
		text_print(t, "min=%.9g max=%.9g mean=%.9g zeros=%" PRIu64, least, greatest,
		           sum / (double)n, zeros);
}

static void print_labels(struct text *t, const struct ndr_record *rec)
{
	static bool seen[NDR_LABELS];
	const uint16_t *v = rec->data;
	const char *before = "labels=";

	memset(seen, 0, sizeof seen);
	for (uint64_t i = 0; i < rec->length / 2; i++)
		seen[v[i]] = true;
	for (unsigned i = 1; i < NDR_LABELS; i++)
		if (seen[i]) {
			text_print(t, "%s%u", before, i);
			before = ",";
		}
}

static void print_masks(struct text *t, const struct ndr_record *rec, const struct ndr_meta *m)
{
	struct ndr_seg seg;
	struct error e = {0};
	uint64_t bits = 0;

	if (ndr_seg_parse(rec, m->layer[rec->group].units, &seg, &e) < 0)
		return; /* the reader has checked it */
	for (size_t i = 0; i < (size_t)seg.count * seg.words; i++)
		bits += (unsigned)__builtin_popcountll(seg.bitmap[i]);
	text_print(t, "size=%ux%u units=%u pixels=%" PRIu64, seg.width, seg.height, seg.count,
	           bits);
}

static void print_thresholds(struct text *t, const struct ndr_record *rec)
{
	const double(*row)[NDR_THRESH_FIELDS] = rec->data;
	double least = INFINITY, greatest = -INFINITY, error = 0;

	for (uint32_t k = 0; k < rec->dims[0]; k++) {
		least = fmin(least, row[k][NDR_T]);
		greatest = fmax(greatest, row[k][NDR_T]);
		error = fmax(error, row[k][NDR_RANK_ERROR]);
	}
	text_print(t, "T=%.9g..%.9g level=%.9g samples=%.0f rank-error=%.0f", least, greatest,
	           row[0][NDR_LEVEL], row[0][NDR_SAMPLES], error);
}

static void print_scores(struct text *t, const struct ndr_record *rec)
{
	const uint64_t(*v)[NDR_SCORE_FIELDS] = rec->data;
	uint64_t sum[NDR_SCORE_FIELDS] = {0};

	for (uint64_t i = 0; i < (uint64_t)rec->dims[0] * rec->dims[1]; i++)
		for (int k = 0; k < NDR_SCORE_FIELDS; k++)
			sum[k] += v[i][k];
	text_print(t, "intersection=%" PRIu64 " area=%" PRIu64 " truth=%" PRIu64,
	           sum[NDR_INTERSECTION], sum[NDR_AREA], sum[NDR_TRUTH]);
}

static void print_class_counts(struct text *t, const struct ndr_record *rec)
{
	const struct ndr_classes c = ndr_classes_view(rec);
	uint64_t pixels = 0;

	for (uint64_t i = 0; i < c.count; i++)
		pixels += c.class[i].pixels;
	text_print(t, "classes=%" PRIu64 " pixels=%" PRIu64, c.count, pixels);
}

static void print_joint(struct text *t, const struct ndr_record *rec)
{
	const struct ndr_joint j = ndr_joint_view(rec);
	uint64_t pixels = 0;

	for (uint64_t i = 0; i < j.count; i++)
		pixels += j.class[i].pixels;
	text_print(t, "unit=%" PRIu32 " classes=%" PRIu64 " pixels=%" PRIu64, j.unit, j.count,
	           pixels);
}

static void print_maxima(struct text *t, const struct ndr_record *rec)
{
	const struct ndr_maxima m = ndr_maxima_view(rec);
	uint64_t images = 0;

	for (uint64_t i = 0; i < m.count; i++)
		images += m.bin[i].images;
	text_print(t, "unit=%" PRIu32 " bins=%" PRIu64 " images=%" PRIu64, m.unit, m.count,
	           images);
}

static void print_chance(struct text *t, const struct ndr_record *rec)
{
	const struct ndr_chance c = ndr_chance_view(rec);
	uint64_t pixels = 0;

	for (uint64_t i = 0; i < (uint64_t)c.units * c.labels; i++)
		pixels += c.pixels[i];
	text_print(t,
	           "seed=%" PRIu64 " first=%" PRIu32 " units=%" PRIu32 " intersection=%" PRIu64,
	           c.seed, c.first, c.units, pixels);
}

static void print_tail(struct text *t, const struct ndr_record *rec)
{
	const struct ndr_tail tail = ndr_tail_view(rec);

	text_print(t,
	           "unit=%" PRIu32 " samples=%" PRIu64 " keep=%" PRIu64 " ties=%" PRIu64
	           " values=%.9g..%.9g",
	           tail.unit, tail.samples, tail.keep, tail.ties,
	           tail.count ? (double)tail.values[tail.count - 1] : 0.0, (double)tail.max);
}

static void print_topmap(struct text *t, const struct ndr_record *rec)
{
	const struct ndr_topmap m = ndr_topmap_view(rec);

	text_print(t, "first=%" PRIu32 " maps=%" PRIu32 "x%" PRIu32 "x%" PRIu32 "x%" PRIu32,
	           m.first, m.units, m.k, m.height, m.width);
}

static void print_linear(struct text *t, const struct ndr_record *rec)
{
	const struct ndr_linear l = ndr_linear_view(rec);

	text_print(t, "matrix=%" PRIu32 "x%" PRIu32 " activation=%s", l.rows, l.columns,
	           l.activation == NDR_LINEAR_RELU ? "relu" : "none");
}

static void print_sketch(struct text *t, const struct ndr_record *rec)
{
	uint32_t unit;
	uint64_t bins;

	memcpy(&unit, rec->data, sizeof unit);
	memcpy(&bins, (const char *)rec->data + 8, sizeof bins);
	text_print(t, "unit=%" PRIu32 " bins=%" PRIu64, unit, bins);
}

static void print_item(struct text *t, const struct ndr_record *rec)
{
	struct ndr_item item = {.count = 1, .record = (struct ndr_record *)rec};
	struct ndr_item_info info;
	struct error e = {0};

	if (ndr_item_info(&item, &info, &e) < 0)
		return;
	text_print(t, "image=%ux%u labels=%ux%u name=", info.image_width, info.image_height,
	           info.label_width, info.label_height);
	describe_name(t, info.name);
}

void describe_summary(struct text *t, const struct ndr_record *rec, const struct ndr_meta *m)
{
	switch (rec->type) {
	case NDR_ITEM:
		print_item(t, rec);
		break;
	case NDR_LABEL:
		print_labels(t, rec);
		break;
	case NDR_SEG:
		print_masks(t, rec, m);
		break;
	case NDR_SKETCH:
		print_sketch(t, rec);
		break;
	case NDR_THRESH:
		print_thresholds(t, rec);
		break;
	case NDR_SCORE:
		print_scores(t, rec);
		break;
	case NDR_TOPMAP:
		print_topmap(t, rec);
		break;
	case NDR_CHANCE:
		print_chance(t, rec);
		break;
	case NDR_TAIL:
		print_tail(t, rec);
		break;
	case NDR_CLASSES:
		print_class_counts(t, rec);
		break;
	case NDR_JOINT:
		print_joint(t, rec);
		break;
	case NDR_MAXIMA:
		print_maxima(t, rec);
		break;
	case NDR_LINEAR:
		print_linear(t, rec);
		break;
	default:
		if (rec->dtype != NDR_BYTES)
			print_statistics(t, rec);
	}
}

/* In as few digits as read back exactly. */
static void print_value(struct text *t, const struct ndr_record *rec, uint64_t i)
{
	double v = value_at(rec, i);
	char text[32];

	if (rec->dtype == NDR_U64) {
		text_print(t, "%" PRIu64, ((const uint64_t *)rec->data)[i]);
		return;
	}
	snprintf(text, sizeof text, rec->dtype == NDR_F32 ? "%.9g" : "%.15g", v);
	if (rec->dtype == NDR_F64 && strtod(text, NULL) != v)
		snprintf(text, sizeof text, "%.17g", v);
	text_print(t, "%s", text);
}

void describe_values(struct text *t, const struct ndr_record *rec, uint64_t first, uint64_t end)
{
	for (uint64_t i = first; i < end; i++) {
		if (i > 0)
			text_byte(t, ' ');
		print_value(t, rec, i);
	}
}
