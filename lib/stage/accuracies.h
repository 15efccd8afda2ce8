/* accuracies.h -- how often layers of logits name the right class: ACT of 1x1 maps, LABEL -> a
 * row a layer, or a class. */
#ifndef STAGE_ACCURACIES_H
#define STAGE_ACCURACIES_H

#include "dissect/accuracy.h"
#include "record/ndr.h"
#include "stage/classes.h"
#include "stage/truth.h"
#include "table/table.h"

/* What a user chooses: category or truth_file says an image's class. */
struct accuracies_choice {
	const char *layer;      /* of this one alone; NULL: of all */
	const char *category;   /* or NULL */
	const char *truth_file; /* or NULL */
	const char *class_file; /* names of the units' classes; NULL: those of the category, or
	                           numbers */
};

/* Set choice, all else to zero. */
struct accuracies {
	const struct accuracies_choice *choice;
	uint64_t unknown; /* images that nothing says the class of */
	size_t layers;
	uint64_t *foreign; /* (layers): images of a class that no unit stands for */
	/* private: */
	const struct ndr_meta *meta; /* of the segment at hand */
	struct truth truth;
	struct classes classes; /* numbers: as many as the largest layer has units */
	struct accuracy **of;   /* (layers)(units), NULL: of no interest */
};

/* A segment begins; all have the same META, which must last while its items come.  Close a also
 * after an error.  EXIT_USAGE where a layer has no logits, or other classes than are named, and
 * where the layers have more than a million units together. */
int accuracies_segment(struct accuracies *a, const struct ndr_meta *m,
                       struct error *e) CHECK_RESULT;
/* Count an item.  One thread at a time. */
int accuracies_add(struct accuracies *a, const struct ndr_item *item,
                   struct error *e) CHECK_RESULT;
/* The table, whose names are m's, to fd, which stays the caller's; name is for messages. */
int accuracies_write(const struct accuracies *a, const struct ndr_meta *m, bool by_class,
                     enum table_format format, int fd, const char *name,
                     struct error *e) CHECK_RESULT;
void accuracies_close(struct accuracies *a);

#endif
