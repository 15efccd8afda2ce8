/* choose.h -- the tensors that a user names. */
#ifndef FORWARD_CHOOSE_H
#define FORWARD_CHOOSE_H

#include "network/network.h"
#include "tool/tool.h"

/* Tensors that are wanted.  Zero it before use; free() wanted. */
struct forward_choice {
	size_t *wanted, n; /* (n) */
	size_t room;       /* private */
};
/* Add the tensors of a list of names, joined by commas, where "\," is a comma in a name; or the
 * one whose name is the list.  Warns of a name that is no tensor's, but of a part of the
 * network, for which network_find_below() has one.  -1 with t->error set: EXIT_USAGE if there
 * is no such tensor, or one twice. */
int forward_choose(struct forward_choice *c, const struct network *net, const char *list,
                   struct tool *t) CHECK_RESULT;

#endif
