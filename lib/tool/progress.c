/* progress.c -- how far the work is, in one line of the terminal.
 *
 * The programs of a pipe share the terminal, so one of them owns the line: who holds a
 * lock on it, which goes to another when that one ends.  Nobody else draws.  Messages
 * erase the line first, whoever drew it; its owner draws it again below them. */
#include "tool/progress.h"
#include "tool/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { LONGEST = 640, USUAL_WIDTH = 80 };

static const double redraw_seconds = 0.2, line_seconds = 1; /* on a terminal, elsewhere */

static bool drawn; /* by this program */

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Nothing can be done about a message that is lost. */
static void put(const char *text, size_t n)
{
	while (n > 0) {
		ssize_t k = write(STDERR_FILENO, text, n);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return;
		text += k;
		n -= (size_t)k;
	}
}

static bool understands_escapes(void)
{
	const char *terminal = getenv("TERM");

	return !terminal || strcmp(terminal, "dumb") != 0;
}

static int width(void)
{
	struct winsize size;

	return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col
	                                                                       : USUAL_WIDTH;
}

/* Text in place of the line, in one piece, so that others' text is not in between. */
static void replace_line(const char *text, const char *end)
{
	char all[2 * LONGEST];
	int n;

	if (understands_escapes())
		n = snprintf(all, sizeof all, "\r\033[K%.*s%s", LONGEST, text, end);
	else
		n = snprintf(all, sizeof all, "\r%*s\r%.*s%s",
		             width() < LONGEST ? width() - 1 : LONGEST - 1, "", LONGEST, text,
		             end);
	put(all, (size_t)n);
}

void progress_write_above(const char *text)
{
	char line[LONGEST + 2];

	if (isatty(STDERR_FILENO)) {
		replace_line(text, "\n");
		drawn = false;
		return;
	}
	put(line, (size_t)snprintf(line, sizeof line, "%.*s\n", LONGEST, text));
}

void progress_end(void)
{
	if (drawn)
		replace_line("", "");
	drawn = false;
}

/* Whether the line is this program's.  A terminal that has no locks is anybody's. */
static bool own_line(void)
{
	struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	return fcntl(STDERR_FILENO, F_SETLK, &all) == 0 || (errno != EAGAIN && errno != EACCES);
}

static void add_time_left(char *to, size_t room, double left)
{
	const uint64_t s = (uint64_t)left + 1;

	if (left > 1e9)
		return;
	if (s < 60)
		snprintf(to, room, ", %" PRIu64 " s left", s);
	else if (s < 3600)
		snprintf(to, room, ", %" PRIu64 " min %" PRIu64 " s left", s / 60, s % 60);
	else
		snprintf(to, room, ", %" PRIu64 " h %" PRIu64 " min left", s / 3600,
		         s / 60 % 60);
}

/* "cnn-forward: 600 of 6000, 443/s, 13 s left", with what dissect says before it. */
static void describe(const struct tool *t, uint64_t done, uint64_t total, double rate,
                     char line[static LONGEST])
{
	const char *stage = getenv("NDPIPE_STAGE");
	size_t n;

	n = (size_t)snprintf(line, LONGEST, "%.80s%s%.80s: %" PRIu64, stage ? stage : "",
	                     stage ? ": " : "", t->name, done);
	if (total)
		n += (size_t)snprintf(line + n, LONGEST - n, " of %" PRIu64, total);
	if (rate > 0)
		n += (size_t)snprintf(line + n, LONGEST - n, ", %.*f/s", rate < 10 ? 1 : 0,
		                      rate);
	if (rate > 0 && total > done)
		add_time_left(line + n, LONGEST - n, (double)(total - done) / rate);
}

void tool_progress(const struct tool *t, uint64_t done, uint64_t total)
{
	static int terminal = -1; /* not known yet */
	static double start, last;
	static uint64_t first, before;
	const bool complete = total && done == total;
	char line[LONGEST];
	double now;

	if (terminal < 0)
		terminal = isatty(STDERR_FILENO);
	if (t->quiet || !(t->progress || terminal))
		return;
	now = seconds();
	if (start == 0 || done < before) { /* the first item of a segment or a pass */
		start = now;
		first = done;
	}
	before = done;
	if (terminal ? now - last < redraw_seconds : now - last < line_seconds && !complete)
		return;
	last = now;
	if (terminal && !own_line())
		return;
	describe(t, done, total, now > start ? (double)(done - first) / (now - start) : 0,
	         line);
	if (!terminal) {
		progress_write_above(line);
		return;
	}
	if (width() <= LONGEST)
		line[width() - 1] = '\0'; /* a line that wraps cannot be taken back */
	replace_line(line, "");
	drawn = true;
}
