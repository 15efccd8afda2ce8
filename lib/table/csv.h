/* csv.h -- read comma-separated values (RFC 4180).
 *
 * Lines end with CRLF or LF.  A field in quotes may hold commas, line ends and
 * doubled quotes.  The first row names the columns, every other row must have
 * as many fields; empty lines are skipped.  Rows count from 1, the header, as
 * spreadsheets count them. */
#ifndef TABLE_CSV_H
#define TABLE_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct csv {
	char **header; /* the columns' names */
	size_t columns;
	char **field; /* [columns] of the current row; the text lives until csv_close() */
	uint64_t row; /* number of the current row */
	/* private: */
	char *name, *text, *at, *end;
	char **fields;
	size_t capacity;
};

/* Read the file and its header.  csv_close() also after an error. */
int csv_open(struct csv *c, const char *path, struct error *e) CHECK_RESULT;
/* The same for text in memory, which becomes c's: free()able, text[length] is NUL. */
int csv_parse(struct csv *c, char *text, size_t length, const char *name,
              struct error *e) CHECK_RESULT;
void csv_close(struct csv *c);

/* Bytes of the text that rows have been taken from; they may be written over once the current
 * row's fields are not needed any more. */
size_t csv_used(const struct csv *c);
/* The text, which is the caller's to free(); no row follows. */
char *csv_take(struct csv *c);

/* Index of a column; -1 if there is none (csv_need: or two, with e set). */
int csv_column(const struct csv *c, const char *name);
int csv_need(const struct csv *c, const char *name, struct error *e) CHECK_RESULT;

/* On to the next row: 1; 0 after the last; -1. */
int csv_next(struct csv *c, struct error *e) CHECK_RESULT;

/* Whether text[length] is a whole number, be it with a fraction of zeros: programs that
 * keep a column as real numbers write 2 as 2.0.  *value is UINT64_MAX if it is larger. */
bool csv_whole(const char *text, size_t length, uint64_t *value);

/* The current row's field as a number (csv_count: a whole one); errors name file, row and
 * column. */
int csv_count(const struct csv *c, size_t column, uint64_t low, uint64_t high, uint64_t *value,
              struct error *e) CHECK_RESULT;
int csv_real(const struct csv *c, size_t column, double *value, struct error *e) CHECK_RESULT;

#endif
