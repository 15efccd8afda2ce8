/* program.c -- how a program begins; see tool.h. */
#include "tool/tool.h"
#include "tool/option.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* As in cat(1): what is appended to an input would be read again, and never end. */
static void refuse_output_file_as(struct tool *t, const char *name)
{
	const bool standard = strcmp(name, "-") == 0;
	struct stat in, out;

	if (t->output || fstat(STDOUT_FILENO, &out) < 0 || !S_ISREG(out.st_mode))
		return;
	if ((standard ? fstat(STDIN_FILENO, &in) : stat(name, &in)) == 0 &&
	    in.st_dev == out.st_dev && in.st_ino == out.st_ino) {
		error_set(&t->error, EXIT_SYSTEM, "%s: input file is output file",
		          standard ? "<stdin>" : name);
		exit(tool_finish(t, -1));
	}
}

static void refuse_output_file_as_input(struct tool *t, const struct tool_usage *u)
{
	for (size_t i = 0; i < t->operand_count; i++)
		refuse_output_file_as(t, t->operands[i]);
	if (u->input)
		refuse_output_file_as(t, *u->input ? *u->input : "-");
	else if (t->operand_count == 0)
		refuse_output_file_as(t, "-");
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
	const char *slash = strrchr(argv[0], '/');

	occupy_standard_descriptors();
	signal(SIGPIPE, SIG_DFL);
	*t = (struct tool){.name = slash ? slash + 1 : argv[0], .options = options};
	tool_parse(t, u, options, argc, argv);
	if (u->operands)
		refuse_output_file_as_input(t, u);
	if (!t->alone && tool_output(t, !u->text) < 0)
		exit(tool_finish(t, -1));
}
