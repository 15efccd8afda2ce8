/* rotate-basis.c -- change the basis in which a layer's units are read.
 *
 *	ACT -> ACT; everything else passes
 *
 * At each position the activations f(x) of all units become Q^alpha f(x). */
#include <cblas.h>
#include <string.h>

#include "filter/filter.h"
#include "stage/basis.h"
#include "tool/blas.h"
#include "options.h"

#define NO_SEED UINT64_MAX

static uint64_t seed = NO_SEED;
static const char *matrix_file, *write_file;
static double alpha = 1;
static bool inverse, unpermute;

static struct tool_option options[] = {
        {.name = "seed",
         .letter = 's',
         .kind = TOOL_COUNT,
         .value = &seed,
         .argument = "S",
         .help = "draw Q by this number",
         .high = 0x1p53},
        {.name = "matrix",
         .kind = TOOL_TEXT,
         .value = &matrix_file,
         .argument = "FILE",
         .help = "read Q, MATRIX records, from this stream",
         .local = true},
        {.name = "alpha",
         .letter = 'a',
         .kind = TOOL_REAL,
         .value = &alpha,
         .argument = "A",
         .help = "how far to turn, from 0 to 1 [1]",
         .high = 1},
        {.name = "inverse", .kind = TOOL_FLAG, .value = &inverse, .help = "turn back"},
        {.name = "unpermute",
         .kind = TOOL_FLAG,
         .value = &unpermute,
         .help = "give units back the places that Q exchanges"},
        OPTION_SIDE("write-matrix", &write_file, "write the matrix applied to a stream"),
        {0},
};

static const struct tool_usage usage = {
        .operands = "[FILE...]",
        .summary = "Rotate each layer's activations, by a random or given orthogonal matrix.",
        .example = "rotate-basis --seed 1 --alpha 0.6 conv5.ndr > rotated.ndr",
        .libraries = blas_kernels,
        .unused = TOOL_VERBOSE,
};

struct job {
	struct tool *tool;
	struct basis basis;
};

static int write_matrices(const struct job *j, const struct ndr_segment *s, struct error *e)
{
	struct tool_file *f = tool_file_open(write_file, e);
	struct ndr_writer *w = f ? ndr_create(f->fd, write_file, e) : NULL;
	int status = w ? basis_write(&j->basis, s, w, e) : -1;

	ndr_destroy(w);
	return tool_file_end(f, status, e);
}

static int begin_segment(void *job, struct ndr_segment *s, struct error *e)
{
	struct job *j = job;
	const int fresh = basis_segment(&j->basis, s, e);

	s->range.half = s->range.half && basis_keeps_bytes(&j->basis);
	return fresh == 1 && write_file ? write_matrices(j, s, e) : fresh < 0 ? -1 : 0;
}

static int rotate_item(void *job, const struct ndr_item *in, struct ndr_item *out,
                       size_t thread, struct error *e)
{
	const struct job *j = job;

	(void)thread;
	for (size_t i = 0; i < in->count; i++) {
		const struct ndr_record *rec = &in->record[i];
		const bool turns = rec->type == NDR_ACT && !basis_keeps_bytes(&j->basis);

		if ((turns ? basis_rotate(&j->basis, in, rec, out, e)
		           : ndr_item_share(out, rec, e)) < 0)
			return -1;
	}
	return 0;
}

static int run(struct tool *t)
{
	struct job j = {.tool = t, .basis = {.seed = seed, .how = {alpha, unpermute, inverse}}};
	const struct filter f = {.segment = begin_segment,
	                         .item = rotate_item,
	                         .consumes = NDR_ACT,
	                         .consumed = "activations",
	                         .ctx = &j};
	int status = 0;

	if (seed == NO_SEED && !matrix_file)
		return error_set(&t->error, EXIT_USAGE, "one of --seed and --matrix is needed");
	if (seed != NO_SEED && matrix_file)
		return error_set(&t->error, EXIT_USAGE,
		                 "--seed and --matrix exclude each other");
	if (tool_check_side(t, &(struct tool_side){"--write-matrix", write_file},
	                    &(struct tool_side){"--matrix", matrix_file}, 1) < 0)
		return -1;
	options[0].local = matrix_file != NULL; /* there is no seed to note then */
	openblas_set_num_threads(1);            /* threads take items */
	if (matrix_file)
		status = tool_digest(t, "matrix", matrix_file) < 0
		                 ? -1
		                 : basis_read(&j.basis, matrix_file, t->most_label_pixels,
		                              &t->error);
	if (status == 0)
		status = filter_map(t, &f);
	basis_free(&j.basis);
	return status;
}

int main(int argc, char *argv[])
{
	struct tool t;

	blas_choose_kernels(argv);
	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, run(&t));
}
