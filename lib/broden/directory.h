/* directory.h -- what the tables, the items and the files of a Broden directory share;
 * private to lib/broden. */
#ifndef BRODEN_DIRECTORY_H
#define BRODEN_DIRECTORY_H

#include <limits.h>

#include "broden/broden.h"
#include "image/resize.h"
#include "table/csv.h"

/* The columns of index.csv that are not categories. */
enum { IMAGE, SPLIT, IH, IW, SH, SW, FIXED };
enum { CATEGORIES_MAX = 1024 }; /* of ndr(5) */
enum { BRODEN_FIELDS = FIXED + CATEGORIES_MAX };
extern const char *const broden_columns[FIXED];
enum { BRODEN_MAPS_MAX = 1 << 10 }; /* of an item */
enum { NO_COLUMN = -1 };

/* A row of index.csv; a file has less than 4 GiB. */
struct row {
	uint32_t text;   /* where its fields begin */
	uint32_t number; /* in index.csv */
};

struct broden {
	char *directory;
	char images[PATH_MAX]; /* DIR/images without symbolic links */
	int root;              /* that, open; or -1 */
	struct ndr_meta meta;
	size_t dense;  /* all numbers below it are labels, or 0 */
	size_t fields; /* of a row: FIXED and the chosen categories */
	int *column;   /* [fields] where index.csv has them, or NO_COLUMN */
	size_t rows, capacity;
	struct row *row; /* [rows] */
	char *text;      /* the fields of all rows, one after the other, a NUL behind each */
	size_t text_length;
	struct broden_file file[BRODEN_TABLES];
	size_t uncovered; /* a label whose category is a guess, or 0 */
	size_t warnings, warning_capacity;
	char **warning;
};

/* Keep a warning for broden_warning(). */
__attribute__((format(printf, 3, 4))) int broden_warn(struct broden *b, struct error *e,
                                                      const char *format, ...) CHECK_RESULT;

/* Open the table DIR/STEMNAME.csv once, be it a pipe; path is where.  file, if not NULL, is
 * filled.  csv_close() also after an error. */
int broden_open_table(const struct broden *b, const char *stem, const char *name,
                      char path[static PATH_MAX], struct csv *table, struct broden_file *file,
                      struct error *e) CHECK_RESULT;

/* What the tables say, in this order: category.csv, of those that are chosen, or NULL: all; the
 * tables of categories and label.csv; the rows of index.csv. */
int broden_read_categories(struct broden *b, const char *chosen, struct error *e) CHECK_RESULT;
int broden_read_labels(struct broden *b, struct error *e) CHECK_RESULT;
int broden_read_index(struct broden *b, const struct broden_choice *choice,
                      struct error *e) CHECK_RESULT;

/* Without the blanks around it, where it stands; *length of what is left. */
char *broden_trim(char *s, size_t *length);

/* Where the fields of a row are. */
void broden_fields(const struct broden *b, size_t row, const char *field[static BRODEN_FIELDS]);

/* Is it a number that a pixel may have? */
bool broden_has_label(const struct ndr_meta *m, size_t number);

/* A row on its way to records. */
struct work {
	const struct broden *b;
	const struct broden_form *form;
	size_t row;
	const char *field[BRODEN_FIELDS];
	const char *image;       /* the first of them, by name */
	uint32_t ih, iw, sh, sw; /* as the row says */
	struct square square;    /* of the image, if form->crop */
	struct ndr_item *item;
	bool missing; /* a file that the row names is not there */
	bool turned;  /* the image's camera was not held upright */
	char *remark; /* of struct broden_item */
	struct error *e;
};

/* What messages call the file that the row names so. */
void broden_place(const struct work *w, const char *name, char place[static PATH_MAX]);
/* A fault of the file that the row names so. */
__attribute__((format(printf, 3, 4))) int broden_bad(struct work *w, const char *name,
                                                     const char *format, ...);
/* Whether there is anything of that name below DIR/images. */
bool broden_has_file(const struct work *w, const char *name);
/* Why what a cell has cannot be a label map: it is no file's name, nor a number; or NULL. */
const char *broden_no_map(const struct work *w, const char *name);
/* Read a file below DIR/images, free() it; place is what messages call it.  NULL with
 * w->e set, and w->missing if there is none. */
char *broden_read(struct work *w, const char *name, char place[static PATH_MAX],
                  size_t *length) CHECK_RESULT;

#endif
