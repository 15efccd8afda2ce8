/* log.h -- what a pass over the images has done: a header, then a line an image, in their
 *order.
 *
 *	broden-make counts 5a0f3b12
 *	SIGNATURE LABELLED MISSING TURNED AREA CATEGORY:LABEL:PIXELS ...
 *
 *	broden-make written 0a91c3d7
 *	SIGNATURE ROW
 *
 * The header ends with a checksum of what the lines depend on; SIGNATURE is join_item_sign()'s,
 * ROW the image's of index.csv, or nothing. */
#ifndef JOIN_LOG_H
#define JOIN_LOG_H

#include "join/item.h"
#include "join/kept.h"
#include "join/place.h"
#include "join/split.h"

enum join_pass { JOIN_COUNT, JOIN_WRITE };

struct join_log {
	const struct join_place *place;
	enum join_pass pass;
	int fd; /* or -1 */
	char header[64];
	uint64_t good; /* bytes from its begin that are of use */
};

/* What the lines of the first pass depend on, and what those of the second do. */
uint32_t join_log_of_counts(const struct join_plan *p);
uint32_t join_log_of_files(const struct join_plan *p, const struct join_kept *k,
                           const struct join_split *s);

/* Open a pass's log, or make it.  What it holds, to free(): its lines of such a checksum begin
 * at l->good, which the caller moves behind those that are of use.  NULL with e set. */
char *join_log_open(struct join_log *l, const struct join_place *p, enum join_pass pass,
                    uint32_t sum, struct error *e) CHECK_RESULT;
/* Forget what is behind l->good, and go on there. */
int join_log_go_on(struct join_log *l, struct error *e) CHECK_RESULT;
int join_log_add(struct join_log *l, const void *bytes, size_t n, struct error *e) CHECK_RESULT;
/* All of it, as join_log_open() gives it. */
char *join_log_read(const struct join_log *l, struct error *e) CHECK_RESULT;
void join_log_close(struct join_log *l);

/* *stale: there is a log of counts, and its lines are of another checksum. */
int join_log_is_stale(const struct join_place *p, uint32_t sum, bool *stale,
                      struct error *e) CHECK_RESULT;
/* Both are gone. */
int join_logs_remove(const struct join_place *p, struct error *e) CHECK_RESULT;

/* What a line of files begins with; its row, if any, and its end follow. */
void join_log_print_signature(const struct join_item *item, struct text *line);
/* A line of counts, and the same read again: 1; 0 if it is no such line; -1 with e set.  item,
 * zeroed, gets what it says; join_item_free() it. */
void join_log_print_counts(const struct join_item *item, struct text *line);
int join_log_read_counts(const char *line, size_t categories, struct join_item *item,
                         struct error *e) CHECK_RESULT;
/* The row in a line of files; NULL: it has none. */
const char *join_log_row(const char *line);

#endif
