/* test_text.c -- text that grows, and what it says where there is no memory. */
#include <stdint.h>
#include <errno.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/error.h"
#include "base/text.h"
#include "table/utf8.h"
#include "tap.h"

static void test_growth(void)
{
	struct text t = {0};
	struct error e = {0};
	char want[3000], *got;
	size_t n = 0;

	for (int i = 0; i < 200; i++) {
		text_print(&t, "%d", i);
		text_byte(&t, ',');
		text_string(&t, "\xc3\xa9");
		text_bytes(&t, "x\0y", 1);
		n += (size_t)sprintf(want + n, "%d,\xc3\xa9x", i);
	}
	is_int((long long)t.length, (long long)n, "its length");
	got = text_take(&t, "a list", &e);
	is_str(got, want, "its text");
	ok(!t.bytes && t.length == 0, "is taken");
	free(got);
	got = text_take(&t, "a list", &e);
	is_str(got, "", "no text is an empty one");
	free(got);
}

static void test_loss(void)
{
	struct text t = {0};
	struct error e = {0};

	text_string(&t, "begun");
	text_bytes(&t, "x", SIZE_MAX - 8);
	text_string(&t, "and ended");
	ok(!text_take(&t, "a list", &e), "what was lost is missed in the end");
	is_str(e.text, "no memory for a list", "and said");
	is_int(e.code, EXIT_SYSTEM, "as a failure of the system");
}

static void test_strings(void)
{
	struct error e = {0};
	char name[] = "caf\xc3\xa9/conv 5.x_-Z9\n", *text = memory_print(&e, "%s-%d", "a", 7);

	is_str(text, "a-7", "a string as printf() prints it");
	free(text);
	file_name_clean(name);
	is_str(name, "caf---conv-5.x_-Z9-", "a file's name of any bytes");
}

/* Of what is too long the reason stays, and the beginning; no character is cut in two. */
static void test_long_errors(void)
{
	static char path[6000];
	struct error e = {0};
	size_t n;

	for (size_t i = 0; i + 2 < sizeof path; i += 2)
		memcpy(path + i, "\xc3\xbc", 3);
	for (int shift = 0; shift < 4; shift++) {
		e = (struct error){0};
		errno = ENOENT;
		error_errno(&e, "%.*s%.4000s", shift, "abc", path);
		n = strlen(e.text);
		ok(n < sizeof e.text && n > sizeof e.text - 8, "%zu bytes", n);
		ok(utf8_is(e.text), "UTF-8");
		is_str(e.text + n - 29, "\xc3\xbc: No such file or directory", "the reason");
		ok(strncmp(e.text + shift, "\xc3\xbc\xc3\xbc", 4) == 0, "the beginning");
		e = (struct error){0};
		error_set(&e, EXIT_MALFORMED, "%.*s", 508 + shift, path + 10);
		n = strlen(e.text);
		is_int((long long)n, 508 + shift, "all of what fits");
	}
	e = (struct error){0};
	error_set(&e, EXIT_MALFORMED, "%512d: a\nb", 0);
	is_str(e.text + strlen(e.text) - 5, ": a?b", "on one line");
}

int main(void)
{
	test_long_errors();
	test_growth();
	test_loss();
	test_strings();
	return done();
}
