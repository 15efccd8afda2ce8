/* faults.h -- what is wrong with a Broden directory: a list that grows. */
#ifndef BRODEN_FAULTS_H
#define BRODEN_FAULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum broden_fault_kind {
	BRODEN_REMARK, /* odd, but no fault */
	BRODEN_TABLE,  /* a table is missing, damaged or contradicts another */
	BRODEN_FILE,   /* an image or a label map is missing or does not decode */
	BRODEN_SIZE,   /* it is of another size than its row says */
	BRODEN_VALUE,  /* a pixel or a cell holds what is no label */
	BRODEN_COUNT,  /* a statistic is not so */
	BRODEN_FAULT_KINDS
};
/* "remark", "table", "file", "size", "label", "count". */
extern const char *const broden_fault_names[BRODEN_FAULT_KINDS];

struct broden_fault {
	enum broden_fault_kind kind;
	char *file;
	uint64_t row;  /* of the table that the file is; 0: none */
	bool of_index; /* no, of index.csv, which names the file */
	char *reason;
};

/* Zero it before use. */
struct broden_faults {
	struct broden_fault *fault;
	size_t count, capacity;
};

/* Append one.  -1 is want of memory. */
int broden_faults_add(struct broden_faults *f, struct error *e, enum broden_fault_kind kind,
                      const char *file, uint64_t row, const char *format, ...)
        __attribute__((format(printf, 6, 7))) CHECK_RESULT;
/* Forget all; the list can grow again. */
void broden_faults_clear(struct broden_faults *f);
void broden_faults_free(struct broden_faults *f);

#endif
