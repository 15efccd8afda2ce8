/* fuzz_lists.c -- any text as the lists that options take, and as the small files beside a
 * stream: seeds, values of channels, classes' names, images' classes, formulas.
 *
 *	make fuzz
 *	build-fuzz/fuzz_lists -max_len=512 NEW-DIRECTORY tests/fuzz/seeds/lists
 *
 * Seeds ascend; a class is found under its unit; what fails has said why in one line. */
#include <math.h>

#include "network/preprocess.h"
#include "stage/classes.h"
#include "stage/report_side.h"
#include "stage/seeds.h"
#include "stage/truth.h"
#include "fuzz.h"

static void read_seeds(const char *text)
{
	struct error e = {0};
	struct seeds s = {0};

	if (checked(seeds_parse(&s, text, &e), &e) == 0)
		for (size_t i = 0; i < s.count; i++)
			if (i > 0 && s.seed[i] <= s.seed[i - 1])
				abort();
	seeds_free(&s);
}

static void read_values(const char *text)
{
	static struct preprocess f;
	struct preprocess_choice c = {.scale = NAN, .mean = text, .standard = text};

	for (size_t depth = 1; depth <= 4; depth++)
		for (c.channels = PREPROCESS_PRESET; c.channels <= PREPROCESS_REPLICATE;
		     c.channels++) {
			struct error e = {0};

			if (checked(preprocess_choose(&c, depth, &f, &e), &e) < 0)
				continue;
			for (size_t i = 0; i < f.values; i++)
				if (!isfinite(f.mean[i]) || !isfinite(1 / f.standard[i]))
					abort();
		}
}

static void read_classes(const char *path)
{
	struct error e = {0};
	struct classes c = {0};

	if (checked(classes_read(&c, path, &e), &e) == 0)
		for (size_t i = 0; i < c.count; i++)
			if (classes_find(&c, c.name[i]) != (long)i)
				abort();
	classes_free(&c);
}

static void read_truth(const char *path)
{
	struct error e = {0};
	struct truth t = {0};

	checked(truth_read(&t, path, "class", &e), &e);
	truth_free(&t);
}

/* Of a layer "c" of two units, and labels 1 and 3. */
static void read_formulas(const char *path)
{
	static struct ndr_label_info label[] = {{0}, {"a", 0}, {0}, {"b", 0}};
	static struct ndr_layer layer = {.name = "c", .units = 2};
	struct reporting_side side = {
	        .meta = {.labels = 4, .label = label, .layers = 1, .layer = &layer}};
	const struct reporting_choice choice = {.formulas = {path}};
	struct report_unit unit[2] = {0};
	struct reporting r = {.choice = &choice, .side = {&side}};
	struct error e = {0};

	r.report.side[0].result.units = 2;
	r.report.side[0].unit = unit;
	if (checked(side_read_formulas(&r, 0, &e), &e) == 0)
		for (size_t i = 0; i < 2; i++)
			if (unit[i].formulas < 1 || unit[i].formula->terms > 1)
				abort();
	for (size_t i = 0; i < 2; i++)
		free(unit[i].formula);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[PATH_BYTES], *text = malloc(size + 1);
	int fd = memory_file(data, size, path);

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	read_seeds(text);
	read_values(text);
	read_classes(path);
	read_truth(path);
	read_formulas(path);
	close(fd);
	free(text);
	return 0;
}
