/* judged.h -- what people said of phrases for units: the tables of human-sheet -> a table by
 * layer (Bau et al. 2017, section 3.1 and table 3). */
#ifndef STAGE_JUDGED_H
#define STAGE_JUDGED_H

#include "dissect/agreement.h"
#include "table/table.h"

/* Where a question's phrase comes from: a person, the result table, or another unit. */
enum judged_source { JUDGED_TRUTH, JUDGED_METHOD, JUDGED_DECOY };

struct judged_question {
	char *name;
	uint32_t layer_index, unit; /* of judged->layer */
	enum judged_source source;
	struct answers by_group[2];
};

struct judged_answer {
	uint32_t question, rater, group;
	bool yes;
};

struct judged_rater {
	char *name;
	uint32_t group;
	struct answers decoys;
	bool dropped;
};

/* Zero it before use; judged_free() also after an error. */
struct judged {
	size_t questions, question_capacity;
	struct judged_question *question; /* (questions), by name */
	size_t answers, answer_capacity;
	struct judged_answer *answer;
	size_t raters, rater_capacity;
	struct judged_rater *rater; /* (raters), as they appear */
	size_t layers;
	char **layer; /* (layers), as they appear: the questions' */
};

/* Read the key: CSV with the columns question, layer, unit and source (truth, method, decoy).
 * EXIT_MALFORMED, naming file and row, where a question stands twice, or two of a unit have one
 * source but decoy. */
int judged_key(struct judged *j, const char *path, struct error *e) CHECK_RESULT;
/* Read answers: CSV with the columns rater, group (A, B), question and answer (yes, no; empty:
 * none).  EXIT_MALFORMED at a question that the key does not have, a rater of both groups, and
 * one who answers a question twice. */
int judged_read(struct judged *j, const char *path, struct error *e) CHECK_RESULT;
/* After the last: leave out the raters who said yes to more than that share of decoys, and
 * count the answers of the others. */
int judged_count(struct judged *j, double most_decoys, struct error *e) CHECK_RESULT;

/* Write a row for each layer to fd, which stays the caller's; name is for messages.  See
 * human-score(1) for the columns. */
int judged_write(const struct judged *j, enum table_format format, uint64_t samples,
                 uint64_t seed, int fd, const char *name, struct error *e) CHECK_RESULT;
void judged_free(struct judged *j);

#endif
