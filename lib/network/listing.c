/* listing.c -- a model's tensors as text for people. */
#include "base/text.h"
#include "network/network.h"

static void print_tensor(struct text *f, const struct network_tensor *t)
{
	text_print(f, "%s\t", t->name);
	for (int a = 0; a < t->rank; a++)
		text_print(f, "%s%zu", a ? "x" : "", t->dims[a]);
	if (t->problem)
		text_print(f, "?\t?\t?\t?");
	else if (!t->has_field)
		text_print(f, "\t-\t-\t-");
	else
		text_print(f, "\t%gx%g\t%gx%g\t%g,%g", t->field[0].size, t->field[1].size,
		           t->field[0].stride, t->field[1].stride, t->field[0].offset,
		           t->field[1].offset);
	text_print(f, "\t%s", *t->operator_name ? t->operator_name : "input");
	if (t->problem || t->reason)
		text_print(f, "\t%s", t->problem ? t->problem : t->reason);
	else if (t->skip + t->rest > 0)
		text_print(f, "\t%zu units of %zux%zu, without %zu tokens", t->units, t->h,
		           t->w, t->skip + t->rest);
	else if (t->rank != 4 ? t->h * t->w > 1 : t->dims[1] != t->units)
		text_print(f, "\t%zu units of %zux%zu", t->units, t->h, t->w);
	text_string(f, "\n");
}

char *network_listing(const struct network *net, const size_t *wanted, size_t n,
                      struct error *e)
{
	struct text text = {0};

	text_string(&text, "# tensor\tshape\tfield\tstride\toffset\toperator\tnote\n");
	for (size_t i = 0; i < (n ? n : network_tensor_count(net)); i++) {
		struct network_tensor t;

		network_tensor(net, n ? wanted[i] : i, &t);
		print_tensor(&text, &t);
	}
	return text_take(&text, "a list of the tensors", e);
}
