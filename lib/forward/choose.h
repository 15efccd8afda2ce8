/* choose.h -- the tensors that a user names. */
#ifndef FORWARD_CHOOSE_H
#define FORWARD_CHOOSE_H

#include "network/network.h"

/* Tensors that are wanted.  Set what is not private, all else to zero; free() wanted. */
struct forward_choice {
	size_t *wanted, n; /* (n) */
	/* Told of a name that is no tensor's, but of a part of the network (see
	 * network_find_below()), and the tensor taken for it; or NULL. */
	void (*below)(void *ctx, const char *name, size_t tensor);
	void *ctx;
	size_t room; /* private */
};
/* Add the tensors of a list of names, joined by commas, where "\," is a comma in a name; or the
 * one whose name is the list.  EXIT_USAGE if there is no such tensor, or one twice. */
int forward_choose(struct forward_choice *c, const struct network *net, const char *list,
                   struct error *e) CHECK_RESULT;

#endif
