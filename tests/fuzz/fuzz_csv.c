/* fuzz_csv.c -- any bytes as a table, and as a layer's result.
 *
 *	make fuzz
 *	build-fuzz/fuzz_csv -max_len=4096 NEW-DIRECTORY tests/fuzz/seeds/csv
 *
 * What is read is written again: that reads as the same table.  A result that is written
 * reads as one whose rows are what their counts give, and is written the same once more.
 * What fails has said why in one line. */
#include "base/file.h"
#include "table/csv.h"
#include "table/result.h"
#include "table/table.h"
#include "fuzz.h"

static int parse(struct csv *c, const void *data, size_t size)
{
	char *text = malloc(size + 1);
	struct error e = {0};

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	return checked(csv_parse(c, text, size, "input", &e), &e);
}

static char *contents(int fd, size_t *size)
{
	struct error e = {0};
	char *data;

	if (lseek(fd, 0, SEEK_SET) < 0 || !(data = file_read_open(fd, "memory", size, &e)))
		abort();
	return data;
}

/* ---- any table ---- */

/* Each field as a number, which may fail. */
static void read_numbers(const struct csv *c)
{
	for (size_t i = 0; i < c->columns; i++) {
		struct error e = {0};
		uint64_t n;
		double v;

		checked(csv_count(c, i, 1, 1000, &n, &e), &e);
		e = (struct error){0};
		checked(csv_real(c, i, &v, &e), &e);
		e = (struct error){0};
		checked(csv_need(c, c->field[i], &e), &e);
	}
}

/* How many rows are no good; those that are go to w. */
static int copy(struct csv *c, struct table *w)
{
	struct error e = {0};
	int more;

	while ((more = checked(csv_next(c, &e), &e)) == 1) {
		read_numbers(c);
		for (size_t i = 0; i < c->columns; i++)
			table_text(w, c->field[i]);
	}
	return more;
}

/* Both are read, b without a fault. */
static void compare(struct csv *a, struct csv *b)
{
	struct error e = {0};

	for (size_t i = 0; i < a->columns; i++)
		if (a->columns != b->columns || strcmp(a->header[i], b->header[i]) != 0)
			abort();
	while (csv_next(a, &e) == 1) {
		if (csv_next(b, &e) != 1)
			abort();
		for (size_t i = 0; i < a->columns; i++)
			if (strcmp(a->field[i], b->field[i]) != 0)
				abort();
	}
	if (csv_next(b, &e) != 0)
		abort();
}

static void table_again(const void *data, size_t size)
{
	static const char mark[] = "\xef\xbb\xbf"; /* lest the header be taken for one */
	struct csv in, again;
	struct error e = {0};
	struct table w;
	size_t written;
	char path[PATH_BYTES];
	int fd = memory_file(mark, 3, path), more;
	char *text;

	if (parse(&in, data, size) < 0) {
		csv_close(&in);
		close(fd);
		return;
	}
	table_begin(&w, TABLE_CSV, (const char *const *)in.header, in.columns);
	more = copy(&in, &w);
	if (table_end(&w, fd, "memory", &e) < 0)
		abort();
	text = contents(fd, &written);
	csv_close(&in);
	if (parse(&in, data, size) < 0 || parse(&again, text, written) < 0)
		abort();
	if (more == 0)
		compare(&in, &again);
	csv_close(&in);
	csv_close(&again);
	table_free(&w);
	free(text);
	close(fd);
}

/* ---- a result ---- */

/* Read the file, write what it says; NULL if it is no result. */
static char *result_again(int fd, size_t *size, uint64_t *wrong)
{
	int out = memfd_create("again", 0);
	struct result r = {0};
	struct error e = {0};
	char path[64], *data = NULL;

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (out < 0)
		abort();
	if (checked(result_read(&r, path, &e), &e) == 0) {
		if (result_write(&r, TABLE_CSV, out, "memory", &e) < 0)
			abort();
		data = contents(out, size);
	}
	*wrong = r.wrong_rows;
	result_free(&r);
	close(out);
	return data;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[PATH_BYTES];
	int fd = memory_file(data, size, path);
	uint64_t wrong;
	size_t n, m;
	char *once, *twice;

	table_again(data, size);
	once = result_again(fd, &n, &wrong);
	close(fd);
	if (!once)
		return 0;
	fd = memory_file(once, n, path);
	twice = result_again(fd, &m, &wrong);
	if (!twice || wrong || n != m || memcmp(once, twice, n) != 0)
		abort();
	close(fd);
	free(once);
	free(twice);
	return 0;
}
