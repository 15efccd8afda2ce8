/* report.h -- what a page shows of one dissection, or of two side by side.
 *
 * Plain values, ready to be written down: the words and numbers of each unit, pictures as the
 * bytes of their files.  Who makes it of records is lib/stage; page.h writes it. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/picture.h"
#include "table/result.h"

enum { REPORT_MATCHES = 5 }; /* labels of a unit that are shown, over all categories */

/* A label that a unit's masks meet. */
struct report_match {
	const char *name;
	size_t category;
	double iou;
};

/* A formula of labels: ((a op b) op c) ... */
enum { REPORT_TERMS = 16 };
enum report_operator { REPORT_OR, REPORT_AND, REPORT_AND_NOT };
struct report_term {
	enum report_operator operator; /* before the label; the first has none */
	uint16_t label;
	const char *name;
	size_t category;
};
struct report_formula {
	size_t terms; /* 0: no label meets the unit */
	struct report_term term[REPORT_TERMS];
	double iou, other; /* on the images that it was chosen by, and on others; other may be
	                      NAN */
	bool proven;       /* that no other is better */
};

/* One of a unit's images: of the strongest, or at a quantile of its maxima. */
struct report_example {
	double value;    /* the map's maximum */
	double share[2]; /* least and greatest of the quantiles that it is at; 0: strongest */
	uint32_t item;
	size_t picture; /* of the report */
	/* Overlays at the resolution of the labels, PNG files.  mask: 0 outside, 1 inside, 2 on
	 * the edge; truth: the annotation of the unit's best label, likewise, one of the
	 * picture's, from 1 on, 0: none; both: where they meet, empty where they do not. */
	struct picture mask, both;
	size_t truth;
	uint64_t pixels, in_mask, in_truth, in_both;
	size_t region; /* where the unit's formula is true, one of the picture's, from 1 on, 0:
	                  not drawn */
	uint64_t in_region;
	/* The map in 8 bits (cells): low + (high - low) * v / 255; NULL: not kept. */
	uint8_t *map;
	double low, high;
};

/* Images whose maximum is at least low and below the next bin's. */
struct report_bin {
	double low, high; /* high: the greatest value that is in it */
	uint64_t images;
};

struct report_unit {
	double threshold, min, max;
	double samples, above; /* above the threshold, of how many */
	bool strict;           /* segmented above the threshold, as too many are at it */
	size_t matches;
	struct report_match match[REPORT_MATCHES]; /* best first */
	size_t examples, quantiles;
	struct report_example *example;  /* (examples): the strongest */
	struct report_example *quantile; /* (quantiles): at these, descending */
	uint64_t images;                 /* that maxima are known of; 0: not known */
	size_t bins;
	struct report_bin *bin;         /* (bins), ascending */
	size_t formulas;                /* longest that was looked for, 0: none was */
	struct report_formula *formula; /* (formulas): the best of at most 1, 2, ... labels */
};

struct report_fact {
	char *name, *value;
};

struct report_side {
	const char *name;  /* of its files */
	const char *layer; /* and what META tells of it */
	const char *basis; /* NULL: the model's own */
	char *network;     /* its name, and the digest of its file; NULL: not known */
	uint32_t height, width;
	struct result result;     /* units in order */
	struct report_unit *unit; /* (result.units) */
	size_t facts;
	struct report_fact *fact; /* options, digests, versions */
	size_t warnings;
	char **warning;
	bool fires;        /* pictures have the masks of all detectors */
	double *across[2]; /* y, x: (REPORT_GRID) places among the cells, for approximations */
};
enum { REPORT_GRID = 112 }; /* and the longer side of a picture on a card */

/* The masks of the detectors of a side that fire on a picture. */
struct report_sheet {
	uint32_t height, width; /* of a mask, in pixels */
	bool known;
	size_t units;
	uint32_t *unit;       /* (units), ascending */
	struct picture masks; /* (units), one after the other, as outline.h has them */
};

/* Where a label is on a picture. */
struct report_truth {
	uint32_t label;
	struct picture png; /* none: nowhere */
};

/* Where a formula of labels is true on a picture, with overlay colours as a mask. */
struct report_region {
	const struct report_formula *formula;
	uint64_t pixels;
	struct picture png;
};

struct report_picture {
	char *name;
	uint32_t item, height, width; /* as shown on a card */
	uint32_t stored_height, stored_width;
	struct picture jpeg;
	bool shown;
	size_t truths;
	struct report_truth *truth; /* (truths): of the labels that units on it have */
	size_t regions, region_capacity;
	struct report_region *region; /* (regions): of the formulas of units on it */
	struct report_sheet sheet[2]; /* of each side that fires */
};

struct report {
	size_t sides;
	struct report_side side[2];
	size_t pictures;
	struct report_picture *picture; /* (pictures), by item */
	const char *data;               /* the data set's name; NULL: not known */
	uint64_t images;                /* of the data set, 0: not known */
	double cut;                     /* IoU above which a unit is a detector */
	uint64_t min_images;
	const char *version, *command; /* of the program at work, what it was told: lines */
	bool formulas;                 /* units of some side have them */
	bool folder; /* pictures are files beside the page, "images/ITEM.jpg" */
};

#endif
