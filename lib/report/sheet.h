/* sheet.h -- a page on which a person says what units' strongest images show, and which saves
 * a table in the browser (Bau et al. 2017, section 3.1). */
#ifndef REPORT_SHEET_H
#define REPORT_SHEET_H

#include "report/report.h"

struct sheet_question {
	const char *name;
	size_t unit;        /* index in the report's first side */
	const char *phrase; /* NULL: the person is asked for one */
};

struct sheet {
	const struct report *report;
	size_t questions;
	const struct sheet_question *question; /* (questions), all with a phrase, or none */
	size_t patches;                        /* of a question, at most */
};

/* Append the page.  Neither a question's unit nor where its phrase comes from is in it. */
void sheet_write(struct text *t, const struct sheet *s);

/* As in page.h. */
extern const char sheet_css[], sheet_js[], sheet_js_sha256[];

#endif
