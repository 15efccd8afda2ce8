/* option.c -- the command line from a table of options, and --help from the same one. */
#include "tool/option.h"
#include "base/machine.h"
#include "tool/message.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { MAX_OPTIONS = 48, MAX_THREADS = 256 };
/* What getopt_long() returns for long options: above all letters. */
enum { FIRST_LONG = 1000, HELP = FIRST_LONG + MAX_OPTIONS, VERSION };

/* The options that all programs have, bound to t. */
static size_t all_options(struct tool *t, const struct tool_option *own,
                          struct tool_option *all)
{
	struct tool_option common[] = {
	        {.name = "output",
	         .letter = 'o',
	         .kind = TOOL_TEXT,
	         .value = &t->output,
	         .argument = "FILE",
	         .help = "write to FILE, whole or not at all",
	         .local = true},
	        {.name = "threads",
	         .letter = 't',
	         .kind = TOOL_COUNT,
	         .value = &t->threads,
	         .argument = "N",
	         .help = "use N threads (all processors)",
	         .low = 1,
	         .high = MAX_THREADS,
	         .local = true},
	        {.name = "quiet",
	         .letter = 'q',
	         .kind = TOOL_FLAG,
	         .value = &t->quiet,
	         .help = "no warnings",
	         .local = true},
	        {.name = "verbose",
	         .letter = 'v',
	         .kind = TOOL_FLAG,
	         .value = &t->verbose,
	         .help = "say more",
	         .local = true},
	        {.name = "force",
	         .kind = TOOL_FLAG,
	         .value = &t->force,
	         .help = "write binary data to a terminal",
	         .local = true},
	        {.name = "progress",
	         .kind = TOOL_FLAG,
	         .value = &t->progress,
	         .help = "show progress even if standard error is no terminal",
	         .local = true},
	        {.name = "max-label-pixels",
	         .kind = TOOL_COUNT,
	         .value = &t->most_label_pixels,
	         .argument = "N",
	         .help = "refuse items with more label pixels [33554432]",
	         .low = 1,
	         .high = UINT32_MAX,
	         .local = true},
	        {.name = "no-provenance",
	         .kind = TOOL_FLAG,
	         .value = &t->no_provenance,
	         .help = "write no PROV records",
	         .local = true},
	};
	size_t n = 0;

	for (; own && own->name; own++)
		all[n++] = *own;
	for (size_t i = 0; i < sizeof common / sizeof *common; i++)
		all[n++] = common[i];
	return n;
}

static const char *argument_of(const struct tool_option *o)
{
	return o->kind == TOOL_FLAG ? "" : o->argument;
}

/* "-m" where there is a letter, else "--model". */
static const char *spelling(const struct tool_option *o, char name[static 64])
{
	if (o->letter)
		snprintf(name, 64, "-%c", o->letter);
	else
		snprintf(name, 64, "--%s", o->name);
	return name;
}

/* What getopt_long() could not take: a letter, maybe among others, or a long option. */
static const char *refused(char *const argv[], char name[static 64])
{
	if (optopt == 0 || optopt >= FIRST_LONG)
		return argv[optind - 1];
	snprintf(name, 64, "-%c", optopt);
	return name;
}

static void print_help(const struct tool *t, const struct tool_usage *u,
                       const struct tool_option *all, size_t n)
{
	char name[64];

	printf("usage: %s", t->name);
	for (size_t i = 0; i < n; i++)
		if (all[i].required)
			printf(" %s %s", spelling(&all[i], name), argument_of(&all[i]));
	printf(" [options]%s%s\n%s\n\n", u->operands ? " " : "", u->operands ? u->operands : "",
	       u->summary);
	for (size_t i = 0; i < n; i++) {
		char left[128], letter[4] = "  ";

		if (all[i].letter)
			snprintf(letter, sizeof letter, "-%c", all[i].letter);
		snprintf(left, sizeof left, "%s%c --%s %s", letter, all[i].letter ? ',' : ' ',
		         all[i].name, argument_of(&all[i]));
		printf("  %-30s %s%s\n", left, all[i].help,
		       all[i].required ? " (required)" : "");
	}
	printf("  %-30s %s\n  %-30s %s\n", "    --help", "print this and exit", "    --version",
	       "print versions and exit");
	printf("\nexample:\n  %s\n", u->example);
}

static void print_version(const struct tool *t, const struct tool_usage *u)
{
	printf("%s %s\nndr format 1.1\nbuilt with: %s\nruns on: %s instructions\nzlib %s\n",
	       t->name, NDPIPE_VERSION, NDPIPE_CFLAGS, machine_name(), zlibVersion());
	if (u->libraries)
		printf("%s", u->libraries());
}

static bool parse_count(const char *s, uint64_t *v)
{
	char *end;

	errno = 0;
	*v = strtoull(s, &end, 10);
	return isdigit((unsigned char)*s) && *end == '\0' && errno == 0;
}

static bool parse_real(const char *s, double *v)
{
	char *end;

	errno = 0;
	*v = strtod(s, &end);
	return end != s && !isspace((unsigned char)*s) && *end == '\0' && isfinite(*v);
}

static int choice_index(const char *choices, const char *s)
{
	size_t n = strlen(s);

	for (int i = 0;; i++) {
		size_t k = strcspn(choices, "|");

		if (k == n && strncmp(choices, s, n) == 0)
			return i;
		if (!choices[k])
			return -1;
		choices += k + 1;
	}
}

static bool parse_shard(const char *s, struct tool_shard *shard)
{
	char part[16];
	size_t n = strcspn(s, "/");

	if (n >= sizeof part || s[n] != '/')
		return false;
	memcpy(part, s, n);
	part[n] = '\0';
	return parse_count(part, &shard->part) && parse_count(s + n + 1, &shard->parts) &&
	       shard->part >= 1 && shard->part <= shard->parts && shard->parts <= UINT32_MAX;
}

void tool_shard_items(const struct tool_shard *s, uint32_t n, uint32_t *first, uint32_t *end)
{
	*first = (uint32_t)((s->part - 1) * n / s->parts);
	*end = (uint32_t)(s->part * n / s->parts);
}

static void set_option(const struct tool *t, const struct tool_option *o, const char *argument)
{
	bool bounded = o->low != 0 || o->high != 0;

	switch (o->kind) {
	case TOOL_FLAG:
		*(bool *)o->value = true;
		break;
	case TOOL_TEXT:
		*(const char **)o->value = argument;
		break;
	case TOOL_COUNT: {
		uint64_t v;

		if (!parse_count(argument, &v))
			tool_misuse(t, "--%s: '%s' is not a whole number", o->name, argument);
		if (bounded && ((double)v < o->low || (double)v > o->high))
			tool_misuse(t, "--%s: %s is not between %.0f and %.0f", o->name,
			            argument, o->low, o->high);
		*(uint64_t *)o->value = v;
		break;
	}
	case TOOL_REAL: {
		double v;

		if (!parse_real(argument, &v))
			tool_misuse(t, "--%s: '%s' is not a number", o->name, argument);
		if (bounded && (v < o->low || v > o->high))
			tool_misuse(t, "--%s: %s is not between %g and %g", o->name, argument,
			            o->low, o->high);
		*(double *)o->value = v;
		break;
	}
	case TOOL_CHOICE: {
		int v = choice_index(o->argument, argument);

		if (v < 0)
			tool_misuse(t, "--%s: '%s' is none of %s", o->name, argument,
			            o->argument);
		*(int *)o->value = v;
		break;
	}
	case TOOL_SHARD:
		if (!parse_shard(argument, o->value))
			tool_misuse(t, "--%s: '%s' is not I/N with 1 <= I <= N", o->name,
			            argument);
		break;
	}
}

static uint64_t default_threads(struct tool *t)
{
	const char *s = getenv("NDR_THREADS");
	cpu_set_t set;
	uint64_t v;

	if (s && parse_count(s, &v) && v >= 1 && v <= MAX_THREADS)
		return v;
	if (s)
		tool_warn(t, "NDR_THREADS: '%s' is not a number of threads", s);
	if (sched_getaffinity(0, sizeof set, &set) != 0)
		return 1;
	v = (uint64_t)CPU_COUNT(&set);
	return v > MAX_THREADS ? MAX_THREADS : v;
}

static void check_machine(const struct tool *t)
{
	const char *s = getenv(MACHINE_VARIABLE);
	char names[64];

	if (!s || machine_limited())
		return;
	machine_names(names, sizeof names);
	tool_warn(t, MACHINE_VARIABLE ": '%s' is none of what this processor has: %s", s,
	          names);
}

void tool_parse(struct tool *t, const struct tool_usage *u, const struct tool_option *options,
                int argc, char *argv[])
{
	struct tool_option all[MAX_OPTIONS];
	struct option longs[MAX_OPTIONS + 3] = {0};
	char shorts[2 * MAX_OPTIONS + 2] = ":", *s = shorts + 1;
	bool seen[MAX_OPTIONS] = {false};
	char name[64];
	size_t n;
	int c;

	n = all_options(t, options, all);
	for (size_t i = 0; i < n; i++) {
		int argument = all[i].kind == TOOL_FLAG ? no_argument : required_argument;

		longs[i] = (struct option){all[i].name, argument, NULL, FIRST_LONG + (int)i};
		if (all[i].letter) {
			*s++ = all[i].letter;
			if (argument)
				*s++ = ':';
		}
	}
	longs[n] = (struct option){"help", no_argument, NULL, HELP};
	longs[n + 1] = (struct option){"version", no_argument, NULL, VERSION};
	opterr = 0;
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		size_t i = 0;

		if (c == HELP) {
			print_help(t, u, all, n);
			exit(tool_finish(t, 0));
		}
		if (c == VERSION) {
			print_version(t, u);
			exit(tool_finish(t, 0));
		}
		if (c == ':')
			tool_misuse(t, "%s needs an argument", refused(argv, name));
		if (c == '?')
			tool_misuse(t, "unknown option '%s'", refused(argv, name));
		if (c >= FIRST_LONG)
			i = (size_t)(c - FIRST_LONG);
		else
			while (all[i].letter != c)
				i++;
		set_option(t, &all[i], optarg);
		seen[i] = true;
	}
	for (size_t i = 0; i < n; i++)
		if (all[i].required && !seen[i])
			tool_misuse(t, "%s is missing", spelling(&all[i], name));
	t->operands = argv + optind;
	t->operand_count = (size_t)(argc - optind);
	if (t->operand_count < u->min_operands)
		tool_misuse(t, "%s is missing", u->operands);
	if (t->operand_count &&
	    (!u->operands || (u->max_operands && t->operand_count > u->max_operands)))
		tool_misuse(t, "'%s' is one operand too many",
		            t->operands[u->operands ? u->max_operands : 0]);
	if (t->threads == 0)
		t->threads = default_threads(t);
	check_machine(t);
}
