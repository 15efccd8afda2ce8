/* test_prototxt.c -- text-format protobuf: what is read, and what is refused where. */
#include <stdlib.h>
#include <string.h>

#include "model/prototxt.h"
#include "tap.h"

static struct error error;

static struct prototxt *parse(const char *text)
{
	error = (struct error){0};
	return prototxt_parse("net", (struct bytes){(const uint8_t *)text, strlen(text)},
	                      &error);
}

/* The text is refused, and the message begins so. */
static void refuses(const char *text, const char *message)
{
	struct prototxt *p = parse(text);

	ok(!p && error.code == EXIT_MALFORMED &&
	           strncmp(error.text, message, strlen(message)) == 0,
	   "refused: %s", error.text);
	prototxt_free(p);
}

static void values(void)
{
	struct prototxt *p = parse("# comment\n"
	                           "name: \"net\\t\\x41\\101\" 'b' # and another\n"
	                           "n: 12; negative:-7, hex: 0x1F octal: 017 spaced: - 3\n"
	                           "x: 1.5e-3 f: 2.5f inf: -inf flag: true t: t zero: 0\n"
	                           "method: AVE number: 2 list: [1, 2,3] list: 4 none: []\n"
	                           "m { a: 1 } m < a: 2 > m: { a: 3 m { a: 4 } a: 5 }\n"
	                           "ms: [{ a: 1 }, < a: 2 >] words: -1.5");
	static const char *const methods[] = {"MAX", "AVE", "STOCHASTIC", NULL};
	const struct prototxt_field *root, *m = NULL;
	int64_t list[8] = {0};
	float x;
	int i = 0;

	if (!ok(p != NULL, "the text is read: %s", error.text))
		return;
	root = prototxt_root(p);
	is_str(prototxt_string(p, root, "name", "", &error), "net\tAAb",
	       "escapes; strings side by side are one");
	is_int(prototxt_int(p, root, "n", 0, &error), 12, "a number");
	is_int(prototxt_int(p, root, "negative", 0, &error), -7, "a negative one");
	is_int(prototxt_int(p, root, "hex", 0, &error), 31, "hexadecimal");
	is_int(prototxt_int(p, root, "octal", 0, &error), 15, "octal");
	is_int(prototxt_int(p, root, "spaced", 0, &error), -3, "a space after the minus");
	is_int(prototxt_int(p, root, "absent", 9, &error), 9, "an absent one");
	is_real(prototxt_float(p, root, "x", 0, &error), 1.5e-3, 1e-9, "a real");
	is_real(prototxt_float(p, root, "f", 0, &error), 2.5, 0, "a real with f");
	is_real(prototxt_float(p, root, "inf", 0, &error), -INFINITY, 0, "infinity");
	ok(prototxt_bool(p, root, "flag", false, &error), "true");
	ok(prototxt_bool(p, root, "t", false, &error), "t");
	ok(!prototxt_bool(p, root, "zero", true, &error), "0 is false");
	is_int(prototxt_enum(p, root, "method", methods, 0, &error), 1, "an enum by name");
	is_int(prototxt_enum(p, root, "number", methods, 0, &error), 2, "by number");
	is_int((long long)prototxt_ints(p, root, "list", list, 8, &error), 4, "a list");
	ok(list[0] == 1 && list[2] == 3 && list[3] == 4, "its numbers");
	is_int((long long)prototxt_ints(p, root, "none", list, 8, &error), 0, "an empty list");
	while ((m = prototxt_next(root, m, "m")))
		if (++i == 3) {
			is_int((long long)prototxt_ints(p, m, "a", list, 8, &error), 2,
			       "fields around a message inside");
			is_int(list[1], 5, "the one after it");
			is_int(m->line, 6, "its line");
		}
	is_int(i, 3, "three messages");
	for (i = 0, m = NULL; (m = prototxt_next(root, m, "ms")); i++)
		is_int(prototxt_int(p, m, "a", 0, &error), i + 1, "message %d of a list", i);
	is_int(error.code, EXIT_OK, "nothing failed");
	ok(prototxt_next(NULL, NULL, "a") == NULL, "no message has no fields");

	/* Values of the wrong kind. */
	is_int(prototxt_int(p, root, "method", 7, &error), 7, "no number is the default");
	is_str(error.text, "net: line 5: method 'AVE' is not a whole number", "a word");
	error = (struct error){0};
	is_int(prototxt_int(p, root, "m", 4, &error), 4, "what is given thrice is not read");
	ok(strstr(error.text, "line 6: m is given twice") != NULL, "%s", error.text);
	error = (struct error){0};
	is_str(prototxt_string(p, root, "n", "x", &error), "x", "likewise no string");
	ok(strstr(error.text, "not a quoted string") != NULL, "%s", error.text);
	error = (struct error){0};
	ok(!prototxt_message(p, root, "n", &error), "no message");
	ok(strstr(error.text, "not a message") != NULL, "%s", error.text);
	error = (struct error){0};
	is_int(prototxt_enum(p, root, "hex", methods, 1, &error), 1, "no method");
	ok(strstr(error.text, "not known") != NULL, "%s", error.text);
	error = (struct error){0};
	ok(prototxt_bool(p, root, "number", true, &error), "neither true nor false");
	ok(strstr(error.text, "not true or false") != NULL, "%s", error.text);
	error = (struct error){0};
	is_int((long long)prototxt_floats(p, root, "name", &x, 1, &error), 0,
	       "a string is no float");
	is_int(error.code, EXIT_MALFORMED, "%s", error.text);
	prototxt_free(p);
}

static void numbers(void)
{
	static const char *const bad[] = {
	        "9223372036854775808",
	        "-9223372036854775809",
	        "1e3",
	        "1.0",
	        "0x",
	        "12a",
	        "1-2",
	        "99999999999999999999999999999999999999",
	};
	size_t i;

	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		char text[64];
		struct prototxt *p;

		snprintf(text, sizeof text, "\n\nn: %s", bad[i]);
		p = parse(text);
		if (!p)
			continue;
		is_int(prototxt_int(p, prototxt_root(p), "n", 5, &error), 5, "%s is no integer",
		       bad[i]);
		ok(strncmp(error.text, "net: line 3: n '", 16) == 0, "%s", error.text);
		prototxt_free(p);
	}
}

/* n times the text. */
static char *repeat(const char *text, size_t n)
{
	char *out = malloc(n * strlen(text) + 1);
	size_t i;

	*out = '\0';
	for (i = 0; i < n; i++)
		strcpy(out + i * strlen(text), text);
	return out;
}

static void limits(void)
{
	char *deep = repeat("m{", PROTOTXT_DEPTH - 1), *deeper = repeat("m{", PROTOTXT_DEPTH),
	     *ends = repeat("}", PROTOTXT_DEPTH - 1), *many = repeat("a:1\n", PROTOTXT_FIELDS),
	     *both = malloc(strlen(deep) + strlen(ends) + 1);
	struct prototxt *p;

	strcpy(both, deep);
	strcat(both, ends);
	p = parse(both);
	ok(p != NULL, "%d messages in messages", PROTOTXT_DEPTH);
	prototxt_free(p);
	refuses(deeper, "net: line 1: messages are nested too deeply");
	refuses(many, "net: line 1048576: too many fields");
	free(deep);
	free(deeper);
	free(ends);
	free(both);
	free(many);
	many = repeat(" ", PROTOTXT_BYTES + 1);
	refuses(many, "net: longer than");
	free(many);
}

int main(void)
{
	struct prototxt *p = parse("");

	ok(p && !prototxt_next(prototxt_root(p), NULL, NULL), "no text is no fields");
	prototxt_free(p);
	values();
	numbers();
	refuses("a", "net: line 1: a ':' or '{' is missing");
	refuses("a:", "net: line 1: a value is missing");
	refuses("a: -", "net: line 1: a value is missing");
	refuses("a: \"b", "net: line 1: a string without end");
	refuses("a: 'b\n'", "net: line 1: a string without end");
	refuses("a: 'b\\", "net: line 1: a string without end");
	refuses("a: 'b\\q'", "net: line 1: unknown letter");
	refuses("a: '\\0'", "net: line 1: bad number");
	refuses("a: '\\777'", "net: line 1: bad number");
	refuses("\na {\n b: 1\n", "net: line 4: the text ends inside a message");
	refuses("a { b: 1 >", "net: line 1: a field's name is missing");
	refuses("}", "net: line 1: a field's name is missing");
	refuses(": 1", "net: line 1: a field's name is missing");
	refuses("a: [1, 2", "net: line 1: a list without end");
	refuses("a: [1 2]", "net: line 1: a list without end");
	refuses("a \"b\"", "net: line 1: a ':' or '{' is missing");
	refuses("\x01\x02", "net: line 1: a field's name is missing");
	limits();
	return done();
}
