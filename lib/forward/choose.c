/* choose.c -- see choose.h. */
#include "forward/choose.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* The next name in *list, to free(); NULL with e set.  *list goes on after it. */
static char *next_name(const char **list, struct error *e)
{
	char *name = memory_new(strlen(*list) + 1, 1, e), *end = name;
	const char *s = *list;

	for (; name && *s && *s != ','; s++) {
		s += s[0] == '\\' && s[1] == ',';
		*end++ = *s;
	}
	*list = s + (*s == ',');
	return name;
}

static int add_wanted(struct forward_choice *c, const struct network *net, const char *name,
                      struct error *e)
{
	struct error why = {0};
	size_t tensor;

	if (!*name)
		return 0;
	if (network_find(net, name, &tensor, &why) < 0) {
		if (!network_find_below(net, name, &tensor))
			return error_set(e, why.code, "%s", why.text);
		if (c->below)
			c->below(c->ctx, name, tensor);
	}
	for (size_t i = 0; i < c->n; i++)
		if (c->wanted[i] == tensor)
			return error_set(e, EXIT_USAGE, "layer %s is named twice", name);
	if (memory_grow(&c->wanted, &c->room, c->n + 1, sizeof *c->wanted, e) < 0)
		return -1;
	c->wanted[c->n++] = tensor;
	return 0;
}

int forward_choose(struct forward_choice *c, const struct network *net, const char *list,
                   struct error *e)
{
	struct error none = {0};
	size_t tensor;
	char *name;
	int status = 0;

	if (network_find(net, list, &tensor, &none) == 0)
		return add_wanted(c, net, list, e);
	if (!list[strspn(list, ",")])
		return error_set(e, EXIT_USAGE,
		                 "'%s' names no layer (cnn-forward --list shows them)", list);
	while (*list && status == 0) {
		name = next_name(&list, e);
		status = name ? add_wanted(c, net, name, e) : -1;
		free(name);
	}
	return status;
}
