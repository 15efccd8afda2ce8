/* fuzz_broden.c -- any bytes as the files of a Broden directory.
 *
 *	make fuzz
 *	build-fuzz/fuzz_broden -max_len=8192 NEW-DIRECTORY tests/fuzz/seeds/broden
 *
 * A file begins with a byte FE and its name, up to the line's end; names have no '/', those
 * of pictures are in images/.  The items are written, and that must be a good stream. */
#include <fcntl.h>
#include <sys/stat.h>

#include "broden/broden.h"
#include "fuzz.h"

enum { MARK = 0xfe, NAME_BYTES = 32, FILES = 16, ROWS = 8 };

struct file {
	char path[NAME_BYTES + 8];
};

static char directory[64];
static int root = -1; /* that, open */

static void leave(void)
{
	unlinkat(root, "images", AT_REMOVEDIR);
	rmdir(directory);
}

static void enter(void)
{
	const char *where = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

	if (root >= 0)
		return;
	snprintf(directory, sizeof directory, "%s/fuzz_broden.XXXXXX", where);
	if (mkdtemp(directory))
		root = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0 || mkdirat(root, "images", 0777) < 0)
		abort();
	atexit(leave);
}

static bool is_name(const char *name, size_t n)
{
	if (n == 0 || n >= NAME_BYTES || *name == '.')
		return false;
	for (size_t i = 0; i < n; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789_.", name[i]) || !name[i])
			return false;
	return true;
}

static bool write_file(const struct file *f, const uint8_t *data, size_t size)
{
	int fd = openat(root, f->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	if (fd < 0)
		return false;
	if (write(fd, data, size) != (ssize_t)size)
		abort();
	close(fd);
	return true;
}

/* How many files there are. */
static size_t unpack(const uint8_t *data, size_t size, struct file file[static FILES])
{
	const uint8_t *end = data + size;
	size_t n = 0;

	while (n < FILES && data < end && *data == MARK) {
		const char *name = (const char *)data + 1;
		const uint8_t *line = memchr(data, '\n', (size_t)(end - data)), *next;
		size_t length;

		if (!line)
			break;
		length = (size_t)((const char *)line - name);
		next = memchr(line, MARK, (size_t)(end - line));
		/* In a picture the byte may stand for itself. */
		while (next && (next + 1 == end || !is_name((const char *)next + 1, 1)))
			next = next + 1 < end ? memchr(next + 1, MARK, (size_t)(end - next - 1))
			                      : NULL;
		if (!next)
			next = end;
		if (is_name(name, length)) {
			const bool table =
			        length > 4 && memcmp(name + length - 4, ".csv", 4) == 0;

			snprintf(file[n].path, sizeof file[n].path, "%s%.*s",
			         table ? "" : "images/", (int)length, name);
			if (write_file(&file[n], line + 1, (size_t)(next - line - 1)))
				n++;
		}
		data = next;
	}
	return n;
}

/* ---- its items ---- */

/* How many items the stream has. */
static uint64_t count(int fd)
{
	char path[64], *name = path;
	struct error e = {0};
	struct ndr_segment *s;
	struct ndr_record rec;
	struct ndr_reader *r;
	uint64_t n;
	int more;

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	r = ndr_open(&name, 1, 0, &e);
	if (!r || ndr_next_segment(r, &s, &e) != 1)
		abort();
	while ((more = ndr_read(r, &rec, &e)) == 1)
		;
	n = ndr_count(r, NDR_ITEM);
	if (more < 0 || ndr_next_segment(r, &s, &e) != 0)
		abort();
	ndr_close(r);
	return n;
}

static void make(const struct broden *b, const struct broden_form *form)
{
	const struct ndr_meta *meta = broden_meta(b);
	uint32_t rows = meta->items < ROWS ? (uint32_t)meta->items : ROWS, made = 0;
	const struct ndr_range range = {.end = rows, .most = rows};
	int fd = memfd_create("out", 0);
	struct error e = {0};
	struct ndr_writer *w = ndr_create(fd, "out", &e);
	struct ndr_item item = {0};

	if (fd < 0 || !w || ndr_begin(w, &range, meta, &(struct ndr_provenance){0}, &e) < 0)
		abort();
	for (uint32_t i = 0; i < rows; i++) {
		struct error why = {0};
		struct broden_item found;

		ndr_item_clear(&item, i);
		if (broden_item(b, form, &item, &found, &why) < 0) {
			checked(-1, &why);
			continue;
		}
		made += item.count > 0;
		if (ndr_write_item(w, &item, &e) < 0)
			abort();
	}
	if (ndr_end(w, NDR_SUBSET, &e) < 0)
		abort();
	ndr_item_free(&item);
	ndr_destroy(w);
	if (count(fd) != made)
		abort();
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct broden_form forms[] = {
	        {.images = true, .labels = true, .max_label_pixels = 1 << 16},
	        {.images = true,
	         .labels = true,
	         .crop = true,
	         .size = 5,
	         .palette = PALETTE_INDEX,
	         .max_label_pixels = 1 << 16},
	};
	const struct broden_choice choice = {.limit = UINT64_MAX};
	struct file file[FILES];
	struct error e = {0};
	struct broden *b;
	size_t n;

	enter();
	n = unpack(data, size, file);
	b = broden_open(directory, &choice, &e);
	if (!b)
		checked(-1, &e);
	for (size_t i = 0; b && i < sizeof forms / sizeof *forms; i++)
		make(b, &forms[i]);
	broden_close(b);
	while (n-- > 0)
		unlinkat(root, file[n].path, 0);
	return 0;
}
