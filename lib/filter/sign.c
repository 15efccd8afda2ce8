/* sign.c -- what a filter says of itself in what it writes: see filter.h. */
#include "filter/filter.h"

#include <string.h>

int filter_sign(struct tool *t, struct ndr_provenance *p)
{
	const char *details = "";

	if (t->no_provenance && ndr_provenance_keep_warnings(p, &t->error) < 0)
		return -1;
	if (t->no_provenance && t->warnings == 0)
		return 0;
	if (!t->no_provenance)
		details = tool_details(t);
	if (t->error.code != EXIT_OK ||
	    ndr_provenance_add(p, t->name, NDPIPE_VERSION, details, &t->error) < 0)
		return -1;
	for (size_t i = 0; i < t->warnings; i++)
		if (ndr_provenance_warn(p, t->warning[i], &t->error) < 0)
			return -1;
	return t->no_provenance ? ndr_provenance_keep_warnings(p, &t->error) : 0;
}

int filter_repeat_warnings(struct tool *t, const struct ndr_provenance *p, const char *before)
{
	struct ndr_warnings w;
	int status = ndr_provenance_warnings(p, &w, &t->error);

	for (size_t i = 0; i < w.count && status == 0; i++)
		if (strcmp(w.warning[i].program, t->name) != 0)
			status = tool_warn_result(t, "%s%s: %s", before, w.warning[i].program,
			                          w.warning[i].text);
	ndr_warnings_free(&w);
	return status;
}
