/* policy.h -- what a page may do: show its own pictures and run its own script, and nothing
 * else. */
#ifndef REPORT_POLICY_H
#define REPORT_POLICY_H

#include <stdbool.h>

#include "base/text.h"

/* Append a meta element with a Content-Security-Policy that knows the page's one script by its
 * SHA-256, in hexadecimal digits.  files: pictures may be files beside the page, too. */
void policy_write(struct text *t, const char *sha256, bool files);

#endif
