/* input.c -- see input.h. */
#include "record/input.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum { BUFFER_BYTES = 1 << 18, FIRST_BYTES = 1 << 12 };

struct input {
	char *const *names;
	size_t count, next; /* next: index of the file to open after this one */
	int fd;             /* -1: none is open */
	bool waits;         /* a read may wait for someone to write */
	int interrupt;      /* eventfd: readable once nobody wants the bytes any more */
	const char *name;
	uint64_t offset;
	unsigned char *buffer; /* raw bytes [at, end) have been read and not used */
	size_t at, end;
	size_t step;       /* to read next: little after a seek, then more and more */
	bool gzip, member; /* inflating; within a gzip member */
	z_stream z;
	unsigned char *back; /* bytes [back_at, back_end) are read again before all others */
	size_t back_at, back_end;
};

static char *const standard_input[] = {"-"};

struct input *input_open(char *const *names, size_t count, struct error *e)
{
	struct input *in = memory_new(1, sizeof *in, e);

	if (!in)
		return NULL;
	in->names = count ? names : standard_input;
	in->count = count ? count : 1;
	in->fd = -1;
	in->name = "<stdin>";
	in->interrupt = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (in->interrupt < 0)
		error_errno(e, "an event to wait for");
	else
		in->buffer = memory_raw(BUFFER_BYTES, 1, e);
	if (in->buffer)
		return in;
	input_close(in);
	return NULL;
}

static void close_file(struct input *in)
{
	if (in->gzip)
		inflateEnd(&in->z);
	in->gzip = false;
	if (in->fd > STDIN_FILENO)
		close(in->fd);
	in->fd = -1;
}

void input_close(struct input *in)
{
	if (!in)
		return;
	close_file(in);
	if (in->interrupt >= 0)
		close(in->interrupt);
	free(in->back);
	free(in->buffer);
	free(in);
}

void input_interrupt(struct input *in)
{
	const uint64_t one = 1;

	/* It can only fail where the event is there already. */
	if (write(in->interrupt, &one, sizeof one) < 0)
		return;
}

/* read(2), whatever the signals, unless input_interrupt() comes first. */
static long read_some(struct input *in, unsigned char *to, size_t n, struct error *e)
{
	struct pollfd wait[] = {{.fd = in->fd, .events = POLLIN},
	                        {.fd = in->interrupt, .events = POLLIN}};
	ssize_t k;

	do {
		/* Where poll(2) fails, read(2) says why. */
		if (in->waits && poll(wait, 2, -1) > 0 && wait[1].revents)
			return error_set(e, EXIT_SYSTEM, "%s: interrupted", in->name);
		k = read(in->fd, to, n);
	} while (k < 0 && errno == EINTR);
	return k < 0 ? error_errno(e, "%s", in->name) : (long)k;
}

/* Up to n bytes; fewer only at the end. */
static long read_fully(struct input *in, unsigned char *to, size_t n, struct error *e)
{
	size_t done = 0;

	while (done < n) {
		long k = read_some(in, to + done, n - done, e);

		if (k < 0)
			return -1;
		if (k == 0)
			break;
		done += (size_t)k;
	}
	return (long)done;
}

/* One read(2)'s worth into the empty buffer: a pipe's bytes are used as they come. */
static long refill(struct input *in, struct error *e)
{
	long k = read_some(in, in->buffer, in->step, e);

	if (k < 0)
		return -1;
	in->at = 0;
	in->end = (size_t)k;
	if (in->step < BUFFER_BYTES)
		in->step *= 2;
	return k;
}

int input_next_file(struct input *in, struct error *e)
{
	const char *name;
	struct stat st;
	long magic;

	close_file(in);
	if (in->next == in->count)
		return 0;
	name = in->names[in->next++];
	if (strcmp(name, "-") == 0) {
		in->name = "<stdin>";
		in->fd = STDIN_FILENO;
	} else {
		in->name = name;
		in->fd = open(name, O_RDONLY | O_CLOEXEC);
		if (in->fd < 0)
			return error_errno(e, "%s", name);
	}
	in->waits = fstat(in->fd, &st) != 0 || !S_ISREG(st.st_mode);
	in->offset = 0;
	in->at = 0;
	in->step = BUFFER_BYTES;
	in->back_at = in->back_end = 0;
	magic = read_fully(in, in->buffer, 2, e); /* enough to recognise gzip */
	if (magic < 0)
		return -1;
	in->end = (size_t)magic;
	if (in->end == 2 && in->buffer[0] == 0x1f && in->buffer[1] == 0x8b) {
		in->z = (z_stream){0};
		if (inflateInit2(&in->z, 15 + 16) != Z_OK)
			return error_set(e, EXIT_SYSTEM, "%s: no memory to inflate", in->name);
		in->gzip = true;
		in->member = true;
	}
	return 1;
}

static long inflate_to(struct input *in, unsigned char *to, size_t n, struct error *e)
{
	size_t done = 0;

	while (done < n) {
		int status;

		if (in->at == in->end) {
			long k = refill(in, e);

			if (k < 0)
				return -1;
			if (k == 0 && in->member)
				return error_set(e, EXIT_TRUNCATED,
				                 "%s: truncated within gzip data", in->name);
			if (k == 0)
				break;
		}
		if (!in->member) { /* another member follows the one that ended */
			inflateReset(&in->z);
			in->member = true;
		}
		in->z.next_in = in->buffer + in->at;
		in->z.avail_in = (unsigned)(in->end - in->at);
		in->z.next_out = to + done;
		in->z.avail_out = n - done > 1 << 30 ? 1 << 30 : (unsigned)(n - done);
		status = inflate(&in->z, Z_NO_FLUSH);
		in->at = in->end - in->z.avail_in;
		done = (size_t)(in->z.next_out - to);
		if (status == Z_STREAM_END)
			in->member = false;
		else if (status == Z_MEM_ERROR)
			return error_set(e, EXIT_SYSTEM, "%s: no memory to inflate", in->name);
		else if (status != Z_OK && status != Z_BUF_ERROR)
			return error_set(e, EXIT_MALFORMED, "%s: gzip data at byte %llu: %s",
			                 in->name, (unsigned long long)(in->offset + done),
			                 in->z.msg ? in->z.msg : "corrupt");
	}
	return (long)done;
}

static long copy_to(struct input *in, unsigned char *to, size_t n, struct error *e)
{
	size_t done = 0;

	while (done < n) {
		size_t k = in->end - in->at;

		if (k == 0 && n - done >= BUFFER_BYTES) { /* straight to its place */
			long more = read_fully(in, to + done, n - done, e);

			return more < 0 ? -1 : (long)done + more;
		}
		if (k == 0) {
			long more = refill(in, e);

			if (more < 0)
				return -1;
			if (more == 0)
				break;
			continue;
		}
		if (k > n - done)
			k = n - done;
		memcpy(to + done, in->buffer + in->at, k);
		in->at += k;
		done += k;
	}
	return (long)done;
}

long input_read(struct input *in, void *to, size_t n, struct error *e)
{
	size_t again = in->back_end - in->back_at;
	long k;

	if (again > n)
		again = n;
	if (again > 0)
		memcpy(to, in->back + in->back_at, again);
	in->back_at += again;
	to = (unsigned char *)to + again;
	k = in->gzip ? inflate_to(in, to, n - again, e) : copy_to(in, to, n - again, e);
	if (k < 0)
		return -1;
	k += (long)again;
	in->offset += (uint64_t)k;
	return k;
}

bool input_can_seek(const struct input *in)
{
	struct stat st;

	return !in->gzip && in->fd != STDIN_FILENO && fstat(in->fd, &st) == 0 &&
	       S_ISREG(st.st_mode);
}

bool input_is_inflated(const struct input *in)
{
	return in->gzip;
}

int input_seek(struct input *in, uint64_t offset, struct error *e)
{
	if (offset > INT64_MAX || lseek(in->fd, (off_t)offset, SEEK_SET) < 0)
		return error_errno(e, "%s", in->name);
	in->at = in->end = 0;
	in->step = FIRST_BYTES;
	in->back_at = in->back_end = 0;
	in->offset = offset;
	return 0;
}

int input_skip(struct input *in, uint64_t n, struct error *e)
{
	if (n > in->end - in->at)
		return input_seek(in, in->offset + n, e);
	in->at += (size_t)n;
	in->offset += n;
	return 0;
}

int input_put_back(struct input *in, const void *p, size_t n, struct error *e)
{
	size_t rest = in->back_end - in->back_at, size;
	unsigned char *all;

	if (!size_add(n, rest, &size) || !(all = memory_new(size, 1, e)))
		return -1;
	memcpy(all, p, n);
	if (rest > 0)
		memcpy(all + n, in->back + in->back_at, rest);
	free(in->back);
	in->back = all;
	in->back_at = 0;
	in->back_end = size;
	in->offset -= n;
	return 0;
}

const char *input_name(const struct input *in)
{
	return in->name;
}

uint64_t input_offset(const struct input *in)
{
	return in->offset;
}
