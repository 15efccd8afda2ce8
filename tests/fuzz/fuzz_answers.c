/* fuzz_answers.c -- any bytes as what people answered: phrases, a key, answers.
 *
 *	make fuzz
 *	build-fuzz/fuzz_answers -max_len=4096 NEW-DIRECTORY tests/fuzz/seeds/answers
 *
 * Files stand one after the other, a zero byte between them.  The first is taken as phrases,
 * and the key of what is asked about them must read; then as a key of the others.  What fails
 * has said why in one line. */
#include "stage/judged.h"
#include "stage/questions.h"
#include "fuzz.h"

enum { FILES = 4, UNITS = 8, SAMPLES = 3 };

/* ---- phrases ---- */

static void judge(const char *path)
{
	static struct report_unit unit[UNITS] = {{.matches = 1, .match = {{.name = "sky-s"}}}};
	static uint32_t number[UNITS] = {1, 2, 3, 4, 5, 6, 7, 8};
	const struct report r = {
	        .sides = 1,
	        .side = {{.layer = "conv",
	                  .unit = unit,
	                  .result = {.units = UNITS, .unit = number}}},
	};
	struct questions q = {0};
	struct judged j = {0};
	struct error e = {0};

	if (checked(questions_judge(&q, &r, path, 1, &e), &e) == 0) {
		char key[PATH_BYTES];
		int fd = memory_file("", 0, key);

		if (questions_key(&q, &r, fd, key, &e) < 0 || judged_key(&j, key, &e) < 0 ||
		    j.questions != q.count || j.layers != 1)
			abort();
		close(fd);
	}
	questions_free(&q);
	judged_free(&j);
}

/* ---- answers ---- */

static void count(char path[][PATH_BYTES], size_t files, bool incomplete)
{
	struct judged j = {0};
	struct error e = {0};
	int status = checked(judged_key(&j, path[0], &e), &e);

	for (size_t i = 1; i < files && status == 0; i++)
		status = checked(judged_read(&j, path[i], &e), &e);
	if (status == 0)
		status = checked(judged_count(&j, 0.5, incomplete, &e), &e);
	for (size_t i = 0; status == 0 && i < j.questions; i++)
		for (size_t g = 0; g < 2; g++)
			if (j.question[i].by_group[g].yes > j.question[i].by_group[g].all ||
			    j.question[i].by_group[g].all > j.answers)
				abort();
	if (status == 0) {
		char table[PATH_BYTES];
		int fd = memory_file("", 0, table);

		if (judged_write(&j, TABLE_JSON, SAMPLES, 1, fd, table, &e) < 0)
			abort();
		close(fd);
	}
	judged_free(&j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = data + size;
	char path[FILES][PATH_BYTES];
	int fd[FILES];
	size_t files = 0;

	while (files < FILES && data <= end) {
		const uint8_t *next = data < end ? memchr(data, 0, (size_t)(end - data)) : NULL;
		const size_t n = (size_t)((next ? next : end) - data);

		fd[files] = memory_file(data, n, path[files]);
		files++;
		data += n + 1;
	}
	judge(path[0]);
	count(path, files, false);
	count(path, files, true);
	while (files-- > 0)
		close(fd[files]);
	return 0;
}
