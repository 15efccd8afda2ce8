/* page.h -- a report as one HTML page, complete without script. */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include "base/text.h"
#include "report/report.h"

/* Append the page.  Nothing in it depends on anything but the report. */
int page_write(struct text *t, const struct report *r, struct error *e) CHECK_RESULT;

/* page.css and page.js, which the Makefile makes a string each, and the SHA-256 of the
 * script in hexadecimal digits, by which the page's policy knows it. */
extern const char page_css[], page_js[], page_js_sha256[];

#endif
