/* option.h -- the command line; private to lib/tool. */
#ifndef TOOL_OPTION_H
#define TOOL_OPTION_H

#include "tool/tool.h"

/* What tool_start() does, for options and operands. */
void tool_parse(struct tool *t, const struct tool_usage *u, const struct tool_option *options,
                int argc, char *argv[]);

#endif
