/* tables.h -- what was found of units that were taken out: tables. */
#ifndef REMOVAL_TABLES_H
#define REMOVAL_TABLES_H

#include "removal/study.h"
#include "table/table.h"

/* What study_measure() has found, as a table. */
typedef int removal_table(const struct study *f, enum table_format format, int fd,
                          const char *name, struct error *e);

/* A row for each concept and measure: is it more than random sets of units do?  With p by
 * permutation, and q over the concepts. */
removal_table removal_write_concepts;
/* What taking out a concept's detectors does to each class. */
removal_table removal_write_effects;
/* What taking out one unit does to each class, on images that train. */
removal_table removal_write_single;
/* What taking out the most important units of a class does to it. */
removal_table removal_write_classes;
/* Each set that stands for a concept, its own and the random ones. */
removal_table removal_write_sets;

#endif
