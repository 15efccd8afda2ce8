/* files.h -- what a directory has of an image: its file, its label maps, its row of index.csv.
 */
#ifndef JOIN_FILES_H
#define JOIN_FILES_H

#include "join/item.h"
#include "join/kept.h"
#include "join/place.h"
#include "join/split.h"

/* What they are made of, the caller's. */
struct join_files {
	const struct join_plan *plan;
	const struct join_place *place;
	const struct join_kept *kept;
	const struct join_split *split;
};

/* Write the files of image i, and then its row "image,split,..." behind what is in line;
 * neither if none of its labels is kept.  Labels in item's planes become the directory's.  Any
 * number of threads at a time. */
int join_files_write(const struct join_files *f, size_t i, struct join_item *item,
                     struct text *line, struct error *e) CHECK_RESULT;
/* Remove what a run that ended has left of image i, whose maps may have been others. */
int join_files_forget(const struct join_files *f, size_t i, struct error *e) CHECK_RESULT;

#endif
