/* policy.c -- see policy.h. */
#include "report/policy.h"

#include <stdio.h>

#include "report/picture.h"

void policy_write(struct text *t, const char *sha256, bool files)
{
	unsigned char digest[32];

	for (size_t i = 0; i < sizeof digest; i++) {
		unsigned byte = 0;

		sscanf(sha256 + 2 * i, "%2x", &byte);
		digest[i] = (unsigned char)byte;
	}
	text_string(t, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
	               "'none'; img-src data:");
	text_string(t, files ? " 'self'" : "");
	text_string(t, "; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
	               "script-src 'sha256-");
	picture_base64(t, digest, sizeof digest);
	text_string(t, "'\">\n");
}
