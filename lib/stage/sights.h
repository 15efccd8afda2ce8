/* sights.h -- what the units of a layer see in an item, on its way from a thread to the table
 * and the pictures: records of our own. */
#ifndef STAGE_SIGHTS_H
#define STAGE_SIGHTS_H

#include "stage/paint.h"
#include "table/table.h"

/* The table's columns. */
enum { SIGHTS_COLUMNS = 16 };
extern const char *const sights_column[SIGHTS_COLUMNS];

/* What paint_item() finds in an item, and with pictures its PNG, into out.  On any thread.
 * Messages name item and image. */
int sights_find(struct painter *p, bool pictures, const struct ndr_item *in,
                struct ndr_item *out, size_t thread, struct error *e) CHECK_RESULT;

/* Add a row for each of out's sights to the table. */
int sights_write(const struct painter *p, const struct ndr_item *in, const struct ndr_item *out,
                 struct table *t, struct error *e) CHECK_RESULT;

/* The PNG in out, or NULL. */
const struct ndr_record *sights_picture(const struct ndr_item *out);
/* Where it goes: DIRECTORY/ITEM-NAME.png, of the image's name what follows the last '/',
 * without what follows the last '.', by file_name_clean().  free() it; NULL with e set. */
char *sights_path(const char *directory, const struct ndr_item *in,
                  struct error *e) CHECK_RESULT;

#endif
