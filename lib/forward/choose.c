/* choose.c -- see choose.h. */
#include "forward/choose.h"

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

/* The tensor that a name means. */
static int find_wanted(const struct network *net, const char *name, size_t *tensor,
                       struct tool *t)
{
	struct network_tensor below;

	if (network_find(net, name, tensor, &t->error) == 0)
		return 0;
	if (!network_find_below(net, name, tensor))
		return -1;
	t->error = (struct error){0};
	network_tensor(net, *tensor, &below);
	tool_warn(t, "no tensor %s: taken is the last one below it, %s", name, below.name);
	return 0;
}

static int add_wanted(struct forward_choice *c, const struct network *net, const char *name,
                      struct tool *t)
{
	size_t tensor;

	if (!*name)
		return 0;
	if (find_wanted(net, name, &tensor, t) < 0)
		return -1;
	for (size_t i = 0; i < c->n; i++)
		if (c->wanted[i] == tensor)
			return error_set(&t->error, EXIT_USAGE, "layer %s is named twice",
			                 name);
	if (memory_grow(&c->wanted, &c->room, c->n + 1, sizeof *c->wanted, &t->error) < 0)
		return -1;
	c->wanted[c->n++] = tensor;
	return 0;
}

int forward_choose(struct forward_choice *c, const struct network *net, const char *list,
                   struct tool *t)
{
	struct error none = {0};
	size_t tensor;
	char *name;
	int status = 0;

	if (network_find(net, list, &tensor, &none) == 0)
		return add_wanted(c, net, list, t);
	if (!list[strspn(list, ",")])
		return error_set(&t->error, EXIT_USAGE,
		                 "'%s' names no layer (cnn-forward --list shows them)", list);
	while (*list && status == 0) {
		name = next_name(&list, &t->error);
		status = name ? add_wanted(c, net, name, t) : -1;
		free(name);
	}
	return status;
}
