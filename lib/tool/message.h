/* message.h -- messages that end the program; private to lib/tool. */
#ifndef TOOL_MESSAGE_H
#define TOOL_MESSAGE_H

#include "tool/tool.h"

/* Say what is wrong with the command line, and where to look; exit 2. */
void tool_misuse(const struct tool *t, const char *format, ...)
        __attribute__((format(printf, 2, 3), noreturn));

#endif
