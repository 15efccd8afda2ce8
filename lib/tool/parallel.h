/* parallel.h -- an ordered map over threads.
 *
 * Slots go round: filled in order by one thread at a time, worked on by any
 * thread in any order, drained in the order in which they were filled, again
 * by one thread at a time.  All threads are alike: each does whatever is next,
 * drain before fill before work, so that input is read ahead while others work
 * and a blocked read never idles them; with one thread it is a plain loop.
 * Output order, and hence output bytes, do not depend on the number of threads. */
#ifndef TOOL_PARALLEL_H
#define TOOL_PARALLEL_H

#include <stddef.h>

#include "base/error.h"

struct parallel {
	/* Each gets ctx, its slot's index (below slots), and an error of its own.
	 * fill: 1 = filled, 0 = no more, -1 = error.  The others: 0 or -1. */
	int (*fill)(void *ctx, size_t slot, struct error *e);
	int (*work)(void *ctx, size_t slot, size_t thread,
	            struct error *e);                          /* thread below threads */
	int (*drain)(void *ctx, size_t slot, struct error *e); /* may be NULL */
	/* Called once if an error ends it all while fill may be waiting on another
	 * thread: makes that return soon, with an error or without.  May be NULL. */
	void (*stop)(void *ctx);
	void *ctx;
	size_t threads, slots; /* at least 1 each; 2 * threads slots are a good number */
};

/* Run until fill says 0 and all is drained, or the first error in input order
 * (so that the message, too, does not depend on the threads): what was filled
 * before it is drained, nothing after.  0 or -1. */
int parallel_run(const struct parallel *p, struct error *e) CHECK_RESULT;

/* The same for things that are numbered from 0 up to count, on two slots a thread: work() does
 * the i-th, in a slot that is its own until drain(), in the order of numbers and NULL where
 * there is nothing to do, is through with it. */
struct parallel_count {
	size_t count, threads;
	int (*work)(void *ctx, size_t i, size_t slot, struct error *e);
	int (*drain)(void *ctx, size_t slot, struct error *e);
	void *ctx;
};
#define PARALLEL_SLOTS(threads) (2 * (threads))
int parallel_count(const struct parallel_count *p, struct error *e) CHECK_RESULT;

#endif
