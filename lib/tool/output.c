/* output.c -- where results go, and how a program ends; see tool.h. */
#include "tool/tool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
