/* listing.c -- a model's tensors as text for people. */
#include <stdio.h>
#include <stdlib.h>

#include "network/network.h"

static void print_tensor(FILE *f, const struct network_tensor *t)
{
	int a;

	fprintf(f, "%s\t", t->name);
	for (a = 0; a < t->rank; a++)
		fprintf(f, "%s%zu", a ? "x" : "", t->dims[a]);
	if (t->problem)
		fprintf(f, "?\t?\t?\t?");
	else if (!t->has_field)
		fprintf(f, "\t-\t-\t-");
	else
		fprintf(f, "\t%gx%g\t%gx%g\t%g,%g", t->field[0].size, t->field[1].size,
		        t->field[0].stride, t->field[1].stride, t->field[0].offset,
		        t->field[1].offset);
	fprintf(f, "\t%s\n", *t->operator_name ? t->operator_name : "input");
}

char *network_listing(const struct network *net, struct error *e)
{
	char *text = NULL;
	size_t i, length;
	FILE *f = open_memstream(&text, &length);
	bool bad;

	if (f)
		fprintf(f, "# tensor\tshape\tfield\tstride\toffset\toperator\n");
	for (i = 0; f && i < network_tensor_count(net); i++) {
		struct network_tensor t;

		network_tensor(net, i, &t);
		print_tensor(f, &t);
	}
	bad = !f || ferror(f);
	if ((f && fclose(f) != 0) || bad) {
		free(text);
		error_errno(e, "listing the tensors");
		return NULL;
	}
	return text;
}
