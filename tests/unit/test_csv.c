/* test_csv.c -- reading comma-separated values. */
#include <stdlib.h>

#include "table/csv.h"

#include "tap.h"

/* Fields joined by '|', rows by '/', or the error. */
static const char *read_all(const char *text, char out[static 1000])
{
	struct error e = {0};
	struct csv c;
	char *p = out;
	int more = 0;

	*out = '\0';
	if (csv_parse(&c, strdup(text), strlen(text), "x.csv", &e) == 0)
		while ((more = csv_next(&c, &e)) == 1) {
			for (size_t i = 0; i < c.columns; i++)
				p += sprintf(p, "%s%s", i ? "|" : "", c.field[i]);
			p += sprintf(p, "/");
		}
	csv_close(&c);
	return e.code ? strcpy(out, e.text) : out;
}

static void test_rows(void)
{
	static const struct {
		const char *text, *want, *what;
	} cases[] = {
	        {"a,b\n1,2\n3,4\n", "1|2/3|4/", "LF"},
	        {"a,b\r\n1,2\r\n3,4\r\n", "1|2/3|4/", "CRLF"},
	        {"a,b\n1,2\r\n3,4", "1|2/3|4/", "no line end at the end"},
	        {"a,b\n1,2\r", "1|2/", "half a line end"},
	        {"\xef\xbb\xbf"
	         "a,b\n1,2\n",
	         "1|2/", "byte order mark"},
	        {"a,b\n,\n1,\n,2\n", "|/1|/|2/", "empty fields"},
	        {"a,b\n\n1,2\n\r\n\n", "1|2/", "empty lines are skipped"},
	        {"a,b\n\"1,5\",\"say \"\"no\"\"\"\r\n", "1,5|say \"no\"/", "quotes"},
	        {"a,b\n\"two\r\nlines\",2\n", "two\r\nlines|2/", "line end in quotes"},
	        {"a,b\n\"\",\"\"\n", "|/", "empty quotes"},
	        {"a,b\nx\"y,2\n", "x\"y|2/", "quote inside a plain field"},
	        {"a,b\n", "", "header only"},
	        {"a,b", "", "header without a line end"},
	        {"", "x.csv: no header row", "nothing"},
	        {"a,b\n1\n", "x.csv: row 2: 1 fields instead of 2", "short row"},
	        {"a,b\n1,2\n1,2,3\n", "x.csv: row 3: 3 fields instead of 2", "long row"},
	        {"a,b\n\"1,2\n", "x.csv: row 2: quoted field does not end", "open quote"},
	        {"a,b\n\"1\"2,3\n", "x.csv: row 2: text after a quoted field", "text after it"},
	        {"a,b\n1\r2,3\n", "x.csv: row 2: stray carriage return", "CR alone"},
	        {"\xff\xfe"
	         "a",
	         "x.csv: UTF-16, not UTF-8", "UTF-16, little-endian"},
	        {"\xfe\xff", "x.csv: UTF-16, not UTF-8", "UTF-16, big-endian"},
	};
	char out[1000];
	struct error e = {0};
	struct csv c;
	char *text = calloc(1, 8);

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		is_str(read_all(cases[i].text, out), cases[i].want, "%s", cases[i].what);
	memcpy(text, "a\n\0\n", 4);
	ok(csv_parse(&c, text, 4, "x", &e) < 0, "%s", e.text);
	csv_close(&c);
}

static void test_numbers(void)
{
	static const char text[] = "name,n,r\nx,12,0.5\ny,-1,1e3\nz,1x,\nw,99,nan\n";
	struct error e[6] = {{0}};
	struct csv c;
	uint64_t n;
	double r;

	if (csv_parse(&c, strdup(text), strlen(text), "x.csv", &e[0]) < 0 ||
	    csv_next(&c, &e[0]) < 1)
		abort();
	is_int(csv_column(&c, "n"), 1, "a column by name");
	is_int(csv_column(&c, "m"), -1, "a column that is not there");
	ok(csv_need(&c, "m", &e[1]) < 0, "%s", e[1].text);
	ok(csv_count(&c, 1, 0, 20, &n, &e[0]) == 0 && n == 12, "count");
	ok(csv_real(&c, 2, &r, &e[0]) == 0 && r == 0.5, "real");
	ok(csv_next(&c, &e[0]) == 1 && csv_count(&c, 1, 0, 20, &n, &e[2]) < 0, "%s", e[2].text);
	ok(csv_next(&c, &e[0]) == 1 && csv_count(&c, 1, 0, 20, &n, &e[3]) < 0, "%s", e[3].text);
	ok(csv_real(&c, 2, &r, &e[4]) < 0, "%s", e[4].text);
	ok(csv_next(&c, &e[0]) == 1 && csv_count(&c, 1, 0, 20, &n, &e[5]) < 0, "%s", e[5].text);
	is_str(e[5].text, "x.csv: row 5: n '99': out of range", "message");
	is_int(csv_next(&c, &e[0]), 0, "end");
	is_int(csv_next(&c, &e[0]), 0, "still the end");
	csv_close(&c);
}

static void test_whole(void)
{
	static const struct {
		const char *text;
		bool is;
		uint64_t value;
	} cases[] = {
	        {"0", true, 0},
	        {"2", true, 2},
	        {"2.0", true, 2},
	        {"007", true, 7},
	        {"2.000", true, 2},
	        {"2.", false, 0},
	        {"2.5", false, 0},
	        {".0", false, 0},
	        {"", false, 0},
	        {"-1", false, 0},
	        {"+1", false, 0},
	        {"1e3", false, 0},
	        {"nan", false, 0},
	        {" 1", false, 0},
	        {"2.0.0", false, 0},
	        {"[1", false, 0},
	        {"0x1", false, 0},
	        {"18446744073709551615", true, UINT64_MAX},
	        {"18446744073709551616", true, UINT64_MAX},
	        {"99999999999999999999999999", true, UINT64_MAX},
	};
	uint64_t value;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		bool is = csv_whole(cases[i].text, strlen(cases[i].text), &value);

		ok(is == cases[i].is && (!is || value == cases[i].value), "'%s' %s",
		   cases[i].text, is ? "is a whole number" : "is none");
	}
}

/* More fields than any table has, and a column that is there twice. */
static void test_columns(void)
{
	enum { MANY = 70000 };
	char *text = malloc(MANY + 1);
	struct error e = {0};
	struct csv c;

	memset(text, ',', MANY);
	text[MANY] = '\0';
	ok(csv_parse(&c, text, MANY, "x.csv", &e) < 0, "%s", e.text);
	is_str(e.text, "x.csv: row 1: more than 65536 fields", "message");
	csv_close(&c);
	e = (struct error){0};
	ok(csv_parse(&c, strdup("a,b,a\n"), 6, "x.csv", &e) == 0, "two columns of one name");
	ok(csv_need(&c, "a", &e) < 0, "are not to be told apart");
	is_str(e.text, "x.csv: column 'a' is there twice", "message");
	csv_close(&c);
}

int main(void)
{
	struct error e = {0};
	struct csv c;

	test_rows();
	test_numbers();
	test_whole();
	test_columns();
	ok(csv_open(&c, "/nonexistent/x.csv", &e) < 0 && e.code == EXIT_SYSTEM, "%s", e.text);
	csv_close(&c);
	return done();
}
