/* test_result.c -- result tables as bytes, and bytes that are none. */
#include "table/result.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tap.h"

/* A nameless file that holds text; its name for reading in path. */
static int file_with(const char *text, char path[static 64])
{
	char name[] = "/tmp/test_result.XXXXXX";
	int fd = mkstemp(name);

	if (fd < 0 || unlink(name) < 0 || write(fd, text, strlen(text)) < 0) {
		perror("test_result");
		exit(1);
	}
	lseek(fd, 0, SEEK_SET);
	snprintf(path, 64, "/proc/self/fd/%d", fd);
	return fd;
}

/* What was written to the file, NUL-terminated, free() it; closes it. */
static char *contents(int fd)
{
	off_t n = lseek(fd, 0, SEEK_END);
	char *text = calloc(1, (size_t)n + 1);

	if (!text || pread(fd, text, (size_t)n, 0) != n)
		exit(1);
	close(fd);
	return text;
}

/* ---- tables ---- */

static void is_table(enum table_format format, const char *want, const char *name)
{
	static const char *const column[] = {"name", "n", "x,y"};
	struct table t;
	struct error e = {0};
	char path[64], *got;
	int fd = file_with("", path);

	table_begin(&t, format, column, 3);
	table_text(&t, "plain");
	table_count(&t, UINT64_MAX);
	table_real(&t, 0.04);
	table_text(&t, "a,\"b\"\t\\\n\xc3\xa9\xff");
	table_none(&t);
	table_real(&t, 3044167);
	is_int(table_end(&t, fd, "out", &e), 0, "%s ends", name);
	table_free(&t);
	got = contents(fd);
	is_str(got, want, "%s", name);
	free(got);
}

static void test_tables(void)
{
	is_table(TABLE_CSV,
	         "name,n,\"x,y\"\r\n"
	         "plain,18446744073709551615,0.040000000000000001\r\n"
	         "\"a,\"\"b\"\"\t\\\n\xc3\xa9\xff\",,3044167.0\r\n",
	         "CSV quotes where it must");
	is_table(TABLE_TSV,
	         "name\tn\tx,y\n"
	         "plain\t18446744073709551615\t0.040000000000000001\n"
	         "a,\"b\"\\t\\\\\\n\xc3\xa9\xff\t\t3044167.0\n",
	         "TSV escapes what would split it");
	is_table(TABLE_JSON,
	         "[\n"
	         "{\"name\": \"plain\", \"n\": 18446744073709551615, "
	         "\"x,y\": 0.040000000000000001},\n"
	         "{\"name\": \"a,\\\"b\\\"\\u0009\\\\\\u000a\xc3\xa9\\ufffd\", \"n\": null, "
	         "\"x,y\": 3044167.0}\n"
	         "]\n",
	         "JSON escapes, and mends what is no UTF-8");
	is_table(TABLE_TEXT,
	         "name                           n                   x,y\n"
	         "plain       18446744073709551615  0.040000000000000001\n"
	         "a,\"b\"?\\?\xc3\xa9\xff                     -             3044167.0\n",
	         "text is aligned");
}

static void test_full(void)
{
	static const char *const column[] = {"a"};
	struct table t;
	struct error e = {0};
	int fd = open("/dev/full", O_WRONLY);

	table_begin(&t, TABLE_CSV, column, 1);
	is_int(table_end(&t, fd, "full", &e), -1, "a full device is an error");
	is_str(e.text, "full: No space left on device", "which names the output");
	table_free(&t);
	close(fd);
}

/* ---- results ---- */

#define HEADER                                                                                 \
	"unit,category,label,score,object-label,object-truth,object-activation,"               \
	"object-intersect,object-iou,color-label,color-truth,color-activation,"                \
	"color-intersect,color-iou\r\n"

static const char good[] = HEADER
        "2,object,car,0.5,car,100,50.0,50,0.5,red-c,10,10.0,5,0.33333333333333331\r\n"
        "1,color,red-c,0.33333333333333331,,0,0.0,0,0.0,red-c,10,10.0,5,0.33333333333333331\r\n"
        "3,color,,0.0,,0,0.0,0,0.0,,0,0.0,0,0.0\r\n";

static void test_read(void)
{
	struct result r = {0};
	struct error e = {0};
	char path[64], copy[64], *text;
	int fd = file_with(good, path), out;

	if (!is_int(result_read(&r, path, &e), 0, "a result is read"))
		printf("# %s\n", e.text);
	is_int((long long)r.units, 3, "three units");
	is_int((long long)r.categories, 2, "two categories");
	is_str(r.category[1], "color", "color is the second");
	is_int(r.unit[0], 2, "first row: unit 2");
	is_int((long long)r.best[0], 0, "first row: an object");
	is_str(r.label[0], "car", "first row: a car");
	is_int((long long)r.counts[RESULT_TRUTH], 100, "first row: truth");
	is_int((long long)r.counts[RESULT_AREA], 50, "first row: activation");
	is_int((long long)r.counts[RESULT_INTERSECTION], 50, "first row: intersection");
	is_real(r.iou[3], 1.0 / 3.0, 0, "second row: IoU of the color");
	is_int((long long)r.best[2], 1, "unit without label: the category that is named");
	is_int((long long)r.wrong_rows, 0, "no row is wrong");
	out = file_with("", copy);
	is_int(result_write(&r, TABLE_CSV, out, "out", &e), 0, "it is written");
	text = contents(out);
	is_str(text, good, "and has the same bytes");
	free(text);
	result_free(&r);
	close(fd);
}

/* Columns in another order, counts as peers print them, columns that are nobody's. */
static void test_other_writers(void)
{
	static const char text[] = "note,score,label,category,unit,part-iou,part-intersect,"
	                           "part-activation,part-truth,part-label\n"
	                           "x,0.25,leg,part,0,0.25,2.0,5,5.0,leg\n";
	struct result r = {0};
	struct error e = {0};
	char path[64];
	int fd = file_with(text, path);

	if (!is_int(result_read(&r, path, &e), 0, "columns in any order"))
		printf("# %s\n", e.text);
	is_int(r.unit[0], 0, "units may count from 0");
	is_str(r.label[0], "leg", "label");
	is_real(r.iou[0], 0.25, 0, "IoU");
	result_free(&r);
	close(fd);
}

static void test_wrong_rows(void)
{
	static const char text[] = HEADER
	        "1,object,car,0.5,car,100,50.0,50,0.5,red-c,10,10.0,5,0.33333333333333331\r\n"
	        "2,object,car,0.6,car,100,50.0,50,0.6,red-c,10,10.0,5,0.33333333333333331\r\n"
	        "3,object,car,0.1,car,100,10.0,10,0.1,red-c,10,10.0,5,0.33333333333333331\r\n"
	        "4,object,bus,0.1,car,100,10.0,10,0.1,red-c,10,10.0,0,0.0\r\n"
	        "5,object,car,0.1000001,car,100,10.0,10,0.1000001,red-c,10,10.0,0,0.0\r\n";
	struct result r = {0};
	struct error e = {0};
	char path[64];
	int fd = file_with(text, path);

	if (!is_int(result_read(&r, path, &e), 0, "a result that contradicts itself is read"))
		printf("# %s\n", e.text);
	is_int((long long)r.wrong_rows, 3, "wrong IoU, best, label; but not rounding");
	is_int((long long)r.first_wrong_row, 3, "the first is known");
	is_real(r.iou[2], 0.5, 0, "IoU is that of the counts");
	is_int((long long)r.best[2], 1, "the best, too");
	result_free(&r);
	close(fd);
}

static void is_refused(const char *text, const char *why)
{
	struct result r = {0};
	struct error e = {0};
	char path[64];
	int fd = file_with(text, path);
	size_t n = strlen(path);

	is_int(result_read(&r, path, &e), -1, "refused: %s", why);
	is_int(e.code, EXIT_MALFORMED, "as malformed");
	is_str(strncmp(e.text, path, n) == 0 ? e.text + n : e.text, why,
	       "after the file's name");
	result_free(&r);
	close(fd);
}

static void test_refused(void)
{
	static const char one[] =
	        "unit,category,label,score,a-label,a-truth,a-activation,a-intersect,a-iou\n";
	char text[512];

	is_refused("", ": no header row");
	is_refused("unit,category,label\n", ": no column 'score'");
	is_refused("unit,category,label,score\n",
	           ": no category has a column, such as 'object-label'");
	is_refused("unit,category,label,score,-label\n",
	           ": no category has a column, such as 'object-label'");
	is_refused("unit,category,label,score,a-label,a-truth\n", ": no column 'a-activation'");
	is_refused("unit,category,label,score,a-label,a-truth,a-activation,a-intersect,a-iou,"
	           "a-label\n",
	           ": column 'a-label' is there twice");
	is_refused(one, ": no rows after the header");
#define ROW(row, why)                                                                          \
	snprintf(text, sizeof text, "%s1,a,x,0.5,x,4,4,2,0.33\n%s\n", one, row);               \
	is_refused(text, why)
	ROW("2,a,x,0.5,x,4,4,2", ": row 3: 8 fields instead of 9");
	ROW("-2,a,x,0.5,x,4,4,2,0.3", ": row 3: unit '-2': not a whole number");
	ROW("4294967296,a,x,0.5,x,4,4,2,0.3", ": row 3: unit '4294967296': out of range");
	ROW("1,a,x,0.5,x,4,4,2,0.3", ": row 3: unit 1 is in row 2 already");
	ROW("2,b,x,0.5,x,4,4,2,0.3", ": row 3: category 'b': has no columns");
	ROW("2,a,x,nan,x,4,4,2,0.3", ": row 3: score 'nan': not a number");
	ROW("2,a,x,0.5,x,-4,4,2,0.3", ": row 3: a-truth '-4': not a count of pixels");
	ROW("2,a,x,0.5,x,4,4.5,2,0.3", ": row 3: a-activation '4.5': not a count of pixels");
	ROW("2,a,x,0.5,x,4,4,1e300,0.3", ": row 3: a-intersect '1e300': not a count of pixels");
	ROW("2,a,x,0.5,x,4,4,9,0.3", ": row 3: a-intersect '9': more than the whole");
	ROW("2,a,x,0.5,x,4,4,2,inf", ": row 3: a-iou 'inf': not a number");
	ROW("2,a,\"x,0.5,x,4,4,2,0.3", ": row 3: quoted field does not end");
#undef ROW
}

int main(void)
{
	test_tables();
	test_full();
	test_read();
	test_other_writers();
	test_wrong_rows();
	test_refused();
	return done();
}
