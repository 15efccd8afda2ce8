/* ndr-split.c -- the layers of a stream, each to its own.
 *
 *	any -> for each layer: its records, and those of none */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "filter/filter.h"
#include "stage/layer.h"

static const char *directory, *suffix = ".ndr";

static const struct tool_option options[] = {
        {.name = "directory",
         .letter = 'd',
         .kind = TOOL_TEXT,
         .value = &directory,
         .argument = "DIR",
         .help = "write DIR/LAYER.ndr for each layer",
         .required = true,
         .local = true},
        {.name = "suffix",
         .kind = TOOL_TEXT,
         .value = &suffix,
         .argument = "TEXT",
         .help = "what follows LAYER in a file's name [.ndr]",
         .local = true},
        {0},
};

static const struct tool_usage usage = {
        .operands = "[FILE...]",
        .summary = "Write each layer of a stream to a file of its own.",
        .example = "cnn-forward -m net.onnx -l conv1,conv5 images.ndr | ndr-split -d out",
};

struct output {
	char *path;
	struct tool_file *file;
	struct ndr_writer *writer;
	struct ndr_item item; /* what goes to it of the item at hand */
};

/* Each file has META and PROV, and of an item all that is of no layer, be its own layer never
 * so small: so many bytes, and so many times those of the input. */
enum { COPIES_BYTES = 1 << 26, COPIES_TIMES = 256, HEADER_BYTES = 64 };

struct job {
	struct tool *tool;
	uint64_t read, copies; /* bytes of the input; of what is in each file */
	struct ndr_meta meta;  /* of all segments */
	struct output *output; /* (meta.layers) */
};

/* ---- files ---- */

static int open_output(struct job *j, size_t layer, struct error *e)
{
	struct output *o = &j->output[layer];

	o->path = layer_path(directory, j->meta.layer[layer].name, suffix, e);
	if (!o->path)
		return -1;
	for (size_t i = 0; i < layer; i++)
		if (strcmp(j->output[i].path, o->path) == 0)
			return error_set(e, EXIT_USAGE,
			                 "%s: layers %s and %s have the same file", o->path,
			                 j->meta.layer[i].name, j->meta.layer[layer].name);
	o->file = tool_file_open(o->path, e);
	o->writer = o->file ? ndr_create(o->file->fd, o->path, e) : NULL;
	return o->writer ? 0 : -1;
}

static int open_outputs(struct job *j, const struct ndr_segment *s, struct error *e)
{
	if (s->meta.layers == 0)
		return error_set(e, EXIT_MALFORMED, "the input has no layers");
	if (tool_directory(directory, e) < 0)
		return -1;
	if (ndr_meta_copy(&j->meta, &s->meta, e) < 0)
		return -1;
	j->output = memory_new(j->meta.layers, sizeof *j->output, e);
	for (size_t i = 0; j->output && i < j->meta.layers; i++)
		if (open_output(j, i, e) < 0)
			return -1;
	return j->output ? 0 : -1;
}

/* All of them are whole: they get their names, the one that was opened last first, as that is
 * found at once. */
static int commit_outputs(struct job *j, struct error *e)
{
	for (size_t i = j->meta.layers; i-- > 0;) {
		struct tool_file *f = j->output[i].file;

		j->output[i].file = NULL;
		if (tool_file_commit(f, e) < 0)
			return -1;
	}
	return 0;
}

static void release(struct job *j)
{
	for (size_t i = 0; j->output && i < j->meta.layers; i++) {
		ndr_destroy(j->output[i].writer);
		tool_file_discard(j->output[i].file);
		ndr_item_free(&j->output[i].item);
		free(j->output[i].path);
	}
	free(j->output);
	ndr_meta_free(&j->meta);
}

/* ---- records ---- */

static int begin_segment(struct job *j, const struct ndr_segment *s, size_t layer,
                         struct error *e)
{
	struct ndr_meta one = {0};
	int status = layer_meta(&s->meta, layer, &one, e);

	if (status == 0)
		status = ndr_begin(j->output[layer].writer, &s->range, &one, &s->provenance, e);
	ndr_meta_free(&one);
	return status;
}

static int write_item(struct job *j, const struct ndr_item *in, size_t layer, struct error *e)
{
	struct output *o = &j->output[layer];

	if (layer_item(&j->meta, layer, in, &o->item, e) < 0)
		return -1;
	return o->item.count > 0 ? ndr_write_item(o->writer, &o->item, e) : 0;
}

static int count_copies(struct job *j, uint64_t bytes, struct error *e)
{
	j->copies += bytes * j->meta.layers;
	if (j->copies <= COPIES_BYTES + COPIES_TIMES * j->read)
		return 0;
	return error_set(e, EXIT_MALFORMED,
	                 "what is of no layer, in a file for each of %zu layers, is more than "
	                 "%d MiB and %d times the input: take fewer layers",
	                 j->meta.layers, COPIES_BYTES >> 20, COPIES_TIMES);
}

/* What all layers' files begin with: of META all but the layers. */
static int count_preambles(struct job *j, const struct ndr_segment *s, struct error *e)
{
	struct ndr_meta bare = {0};
	size_t bytes;
	char *text = ndr_meta_copy_bare(&bare, &s->meta, e) < 0
	                     ? NULL
	                     : ndr_meta_encode(&bare, &bytes, e);

	ndr_meta_free(&bare);
	if (!text)
		return -1;
	free(text);
	for (size_t i = 0; i < s->provenance.count; i++)
		bytes += strlen(s->provenance.text[i]);
	j->read += bytes;
	return count_copies(j, bytes, e);
}

static int count_item(struct job *j, const struct ndr_item *item, struct error *e)
{
	uint64_t shared = 0;

	for (const struct ndr_record *r = item->record; r < item->record + item->count; r++) {
		const uint64_t bytes = r->length + HEADER_BYTES;

		j->read += bytes;
		if (r->type == NDR_LABEL || !ndr_group_name(&j->meta, r))
			shared += bytes;
	}
	return count_copies(j, shared, e);
}

static int split_segment(struct job *j, struct ndr_reader *in, struct ndr_segment *s,
                         struct error *e)
{
	struct ndr_item item = {0};
	int status = count_preambles(j, s, e), more = -1;

	for (size_t l = 0; l < j->meta.layers && status == 0; l++)
		status = begin_segment(j, s, l, e);
	while (status == 0 && (more = ndr_read_item(in, &item, e)) == 1) {
		status = count_item(j, &item, e);
		for (size_t l = 0; l < j->meta.layers && status == 0; l++)
			status = write_item(j, &item, l, e);
	}
	ndr_item_free(&item);
	if (status < 0 || more < 0)
		return -1;
	for (size_t l = 0; l < j->meta.layers && status == 0; l++)
		status = ndr_end(j->output[l].writer, s->flags, e);
	return status;
}

static int split_all(struct job *j, struct ndr_reader *in, struct error *e)
{
	struct ndr_segment *s;
	int more;

	while ((more = ndr_next_segment(in, &s, e)) == 1) {
		if (j->output ? ndr_meta_agree(&j->meta, &s->meta, ndr_reader_name(in), e) < 0
		              : open_outputs(j, s, e) < 0)
			return -1;
		/* What is a layer's is not new: only who asks for it is heard. */
		if (j->tool->no_provenance &&
		    ndr_provenance_keep_warnings(&s->provenance, e) < 0)
			return -1;
		if (split_segment(j, in, s, e) < 0)
			return -1;
	}
	return more;
}

static int run(struct tool *t)
{
	struct job j = {.tool = t};
	struct error *e = &t->error;
	struct ndr_reader *in;
	int status = -1;

	if (t->output)
		return error_set(e, EXIT_USAGE, "--output: results go to --directory");
	in = ndr_open(t->operands, t->operand_count, t->most_label_pixels, e);
	if (in && split_all(&j, in, e) == 0)
		status = commit_outputs(&j, e);
	ndr_close(in);
	release(&j);
	return status;
}

int main(int argc, char *argv[])
{
	struct tool t;

	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, run(&t));
}
