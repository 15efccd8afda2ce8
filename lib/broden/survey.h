/* survey.h -- a Broden directory looked at in all its parts, however bad they are.
 *
 * broden.h stops at the first fault, this goes on: a row of a table that is no good is passed
 * over, a file that is no good counts as if it held nothing.  Only what the system fails at is
 * an error: memory, reading, files that cannot be opened though they are there. */
#ifndef BRODEN_SURVEY_H
#define BRODEN_SURVEY_H

#include "broden/faults.h"
#include "broden/statistics.h"
#include "image/image.h"

struct broden_survey_form {
	enum palette palette;
	const bool *void_label; /* [65536], or NULL, as struct broden_form has it */
	uint64_t max_label_pixels;
	size_t slots; /* rows at a time */
	bool outside; /* names and links may lead out of the directory */
	bool exact;   /* counts are those of the maps, not of larger ones */
};

struct broden_survey;

/* Read category.csv, label.csv, the c_*.csv and index.csv's header.  NULL with e set; what is
 * wrong with them is in *faults.  form is the caller's while the survey is. */
struct broden_survey *broden_survey_open(const char *directory,
                                         const struct broden_survey_form *form,
                                         struct broden_faults *faults,
                                         struct error *e) CHECK_RESULT;
void broden_survey_close(struct broden_survey *s);

/* Rows of index.csv, slot by slot: the next row into it, 1, or 0 after the last; its files
 * looked at, several slots at a time; what they hold counted, in the order of rows.  *faults is
 * what has been found since the slot was filled, the survey's. */
int broden_survey_fill(struct broden_survey *s, size_t slot, struct error *e) CHECK_RESULT;
int broden_survey_look(struct broden_survey *s, size_t slot, struct error *e) CHECK_RESULT;
int broden_survey_count(struct broden_survey *s, size_t slot,
                        const struct broden_faults **faults, struct error *e) CHECK_RESULT;

/* After the last row: names that rows share, and what tables say otherwise than was counted. */
int broden_survey_end(struct broden_survey *s, struct broden_faults *faults,
                      struct error *e) CHECK_RESULT;

/* The rows there were, and what is in the tables and was counted. */
uint64_t broden_survey_rows(const struct broden_survey *s);
const struct broden_names *broden_survey_names(const struct broden_survey *s);
const struct broden_statistics *broden_survey_statistics(const struct broden_survey *s);

#endif
