/* filter.h -- the three shapes of a filter, run over threads in order.
 *
 * mapper    items in, items out, segment by segment (cnn-forward, act-segment)
 * reducer   items in, a summary out at the end (act-quantile, iou-score)
 * generator items out (broden-cat, broden-synth)
 *
 * Each opens the operands and the output, carries META and provenance along,
 * and writes END only when all went well. */
#ifndef FILTER_FILTER_H
#define FILTER_FILTER_H

#include "record/ndr.h"
#include "tool/tool.h"

/* Which items of the data set a reducer, or what merges segments, wants.  All but the first
 * take segments that were cut short on purpose, too, and say so. */
enum filter_items {
	FILTER_ITEMS_ALL,        /* a part is refused, as is one with holes by the next two */
	FILTER_ITEMS_PART,       /* a part, whose result can be merged with others' */
	FILTER_ITEMS_PART_ASKED, /* the same, without a word */
	FILTER_ITEMS_PART_ANY, /* --incomplete of these: holes too, with a warning that stays */
	FILTER_ITEMS_ANY,      /* --incomplete: whatever there is, with a warning */
};

struct filter {
	/* Mapper: before anything else, with the first segment and its first item, or the
	 * record of none that comes first; NULL: it is empty.  What else is in here may be set
	 * by it. May be NULL. */
	int (*first)(void *ctx, const struct ndr_segment *s, const struct ndr_item *item,
	             struct error *e);
	/* A new segment: adapt s->meta to what goes out (mapper), or check and
	 * note it (reducer, for which all segments have the same schema; called
	 * for each).  May be NULL. */
	int (*segment)(void *ctx, struct ndr_segment *s, struct error *e);
	/* One item, on any thread (number below t->threads).  Mapper: fill out,
	 * which is empty and has in's number; copy with filter_copy() what is not
	 * consumed; leave it without records to drop the item.  Reducer: out is what
	 * arrive() left there; NULL where ordered() does it all.
	 * Generator: in is NULL, out's number is the item to make; out without records is left
	 * out. */
	int (*item)(void *ctx, const struct ndr_item *in, struct ndr_item *out, size_t thread,
	            struct error *e);
	/* A mapper that is faster on several items at a time: n of them, up to group, which
	 * follow one another; NULL: item() is used. */
	int (*items)(void *ctx, const struct ndr_item *in, struct ndr_item *out, size_t n,
	             size_t thread, struct error *e);
	size_t group;
	/* Reducer: in input order, one thread at a time, before item(): for what must be in
	 * order, as is a look into another stream, whose item can go to out.  May be NULL. */
	int (*arrive)(void *ctx, const struct ndr_item *in, struct ndr_item *out,
	              struct error *e);
	/* The same after item(). */
	int (*ordered)(void *ctx, const struct ndr_item *in, struct ndr_item *out,
	               struct error *e);
	enum filter_items wanted; /* reducer */
	/* Reducer: all is there, and the result not signed yet, so that what is found in the
	 * whole can be warned of.  May be NULL. */
	int (*end)(void *ctx, const struct ndr_segment *all, struct error *e);
	/* Reducer, asked after end(): whether all that came was made in parts by this program,
	 * and only put together.  Then what it says of itself is what the parts say, if that is
	 * the same, so that the whole looks as if it had never been apart.  May be NULL. */
	bool (*joins)(void *ctx);
	/* Generator: END's flags, asked for after the last item.  May be NULL: 0. */
	uint32_t (*flags)(void *ctx);
	/* Mapper and reducer: the type of record that it works on, and what that is in words.
	 * Inputs without any are refused.  0: any input will do. */
	unsigned consumes, or_consumes; /* or_consumes: another one that will do, or 0 */
	const char *consumed;
	bool summaries; /* what it consumes belongs to no item: progress counts that */
	void *ctx;
};

/* Add this program, and what it warned of, to the provenance of what it writes; with
 * --no-provenance, nothing but warnings stays. */
int filter_sign(struct tool *t, struct ndr_provenance *p) CHECK_RESULT;

/* Warn, of the result too, of what other programs warned of in p, each after before ("" or
 * "thresholds: ") and its program. */
int filter_repeat_warnings(struct tool *t, const struct ndr_provenance *p,
                           const char *before) CHECK_RESULT;

/* Append to out all records of in but those of the given types (0-terminated);
 * the data is shared, in must outlive out. */
int filter_copy(const struct ndr_item *in, struct ndr_item *out, const unsigned *but,
                struct error *e) CHECK_RESULT;

/* Read t's operands segment by segment, and write what f makes of their items.  -1 with
 * t->error set, as all below. */
int filter_map(struct tool *t, const struct filter *f) CHECK_RESULT;

/* Reads everything; then *all describes the union of the segments: range,
 * schema, meta, united provenance (with this program added), flags.  Segments
 * whose schemas differ or whose items overlap are refused.  The caller writes the result
 * with filter_emit() and frees *all with filter_release(). */
int filter_reduce(struct tool *t, const struct filter *f, struct ndr_segment *all) CHECK_RESULT;
/* Whether u, all of whose segments have ended, holds the wanted items of its data set:
 * EXIT_MALFORMED, naming those that are missing, if not.  With --incomplete and a hole, u
 * becomes a subset. */
int filter_check_items(struct tool *t, enum filter_items wanted,
                       struct ndr_union *u) CHECK_RESULT;
/* Whether that can be done again: all inputs are files. */
bool filter_can_repeat(const struct tool *t);
/* Write one segment that holds the item-less records of out. */
int filter_emit(struct tool *t, const struct ndr_segment *all,
                const struct ndr_item *out) CHECK_RESULT;
/* The same, where write() makes them one by one. */
int filter_emit_by(struct tool *t, const struct ndr_segment *all,
                   int (*write)(void *ctx, struct ndr_writer *w, struct error *e),
                   void *ctx) CHECK_RESULT;
/* The same of count lots of records, each of which make() puts into an empty item of no
 * number, on any thread; they are written in order. */
int filter_emit_made(struct tool *t, const struct ndr_segment *all, size_t count,
                     int (*make)(void *ctx, size_t i, struct ndr_item *out, struct error *e),
                     void *ctx) CHECK_RESULT;
void filter_release(struct ndr_segment *s);

/* Make the items of a segment described by range and meta, each number in turn;
 * range->end NDR_UNBOUNDED: until the reader goes away. */
int filter_generate(struct tool *t, const struct filter *f, const struct ndr_range *range,
                    const struct ndr_meta *meta) CHECK_RESULT;

#endif
