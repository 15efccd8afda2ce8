/* ndr-dump.c -- a stream as text, a line for each record.
 *
 *	any -> sequence, type, item, group, shape, bytes and a summary, by tabs */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record/ndr.h"
#include "record/summary.h"
#include "tool/tool.h"

static struct {
	bool meta, provenance;
	uint64_t values;
	const char *type;
	unsigned number; /* of the type, 0: all */
} o;

static const struct tool_option options[] = {
        {.name = "meta",
         .kind = TOOL_FLAG,
         .value = &o.meta,
         .help = "print META instead",
         .local = true},
        {.name = "provenance",
         .kind = TOOL_FLAG,
         .value = &o.provenance,
         .help = "print PROV instead",
         .local = true},
        {.name = "type",
         .kind = TOOL_TEXT,
         .value = &o.type,
         .argument = "NAME",
         .help = "only records of this type [all]",
         .local = true},
        {.name = "values",
         .kind = TOOL_COUNT,
         .value = &o.values,
         .argument = "N",
         .help = "add the first N numbers of arrays [0]",
         .local = true},
        {0},
};

static const struct tool_usage usage = {
        .operands = "[FILE...]",
        .summary = "Print a line of text for each record of a stream.",
        .example = "ndr-dump --type ACT conv5.ndr | head",
        .unused = TOOL_THREADS | TOOL_QUIET | TOOL_VERBOSE | TOOL_FORCE | TOOL_PROGRESS |
                  TOOL_PROVENANCE,
        .text = true,
};

/* ---- one line ---- */

/* Control characters and % as %XX, so that a name stays one word in one line. */
static void print_name(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s <= ' ' || *s == 0x7f || *s == '%')
			printf("%%%02X", (unsigned char)*s);
		else
			putchar(*s);
}

static bool wanted(unsigned type)
{
	return o.number == 0 || type == o.number;
}

/* Everything up to the summary. */
static void print_columns(const struct ndr_record *rec, const struct ndr_meta *m)
{
	static const char *const dtype[] = {"bytes", "u8", "u16", "u32", "u64", "f32", "f64"};
	const char *group = ndr_group_name(m, rec);
	char buffer[8];

	printf("%" PRIu64 "\t%s\t", rec->sequence, ndr_type_name(rec->type, buffer));
	printf(rec->item == NDR_NO_ITEM ? "-\t" : "%" PRIu32 "\t", rec->item);
	if (group)
		print_name(group);
	else
		printf(rec->group ? "%" PRIu32 : "-", rec->group);
	printf("\t%s[", dtype[rec->dtype]);
	for (int i = 0; i < rec->ndim; i++)
		printf("%s%" PRIu32, i ? "," : "", rec->dims[i]);
	printf("]\t%" PRIu64 "\t", rec->length);
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

static void print_statistics(const struct ndr_record *rec)
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
		printf("min=%.9g max=%.9g mean=%.9g zeros=%" PRIu64, least, greatest,
		       sum / (double)n, zeros);
}

static void print_labels(const struct ndr_record *rec)
{
	static bool seen[NDR_LABELS];
	const uint16_t *v = rec->data;
	const char *before = "labels=";

	memset(seen, 0, sizeof seen);
	for (uint64_t i = 0; i < rec->length / 2; i++)
		seen[v[i]] = true;
	for (unsigned i = 1; i < NDR_LABELS; i++)
		if (seen[i]) {
			printf("%s%u", before, i);
			before = ",";
		}
}

static void print_masks(const struct ndr_record *rec, const struct ndr_meta *m)
{
	struct ndr_seg seg;
	struct error e = {0};
	uint64_t bits = 0;

	if (ndr_seg_parse(rec, m->layer[rec->group].units, &seg, &e) < 0)
		return; /* the reader has checked it */
	for (size_t i = 0; i < (size_t)seg.count * seg.words; i++)
		bits += (unsigned)__builtin_popcountll(seg.bitmap[i]);
	printf("size=%ux%u units=%u pixels=%" PRIu64, seg.width, seg.height, seg.count, bits);
}

static void print_thresholds(const struct ndr_record *rec)
{
	const double(*row)[NDR_THRESH_FIELDS] = rec->data;
	double least = INFINITY, greatest = -INFINITY, error = 0;

	for (uint32_t k = 0; k < rec->dims[0]; k++) {
		least = fmin(least, row[k][NDR_T]);
		greatest = fmax(greatest, row[k][NDR_T]);
		error = fmax(error, row[k][NDR_RANK_ERROR]);
	}
	printf("T=%.9g..%.9g level=%.9g samples=%.0f rank-error=%.0f", least, greatest,
	       row[0][NDR_LEVEL], row[0][NDR_SAMPLES], error);
}

static void print_scores(const struct ndr_record *rec)
{
	const uint64_t(*v)[NDR_SCORE_FIELDS] = rec->data;
	uint64_t sum[NDR_SCORE_FIELDS] = {0};

	for (uint64_t i = 0; i < (uint64_t)rec->dims[0] * rec->dims[1]; i++)
		for (int k = 0; k < NDR_SCORE_FIELDS; k++)
			sum[k] += v[i][k];
	printf("intersection=%" PRIu64 " area=%" PRIu64 " truth=%" PRIu64,
	       sum[NDR_INTERSECTION], sum[NDR_AREA], sum[NDR_TRUTH]);
}

static void print_class_counts(const struct ndr_record *rec)
{
	const struct ndr_classes c = ndr_classes_view(rec);
	uint64_t pixels = 0;

	for (uint64_t i = 0; i < c.count; i++)
		pixels += c.class[i].pixels;
	printf("classes=%" PRIu64 " pixels=%" PRIu64, c.count, pixels);
}

static void print_joint(const struct ndr_record *rec)
{
	const struct ndr_joint j = ndr_joint_view(rec);
	uint64_t pixels = 0;

	for (uint64_t i = 0; i < j.count; i++)
		pixels += j.class[i].pixels;
	printf("unit=%" PRIu32 " classes=%" PRIu64 " pixels=%" PRIu64, j.unit, j.count, pixels);
}

static void print_chance(const struct ndr_record *rec)
{
	const struct ndr_chance c = ndr_chance_view(rec);
	uint64_t pixels = 0;

	for (uint64_t i = 0; i < (uint64_t)c.units * c.labels; i++)
		pixels += c.pixels[i];
	printf("seed=%" PRIu64 " first=%" PRIu32 " units=%" PRIu32 " intersection=%" PRIu64,
	       c.seed, c.first, c.units, pixels);
}

static void print_tail(const struct ndr_record *rec)
{
	const struct ndr_tail t = ndr_tail_view(rec);

	printf("unit=%" PRIu32 " samples=%" PRIu64 " keep=%" PRIu64 " ties=%" PRIu64
	       " values=%.9g..%.9g",
	       t.unit, t.samples, t.keep, t.ties, t.count ? (double)t.values[t.count - 1] : 0.0,
	       (double)t.max);
}

static void print_topmap(const struct ndr_record *rec)
{
	const struct ndr_topmap m = ndr_topmap_view(rec);

	printf("first=%" PRIu32 " maps=%" PRIu32 "x%" PRIu32 "x%" PRIu32 "x%" PRIu32, m.first,
	       m.units, m.k, m.height, m.width);
}

static void print_linear(const struct ndr_record *rec)
{
	const struct ndr_linear l = ndr_linear_view(rec);

	printf("matrix=%" PRIu32 "x%" PRIu32 " activation=%s", l.rows, l.columns,
	       l.activation == NDR_LINEAR_RELU ? "relu" : "none");
}

static void print_sketch(const struct ndr_record *rec)
{
	uint32_t unit;
	uint64_t bins;

	memcpy(&unit, rec->data, sizeof unit);
	memcpy(&bins, (const char *)rec->data + 8, sizeof bins);
	printf("unit=%" PRIu32 " bins=%" PRIu64, unit, bins);
}

static void print_item(const struct ndr_record *rec)
{
	struct ndr_item item = {.count = 1, .record = (struct ndr_record *)rec};
	struct ndr_item_info info;
	struct error e = {0};

	if (ndr_item_info(&item, &info, &e) < 0)
		return;
	printf("image=%ux%u labels=%ux%u name=", info.image_width, info.image_height,
	       info.label_width, info.label_height);
	print_name(info.name);
}

static void print_summary(const struct ndr_record *rec, const struct ndr_meta *m)
{
	switch (rec->type) {
	case NDR_ITEM:
		print_item(rec);
		break;
	case NDR_LABEL:
		print_labels(rec);
		break;
	case NDR_SEG:
		print_masks(rec, m);
		break;
	case NDR_SKETCH:
		print_sketch(rec);
		break;
	case NDR_THRESH:
		print_thresholds(rec);
		break;
	case NDR_SCORE:
		print_scores(rec);
		break;
	case NDR_TOPMAP:
		print_topmap(rec);
		break;
	case NDR_CHANCE:
		print_chance(rec);
		break;
	case NDR_TAIL:
		print_tail(rec);
		break;
	case NDR_CLASSES:
		print_class_counts(rec);
		break;
	case NDR_JOINT:
		print_joint(rec);
		break;
	case NDR_LINEAR:
		print_linear(rec);
		break;
	default:
		if (rec->dtype != NDR_BYTES)
			print_statistics(rec);
	}
}

/* In as few digits as read back exactly. */
static void print_value(const struct ndr_record *rec, uint64_t i)
{
	double v = value_at(rec, i);
	char text[32];

	if (rec->dtype == NDR_U64) {
		printf("%" PRIu64, ((const uint64_t *)rec->data)[i]);
		return;
	}
	snprintf(text, sizeof text, rec->dtype == NDR_F32 ? "%.9g" : "%.15g", v);
	if (rec->dtype == NDR_F64 && strtod(text, NULL) != v)
		snprintf(text, sizeof text, "%.17g", v);
	printf("%s", text);
}

static void print_values(const struct ndr_record *rec)
{
	uint64_t n = rec->length / ndr_dtype_size(rec->dtype);

	if (rec->dtype == NDR_BYTES || o.values == 0)
		return;
	putchar('\t');
	for (uint64_t i = 0; i < n && i < o.values; i++) {
		if (i > 0)
			putchar(' ');
		print_value(rec, i);
	}
}

/* ---- the stream ---- */

/* An item number or a count that may be unknown. */
static const char *bound(uint32_t v, char buffer[static 16])
{
	if (v == NDR_UNBOUNDED)
		return "-";
	snprintf(buffer, 16, "%" PRIu32, v);
	return buffer;
}

static int print_preamble(const struct ndr_segment *s, struct error *e)
{
	size_t length;
	char *text = ndr_meta_encode(&s->meta, &length, e), end[16], most[16];

	if (!text)
		return -1;
	if (o.meta)
		printf("%s", text);
	if (o.provenance)
		for (size_t i = 0; i < s->provenance.count; i++)
			printf("%s\n", s->provenance.text[i]);
	free(text);
	if (o.meta || o.provenance)
		return 0;
	if (wanted(NDR_HEAD))
		printf("0\tHEAD\t-\t-\t-\t-\tschema=%08" PRIx32 " first=%" PRIu32
		       " end=%s most=%s\n",
		       s->schema, s->range.first, bound(s->range.end, end),
		       bound(s->range.most, most));
	if (wanted(NDR_META))
		printf("1\tMETA\t-\t-\tbytes[%zu]\t%zu\titems=%" PRIu64
		       " categories=%zu labels=%zu layers=%zu\n",
		       length, length, s->meta.items, s->meta.categories, s->meta.labels,
		       s->meta.layers);
	for (size_t i = 0; i < s->provenance.count && wanted(NDR_PROV); i++) {
		const char *line = strstr(s->provenance.text[i], "program=");
		size_t n = strlen(s->provenance.text[i]);

		printf("%zu\tPROV\t-\t-\tbytes[%zu]\t%zu\t%.*s\n", i + 2, n, n,
		       (int)strcspn(line ? line : "", "\n"), line ? line : "");
	}
	return 0;
}

static int print_records(struct ndr_reader *in, const struct ndr_segment *s, struct error *e)
{
	struct ndr_record rec;
	uint64_t sequence = 2 + s->provenance.count;
	bool lines = !o.meta && !o.provenance;
	int more;

	while ((more = ndr_read(in, &rec, e)) == 1 && !ferror(stdout)) {
		sequence = rec.sequence + 1;
		if (!lines || !wanted(rec.type))
			continue;
		print_columns(&rec, &s->meta);
		print_summary(&rec, &s->meta);
		print_values(&rec);
		putchar('\n');
	}
	if (more == 0 && lines && wanted(NDR_END))
		printf("%" PRIu64 "\tEND\t-\t-\t-\t-\titems=%" PRIu32 "%s\n", sequence,
		       s->items, s->flags & NDR_SUBSET ? " subset" : "");
	return more < 0 ? -1 : 0;
}

static int print_stream(struct ndr_reader *in, const char *output, struct error *e)
{
	struct ndr_segment *s;
	int more;

	while ((more = ndr_next_segment(in, &s, e)) == 1)
		if (print_preamble(s, e) < 0 || print_records(in, s, e) < 0 || ferror(stdout))
			break;
	if (e->code == EXIT_OK && (fflush(stdout) != 0 || ferror(stdout)))
		return error_errno(e, "%s", output);
	return more;
}

static int run(struct tool *t)
{
	struct ndr_reader *in;
	int fd, status = -1;

	if (o.type && !(o.number = ndr_type_number(o.type)))
		return error_set(&t->error, EXIT_USAGE, "--type: no type '%.80s'", o.type);
	in = ndr_open(t->operands, t->operand_count, t->most_label_pixels, &t->error);
	fd = in ? tool_output(t, false) : -1;
	if (fd >= 0 && fd != STDOUT_FILENO && dup2(fd, STDOUT_FILENO) < 0)
		error_errno(&t->error, "%s", tool_output_name(t));
	else if (fd >= 0)
		status = print_stream(in, tool_output_name(t), &t->error);
	ndr_close(in);
	return status;
}

int main(int argc, char *argv[])
{
	struct tool t;

	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, run(&t));
}
