/* tool.h -- what every program of the suite does alike: options, messages,
 * exit codes, output files, progress.
 *
 *	int main(int argc, char *argv[])
 *	{
 *		static struct options o = {.quantile = 0.005};
 *		struct tool t;
 *
 *		tool_start(&t, &usage, options, argc, argv);
 *		return tool_finish(&t, run(&t, &o));
 *	}
 */
#ifndef TOOL_TOOL_H
#define TOOL_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum tool_kind {
	TOOL_FLAG,   /* bool: set to true */
	TOOL_TEXT,   /* const char *: the argument itself */
	TOOL_COUNT,  /* uint64_t in [low, high] */
	TOOL_REAL,   /* double in [low, high]; NAN: not given */
	TOOL_CHOICE, /* int: index of the argument in choices, "a|b|c" */
	TOOL_SHARD,  /* struct tool_shard: "I/N" */
	TOOL_LIST,   /* struct tool_list: the arguments, in order, of an option given often */
};

/* Part I of N, I from 1; {1, 1} is the whole. */
struct tool_shard {
	uint64_t part, parts;
};

struct tool_list {
	size_t count;
	const char *text[64];
};

/* The options of all programs; some have no effect in some. */
enum tool_common {
	TOOL_OUTPUT = 1 << 0,
	TOOL_THREADS = 1 << 1,
	TOOL_QUIET = 1 << 2,
	TOOL_VERBOSE = 1 << 3,
	TOOL_FORCE = 1 << 4,
	TOOL_PROGRESS = 1 << 5,
	TOOL_LABEL_PIXELS = 1 << 6,
	TOOL_PROVENANCE = 1 << 7,
};

struct tool_option {
	const char *name; /* long name, without -- */
	char letter;      /* short name, or 0 */
	enum tool_kind kind;
	void *value;          /* where it goes; the initial value is the default */
	const char *argument; /* as shown by --help: "FILE" (choices for TOOL_CHOICE) */
	const char *help;     /* one line, with the default in brackets */
	double low, high;     /* both 0: any value */
	bool required;
	bool local; /* does not change the result, or is a path: kept out of provenance */
	bool alone; /* TOOL_FLAG: nothing is read, and text is written */
	/* private: */
	enum tool_common common; /* which of the options of all programs, or 0 */
};

/* An option that would do nothing without another one, and is refused then. */
struct tool_need {
	const char *option, *other; /* names; NULL ends a list */
};

struct tool_usage {
	const char *operands;              /* "[FILE...]"; NULL: none are taken */
	size_t min_operands, max_operands; /* max 0 with operands: any number */
	const char *const *input; /* an option's file that stands for standard input, which is
	                             read where it is NULL; NULL: operands do */
	const char *summary;      /* one sentence */
	const char *example;      /* one line of shell */
	const struct tool_need *needs;  /* or NULL */
	unsigned unused;                /* enum tool_common: taken, but not listed by --help */
	bool text;                      /* what it writes may go to a terminal */
	const char *(*libraries)(void); /* more lines for --version, or NULL */
};

struct tool {
	const char *name;   /* of the program */
	const char *output; /* -o, or NULL for standard output */
	uint64_t threads;   /* -t; by default NDR_THREADS, else the processors there are */
	bool quiet, verbose, force, progress, no_provenance;
	uint64_t most_label_pixels; /* of an item; 0: NDR_LABEL_PIXELS */
	char **operands;
	size_t operand_count;
	struct error error; /* what tool_finish() will print */
	/* private: */
	bool alone; /* an option of that kind was given */
	const struct tool_option *options;
	char *details;
	char **warning; /* (warnings) */
	size_t warnings, warning_capacity;
	struct tool_file *file;
};

/* Parse the command line into t and the options' values, with the options
 * common to all: -o -t -q -v --force --progress --max-label-pixels
 * --no-provenance --help --version.  options ends with a zeroed entry.  Exits 0 after --help
 * and
 * --version; 2 on misuse, or if files are taken but none is given and standard input is a
 * terminal; 1 if an operand (a file, "-", or standard input where none is
 * given) is also the file that standard output appends to.  Opens the output, lest
 * the program works in vain: where tool_output() fails, it exits as tool_finish() says. */
void tool_start(struct tool *t, const struct tool_usage *usage,
                const struct tool_option *options, int argc, char *argv[]);

/* Print t's error, if any; put the output file in place if status is 0, else
 * remove it; check that standard output was written.  Returns the exit code. */
int tool_finish(struct tool *t, int status);

/* Print t's error now and forget it, to go on with something else. */
void tool_report(struct tool *t);

/* The descriptor to write results to, the same one at each call: a temporary beside -o,
 * which tool_finish() renames, or standard output.  binary: refuse a terminal unless
 * --force.  -1 with t->error set. */
int tool_output(struct tool *t, bool binary) CHECK_RESULT;
/* "-o" or "<stdout>", for messages. */
const char *tool_output_name(const struct tool *t);

/* Of n items, those numbered from *first up to *end are in the shard: from
 * (I-1)n/N up to In/N. */
void tool_shard_items(const struct tool_shard *s, uint32_t n, uint32_t *first, uint32_t *end);

/* "prog: warning: ..." on standard error, unless --quiet. */
void tool_warn(const struct tool *t, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
/* The same of what the result is worth: t->warning, a line each, has it for those who read
 * the result.  Said once.  -1 with t->error set if there is no memory, or if they are
 * more than 4096. */
int tool_warn_result(struct tool *t, const char *format, ...)
        __attribute__((format(printf, 2, 3))) CHECK_RESULT;
/* The same as tool_warn() for --verbose remarks, without "warning: ". */
void tool_note(const struct tool *t, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
/* Say how far the work is, how fast it goes and how long it will take, at most some times a
 * second: only on a terminal, in a line that one program of a pipe owns, or with
 * --progress.  total 0: not known.  NDPIPE_STAGE in the environment stands before it. */
void tool_progress(const struct tool *t, uint64_t done, uint64_t total);

/* Provenance details: an option.NAME=VALUE line for each option with a value that is not local
 * and what tool_digest() added.  Valid until the next call.  "", with t->error set,
 * if there is no memory. */
const char *tool_details(struct tool *t);
/* Add digest.WHAT=..., the CRC-32 and size of a side input, to the details; not
 * of a pipe, which can be read only once. */
int tool_digest(struct tool *t, const char *what, const char *path) CHECK_RESULT;
/* The same of bytes that were read already. */
int tool_digest_is(struct tool *t, const char *what, uint32_t crc32,
                   uint64_t size) CHECK_RESULT;

/* A result file besides the main output: written under a temporary name in
 * the same directory, put in place by tool_file_commit(), removed by
 * tool_file_discard() and by SIGINT, SIGTERM, SIGHUP, SIGQUIT.  It keeps
 * the rights of the file that it replaces.  What is not a regular file is
 * written directly. */
struct tool_file {
	int fd;
	char *path, *temporary;
	struct tool_file *next;
};
struct tool_file *tool_file_open(const char *path, struct error *e) CHECK_RESULT;
int tool_file_commit(struct tool_file *f, struct error *e) CHECK_RESULT; /* frees f */
void tool_file_discard(struct tool_file *f);                             /* frees f */
/* Commit f if status is 0, else discard it: -1.  f can be NULL, where it was not opened. */
int tool_file_end(struct tool_file *f, int status, struct error *e) CHECK_RESULT;
/* All of such a file. */
int tool_file_write(const char *path, const void *bytes, size_t n,
                    struct error *e) CHECK_RESULT;

/* A file that an option names. */
struct tool_side {
	const char *option, *path; /* "--write-matrix"; NULL: not given */
};
/* Whether a file that is written besides the output is its own: not "-", nor an operand, nor
 * the output, nor one of the n others.  EXIT_USAGE. */
int tool_check_side(struct tool *t, const struct tool_side *written,
                    const struct tool_side *other, size_t n) CHECK_RESULT;

/* Make that directory, unless it is there. */
int tool_directory(const char *path, struct error *e) CHECK_RESULT;

/* The descriptor of a new file without a name, in TMPDIR or /tmp, which goes
 * when it is closed.  -1 with e set. */
int tool_spool(struct error *e) CHECK_RESULT;

#endif
