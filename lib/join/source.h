/* source.h -- a source of images and labels: a text file that says where they are and what the
 * codes of its maps mean.
 *
 *	# a comment
 *	images = DIR            its images, or DIR/ *SUFFIX without the blank
 *	labels = DIR             label maps: a set begins
 *	kind = indexed          of these: indexed, grey, colour, broden, ade, panoptic,
 *instances void = 255              codes that stand for unlabelled 7 object car = auto     what
 *a code means: a category and a name, and synonyms
 *
 * broden-make(1) has all of it.  Paths are relative to the file's directory. */
#ifndef JOIN_SOURCE_H
#define JOIN_SOURCE_H

#include <stdbool.h>

#include "join/instances.h"
#include "join/names.h"
#include "join/panoptic.h"
#include "join/whole.h"

enum join_kind {
	JOIN_INDEXED,   /* a PNG with a palette: the index */
	JOIN_GREY,      /* a grey PNG: the value */
	JOIN_COLOUR,    /* R,G,B */
	JOIN_BRODEN,    /* red + 256 * green */
	JOIN_ADE,       /* red / 10 * 256 + green; blue tells instances apart */
	JOIN_PANOPTIC,  /* segments by red + 256 * green + 65536 * blue, whose codes a JSON has
	                 */
	JOIN_INSTANCES, /* no maps, but a JSON with polygons and runs of pixels */
	JOIN_KINDS
};

/* A category's label that a code stands for. */
struct join_meaning {
	uint32_t code, category, name;
	uint32_t layer; /* which of the set's layers it is in */
};

/* A layer of labels: one category's, of one of a set's maps. */
struct join_layer {
	uint32_t category, set;
};

/* Label maps of one kind. */
struct join_set {
	char *directory, *suffix; /* DIR/STEM and the suffix are a map's name; of
	                             JOIN_INSTANCES directory is the JSON */
	enum join_kind kind;
	bool kind_given, starred;     /* starred: the suffix was given */
	uint64_t line;                /* where it begins */
	struct join_meaning *meaning; /* [meanings], by code, then by layer */
	size_t meanings, capacity;
	uint32_t *none; /* [nones] codes that stand for unlabelled, in order */
	size_t nones, none_capacity;
	bool others_are_none; /* so do those without a line */
	bool needed;          /* an image without a map is an error */
	char *json;
	uint32_t category; /* of names that the JSON alone has; or UINT32_MAX */
	struct panoptic panoptic;
	struct instances instances;
};

struct join_source {
	const char *path; /* the file, the caller's */
	char *name;       /* of its folder in DIR/images */
	char *split;      /* that all its images are of, or NULL */
	char *text;       /* the file's, for who asks whether it is still the same */
	size_t length;
	char *directory, *suffix; /* of images; suffix NULL: any image */
	uint32_t folders;         /* category that an image's folder is of; or UINT32_MAX */
	struct join_set *set;
	size_t sets, set_capacity;
	struct join_layer *layer;
	size_t layers, layer_capacity;
	struct join_wholes whole;
};

/* Read the file, and the tables that it names, into a zeroed source; names grows.
 * join_source_free() also after an error. */
int join_source_read(struct join_source *s, const char *path, struct join_names *names,
                     struct error *e) CHECK_RESULT;
void join_source_free(struct join_source *s);

/* The same of text in memory, without the tables: names of files count from directory. */
int join_source_parse(struct join_source *s, const char *text, size_t length,
                      const char *directory, struct join_names *names,
                      struct error *e) CHECK_RESULT;

#endif
