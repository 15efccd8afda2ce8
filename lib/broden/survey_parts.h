/* survey_parts.h -- what the files of a survey share; private to lib/broden. */
#ifndef BRODEN_SURVEY_PARTS_H
#define BRODEN_SURVEY_PARTS_H

#include "broden/directory.h"
#include "broden/survey.h"

/* What a table says of a label; UINT64_MAX and NAN: nothing. */
struct stated {
	uint64_t row; /* 0: it does not name it */
	uint64_t frequency;
	double coverage;
};

/* The columns of category.csv that are numbers. */
enum { FIRST, LAST, COUNT, FREQUENCY, CATEGORY_NUMBERS };

struct listed {
	uint16_t number;
	struct stated stated;
};

struct survey_category {
	char *name, *place;                /* place: its c_*.csv */
	uint64_t row;                      /* in category.csv */
	uint64_t number[CATEGORY_NUMBERS]; /* UINT64_MAX: not said */
	bool damaged;                      /* its table, of which something is not known */
	struct listed *listed;             /* [count], by number */
	size_t count, capacity;
	int column; /* of index.csv, or -1 */
};

struct survey_label {
	char *name, *synonyms, *categories;
	struct stated stated;
};

/* A row at hand. */
struct survey_slot {
	uint64_t row; /* 0: its fields could not be told apart */
	char **field; /* [columns] */
	struct broden_tally tally;
	size_t uncounted; /* parts of cells that are no good */
	struct broden_faults faults;
	void *pixels; /* of what was decoded last */
	size_t capacity;
	uint32_t height, width;
};

struct seen {
	const char *name;
	uint64_t row;
};

struct broden_survey {
	const struct broden_survey_form *form;
	struct broden files;        /* what reading a row's files needs of it */
	struct broden_form reading; /* and how */
	size_t categories, capacity;
	struct survey_category *category;
	struct survey_label *label; /* [65536] */
	bool whole_labels;          /* label.csv was read to its end */
	/* names, as broden_names has them */
	const char **category_name, **label_name, **label_synonyms;
	struct broden_names names;
	struct broden_statistics statistics;
	char *index_place;
	struct csv index;
	bool rows_follow; /* index.csv can be read on */
	int column[FIXED];
	struct survey_slot *slot;
	struct seen *seen;
	size_t names_seen, seen_capacity;
	uint64_t rows, uncounted;
};

/* A fault that another function has told, without the file and row that begin its text.
 * EXIT_SYSTEM goes on to e unless absent: then it is a file that is not there. */
int survey_add(struct broden_faults *f, struct error *e, enum broden_fault_kind kind,
               const char *file, uint64_t row, const struct error *why,
               bool absent) CHECK_RESULT;

/* What a category's table says of a label; NULL: it does not list it. */
const struct stated *survey_stated(const struct survey_category *c, uint16_t number);

/* Read all tables but index.csv's rows. */
int survey_read_tables(struct broden_survey *s, struct broden_faults *f,
                       struct error *e) CHECK_RESULT;

#endif
