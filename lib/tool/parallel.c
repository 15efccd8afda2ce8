/* parallel.c -- see parallel.h. */
#include "tool/parallel.h"
#include "base/memory.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

enum state { EMPTY, FILLED, DONE, FAILED };

struct ring {
	const struct parallel *p;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint64_t filled, taken, drained; /* slots filled, taken for work, drained so far */
	bool filling, draining, ended;   /* ended: nothing more is filled */
	bool stopped;                    /* nothing more is drained */
	enum state *state;               /* of slot n: state[n % slots] */
	struct error *error;
	struct error first; /* the one that stopped it */
	size_t threads;     /* numbers given out */
};

static size_t slot_of(const struct ring *r, uint64_t n)
{
	return (size_t)(n % r->p->slots);
}

/* Each step below is entered and left with the lock held. */

/* The first error in order has its turn; who waits for input need not go on. */
static void stop(struct ring *r, size_t slot)
{
	r->first = r->error[slot];
	r->stopped = true;
	if (r->filling && r->p->stop)
		r->p->stop(r->p->ctx);
}

static void drain(struct ring *r)
{
	size_t slot = slot_of(r, r->drained);
	int status = 0;

	if (r->state[slot] == FAILED) {
		stop(r, slot);
		return;
	}
	r->draining = true;
	pthread_mutex_unlock(&r->lock);
	if (r->p->drain)
		status = r->p->drain(r->p->ctx, slot, &r->error[slot]);
	pthread_mutex_lock(&r->lock);
	r->draining = false;
	if (status < 0) {
		stop(r, slot);
		return;
	}
	r->state[slot] = EMPTY;
	r->drained++;
}

static void work(struct ring *r, size_t thread)
{
	size_t slot = slot_of(r, r->taken++);
	int status;

	pthread_mutex_unlock(&r->lock);
	status = r->p->work(r->p->ctx, slot, thread, &r->error[slot]);
	pthread_mutex_lock(&r->lock);
	r->state[slot] = status < 0 ? FAILED : DONE;
	r->ended |= status < 0;
}

static void fill(struct ring *r)
{
	size_t slot = slot_of(r, r->filled);
	int status;

	r->filling = true;
	r->error[slot] = (struct error){0};
	pthread_mutex_unlock(&r->lock);
	status = r->p->fill(r->p->ctx, slot, &r->error[slot]);
	pthread_mutex_lock(&r->lock);
	r->filling = false;
	if (status <= 0)
		r->ended = true;
	if (status == 0)
		return;
	/* A failure takes its turn, so that what came before is drained. */
	r->state[slot] = status < 0 ? FAILED : FILLED;
	r->filled++;
}

static bool drainable(const struct ring *r)
{
	enum state s = r->state[slot_of(r, r->drained)];

	return !r->draining && r->drained < r->filled && (s == DONE || s == FAILED);
}

/* A slot that failed to fill, necessarily the last one, has no work in it. */
static bool workable(const struct ring *r)
{
	return r->taken < r->filled && r->state[slot_of(r, r->taken)] == FILLED;
}

static void *run(void *ring)
{
	struct ring *r = ring;
	size_t thread;

	pthread_mutex_lock(&r->lock);
	thread = r->threads++;
	while (!r->stopped && !(r->ended && !r->filling && r->drained == r->filled)) {
		if (drainable(r))
			drain(r);
		else if (!r->filling && !r->ended && r->filled - r->drained < r->p->slots)
			fill(r);
		else if (workable(r))
			work(r, thread);
		else {
			pthread_cond_wait(&r->changed, &r->lock);
			continue;
		}
		pthread_cond_broadcast(&r->changed);
	}
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

int parallel_run(const struct parallel *p, struct error *e)
{
	struct ring r = {
	        .p = p, .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
	pthread_t *thread = memory_new(p->threads, sizeof *thread, e);
	size_t started = 0;

	r.state = memory_new(p->slots, sizeof *r.state, e);
	r.error = memory_new(p->slots, sizeof *r.error, e);
	if (thread && r.state && r.error) {
		/* With fewer threads than asked for, the work is still done. */
		while (started + 1 < p->threads &&
		       pthread_create(&thread[started], NULL, run, &r) == 0)
			started++;
		run(&r);
		for (size_t i = 0; i < started; i++)
			pthread_join(thread[i], NULL);
		if (r.stopped)
			error_set(e, r.first.code, "%s", r.first.text);
	}
	free(thread);
	free(r.state);
	free(r.error);
	return r.stopped || e->code != EXIT_OK ? -1 : 0;
}

/* ---- numbers ---- */

struct numbers {
	const struct parallel_count *p;
	size_t next;
	size_t *which; /* (slots) */
};

static int next_number(void *numbers, size_t slot, struct error *e)
{
	struct numbers *n = numbers;

	(void)e;
	if (n->next == n->p->count)
		return 0;
	n->which[slot] = n->next++;
	return 1;
}

static int work_on_number(void *numbers, size_t slot, size_t thread, struct error *e)
{
	const struct numbers *n = numbers;

	(void)thread;
	return n->p->work(n->p->ctx, n->which[slot], slot, e);
}

static int drain_number(void *numbers, size_t slot, struct error *e)
{
	const struct numbers *n = numbers;

	return n->p->drain ? n->p->drain(n->p->ctx, slot, e) : 0;
}

int parallel_count(const struct parallel_count *p, struct error *e)
{
	const size_t slots = PARALLEL_SLOTS(p->threads);
	struct numbers n = {.p = p, .which = memory_new(slots, sizeof *n.which, e)};
	const struct parallel all = {.fill = next_number,
	                             .work = work_on_number,
	                             .drain = drain_number,
	                             .ctx = &n,
	                             .threads = p->threads,
	                             .slots = slots};
	const int status = n.which ? parallel_run(&all, e) : -1;

	free(n.which);
	return status;
}
