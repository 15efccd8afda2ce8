/* description.h -- records as text for people and scripts. */
#ifndef STAGE_DESCRIPTION_H
#define STAGE_DESCRIPTION_H

#include "base/text.h"
#include "record/ndr.h"

/* A name as one word: control characters, blanks and % as %XX. */
void describe_name(struct text *t, const char *s);

/* Of a segment the lines of HEAD, META and PROV as records (but their sequence), each with a
 * newline behind. */
void describe_head(struct text *t, const struct ndr_segment *s);
int describe_meta(struct text *t, const struct ndr_segment *s, struct error *e) CHECK_RESULT;
void describe_provenance(struct text *t, const struct ndr_segment *s);
/* Text of several lines: control characters as %XX; % is left, which values of META and
 * warnings hold as %25. */
void describe_lines(struct text *t, const char *s, size_t n);

/* Of a record, by tabs: sequence, type, item, group by its name in m, shape and bytes, with a
 * tab behind; */
void describe_columns(struct text *t, const struct ndr_record *rec, const struct ndr_meta *m);
/* what is in it, in a few words; */
void describe_summary(struct text *t, const struct ndr_record *rec, const struct ndr_meta *m);
/* of an array its numbers from first up to end, with blanks between all. */
void describe_values(struct text *t, const struct ndr_record *rec, uint64_t first,
                     uint64_t end);

#endif
