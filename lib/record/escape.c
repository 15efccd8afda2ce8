/* escape.c -- see escape.h. */
#include "record/escape.h"
#include "base/memory.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

char *record_escape(const char *s, struct error *e)
{
	char *escaped = memory_new(strlen(s) + 1, 3, e), *to = escaped;

	if (!escaped)
		return NULL;
	for (; *s; s++)
		if (*s == '%' || iscntrl((unsigned char)*s))
			to += sprintf(to, "%%%02X", (unsigned char)*s);
		else
			*to++ = *s;
	return escaped;
}

bool record_unescape(char *s)
{
	char *to = s;

	for (; *s; s++) {
		unsigned code;

		if (*s != '%') {
			*to++ = *s;
			continue;
		}
		if (!isxdigit((unsigned char)s[1]) || !isxdigit((unsigned char)s[2]) ||
		    sscanf(s + 1, "%2x", &code) != 1 || code == 0)
			return false;
		*to++ = (char)code;
		s += 2;
	}
	*to = '\0';
	return true;
}
