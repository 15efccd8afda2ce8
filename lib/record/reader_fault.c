/* reader_fault.c -- what fails is an error, unless the reader is recovering: then it is passed
 * over, and the item that it may have belonged to is given up; see reader.h. */
#include "record/reader.h"

int reader_bad(struct ndr_reader *r, enum exit_code code, const struct ndr_record *rec,
               const char *reason, struct error *e)
{
	char buffer[8];

	if (rec->type == 0) /* not even a type to name */
		return error_set(e, code, "%s: record %llu at byte %llu: %s",
		                 input_name(r->input), (unsigned long long)r->sequence,
		                 (unsigned long long)rec->offset, reason);
	return error_set(e, code, "%s: record %llu (%s) at byte %llu: %s", input_name(r->input),
	                 (unsigned long long)rec->sequence, ndr_type_name(rec->type, buffer),
	                 (unsigned long long)rec->offset, reason);
}

/* Whether to go on after a fault; if not, it is e's. */
bool reader_forgive(struct ndr_reader *r, const struct error *fault, struct error *e)
{
	if (!r->recovering || fault->code == EXIT_SYSTEM) {
		error_set(e, fault->code, "%s", fault->text);
		return false;
	}
	if (r->faults == 0)
		r->first_fault = *fault;
	r->faults += !r->gap; /* a whole stretch counts once */
	r->gap = true;
	r->item = -1; /* what is left of the item does not begin another */
	return true;
}

void ndr_recover(struct ndr_reader *r)
{
	r->recovering = true;
}

uint64_t ndr_faults(const struct ndr_reader *r, struct error *first)
{
	if (first)
		*first = r->first_fault;
	return r->faults;
}
