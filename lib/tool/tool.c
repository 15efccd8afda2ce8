/* tool.c -- see tool.h. */
#include "tool/tool.h"
#include "base/checksum.h"
#include "base/memory.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

enum { MAX_OPTIONS = 48, MAX_THREADS = 256 };
/* What getopt_long() returns for long options: above all letters. */
enum { FIRST_LONG = 1000, HELP = FIRST_LONG + MAX_OPTIONS, VERSION };

/* ---- messages ---- */

static void say(const struct tool *t, const char *kind, const char *format, va_list args)
        __attribute__((format(printf, 3, 0)));

static void say(const struct tool *t, const char *kind, const char *format, va_list args)
{
	struct error line = {0};
	char text[sizeof line.text];

	vsnprintf(text, sizeof text, format, args);
	error_set(&line, EXIT_USAGE, "%s: %s%s", t->name, kind, text); /* kept to one line */
	fprintf(stderr, "%s\n", line.text);
}

void tool_warn(const struct tool *t, const char *format, ...)
{
	va_list args;

	if (t->quiet)
		return;
	va_start(args, format);
	say(t, "warning: ", format, args);
	va_end(args);
}

void tool_note(const struct tool *t, const char *format, ...)
{
	va_list args;

	if (!t->verbose || t->quiet)
		return;
	va_start(args, format);
	say(t, "", format, args);
	va_end(args);
}

static void misuse(const struct tool *t, const char *format, ...)
        __attribute__((format(printf, 2, 3), noreturn));

static void misuse(const struct tool *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(t, "", format, args);
	va_end(args);
	fprintf(stderr, "try '%s --help'\n", t->name);
	exit(EXIT_USAGE);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void tool_progress(const struct tool *t, uint64_t done, uint64_t total)
{
	static double last;
	static bool shown;
	double now;

	if (t->quiet || !(t->progress || isatty(STDERR_FILENO)))
		return;
	now = seconds();
	if (now - last < 0.2 && !(total && done == total && shown))
		return;
	last = now;
	shown = true;
	if (total)
		fprintf(stderr, "\r%s: %" PRIu64 " of %" PRIu64 "%s", t->name, done, total,
		        done == total ? "\n" : "");
	else
		fprintf(stderr, "\r%s: %" PRIu64, t->name, done);
}

/* ---- options ---- */

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
	printf("%s %s\nndr format 1.0\nbuilt with: %s\nzlib %s\n", t->name, NDPIPE_VERSION,
	       NDPIPE_CFLAGS, zlibVersion());
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
			misuse(t, "--%s: '%s' is not a whole number", o->name, argument);
		if (bounded && ((double)v < o->low || (double)v > o->high))
			misuse(t, "--%s: %s is not between %.0f and %.0f", o->name, argument,
			       o->low, o->high);
		*(uint64_t *)o->value = v;
		break;
	}
	case TOOL_REAL: {
		double v;

		if (!parse_real(argument, &v))
			misuse(t, "--%s: '%s' is not a number", o->name, argument);
		if (bounded && (v < o->low || v > o->high))
			misuse(t, "--%s: %s is not between %g and %g", o->name, argument,
			       o->low, o->high);
		*(double *)o->value = v;
		break;
	}
	case TOOL_CHOICE: {
		int v = choice_index(o->argument, argument);

		if (v < 0)
			misuse(t, "--%s: '%s' is none of %s", o->name, argument, o->argument);
		*(int *)o->value = v;
		break;
	}
	case TOOL_SHARD:
		if (!parse_shard(argument, o->value))
			misuse(t, "--%s: '%s' is not I/N with 1 <= I <= N", o->name, argument);
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

/* As in cat(1): what is appended to an input would be read again, and never end. */
static void refuse_output_file_as_input(struct tool *t)
{
	static char *const standard_input[] = {"-"};
	char *const *names = t->operand_count ? t->operands : standard_input;
	size_t n = t->operand_count ? t->operand_count : 1;
	struct stat in, out;

	if (t->output || fstat(STDOUT_FILENO, &out) != 0 || !S_ISREG(out.st_mode))
		return;
	for (size_t i = 0; i < n; i++) {
		bool standard = strcmp(names[i], "-") == 0;

		if ((standard ? fstat(STDIN_FILENO, &in) : stat(names[i], &in)) == 0 &&
		    in.st_dev == out.st_dev && in.st_ino == out.st_ino) {
			error_set(&t->error, EXIT_SYSTEM, "%s: input file is output file",
			          standard ? "<stdin>" : names[i]);
			exit(tool_finish(t, -1));
		}
	}
}

/* A result file must not get the number of a standard descriptor that was closed, or
 * messages go into it.  What stands in for one fails when used. */
static void occupy_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
			exit(EXIT_SYSTEM);
}

void tool_start(struct tool *t, const struct tool_usage *u, const struct tool_option *options,
                int argc, char *argv[])
{
	struct tool_option all[MAX_OPTIONS];
	struct option longs[MAX_OPTIONS + 3] = {0};
	char shorts[2 * MAX_OPTIONS + 2] = ":", *s = shorts + 1;
	bool seen[MAX_OPTIONS] = {false};
	char name[64];
	const char *slash = strrchr(argv[0], '/');
	size_t n;
	int c;

	occupy_standard_descriptors();
	signal(SIGPIPE, SIG_DFL);
	*t = (struct tool){.name = slash ? slash + 1 : argv[0], .options = options};
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
			misuse(t, "%s needs an argument", refused(argv, name));
		if (c == '?')
			misuse(t, "unknown option '%s'", refused(argv, name));
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
			misuse(t, "%s is missing", spelling(&all[i], name));
	t->operands = argv + optind;
	t->operand_count = (size_t)(argc - optind);
	if (t->operand_count < u->min_operands)
		misuse(t, "%s is missing", u->operands);
	if (t->operand_count &&
	    (!u->operands || (u->max_operands && t->operand_count > u->max_operands)))
		misuse(t, "'%s' is one operand too many",
		       t->operands[u->operands ? u->max_operands : 0]);
	if (u->operands)
		refuse_output_file_as_input(t);
	if (t->threads == 0)
		t->threads = default_threads(t);
}

/* ---- output ---- */

int tool_output(struct tool *t, bool binary)
{
	if (t->output && strcmp(t->output, "-") != 0) {
		t->file = tool_file_open(t->output, &t->error);
		return t->file ? t->file->fd : -1;
	}
	if (binary && !t->force && isatty(STDOUT_FILENO))
		return error_set(
		        &t->error, EXIT_USAGE,
		        "<stdout>: binary data is not written to a terminal (see --force)");
	return STDOUT_FILENO;
}

const char *tool_output_name(const struct tool *t)
{
	return t->file ? t->output : "<stdout>";
}

void tool_report(struct tool *t)
{
	fprintf(stderr, "%s: %s\n", t->name, t->error.text);
	t->error = (struct error){0};
}

int tool_finish(struct tool *t, int status)
{
	enum exit_code code;

	if (status == 0 && t->error.code == EXIT_OK) {
		if (t->file)
			status = tool_file_commit(t->file, &t->error);
		else if (fflush(stdout) != 0 || ferror(stdout) || close(STDOUT_FILENO) != 0)
			error_errno(&t->error, "<stdout>");
	} else {
		tool_file_discard(t->file);
	}
	t->file = NULL;
	free(t->details);
	t->details = NULL;
	if (t->error.code == EXIT_OK)
		return status == 0 ? EXIT_OK : EXIT_SYSTEM;
	code = t->error.code;
	tool_report(t);
	return code;
}

/* ---- provenance ---- */

static int add_detail(struct tool *t, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

static int add_detail(struct tool *t, const char *format, ...)
{
	char *line, *all;
	va_list args;
	int n;

	va_start(args, format);
	n = vasprintf(&line, format, args);
	va_end(args);
	if (n < 0)
		return error_set(&t->error, EXIT_SYSTEM, "no memory for provenance");
	n = asprintf(&all, "%s%s\n", t->details ? t->details : "", line);
	free(line);
	if (n < 0)
		return error_set(&t->error, EXIT_SYSTEM, "no memory for provenance");
	free(t->details);
	t->details = all;
	return 0;
}

int tool_digest(struct tool *t, const char *what, const char *path)
{
	unsigned char block[1 << 16];
	uint32_t crc = 0;
	uint64_t size = 0;
	ssize_t n;
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return error_errno(&t->error, "%s", path);
	if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode)) { /* a pipe can be read only once */
		close(fd);
		return 0;
	}
	while ((n = read(fd, block, sizeof block)) > 0) {
		crc = checksum(crc, block, (size_t)n);
		size += (uint64_t)n;
	}
	if (n < 0)
		error_errno(&t->error, "%s", path);
	close(fd);
	return n < 0 ? -1
	             : add_detail(t, "digest.%s=crc32:%08" PRIx32 ":%" PRIu64, what, crc, size);
}

static void write_option(FILE *f, const struct tool_option *o)
{
	const char *choice;

	switch (o->kind) {
	case TOOL_FLAG:
		if (*(bool *)o->value)
			fprintf(f, "option.%s=yes\n", o->name);
		break;
	case TOOL_TEXT:
		if (*(const char **)o->value) {
			fprintf(f, "option.%s=", o->name);
			for (const char *s = *(const char **)o->value; *s; s++)
				fputc(iscntrl((unsigned char)*s) ? '?' : *s, f);
			fputc('\n', f);
		}
		break;
	case TOOL_COUNT:
		fprintf(f, "option.%s=%" PRIu64 "\n", o->name, *(uint64_t *)o->value);
		break;
	case TOOL_REAL:
		if (!isnan(*(double *)o->value))
			fprintf(f, "option.%s=%.17g\n", o->name, *(double *)o->value);
		break;
	case TOOL_CHOICE:
		choice = o->argument;
		for (int i = *(int *)o->value; i > 0; i--)
			choice = strchr(choice, '|') + 1;
		fprintf(f, "option.%s=%.*s\n", o->name, (int)strcspn(choice, "|"), choice);
		break;
	case TOOL_SHARD: {
		const struct tool_shard *shard = o->value;

		fprintf(f, "option.%s=%" PRIu64 "/%" PRIu64 "\n", o->name, shard->part,
		        shard->parts);
		break;
	}
	}
}

const char *tool_details(struct tool *t)
{
	char *text = NULL;
	bool failed;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f) {
		error_errno(&t->error, "provenance");
		return "";
	}
	for (const struct tool_option *o = t->options; o && o->name; o++)
		if (!o->local)
			write_option(f, o);
	if (t->details)
		fputs(t->details, f);
	failed = ferror(f) != 0;
	if (fclose(f) != 0 || failed || !text) {
		free(text);
		error_set(&t->error, EXIT_SYSTEM, "no memory for provenance");
		return "";
	}
	free(t->details);
	t->details = text;
	t->options = NULL; /* they are in the details now */
	return t->details;
}
