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
/* Bytes of a gzip file that may come of one, but for the first; see ndr(5).  Zeros give 1030.
 */
enum { INFLATED_RATIO = 512, INFLATED_FREE = 1 << 27 };

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
	size_t step;               /* to read next: little after a seek, then more and more */
	bool gzip, member;         /* inflating; within a gzip member */
	uint64_t packed, inflated; /* bytes of the file inflated, and what came of them */
	z_stream z;
	unsigned char *back; /* bytes [back_at, back_end) are read again before all others */
	size_t back_at, back_end, back_size;
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
		in->packed = in->inflated = 0;
	}
	return 1;
}

/* Into [to, to + n), from what is in the buffer: how many bytes that gave. */
static long inflate_some(struct input *in, unsigned char *to, size_t n, struct error *e)
{
	size_t done;
	int status;

	in->z.next_in = in->buffer + in->at;
	in->z.avail_in = (unsigned)(in->end - in->at);
	in->z.next_out = to;
	in->z.avail_out = n > 1 << 30 ? 1 << 30 : (unsigned)n;
	status = inflate(&in->z, Z_NO_FLUSH);
	done = (size_t)(in->z.next_out - to);
	in->packed += in->end - in->at - in->z.avail_in;
	in->inflated += done;
	in->at = in->end - in->z.avail_in;
	if (status == Z_STREAM_END)
		in->member = false;
	else if (status == Z_MEM_ERROR)
		return error_set(e, EXIT_SYSTEM, "%s: no memory to inflate", in->name);
	else if (status != Z_OK && status != Z_BUF_ERROR)
		return error_set(e, EXIT_MALFORMED, "%s: gzip data at byte %llu: %s", in->name,
		                 (unsigned long long)in->inflated,
		                 in->z.msg ? in->z.msg : "corrupt");
	if (in->inflated > INFLATED_FREE && in->inflated / INFLATED_RATIO > in->packed)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: gzip data at byte %llu are more than %d times what they "
		                 "were: inflate the file first",
		                 in->name, (unsigned long long)in->inflated, INFLATED_RATIO);
	return (long)done;
}

static long inflate_to(struct input *in, unsigned char *to, size_t n, struct error *e)
{
	size_t done = 0;

	while (done < n) {
		long k;

		if (in->at == in->end) {
			k = refill(in, e);
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
		k = inflate_some(in, to + done, n - done, e);
		if (k < 0)
			return -1;
		done += (size_t)k;
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

/* Up to n bytes of the file, behind those that are read again. */
static long read_new(struct input *in, unsigned char *to, size_t n, struct error *e)
{
	return in->gzip ? inflate_to(in, to, n, e) : copy_to(in, to, n, e);
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
	k = read_new(in, (unsigned char *)to + again, n - again, e);
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

/* Room for n bytes in back, behind or before those that are read again, which come to lie at
 * its beginning plus shift. */
static int make_room(struct input *in, size_t n, size_t shift, struct error *e)
{
	const size_t rest = in->back_end - in->back_at;
	size_t size;

	if (!size_add(n, rest, &size))
		return error_set(e, EXIT_SYSTEM, "%s: no memory to read again", in->name);
	if (size > in->back_size) {
		unsigned char *all = memory_raw(size, 1, e);

		if (!all)
			return -1;
		if (rest > 0)
			memcpy(all + shift, in->back + in->back_at, rest);
		free(in->back);
		in->back = all;
		in->back_size = size;
	} else if (rest > 0) {
		memmove(in->back + shift, in->back + in->back_at, rest);
	}
	in->back_at = shift;
	in->back_end = shift + rest;
	return 0;
}

int input_put_back(struct input *in, const void *p, size_t n, struct error *e)
{
	/* Where some of those are left, all n were of them. */
	if (in->back_at == in->back_end || in->back_at < n) {
		if (make_room(in, n, n, e) < 0)
			return -1;
		memcpy(in->back, p, n);
	}
	in->back_at -= n;
	in->offset -= n;
	return 0;
}

int input_find(struct input *in, const void *mark, size_t n, size_t step, struct error *e)
{
	for (;;) {
		long k;

		while (in->back_end - in->back_at >= step) {
			if (memcmp(in->back + in->back_at, mark, n) == 0)
				return 0;
			in->back_at += step;
			in->offset += step;
		}
		if (make_room(in, BUFFER_BYTES, 0, e) < 0)
			return -1;
		k = read_new(in, in->back + in->back_end, BUFFER_BYTES, e);
		if (k <= 0)
			return (int)k;
		in->back_end += (size_t)k;
	}
}

const char *input_name(const struct input *in)
{
	return in->name;
}

uint64_t input_offset(const struct input *in)
{
	return in->offset;
}
