/* prototxt.h -- protobuf's text format, as Caffe's network descriptions are written.
 *
 *	layer { name: "conv1" convolution_param { kernel_size: [3, 5] } }  # a comment
 *
 * The text becomes a tree of fields without a schema; values are given a type when
 * they are read.  Repeated fields are fields of the same name, and a list counts as
 * such.  Safe on hostile input: size, nesting and number of fields are bounded.
 * Format: protobuf.dev, "Text Format Language Specification".
 *
 * The functions that read a value take the message that it stands in and give
 * otherwise where it is absent.  A value that is not of the type, or a second one,
 * is EXIT_MALFORMED with its line; they return otherwise then, so that a caller can
 * read several and look at e once. */
#ifndef MODEL_PROTOTXT_H
#define MODEL_PROTOTXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/bytes.h"

enum {
	PROTOTXT_BYTES = 1 << 24,  /* of a text */
	PROTOTXT_FIELDS = 1 << 20, /* in a text */
	PROTOTXT_DEPTH = 100,      /* messages in messages */
};

enum prototxt_kind {
	PROTOTXT_MESSAGE,
	PROTOTXT_STRING, /* quoted; text is decoded */
	PROTOTXT_WORD,   /* a number or an identifier, as it stands */
};

struct prototxt_field {
	const char *name;
	enum prototxt_kind kind;
	const char *text; /* NULL for a message */
	unsigned line;
	size_t span; /* fields of the whole tree below, itself included */
};

struct prototxt;

/* Parse text, which is known as path in messages; neither is needed after it.
 * NULL with e set. */
struct prototxt *prototxt_parse(const char *path, struct bytes text,
                                struct error *e) CHECK_RESULT;
void prototxt_free(struct prototxt *p);

/* The message that the text as a whole is. */
const struct prototxt_field *prototxt_root(const struct prototxt *p);

/* The first field of message m, or the one after previous (a field of m); NULL if
 * there are no more.  name: only those of that name; NULL: all.  m can be NULL: an
 * absent message has no fields. */
const struct prototxt_field *prototxt_next(const struct prototxt_field *m,
                                           const struct prototxt_field *previous,
                                           const char *name);

/* Fail with path and line before the reason. */
int prototxt_fail(const struct prototxt *p, const struct prototxt_field *f, struct error *e,
                  const char *format, ...) __attribute__((format(printf, 4, 5)));

/* ---- values ----
 *
 * Each is that of the only field of that name in m; otherwise, or NULL, is what there is where
 * there is no such field, and where e is set, EXIT_MALFORMED: the field stands twice or is of
 * another kind.  So who reads several can look at e in the end. */

const struct prototxt_field *prototxt_message(const struct prototxt *p,
                                              const struct prototxt_field *m, const char *name,
                                              struct error *e) CHECK_RESULT;
int64_t prototxt_int(const struct prototxt *p, const struct prototxt_field *m, const char *name,
                     int64_t otherwise, struct error *e) CHECK_RESULT;
float prototxt_float(const struct prototxt *p, const struct prototxt_field *m, const char *name,
                     float otherwise, struct error *e) CHECK_RESULT;
bool prototxt_bool(const struct prototxt *p, const struct prototxt_field *m, const char *name,
                   bool otherwise, struct error *e) CHECK_RESULT;
const char *prototxt_string(const struct prototxt *p, const struct prototxt_field *m,
                            const char *name, const char *otherwise,
                            struct error *e) CHECK_RESULT;

/* An enum, whose values are 0, 1, ...: by name (a list that NULL ends), or number. */
int prototxt_enum(const struct prototxt *p, const struct prototxt_field *m, const char *name,
                  const char *const *names, int otherwise, struct error *e) CHECK_RESULT;

/* Repeated integers and floats: the first cap go to out (NULL with cap 0); returns
 * how many there are, 0 with e set where one is none. */
size_t prototxt_ints(const struct prototxt *p, const struct prototxt_field *m, const char *name,
                     int64_t *out, size_t cap, struct error *e) CHECK_RESULT;
size_t prototxt_floats(const struct prototxt *p, const struct prototxt_field *m,
                       const char *name, float *out, size_t cap, struct error *e) CHECK_RESULT;

#endif
