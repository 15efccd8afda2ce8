/* ndr-check.c -- whether streams are whole and well-formed.
 *
 *	any -> nothing, or with --recover the items that are whole */
#include <inttypes.h>
#include <stdlib.h>

#include "record/ndr.h"
#include "tool/tool.h"

static struct {
	bool recover;
} o;

static const struct tool_option options[] = {
        {.name = "recover",
         .kind = TOOL_FLAG,
         .value = &o.recover,
         .help = "write what is undamaged, instead of failing",
         .local = true},
        {0},
};

static const struct tool_usage usage = {
        .operands = "[FILE...]",
        .summary = "Check that streams are whole and well-formed; silent if they are.",
        .example = "ndr-check conv5.ndr && act-quantile conv5.ndr > conv5.thr",
        .unused = TOOL_THREADS | TOOL_PROGRESS | TOOL_PROVENANCE,
        .text = true,
};

static void describe(const struct tool *t, const struct ndr_reader *in,
                     const struct ndr_segment *s)
{
	tool_note(t,
	          "%s: segment at byte %" PRIu64 ": %u items%s, %zu layers, %zu categories, "
	          "schema %08x",
	          ndr_reader_name(in), s->offset, s->items,
	          s->flags & NDR_SUBSET ? " (subset)" : "", s->meta.layers, s->meta.categories,
	          s->schema);
}

static int check_file(struct tool *t, char *name)
{
	struct ndr_reader *in = ndr_open(&name, 1, t->most_label_pixels, &t->error);
	struct ndr_segment *s;
	struct ndr_record rec;
	int more = -1;

	while (in && (more = ndr_next_segment(in, &s, &t->error)) == 1) {
		while ((more = ndr_read(in, &rec, &t->error)) == 1)
			;
		if (more < 0)
			break;
		describe(t, in, s);
	}
	ndr_close(in);
	return more;
}

/* Every file is looked at; the exit code is that of the last bad one. */
static int check_all(struct tool *t)
{
	char *standard_input = "-";
	char **names = t->operand_count ? t->operands : &standard_input;
	size_t count = t->operand_count ? t->operand_count : 1;
	struct error last = {0};

	for (size_t i = 0; i < count; i++) {
		struct error now;

		if (check_file(t, names[i]) == 0)
			continue;
		now = t->error;
		t->error = last;
		if (last.code != EXIT_OK)
			tool_report(t);
		t->error = (struct error){0};
		last = now;
	}
	t->error = last;
	return last.code == EXIT_OK ? 0 : -1;
}

/* ---- recovery ---- */

static int copy_segment(struct ndr_reader *in, const struct ndr_segment *s,
                        struct ndr_item *item, struct ndr_writer *out, struct error *e)
{
	int more;

	if (ndr_begin(out, &s->range, &s->meta, &s->provenance, e) < 0)
		return -1;
	while ((more = ndr_read_item(in, item, e)) == 1)
		if (ndr_write_item(out, item, e) < 0)
			return -1;
	return more < 0 ? -1 : ndr_end(out, s->flags, e);
}

/* There is output only if there is a segment. */
static int recover(struct tool *t, struct ndr_reader *in, struct ndr_writer **out)
{
	struct ndr_item item = {0};
	struct ndr_segment *s;
	struct error first;
	uint64_t faults;
	int more, fd;

	while ((more = ndr_next_segment(in, &s, &t->error)) == 1) {
		fd = *out ? 0 : tool_output(t, true);
		if (!*out && fd >= 0)
			*out = ndr_create(fd, tool_output_name(t), &t->error);
		if (!*out || copy_segment(in, s, &item, *out, &t->error) < 0) {
			more = -1;
			break;
		}
		describe(t, in, s);
	}
	ndr_item_free(&item);
	faults = ndr_faults(in, &first);
	if (more == 0 && !*out)
		return error_set(&t->error, first.code, "%s", first.text);
	if (more == 0 && faults > 0)
		tool_warn(t, "%s (%" PRIu64 " places in all)", first.text, faults);
	return more;
}

static int recover_all(struct tool *t)
{
	struct ndr_reader *in =
	        ndr_open(t->operands, t->operand_count, t->most_label_pixels, &t->error);
	struct ndr_writer *out = NULL;
	int status = -1;

	if (in) {
		ndr_recover(in);
		status = recover(t, in, &out);
	}
	ndr_destroy(out);
	ndr_close(in);
	return status;
}

int main(int argc, char *argv[])
{
	struct tool t;

	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, o.recover ? recover_all(&t) : check_all(&t));
}
