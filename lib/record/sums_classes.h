/* sums_classes.h -- CLASSES of several parts, which numbers them anew; private to
 * lib/record. */
#ifndef RECORD_SUMS_CLASSES_H
#define RECORD_SUMS_CLASSES_H

#include "record/ndr.h"

/* The union of two CLASSES into *sum, whose data is made anew.  old and new (of as many
 * elements as classes) get the places there of the classes of each, ascending. */
int sums_classes_merge(struct ndr_record *sum, const struct ndr_record *rec, uint32_t *old,
                       uint32_t *new, struct error *e) CHECK_RESULT;

/* The classes of a JOINT, in place, by their new numbers. */
void sums_joint_renumber(struct ndr_record *rec, const uint32_t *place);
/* Add another JOINT of the unit to *sum, whose data is made anew; place: its classes'. */
int sums_joint_merge(struct ndr_record *sum, const struct ndr_record *rec,
                     const uint32_t *place, struct error *e) CHECK_RESULT;

#endif
