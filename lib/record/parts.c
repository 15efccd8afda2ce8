/* parts.c -- see parts.h. */
#include "record/parts.h"
#include "base/memory.h"

#include <stdlib.h>
#include <unistd.h>

/* ---- what there is ---- */

static int open_spool(struct ndr_parts *p, struct error *e)
{
	if (p->spooler)
		return 0;
	p->fd = p->spool(e);
	if (p->fd < 0)
		return -1;
	p->spooler = ndr_create(p->fd, "temporary file", e);
	if (!p->spooler)
		close(p->fd);
	return p->spooler ? 0 : -1;
}

/* Copy the segment to the temporary file, where it then is found. */
static int spool_segment(struct ndr_parts *p, struct ndr_reader *in,
                         const struct ndr_segment *s, struct ndr_found *to, struct error *e)
{
	struct ndr_record rec;
	int more;

	if (open_spool(p, e) < 0)
		return -1;
	to->segment.offset = (uint64_t)lseek(p->fd, 0, SEEK_CUR);
	to->name = memory_print(e, "/dev/fd/%d", p->fd);
	if (!to->name || ndr_begin(p->spooler, &s->range, &s->meta, &s->provenance, e) < 0)
		return -1;
	while ((more = ndr_read(in, &rec, e)) == 1)
		if (ndr_write(p->spooler, &rec, e) < 0)
			return -1;
	return more < 0 ? -1 : ndr_end(p->spooler, s->flags, e);
}

static int add_part(struct ndr_parts *p, struct ndr_reader *in, const struct ndr_segment *s,
                    struct error *e)
{
	struct ndr_found *part;
	int status;

	if (memory_grow(&p->part, &p->capacity, p->count + 1, sizeof(*p->part), e) < 0)
		return -1;
	part = &p->part[p->count++];
	*part = (struct ndr_found){.input = ndr_reader_name(in), .segment = *s};
	part->segment.meta = (struct ndr_meta){0};
	part->segment.provenance = (struct ndr_provenance){0};
	if (ndr_provenance_unite(&part->segment.provenance, &s->provenance, e) < 0)
		return -1;
	if (!ndr_can_seek(in)) {
		status = spool_segment(p, in, s, part, e);
	} else {
		part->name = memory_string(part->input, e);
		status = part->name ? ndr_skip(in, e) : -1;
	}
	part->segment.flags = s->flags;
	part->segment.items = s->items;
	part->thresholds = ndr_count(in, NDR_THRESH) > 0;
	return status;
}

static int look_at_all(struct ndr_parts *p, char *const *names, size_t count, struct error *e)
{
	struct ndr_reader *in = ndr_open(names, count, p->most_label_pixels, e);
	struct ndr_segment *s;
	int more = -1;

	while (in && (more = ndr_next_segment(in, &s, e)) == 1) {
		more = p->count == 0
		               ? ndr_meta_copy(&p->meta, &s->meta, e)
		               : ndr_meta_agree(&p->meta, &s->meta, ndr_reader_name(in), e);
		if (more == 0)
			more = add_part(p, in, s, e);
		if (more < 0)
			break;
	}
	ndr_close(in);
	return more;
}

static int compare_parts(const void *a, const void *b)
{
	const struct ndr_range *x = &((const struct ndr_found *)a)->segment.range,
	                       *y = &((const struct ndr_found *)b)->segment.range;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return (x->end > y->end) - (x->end < y->end);
}

int ndr_parts_find(struct ndr_parts *p, char *const *names, size_t count,
                   uint64_t most_label_pixels, struct error *e)
{
	p->most_label_pixels = most_label_pixels;
	if (look_at_all(p, names, count, e) < 0)
		return -1;
	qsort(p->part, p->count, sizeof(*p->part), compare_parts);
	for (size_t i = 0; i < p->count; i++) {
		struct ndr_found *part = &p->part[i];

		part->segment.meta = p->meta;
		if (part->thresholds && p->count > 1)
			return error_set(e, EXIT_MALFORMED,
			                 "%s: thresholds (THRESH) of parts do not make those "
			                 "of the whole: merge activations or sketches",
			                 part->input);
		if (ndr_union_add(&p->united, &part->segment, part->input, e) < 0)
			return -1;
		ndr_union_end(&p->united, &part->segment);
	}
	return 0;
}

/* ---- their records ---- */

int ndr_parts_read(const struct ndr_parts *p, size_t i,
                   int (*take)(void *ctx, const struct ndr_record *rec, struct error *e),
                   void *ctx, struct error *e)
{
	const struct ndr_found *part = &p->part[i];
	struct ndr_reader *in = ndr_open(&(char *){part->name}, 1, p->most_label_pixels, e);
	struct ndr_segment *s;
	struct ndr_record rec;
	int more = -1;

	if (in && ndr_seek(in, part->segment.offset, e) == 0)
		more = ndr_next_segment(in, &s, e);
	if (more == 1)
		while ((more = ndr_read(in, &rec, e)) == 1)
			if (take(ctx, &rec, e) < 0) {
				more = -1;
				break;
			}
	ndr_close(in);
	return more;
}

void ndr_parts_free(struct ndr_parts *p)
{
	for (size_t i = 0; i < p->count; i++) {
		ndr_provenance_free(&p->part[i].segment.provenance);
		free(p->part[i].name);
	}
	free(p->part);
	ndr_union_free(&p->united);
	ndr_meta_free(&p->meta);
	if (p->spooler)
		close(p->fd);
	ndr_destroy(p->spooler);
}
