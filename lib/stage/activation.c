/* activation.c -- see activation.h. */
#include "stage/activation.h"
#include "base/finite.h"

#include <math.h>

int activation_check(const struct ndr_item *item, const struct ndr_record *act,
                     const char *layer, struct error *e)
{
	const size_t cells = (size_t)act->dims[1] * act->dims[2], n = act->dims[0] * cells;
	const float *value = act->data;
	const size_t at = finite_prefix(value, n);
	struct ndr_item_info info = {0};

	if (at == n)
		return 0;
	if (ndr_item_info(item, &info, e) < 0)
		return -1;
	return error_set(e, EXIT_MALFORMED, "%s: item %u (%s): layer %s: unit %zu is %s",
	                 item->input, item->number, info.name, layer, at / cells,
	                 isnan(value[at]) ? "not a number" : "infinite");
}
