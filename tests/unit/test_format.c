/* test_format.c -- the corpus of tests/format, and what chance makes of it,
 * through the reader and the writer. */
#include "../fuzz/fuzz_ndr.c"

#include <glob.h>

#include "tap.h"

static struct bytes read_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct bytes b = {NULL, 0};

	if (!f || fseek(f, 0, SEEK_END) != 0)
		abort();
	b.n = (size_t)ftell(f);
	rewind(f);
	b.p = malloc(b.n + 2); /* room for a byte more */
	if (!b.p || fread(b.p, 1, b.n, f) != b.n)
		abort();
	fclose(f);
	return b;
}

/* The exit status in a name such as "failed/no-end.4.ndr"; else 0. */
static int expected(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot - path > 2 && dot[-2] == '.' ? dot[-1] - '0' : 0;
}

static uint32_t chance(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	return *state ^= *state << 5;
}

/* Some bytes changed, checksums put right: whatever comes of it, nothing breaks. */
static void mutate(struct bytes b, uint32_t seed)
{
	unsigned char *p = malloc(b.n + 2);
	uint32_t state = seed;

	memcpy(p, b.p, b.n);
	for (uint32_t i = 0; b.n > 0 && i < 1 + seed % 8; i++)
		p[chance(&state) % b.n] = (unsigned char)chance(&state);
	p[b.n] = 1;
	LLVMFuzzerTestOneInput(p, b.n + (b.n % 64 == 0));
	free(p);
}

int main(void)
{
	glob_t files;

	if (!ok(glob("tests/format/*/*.ndr", 0, NULL, &files) == 0, "the corpus is there"))
		return done();
	for (size_t i = 0; i < files.gl_pathc; i++) {
		struct bytes b = read_file(files.gl_pathv[i]), out;

		is_int(copy(b, false, &out), expected(files.gl_pathv[i]), "%s",
		       files.gl_pathv[i]);
		free(out.p);
		LLVMFuzzerTestOneInput(b.p, b.n);
		for (uint32_t seed = 1; seed <= 10; seed++)
			mutate(b, seed * 7919);
		free(b.p);
	}
	ok(files.gl_pathc > 100, "nothing broke");
	globfree(&files);
	return done();
}
