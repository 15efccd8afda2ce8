/* tables.h -- the tables of a directory: category.csv, label.csv, c_*.csv, and index.csv. */
#ifndef JOIN_TABLES_H
#define JOIN_TABLES_H

#include "join/log.h"

/* Write all but index.csv: of the labels that are kept, what was counted. */
int join_tables_write(const struct join_place *p, const struct join_kept *k,
                      const struct broden_statistics *counted, struct error *e) CHECK_RESULT;

/* Write index.csv: the rows that the log of files has, of at most so many images, in the order
 * of digests of their images' names. */
int join_index_write(const struct join_place *p, const struct join_kept *k,
                     const struct join_log *log, size_t images, struct error *e) CHECK_RESULT;

#endif
