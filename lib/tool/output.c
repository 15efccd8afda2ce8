/* output.c -- where results go, and how a program ends; see tool.h. */
#include "tool/tool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool/progress.h"

int tool_output(struct tool *t, bool binary)
{
	if (t->file)
		return t->file->fd;
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

/* Of devices, such as /dev/null, several may be one. */
static bool is_same_file(const char *a, const char *b)
{
	struct stat s, t;

	if (stat(a, &s) < 0 || stat(b, &t) < 0)
		return strcmp(a, b) == 0;
	return S_ISREG(s.st_mode) && s.st_dev == t.st_dev && s.st_ino == t.st_ino;
}

int tool_check_side(struct tool *t, const struct tool_side *written,
                    const struct tool_side *other, size_t n)
{
	const char *same = NULL;

	if (!written->path)
		return 0;
	if (strcmp(written->path, "-") == 0)
		return error_set(&t->error, EXIT_USAGE, "%s needs a file of its own, not '-'",
		                 written->option);
	for (size_t i = 0; i < t->operand_count; i++)
		if (is_same_file(written->path, t->operands[i]))
			same = "the input";
	for (size_t i = 0; i < n; i++)
		if (other[i].path && is_same_file(written->path, other[i].path))
			same = other[i].option;
	if (t->output && is_same_file(written->path, t->output))
		same = "--output";
	return !same ? 0
	             : error_set(&t->error, EXIT_USAGE, "%s %s: the same file as %s",
	                         written->option, written->path, same);
}

const char *tool_output_name(const struct tool *t)
{
	return t->file ? t->output : "<stdout>";
}

int tool_finish(struct tool *t, int status)
{
	enum exit_code code;

	progress_end();
	if (status == 0 && t->error.code == EXIT_OK) {
		if (t->file)
			status = tool_file_commit(t->file, &t->error);
		else if (fflush(stdout) < 0 || ferror(stdout) || close(STDOUT_FILENO) < 0)
			error_errno(&t->error, "<stdout>");
	} else {
		tool_file_discard(t->file);
	}
	t->file = NULL;
	free(t->details);
	t->details = NULL;
	for (size_t i = 0; i < t->warnings; i++)
		free(t->warning[i]);
	free(t->warning);
	t->warning = NULL;
	t->warnings = 0;
	if (t->error.code == EXIT_OK)
		return status == 0 ? EXIT_OK : EXIT_SYSTEM;
	code = t->error.code;
	tool_report(t);
	return code;
}
