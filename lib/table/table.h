/* table.h -- write a table as CSV, TSV, JSON or aligned text.
 *
 * CSV ends lines with CRLF and quotes only fields that need it (RFC 4180).  TSV
 * writes tab, line ends and backslash within a field as \t, \n, \r and \\.  JSON is
 * an array with an object for each row, on a line of its own, keyed by column;
 * < > & and the line ends of Unicode are \uXXXX there, so that it can stand in a script of
 * HTML. Text is for reading: columns two spaces apart, the first one flush left, the others
 * flush right, control characters as '?', and "-" for no value.
 *
 * Real numbers have 17 digits, which read back as the same double, and ".0" where
 * they would look like whole ones. */
#ifndef TABLE_TABLE_H
#define TABLE_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

enum table_format { TABLE_CSV, TABLE_TSV, TABLE_JSON, TABLE_TEXT };

/* As tool options name them, and which those are, in that order. */
#define TABLE_FORMATS "text|csv|tsv|json"
extern const enum table_format table_formats[];

struct table {
	enum table_format format;
	const char *const *column;
	size_t columns;
	/* private: */
	struct text out;
	size_t at; /* column of the next field */
	uint64_t rows;
};

/* Begin with a header of at least one column; the names are the caller's while the
 * table is written.  table_free() in the end. */
void table_begin(struct table *t, enum table_format format, const char *const *column,
                 size_t columns);

/* The next field; rows follow each other as columns run out. */
void table_text(struct table *t, const char *s);
void table_count(struct table *t, uint64_t v);
void table_real(struct table *t, double v); /* finite */
void table_none(struct table *t);           /* no value: empty, null */
/* Several texts: an array in JSON, else joined by "; ". */
void table_list(struct table *t, const char *const *s, size_t n);

/* Write what there is of complete rows to fd, and forget it: a long table need not be in
 * memory. Not of TABLE_TEXT, whose columns are aligned in the end. */
int table_flush(struct table *t, int fd, const char *name, struct error *e) CHECK_RESULT;
/* After the last row, which must be complete: write all of it to fd, which stays
 * the caller's; name is for messages. */
int table_end(struct table *t, int fd, const char *name, struct error *e) CHECK_RESULT;
void table_free(struct table *t);

#endif
