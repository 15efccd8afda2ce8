/* test_parallel.c -- the ordered map: order, errors, no stall. */
#include "tool/parallel.h"

#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

enum { ITEMS = 300, MOST_SLOTS = 16, MOST_THREADS = 8 };

struct job {
	int items, next;                   /* to make, made */
	int bad_fill, bad_work, bad_drain; /* item at which to fail; -1: none */
	int value[MOST_SLOTS];
	int drained; /* in a row, from 0 */
	bool slow;   /* work takes longer than fill */
	bool in_order, thread_in_range;
	size_t threads;
};

static int fill(void *ctx, size_t slot, struct error *e)
{
	struct job *j = ctx;

	if (j->next == j->items)
		return 0;
	j->value[slot] = j->next++;
	if (j->value[slot] == j->bad_fill)
		return error_set(e, EXIT_MALFORMED, "fill %d", j->value[slot]);
	return 1;
}

static int work(void *ctx, size_t slot, size_t thread, struct error *e)
{
	struct job *j = ctx;
	int v = j->value[slot];

	if (thread >= j->threads)
		j->thread_in_range = false;
	for (int i = 0; i < v % 7; i++) /* so that they finish out of order */
		sched_yield();
	if (j->slow)
		nanosleep(&(struct timespec){.tv_nsec = 300000}, NULL);
	return v == j->bad_work ? error_set(e, EXIT_SYSTEM, "work %d", v) : 0;
}

static int drain(void *ctx, size_t slot, struct error *e)
{
	struct job *j = ctx;

	if (j->value[slot] != j->drained)
		j->in_order = false;
	if (j->value[slot] == j->bad_drain)
		return error_set(e, EXIT_SYSTEM, "drain %d", j->value[slot]);
	j->drained++;
	return 0;
}

static struct job run(struct job j, size_t threads, size_t slots, int *status, struct error *e)
{
	struct parallel p = {.fill = fill,
	                     .work = work,
	                     .drain = drain,
	                     .ctx = &j,
	                     .threads = threads,
	                     .slots = slots};

	j.threads = threads;
	j.in_order = j.thread_in_range = true;
	*e = (struct error){0};
	*status = parallel_run(&p, e);
	return j;
}

/* Input that comes once, and then never. */
struct pipe_job {
	int end[2];
	bool filled, bad_work;
	int stops;
};

static int fill_once(void *ctx, size_t slot, struct error *e)
{
	struct pipe_job *j = ctx;
	char c;

	(void)slot;
	if (!j->filled) {
		j->filled = true;
		return 1;
	}
	return read(j->end[0], &c, 1) == 1 ? error_set(e, EXIT_SYSTEM, "woken up") : 0;
}

static int fail_work(void *ctx, size_t slot, size_t thread, struct error *e)
{
	struct pipe_job *j = ctx;

	(void)slot, (void)thread;
	nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL); /* fill waits by then */
	return j->bad_work ? error_set(e, EXIT_MALFORMED, "work") : 0;
}

static int fail_drain(void *ctx, size_t slot, struct error *e)
{
	(void)ctx, (void)slot;
	return error_set(e, EXIT_MALFORMED, "drain");
}

static void wake_up(void *ctx)
{
	struct pipe_job *j = ctx;

	j->stops++;
	if (write(j->end[1], "", 1) != 1)
		abort();
}

static void test_stop(bool bad_work)
{
	struct pipe_job j = {.bad_work = bad_work};
	const struct parallel p = {.fill = fill_once,
	                           .work = fail_work,
	                           .drain = fail_drain,
	                           .stop = wake_up,
	                           .ctx = &j,
	                           .threads = 2,
	                           .slots = 4};
	struct error e = {0};

	if (pipe(j.end) != 0)
		abort();
	alarm(10);
	is_int(parallel_run(&p, &e), -1, "an error while fill waits ends it");
	alarm(0);
	is_str(e.text, bad_work ? "work" : "drain", "with the error that came first");
	is_int(j.stops, 1, "fill is woken up once");
	close(j.end[0]);
	close(j.end[1]);
}

/* ---- numbers ---- */

struct numbers {
	size_t value[PARALLEL_SLOTS(MOST_THREADS)]; /* that a slot holds */
	size_t drained, bad;
	bool in_order;
};

static int take_number(void *ctx, size_t i, size_t slot, struct error *e)
{
	struct numbers *n = ctx;

	n->value[slot] = i;
	return i == n->bad ? error_set(e, EXIT_SYSTEM, "number %zu", i) : 0;
}

static int drain_number(void *ctx, size_t slot, struct error *e)
{
	struct numbers *n = ctx;

	(void)e;
	n->in_order = n->in_order && n->value[slot] == n->drained;
	n->drained++;
	return 0;
}

static void test_numbers(size_t threads)
{
	struct numbers n = {.bad = ITEMS, .in_order = true};
	const struct parallel_count p = {.count = ITEMS,
	                                 .threads = threads,
	                                 .work = take_number,
	                                 .drain = drain_number,
	                                 .ctx = &n};
	struct error e = {0};

	ok(parallel_count(&p, &e) == 0 && n.drained == ITEMS && n.in_order,
	   "%zu threads: each number once, in order", threads);
	n = (struct numbers){.bad = 7, .in_order = true};
	ok(parallel_count(&p, &e) < 0 && n.drained == 7 && n.in_order,
	   "one fails: what came before is drained");
	is_str(e.text, "number 7", "with its error");
}

int main(void)
{
	static const size_t threads[] = {1, 2, 3, MOST_THREADS};
	struct error e;
	int status;

	for (size_t i = 0; i < 4; i++)
		test_numbers(threads[i]);
	for (size_t i = 0; i < 4; i++)
		for (size_t slots = 1; slots <= MOST_SLOTS; slots += 5) {
			size_t n = threads[i];
			struct job j = run((struct job){.items = ITEMS,
			                                .bad_fill = -1,
			                                .bad_work = -1,
			                                .bad_drain = -1},
			                   n, slots, &status, &e);

			ok(status == 0 && j.drained == ITEMS && j.in_order && j.thread_in_range,
			   "%zu threads, %zu slots: all in order", n, slots);
			j = run((struct job){.items = 0,
			                     .bad_fill = -1,
			                     .bad_work = -1,
			                     .bad_drain = -1},
			        n, slots, &status, &e);
			is_int(status, 0, "nothing to do");
			for (int at = 0; at < 40; at += 13) {
				j = run((struct job){.items = ITEMS,
				                     .bad_fill = at,
				                     .bad_work = -1,
				                     .bad_drain = -1},
				        n, slots, &status, &e);
				ok(status < 0 && j.drained == at && e.code == EXIT_MALFORMED,
				   "fill %d fails: what came before is drained", at);
				j = run((struct job){.items = ITEMS,
				                     .bad_fill = -1,
				                     .bad_work = at,
				                     .bad_drain = -1},
				        n, slots, &status, &e);
				ok(status < 0 && j.drained == at, "work %d fails: the same",
				   at);
				j = run((struct job){.items = ITEMS,
				                     .bad_fill = at + 3,
				                     .bad_work = at,
				                     .bad_drain = -1},
				        n, slots, &status, &e);
				ok(status < 0 && e.code == EXIT_SYSTEM,
				   "of two errors the first in order is told: %s", e.text);
				j = run((struct job){.items = ITEMS,
				                     .bad_fill = -1,
				                     .bad_work = -1,
				                     .bad_drain = at},
				        n, slots, &status, &e);
				ok(status < 0 && j.drained == at, "drain %d fails: it stops",
				   at);
			}
		}
	for (int at = 0; at < 20; at++) { /* the last fill fails while others wait for work */
		struct job j = run((struct job){.items = ITEMS,
		                                .bad_fill = at,
		                                .bad_work = -1,
		                                .bad_drain = -1,
		                                .slow = true},
		                   2, 8, &status, &e);

		is_int(j.drained, at, "slow work, fill %d fails: no stall", at);
	}
	test_stop(true);
	test_stop(false);
	return done();
}
