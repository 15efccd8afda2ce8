/* questions.h -- what to ask people about the units of a report: phrases of persons, of the
 * result, and of other units, in an order that tells nothing. */
#ifndef STAGE_QUESTIONS_H
#define STAGE_QUESTIONS_H

#include "report/report.h"
#include "report/sheet.h"
#include "table/csv.h"

struct question {
	struct sheet_question asked;
	const char *source; /* truth, method or decoy; NULL: a person is asked for a phrase */
	char *name, *own;   /* its name, and a phrase, to free() */
};

/* Zero it before use; questions_free() also after an error. */
struct questions {
	size_t count, capacity;
	struct question *question; /* (count), in the order that they are asked in */
	/* private: */
	struct csv phrases;
	const char **truth; /* (units) */
};

/* Ask for phrases for n units, or all if n is 0, that a hash of seed and number chooses. */
int questions_describe(struct questions *q, const struct report *r, size_t n, uint64_t seed,
                       struct error *e) CHECK_RESULT;
/* Ask whether phrases are right: of each unit that the table (CSV with the columns unit, from
 * 1, and phrase, and if it has one layer) has a phrase of, that one; its best label in the
 * result, without a suffix as -s or -c; and the phrase of another unit, if there is one unlike
 * both. EXIT_MALFORMED, naming file and row, at a unit that is not there, or is there twice,
 * and where the table has a column of, how many rows the page saved, and other than so many. */
int questions_judge(struct questions *q, const struct report *r, const char *path,
                    uint64_t seed, struct error *e) CHECK_RESULT;
void questions_free(struct questions *q);

/* Write the key to fd, which stays the caller's, as CSV: question, layer, unit, source,
 * phrase.  name is for messages. */
int questions_key(const struct questions *q, const struct report *r, int fd, const char *name,
                  struct error *e) CHECK_RESULT;

#endif
