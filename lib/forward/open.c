/* open.c -- a network made ready for a stream: see forward.h. */
#include <stdlib.h>

#include "base/memory.h"
#include "forward/forward.h"

int forward_open(struct forward *f, const struct network *net,
                 const struct forward_choice *wanted, const struct forward_how *how,
                 size_t threads, struct error *e)
{
	const enum network_algorithm algorithm = how->algorithm;

	if (wanted->n == 0)
		return error_set(e, EXIT_USAGE,
		                 "no layer is named: -l NAME (--list shows them)");
	f->net = net;
	f->wanted = wanted->wanted;
	f->n_wanted = wanted->n;
	f->threads = threads;
	f->how = how;
	if (how->from && network_find(net, how->from, &f->from, e) < 0)
		return -1;
	f->plan = how->from ? network_plan_resume(net, f->from, f->wanted, f->n_wanted,
	                                          algorithm, e)
	                    : network_plan_new(net, f->wanted, f->n_wanted, algorithm, e);
	if (!f->plan)
		return -1;
	f->group = network_bundle(f->plan);
	f->input.integers = network_integers(net, &f->input.least, &f->input.most);
	network_input(net, &f->input.depth, &f->input.height, &f->input.width);
	f->input.resize = how->resize;
	if (preprocess_choose(&how->values, f->input.depth, &f->input.preprocess, e) < 0)
		return -1;
	f->ws = memory_new(threads, sizeof *f->ws, e);
	f->images = memory_new(threads, sizeof *f->images, e);
	return f->ws && f->images ? 0 : -1;
}

size_t forward_parts(const struct forward *f)
{
	return network_plan_parts(f->plan);
}

int forward_prepare(struct forward *f, size_t part, struct error *e)
{
	return network_plan_prepare(f->plan, part, e);
}

int forward_begin(struct forward *f, struct error *e)
{
	network_digest(f->net, &f->digest);
	return network_plan_finish(f->plan, e);
}

void forward_close(struct forward *f)
{
	for (size_t i = 0; f->ws && f->images && i < f->threads; i++) {
		network_workspace_free(f->ws[i]);
		free(f->images[i]);
	}
	free(f->ws);
	free(f->images);
	network_plan_free(f->plan);
}
