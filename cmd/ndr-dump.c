/* ndr-dump.c -- a stream as text, a line for each record.
 *
 *	any -> sequence, type, item, group, shape, bytes and a summary, by tabs */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record/ndr.h"
#include "stage/description.h"
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

enum { AT_A_TIME = 4096 }; /* numbers in memory as text */

static bool wanted(unsigned type)
{
	return o.number == 0 || type == o.number;
}

static int print_text(struct text *t, struct error *e)
{
	char *text = text_take(t, "a line", e);

	if (text)
		fputs(text, stdout);
	free(text);
	return text ? 0 : -1;
}

static int print_payloads(const struct ndr_segment *s, struct error *e)
{
	struct text lines = {0};
	size_t length;
	char *text = ndr_meta_encode(&s->meta, &length, e);

	if (!text)
		return -1;
	if (o.meta)
		text_string(&lines, text);
	free(text);
	for (size_t i = 0; o.provenance && i < s->provenance.count; i++) {
		describe_lines(&lines, s->provenance.text[i], strlen(s->provenance.text[i]));
		text_byte(&lines, '\n');
	}
	return print_text(&lines, e);
}

static int print_preamble(const struct ndr_segment *s, struct error *e)
{
	struct text lines = {0};
	int status = 0;

	if (o.meta || o.provenance)
		return print_payloads(s, e);
	if (wanted(NDR_HEAD))
		describe_head(&lines, s);
	if (wanted(NDR_META))
		status = describe_meta(&lines, s, e);
	if (wanted(NDR_PROV))
		describe_provenance(&lines, s);
	if (status == 0)
		return print_text(&lines, e);
	text_free(&lines);
	return -1;
}

static int print_record(const struct ndr_record *rec, const struct ndr_meta *m, struct error *e)
{
	const uint64_t all = rec->dtype == NDR_BYTES ? 0
	                                             : rec->length / ndr_dtype_size(rec->dtype),
	               n = all < o.values ? all : o.values;
	struct text line = {0};

	describe_columns(&line, rec, m);
	describe_summary(&line, rec, m);
	if (rec->dtype != NDR_BYTES && o.values > 0)
		text_byte(&line, '\t');
	for (uint64_t i = 0; i < n; i += AT_A_TIME) {
		describe_values(&line, rec, i, n - i < AT_A_TIME ? n : i + AT_A_TIME);
		if (print_text(&line, e) < 0)
			return -1;
	}
	text_byte(&line, '\n');
	return print_text(&line, e);
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
		if (print_record(&rec, &s->meta, e) < 0)
			return -1;
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
