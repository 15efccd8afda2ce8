/* chosen.c -- see chosen.h. */
#include "stage/chosen.h"
#include "base/memory.h"
#include "dissect/maxima.h"
#include "dissect/top.h"
#include "record/summary.h"

#include <inttypes.h>
#include <stdlib.h>

const double chosen_share[CHOSEN_SHARES] = {0.99, 0.9, 0.75, 0.5};

static int add_item(struct chosen *c, const char *file, double item, struct error *e)
{
	if (item >= (double)c->items)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: item %.0f, but the data set has %" PRIu64, file, item,
		                 c->items);
	c->has[(size_t)item] = true;
	return 0;
}

static int add_maxima(struct chosen *c, const char *file, const struct ndr_record *rec,
                      struct error *e)
{
	const struct ndr_maxima m = ndr_maxima_view(rec);
	const struct maxima_bin *bin = (const struct maxima_bin *)(const void *)m.bin;

	for (int i = 0; i < CHOSEN_SHARES && m.count > 0; i++) {
		const size_t at = maxima_quantile(bin, m.count, chosen_share[i]);

		if (add_item(c, file, bin[at].item, e) < 0)
			return -1;
	}
	return 0;
}

static int add_record(struct chosen *c, const char *file, const struct ndr_record *rec,
                      struct error *e)
{
	const struct top_image *image = rec->data;
	const size_t images = (size_t)rec->dims[0] * rec->dims[1];

	for (size_t i = 0; i < images; i++)
		if (image[i].item >= 0 && add_item(c, file, image[i].item, e) < 0)
			return -1;
	return 0;
}

static int read_stream(struct chosen *c, struct ndr_reader *in, struct error *e)
{
	struct ndr_segment *s;
	struct ndr_record rec;
	size_t records = 0;
	int more;

	while ((more = ndr_next_segment(in, &s, e)) == 1) {
		const char *file = ndr_reader_name(in);

		if (s->meta.items && s->meta.items != c->items)
			return error_set(e, EXIT_MALFORMED,
			                 "%s: of a data set of %" PRIu64 " items, not %" PRIu64,
			                 file, s->meta.items, c->items);
		while ((more = ndr_read(in, &rec, e)) == 1) {
			if (rec.type == NDR_MAXIMA && add_maxima(c, file, &rec, e) < 0)
				return -1;
			if (rec.type != NDR_TOP)
				continue;
			records++;
			if (add_record(c, file, &rec, e) < 0)
				return -1;
		}
		if (more < 0)
			return -1;
	}
	if (more == 0 && records == 0)
		return error_set(e, EXIT_MALFORMED, "%s: no TOP: act-top writes it",
		                 ndr_reader_name(in));
	return more;
}

int chosen_read(struct chosen *c, const char *name, uint64_t items, uint64_t most_label_pixels,
                struct error *e)
{
	char *file = (char *)name;
	struct ndr_reader *in = ndr_open(&file, 1, most_label_pixels, e);
	int status = -1;

	c->items = items;
	c->has = in ? memory_new(items, sizeof *c->has, e) : NULL;
	if (c->has)
		status = read_stream(c, in, e);
	ndr_close(in);
	if (status == 0)
		c->count = chosen_count(c, 0, items);
	return status;
}

void chosen_free(struct chosen *c)
{
	free(c->has);
	*c = (struct chosen){0};
}

uint64_t chosen_count(const struct chosen *c, uint64_t first, uint64_t end)
{
	uint64_t count = 0;

	for (uint64_t i = first; i < end; i++)
		count += c->has[i];
	return count;
}
