/* escape.h -- values in lines of text: % and control characters as %XX; private to
 * lib/record. */
#ifndef RECORD_ESCAPE_H
#define RECORD_ESCAPE_H

#include <stdbool.h>

#include "base/error.h"

/* s as a value, free() it. */
char *record_escape(const char *s, struct error *e) CHECK_RESULT;
/* The value back, in place; false if it is not one. */
bool record_unescape(char *s);

#endif
