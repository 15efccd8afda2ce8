/* progress.h -- the line that says how far the work is, and what stands above it; private
 * to lib/tool. */
#ifndef TOOL_PROGRESS_H
#define TOOL_PROGRESS_H

/* Write text and a newline to standard error at once, in the place of whatever line of
 * progress stands there, of this program or another one of its pipe. */
void progress_write_above(const char *text);

/* The line goes; nothing more is shown. */
void progress_end(void);

#endif
