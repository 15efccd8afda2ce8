/* description_segment.c -- what a segment begins with, as text; see description.h. */
#include "stage/description.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An item number or a count that may be unknown. */
static const char *bound(uint32_t v, char buffer[static 16])
{
	if (v == NDR_UNBOUNDED)
		return "-";
	snprintf(buffer, 16, "%" PRIu32, v);
	return buffer;
}

void describe_lines(struct text *t, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const unsigned char c = (unsigned char)s[i];

		if ((c < ' ' && c != '\n') || c == 0x7f)
			text_print(t, "%%%02X", c);
		else
			text_byte(t, s[i]);
	}
}

void describe_head(struct text *t, const struct ndr_segment *s)
{
	char end[16], most[16];

	text_print(t,
	           "0\tHEAD\t-\t-\t-\t-\tschema=%08" PRIx32 " first=%" PRIu32 " end=%s most=%s",
	           s->schema, s->range.first, bound(s->range.end, end),
	           bound(s->range.most, most));
	if (s->range.cut)
		text_print(t, " cut=%s", bound(s->range.cut, end));
	text_byte(t, '\n');
}

int describe_meta(struct text *t, const struct ndr_segment *s, struct error *e)
{
	const struct ndr_meta *m = &s->meta;
	size_t length;
	char *text = ndr_meta_encode(m, &length, e);

	if (!text)
		return -1;
	free(text);
	text_print(t,
	           "1\tMETA\t-\t-\tbytes[%zu]\t%zu\titems=%" PRIu64
	           " categories=%zu labels=%zu layers=%zu\n",
	           length, length, m->items, m->categories, m->labels, m->layers);
	return 0;
}

void describe_provenance(struct text *t, const struct ndr_segment *s)
{
	for (size_t i = 0; i < s->provenance.count; i++) {
		const char *line = strstr(s->provenance.text[i], "program=");
		size_t n = strlen(s->provenance.text[i]);

		text_print(t, "%zu\tPROV\t-\t-\tbytes[%zu]\t%zu\t", i + 2, n, n);
		if (line)
			describe_lines(t, line, strcspn(line, "\n"));
		text_byte(t, '\n');
	}
}
