/* place.h -- where a directory is made: beside it, in DIR.part, which gets its name at the end.
 *
 * One run at a time is at work there.  What it has made stays when it ends early. */
#ifndef JOIN_PLACE_H
#define JOIN_PLACE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct join_place {
	char *directory, *part; /* DIR, DIR.part */
	int root;               /* part, open and locked, or -1 */
};

/* Say what the directory is to be called: EXIT_USAGE where something stands in the way, unless
 * replace and it is a Broden directory.  join_place_close() also after an error. */
int join_place_name(struct join_place *p, const char *directory, bool replace,
                    struct error *e) CHECK_RESULT;
/* Make DIR.part, or go on in it; an error if another run is at work there. */
int join_place_open(struct join_place *p, struct error *e) CHECK_RESULT;
void join_place_close(struct join_place *p);

/* Write a file of it, by a name below DIR.part, in folders that may not be there yet. */
int join_place_write(const struct join_place *p, const char *name, const void *bytes, size_t n,
                     struct error *e) CHECK_RESULT;
/* Open such a file to be written anew: a descriptor to close, or -1. */
int join_place_create(const struct join_place *p, const char *name,
                      struct error *e) CHECK_RESULT;
/* Remove a file, or a folder with all in it, if it is there. */
int join_place_remove(const struct join_place *p, const char *name,
                      struct error *e) CHECK_RESULT;
int join_place_clear(const struct join_place *p, const char *folder,
                     struct error *e) CHECK_RESULT;

/* DIR.part is DIR; what had that name is gone. */
int join_place_finish(const struct join_place *p, bool replace, struct error *e) CHECK_RESULT;

/* Set e by errno, of a file by its name below DIR.part: -1. */
int join_place_error(const struct join_place *p, const char *name, struct error *e);

#endif
