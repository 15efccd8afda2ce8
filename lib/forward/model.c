/* model.c -- see model.h. */
#include "forward/model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static int parse_size(const char *option, const char *text, size_t *height, size_t *width,
                      struct error *e)
{
	char rest;

	if (sscanf(text, "%5zux%5zu%c", height, width, &rest) == 2 &&
	    strspn(text, "0123456789x") == strlen(text) && *height && *width)
		return 0;
	return error_set(e, EXIT_USAGE, "--%s '%.40s' is not HxW", option, text);
}

/* ---- --set ---- */

static int parse_numbers(const char *option, const char *text, double *to, size_t *n,
                         struct error *e)
{
	char *end;

	for (*n = 0;; text = end + 1) {
		to[(*n)++] = strtod(text, &end);
		if (end == text || (*end && *end != ',') || !isfinite((float)to[*n - 1]))
			return error_set(e, EXIT_USAGE, "--set '%.80s': '%.40s' is not numbers",
			                 option, text);
		if (!*end)
			return 0;
	}
}

/* Text that begins with an input's name, and its numbers, both to free(). */
static int parse_input(const char *option, struct network_given *to, struct error *e)
{
	const char *equals = strrchr(option, '=');
	double *values;
	char *name;

	if (!equals || equals == option)
		return error_set(e, EXIT_USAGE, "--set '%.80s' is not NAME=VALUE", option);
	to->name = name = strndup(option, (size_t)(equals - option));
	to->values = values = memory_new(strlen(equals), sizeof *values, e);
	if (!name)
		return error_set(e, EXIT_SYSTEM, "no memory for a name");
	return values ? parse_numbers(option, equals + 1, values, &to->n, e) : -1;
}

static void free_inputs(struct network_given *given, size_t n)
{
	for (size_t i = 0; given && i < n; i++) {
		free((char *)given[i].name);
		free((double *)given[i].values);
	}
	free(given);
}

/* ---- the network ---- */

static int check_input(const struct forward_model *m, const struct network *net, size_t height,
                       size_t width, struct error *e)
{
	size_t depth, takes[2];

	network_input(net, &depth, &takes[0], &takes[1]);
	if (m->input_size && (height != takes[0] || width != takes[1]))
		return error_set(e, EXIT_USAGE, "%s: the model fixes its input to %zux%zu",
		                 m->file, takes[0], takes[1]);
	return 0;
}

static struct network *open_given(struct forward_model *m, struct network_options *o,
                                  struct error *e)
{
	struct error why = {0};
	struct network *net = network_open_any(m->file, m->weights, o, &why);

	m->is_open = !net && o->size_open && !o->height;
	if (!net)
		error_set(e, why.code, "%s%s", why.text,
		          m->is_open ? " (--input-size HxW)" : "");
	else if (check_input(m, net, o->height, o->width, e) < 0) {
		network_close(net);
		net = NULL;
	}
	return net;
}

struct network *forward_model_open(struct forward_model *m, struct error *e)
{
	struct network_options o = {0};
	struct network_given *given = memory_new(m->sets.count, sizeof *given, e);
	struct network *net = NULL;
	size_t rows = 0, columns = 0;
	int status = given ? 0 : -1;

	o.given = given;
	if (status == 0 && !m->weights && !m->listed && network_is_caffe(m->file))
		status = error_set(e, EXIT_USAGE,
		                   "%s: a Caffe network needs its weights (-w FILE)", m->file);
	if (status == 0 && m->input_size)
		status = parse_size("input-size", m->input_size, &o.height, &o.width, e);
	if (status == 0 && m->tokens)
		status = parse_size("tokens", m->tokens, &rows, &columns, e);
	for (; status == 0 && o.n_given < m->sets.count; o.n_given++)
		status = parse_input(m->sets.text[o.n_given], &given[o.n_given], e);
	if (status == 0)
		net = open_given(m, &o, e);
	if (net)
		network_tokens(net, rows, columns, (size_t)m->skip);
	free_inputs(given, m->sets.count);
	return net;
}
