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
	uint32_t question, layer, rater, group;
	bool given, yes; /* a row without an answer says that its question was shown */
};

struct judged_rater {
	const char *name;
	uint32_t group;
	struct answers decoys;
	bool dropped;
	uint64_t missing; /* questions of layers that he judged, of which there is no row */
};

struct judged_layer {
	const char *name;
	uint64_t questions;
	uint64_t unanswered; /* by those who judged the layer and are not dropped */
};

/* Zero it before use; judged_free() also after an error. */
struct judged {
	size_t questions, question_capacity;
	struct judged_question *question; /* (questions), by name */
	size_t answers, answer_capacity;
	struct judged_answer *answer;
	size_t raters, rater_capacity;
	struct judged_rater *rater; /* (raters), as they appear */
	size_t layers, layer_capacity;
	struct judged_layer *layer; /* (layers), as they appear: the questions' */
	/* private: trees of names */
	void *rater_names, *layer_names;
};

/* Read the key: CSV with the columns question, layer, unit and source (truth, method, decoy).
 * EXIT_MALFORMED, naming file and row, where a question stands twice, or two of a unit have one
 * source but decoy. */
int judged_key(struct judged *j, const char *path, struct error *e) CHECK_RESULT;
/* Read answers: CSV with the columns rater, group (A, B), question and answer (yes, no; empty:
 * none).  EXIT_MALFORMED at a question that the key does not have, a rater of both groups, and
 * where there is no row. */
int judged_read(struct judged *j, const char *path, struct error *e) CHECK_RESULT;
/* After the last: leave out the raters who said yes to more than that share of decoys, and
 * count the answers of the others.  EXIT_MALFORMED at a rater who answers a question twice, and
 * unless incomplete at one who has rows of some of a layer's questions and not of all. */
int judged_count(struct judged *j, double most_decoys, bool incomplete,
                 struct error *e) CHECK_RESULT;

/* Write a row for each layer to fd, which stays the caller's; name is for messages.  See
 * human-score(1) for the columns. */
int judged_write(const struct judged *j, enum table_format format, uint64_t samples,
                 uint64_t seed, int fd, const char *name, struct error *e) CHECK_RESULT;
void judged_free(struct judged *j);

#endif
