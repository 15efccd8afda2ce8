/* scenes.h -- rendered scenes as items: ITEM, IMAGE, LABEL. */
#ifndef STAGE_SCENES_H
#define STAGE_SCENES_H

#include "record/ndr.h"
#include "synth/synth.h"

/* What a user chooses. */
struct scenes_choice {
	uint64_t seed;
	uint64_t count;         /* items of the data set; 0: without end */
	unsigned size;          /* see synth_new() */
	enum synth_kinds kinds; /* of scenes */
	const char *categories; /* names joined by ','; NULL: all */
	bool images, labels;    /* which records to make */
};

struct scenes {
	/* private: */
	const struct scenes_choice *choice;
	size_t threads;
	struct synth **synth;        /* (threads), made when first needed */
	int group[SYNTH_CATEGORIES]; /* index in META, -1: not wanted */
};

/* Get ready for items of the choice, which must outlive s, and describe them in a zeroed m.
 * Zero s before, close it also after an error.  EXIT_USAGE where categories are no such list.
 */
int scenes_open(struct scenes *s, const struct scenes_choice *choice, size_t threads,
                struct ndr_meta *m, struct error *e) CHECK_RESULT;
void scenes_close(struct scenes *s);

/* Append the records of the item of out's number.  Nothing, as with a Broden directory, where
 * it has no label in a wanted category. */
int scenes_item(struct scenes *s, size_t thread, struct ndr_item *out,
                struct error *e) CHECK_RESULT;

#endif
