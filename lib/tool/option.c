/* option.c -- the command line from a table of options, and --help from the same one. */
#include "tool/option.h"
#include "base/machine.h"
#include "tool/help.h"
#include "tool/message.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
	         .local = true,
	         .common = TOOL_OUTPUT},
	        {.name = "threads",
	         .letter = 't',
	         .kind = TOOL_COUNT,
	         .value = &t->threads,
	         .argument = "N",
	         .help = "use N threads [all processors]",
	         .low = 1,
	         .high = MAX_THREADS,
	         .local = true,
	         .common = TOOL_THREADS},
	        {.name = "quiet",
	         .letter = 'q',
	         .kind = TOOL_FLAG,
	         .value = &t->quiet,
	         .help = "no warnings, no progress",
	         .local = true,
	         .common = TOOL_QUIET},
	        {.name = "verbose",
	         .letter = 'v',
	         .kind = TOOL_FLAG,
	         .value = &t->verbose,
	         .help = "say more",
	         .local = true,
	         .common = TOOL_VERBOSE},
	        {.name = "force",
	         .kind = TOOL_FLAG,
	         .value = &t->force,
	         .help = "write binary data to a terminal",
	         .local = true,
	         .common = TOOL_FORCE},
	        {.name = "progress",
	         .kind = TOOL_FLAG,
	         .value = &t->progress,
	         .help = "show progress even if standard error is no terminal",
	         .local = true,
	         .common = TOOL_PROGRESS},
	        {.name = "max-label-pixels",
	         .kind = TOOL_COUNT,
	         .value = &t->most_label_pixels,
	         .argument = "N",
	         .help = "refuse items with more label pixels [33554432]",
	         .low = 1,
	         .high = UINT32_MAX,
	         .local = true,
	         .common = TOOL_LABEL_PIXELS},
	        {.name = "no-provenance",
	         .kind = TOOL_FLAG,
	         .value = &t->no_provenance,
	         .help = "write no PROV records but those of warnings",
	         .local = true,
	         .common = TOOL_PROVENANCE},
	};
	size_t n = 0;

	for (; own && own->name; own++)
		all[n++] = *own;
	for (size_t i = 0; i < sizeof common / sizeof *common; i++)
		all[n++] = common[i];
	return n;
}

/* The name in "--name" or "--name=argument". */
static size_t long_name(const char *argument, const char **name)
{
	*name = argument + 2;
	return strcspn(*name, "=");
}

/* What getopt_long() could not take: a letter, maybe among others, or a long option. */
static const char *refused(char *const argv[], char name[static 64])
{
	if (optopt == 0 || optopt >= FIRST_LONG)
		return argv[optind - 1];
	snprintf(name, 64, "-%c", optopt);
	return name;
}

/* Say why getopt_long() returned '?'. */
static void refuse(const struct tool *t, const struct option *longs, char *const argv[])
        __attribute__((noreturn));

static void refuse(const struct tool *t, const struct option *longs, char *const argv[])
{
	const char *first = NULL, *second = NULL, *wanted;
	char name[64];
	size_t n;

	if (optopt == 0) {
		n = long_name(argv[optind - 1], &wanted);
		for (; longs->name; longs++)
			if (strncmp(longs->name, wanted, n) == 0) {
				second = first ? longs->name : NULL;
				first = first ? first : longs->name;
				if (second)
					tool_misuse(t, "--%.*s is --%s or --%s", (int)n, wanted,
					            first, second);
			}
	}
	if (optopt >= FIRST_LONG) {
		n = long_name(argv[optind - 1], &wanted);
		tool_misuse(t, "--%.*s takes no argument", (int)n, wanted);
	}
	tool_misuse(t, "unknown option '%s'", refused(argv, name));
}

static bool parse_count(const char *s, uint64_t *v)
{
	char *end;

	errno = 0;
	*v = strtoull(s, &end, 10);
	return isdigit((unsigned char)*s) && *end == '\0' && errno == 0;
}

/* Of any size and sign. */
static bool is_whole(const char *s)
{
	s += *s == '-' || *s == '+';
	return *s && strspn(s, "0123456789") == strlen(s);
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
	const bool bounded = o->low != 0 || o->high != 0;

	switch (o->kind) {
	case TOOL_FLAG:
		*(bool *)o->value = true;
		break;
	case TOOL_TEXT:
		*(const char **)o->value = argument;
		break;
	case TOOL_COUNT: {
		const uint64_t low = (uint64_t)o->low;
		const uint64_t high = bounded ? (uint64_t)o->high : UINT64_MAX;
		uint64_t v;

		if (!is_whole(argument))
			tool_misuse(t, "--%s: '%s' is not a whole number", o->name, argument);
		if (!parse_count(argument, &v) || v < low || v > high)
			tool_misuse(t, "--%s: %s is not between %" PRIu64 " and %" PRIu64,
			            o->name, argument, low, high);
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
	case TOOL_LIST: {
		struct tool_list *list = o->value;

		if (list->count == sizeof list->text / sizeof *list->text)
			tool_misuse(t, "--%s more than %zu times", o->name, list->count);
		list->text[list->count++] = argument;
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
	if (sched_getaffinity(0, sizeof set, &set) < 0)
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

static bool is_seen(const char *name, const struct tool_option *all, const bool *seen)
{
	while (strcmp(all->name, name) != 0) {
		all++;
		seen++;
	}
	return *seen;
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
	*s++ = 'h';
	longs[n] = (struct option){"help", no_argument, NULL, HELP};
	longs[n + 1] = (struct option){"version", no_argument, NULL, VERSION};
	opterr = 0;
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		size_t i = 0;

		if (c == HELP || c == 'h') {
			help_print(t, u, all, n);
			exit(tool_finish(t, 0));
		}
		if (c == VERSION) {
			help_version(t, u);
			exit(tool_finish(t, 0));
		}
		if (c == ':')
			tool_misuse(t, "%s needs an argument", refused(argv, name));
		if (c == '?')
			refuse(t, longs, argv);
		if (c >= FIRST_LONG)
			i = (size_t)(c - FIRST_LONG);
		else
			while (all[i].letter != c)
				i++;
		set_option(t, &all[i], optarg);
		seen[i] = true;
		t->alone |= all[i].alone;
	}
	for (size_t i = 0; i < n; i++)
		if (all[i].required && !seen[i])
			tool_misuse(t, "%s is missing", option_spelling(&all[i], name));
	for (const struct tool_need *need = u->needs; need && need->option; need++)
		if (is_seen(need->option, all, seen) && !is_seen(need->other, all, seen))
			tool_misuse(t, "--%s goes with --%s", need->option, need->other);
	t->operands = argv + optind;
	t->operand_count = (size_t)(argc - optind);
	if (t->operand_count < u->min_operands)
		tool_misuse(t, "%s is missing", u->operands);
	if (t->operand_count &&
	    (!u->operands || (u->max_operands && t->operand_count > u->max_operands)))
		tool_misuse(t, "'%s' is one operand too many",
		            t->operands[u->operands ? u->max_operands : 0]);
	if (!t->alone && isatty(STDIN_FILENO) &&
	    (u->input ? !*u->input : u->operands && t->operand_count == 0)) {
		help_usage(stderr, t, u, all, n);
		tool_misuse(t, "standard input is a terminal");
	}
	if (t->threads == 0)
		t->threads = default_threads(t);
	check_machine(t);
}
