/* statistics.h -- how many images hold each label, and how much of them it covers: what the
 * tables of a Broden directory say of it.
 *
 * As NetDissect (src/joinseg.py) counts: of an image and a category, a label's pixels in all
 * maps of the cell are added, over the pixels of one map; a label of the whole image covers 1.
 * Its frequency in a category are the images that hold it, its coverage the sum of what it
 * covers of them.  label.csv has the sums over categories.
 *
 * Sums are kept in units of 2^-80 of an image: exact to the last digit of a double, in whatever
 * order images come. */
#ifndef BRODEN_STATISTICS_H
#define BRODEN_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* ---- what one image holds ---- */

/* Pixels of a label in the maps of a category; struct broden_tally's area where it is the whole
 * image's. */
struct broden_held {
	uint32_t category;
	uint16_t label; /* not 0 */
	uint64_t pixels;
};

/* Zero it before use; one thread at a time. */
struct broden_tally {
	uint64_t area; /* pixels of a map */
	struct broden_held *held;
	size_t count, capacity; /* ordered by category as they were taken, then by label */
	/* private: */
	uint64_t *pixels; /* [65536] of the category at hand */
	uint16_t highest;
};

/* Begin with an image whose maps have that many pixels, at least 1. */
int broden_tally_begin(struct broden_tally *t, uint64_t area, struct error *e) CHECK_RESULT;
/* Add a map, of area pixels, or a label of the whole image; 0 is passed over. */
void broden_tally_map(struct broden_tally *t, const uint16_t *label);
void broden_tally_whole(struct broden_tally *t, uint16_t label);
/* What was added since the last call belongs to this category. */
int broden_tally_take(struct broden_tally *t, uint32_t category, struct error *e) CHECK_RESULT;
void broden_tally_free(struct broden_tally *t);

/* ---- all images ---- */

__extension__ typedef unsigned __int128 broden_sum;

struct broden_count {
	uint64_t frequency;
	broden_sum coverage; /* broden_coverage() makes a number of it */
};

struct broden_statistics {
	size_t categories;
	/* private: */
	struct broden_count **page; /* [categories][256], each of 256 labels or NULL */
	size_t pages;
};

/* Zeroed counts.  broden_statistics_free() also after an error. */
int broden_statistics_new(struct broden_statistics *s, size_t categories,
                          struct error *e) CHECK_RESULT;
void broden_statistics_free(struct broden_statistics *s);
/* One image more. */
int broden_statistics_add(struct broden_statistics *s, const struct broden_tally *t,
                          struct error *e) CHECK_RESULT;

/* What a label has in a category from now on. */
int broden_statistics_put(struct broden_statistics *s, size_t category, uint16_t label,
                          struct broden_count count, struct error *e) CHECK_RESULT;

/* Of a label in a category, or in all. */
struct broden_count broden_count_of(const struct broden_statistics *s, size_t category,
                                    uint16_t label);
struct broden_count broden_count_all(const struct broden_statistics *s, uint16_t label);
double broden_coverage(struct broden_count c);
/* For qsort(): those of more images first, then those that cover more; 0 where both are equal.
 */
int broden_compare(struct broden_count a, struct broden_count b);

/* ---- tables ---- */

/* What the tables say beside counts. */
struct broden_names {
	size_t categories;
	const char *const *category; /* [categories] */
	const char *const *name;     /* [65536] of labels; NULL: there is no such */
	const char *const *synonyms; /* [65536] joined by ';', or NULL */
	/* Whether a label of which no image has any is listed in a category; NULL: never. */
	bool (*is_listed)(const void *ctx, size_t category, uint16_t label);
	const void *ctx;
};

/* Whether a category's table lists the label. */
bool broden_lists(const struct broden_names *n, const struct broden_statistics *s,
                  size_t category, uint16_t label);
/* label.csv's column category, "part(40);object(3)": by frequency, then in the order of
 * categories.  free() it. */
char *broden_categories_of(const struct broden_names *n, const struct broden_statistics *s,
                           uint16_t label, struct error *e) CHECK_RESULT;
/* What category.csv says of one: labels that it lists, their lowest and highest number, 0 if
 * there is none, and the sum of their frequencies. */
struct broden_category {
	uint64_t first, last, labels, frequency;
};
struct broden_category broden_category_of(const struct broden_names *n,
                                          const struct broden_statistics *s, size_t category);

/* The tables, by number: category.csv, label.csv, then each category's c_*.csv, whose rows come
 * by frequency, then by coverage, then by number.  How many there are, and a table's name, to
 * free(). */
size_t broden_statistics_tables(const struct broden_names *n);
char *broden_statistics_table_name(const struct broden_names *n, size_t table,
                                   struct error *e) CHECK_RESULT;
/* Write one.  fd stays the caller's; name is for messages. */
int broden_statistics_write(const struct broden_names *n, const struct broden_statistics *s,
                            size_t table, int fd, const char *name,
                            struct error *e) CHECK_RESULT;

/* The fewest digits that read back as x, with ".0" where they look like a whole number. */
enum { BRODEN_DIGITS = 40 };
void broden_print_real(double x, char text[static BRODEN_DIGITS]);

#endif
