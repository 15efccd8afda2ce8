/* faults.c -- see faults.h. */
#include "broden/faults.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/memory.h"

const char *const broden_fault_names[BRODEN_FAULT_KINDS] = {"remark", "table", "file",
                                                            "size",   "label", "count"};

int broden_faults_add(struct broden_faults *f, struct error *e, enum broden_fault_kind kind,
                      const char *file, uint64_t row, const char *format, ...)
{
	struct broden_fault *new;
	va_list args;

	if (memory_grow(&f->fault, &f->capacity, f->count + 1, sizeof *f->fault, e) < 0)
		return -1;
	new = &f->fault[f->count++];
	*new = (struct broden_fault){.kind = kind, .file = memory_string(file, e), .row = row};
	va_start(args, format);
	new->reason = memory_print_list(e, format, args);
	va_end(args);
	return new->file &&new->reason ? 0 : -1;
}

void broden_faults_clear(struct broden_faults *f)
{
	for (size_t i = 0; i < f->count; i++) {
		free(f->fault[i].file);
		free(f->fault[i].reason);
	}
	f->count = 0;
}

void broden_faults_free(struct broden_faults *f)
{
	broden_faults_clear(f);
	free(f->fault);
	*f = (struct broden_faults){0};
}
