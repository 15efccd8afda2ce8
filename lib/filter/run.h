/* run.h -- what mappers, reducers and generators share; private to lib/filter. */
#ifndef FILTER_RUN_H
#define FILTER_RUN_H

#include "filter/filter.h"

struct slot {
	struct ndr_item *in, *out; /* (group) */
	size_t n;
};

struct run {
	struct tool *t;
	const struct filter *f;
	struct ndr_reader *reader; /* mapper and reducer */
	struct ndr_writer *writer; /* mapper and generator */
	uint32_t next, end;        /* generator: the next item, and the one after the last */
	uint64_t done, total;      /* items, for progress */
	struct slot *slot;
	size_t slots;
	struct ndr_item *items; /* of all slots */
	size_t room, group;     /* items of a slot: memory, and those used in this segment */
	int rest;               /* 1, or what reading the item after a slot's gave */
	struct ndr_item held;   /* mapper: the first item, read before its turn */
	int is_held;            /* 1, or what reading it gave; -1: nothing was read yet */
	struct error why;
	uint64_t found;      /* records of the type that is consumed */
	bool unended;        /* mapper: a segment without any, which may be the only one */
	uint32_t last_flags; /* of it */
};

int filter_run_open(struct run *r, struct tool *t, const struct filter *f) CHECK_RESULT;
void filter_run_close(struct run *r);
/* Make the output, once. */
int filter_run_writer(struct run *r) CHECK_RESULT;

/* A new segment, of at most total items: slots are as even as they can be among threads. */
void filter_run_start(struct run *r, uint64_t total);
/* One segment: what parallel_run() asks for, of r and its slots. */
int filter_run_segment(struct run *r, int (*fill)(void *run, size_t slot, struct error *e),
                       int (*work)(void *run, size_t slot, size_t thread, struct error *e),
                       int (*drain)(void *run, size_t slot, struct error *e)) CHECK_RESULT;
/* fill of mappers and reducers: as many items as a slot takes.  An error, or the end, waits
 * until those before it have had their turn. */
int filter_run_read(void *run, size_t slot, struct error *e);
/* An item has passed, for progress. */
void filter_run_count(struct run *r, const struct ndr_item *item);

/* Records in the segment that is read of what is consumed. */
uint64_t filter_run_consumed(const struct run *r);
/* EXIT_MALFORMED if there was none of these in all of them, r->found. */
int filter_run_found(struct run *r) CHECK_RESULT;

#endif
