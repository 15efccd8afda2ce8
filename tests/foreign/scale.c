/* scale.c -- scale FACTOR: multiply all activations of a stream; cc scale.c -lndpipe */
#include <stdio.h>
#include <stdlib.h>

#include <ndpipe/ndr.h>

static int copy(struct ndr_reader *in, struct ndr_writer *out, float by, struct ndr_error *e)
{
	struct ndr_segment *s;
	struct ndr_record rec;
	int more;

	while ((more = ndr_next_segment(in, &s, e)) == 1) {
		if (ndr_begin(out, &s->range, &s->meta, &s->provenance, e) < 0)
			return -1;
		while ((more = ndr_read(in, &rec, e)) == 1) {
			float *value = (float *)rec.data; /* ours until the next one is read */

			for (size_t i = 0; rec.type == NDR_ACT && i < rec.length / 4; i++)
				value[i] *= by;
			if (ndr_write(out, &rec, e) < 0)
				return -1;
		}
		if (more < 0 || ndr_end(out, s->flags, e) < 0)
			return -1;
	}
	return more;
}

int main(int argc, char *argv[])
{
	struct ndr_error e = {0};
	struct ndr_reader *in = ndr_open(NULL, 0, 0, &e);
	struct ndr_writer *out = in ? ndr_create(1, "<stdout>", &e) : NULL;

	if (out && copy(in, out, strtof(argc > 1 ? argv[1] : "1", NULL), &e) == 0)
		return 0;
	fprintf(stderr, "scale: %s\n", e.text);
	return (int)e.code;
}
