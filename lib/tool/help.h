/* help.h -- what --help and --version print; private to lib/tool. */
#ifndef TOOL_HELP_H
#define TOOL_HELP_H

#include <stdio.h>

#include "tool/tool.h"

/* "-m" where there is a letter, else "--model"; in name, or constant. */
const char *option_spelling(const struct tool_option *o, char name[static 64]);

/* The line "usage: ..."; all[n] are the program's own options, then the common ones. */
void help_usage(FILE *f, const struct tool *t, const struct tool_usage *u,
                const struct tool_option *all, size_t n);

/* To standard output: all of --help, of --version. */
void help_print(const struct tool *t, const struct tool_usage *u, const struct tool_option *all,
                size_t n);
void help_version(const struct tool *t, const struct tool_usage *u);

#endif
