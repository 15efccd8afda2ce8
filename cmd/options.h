/* options.h -- options that several filters have: one letter, one range, the same words. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "table/table.h"
#include "tool/tool.h"

/* ---- a network ---- */

#define OPTION_MODEL(to, words)                                                                \
	{                                                                                      \
		.name = "model", .letter = 'm', .kind = TOOL_TEXT, .value = (to),              \
		.argument = "FILE", .help = words, .required = true, .local = true             \
	}
#define OPTION_WEIGHTS(to)                                                                     \
	{                                                                                      \
		.name = "weights", .letter = 'w', .kind = TOOL_TEXT, .value = (to),            \
		.argument = "FILE", .help = "weights of a Caffe network", .local = true        \
	}
#define OPTION_INPUT_SIZE(to, words)                                                           \
	{                                                                                      \
		.name = "input-size", .kind = TOOL_TEXT, .value = (to), .argument = "HxW",     \
		.help = words                                                                  \
	}
#define OPTION_TOKENS(to)                                                                      \
	{                                                                                      \
		.name = "tokens", .kind = TOOL_TEXT, .value = (to), .argument = "HxW",         \
		.help = "how tokens lie in the image, where no convolution tells"              \
	}
#define OPTION_INPUTS(to)                                                                      \
	{                                                                                      \
		.name = "set", .kind = TOOL_LIST, .value = (to), .argument = "NAME=X,...",     \
		.help = "values of an input that is not the image"                             \
	}
/* An int: enum network_algorithm. */
#define OPTION_ALGORITHM(to)                                                                   \
	{                                                                                      \
		.name = "algorithm", .kind = TOOL_CHOICE, .value = (to),                       \
		.argument = "auto|direct|winograd", .help = "of convolutions [auto]"           \
	}

/* ---- what is read ---- */

#define OPTION_INCOMPLETE(to)                                                                  \
	{                                                                                      \
		.name = "incomplete", .kind = TOOL_FLAG, .value = (to),                        \
		.help = "go on where items of the data set are missing"                        \
	}

#define OPTION_MEMORY(to, words)                                                               \
	{                                                                                      \
		.name = "memory", .kind = TOOL_COUNT, .value = (to), .argument = "MIB",        \
		.help = words, .low = 1, .high = 1 << 24, .local = true                        \
	}

/* The output of act-quantile, without which nothing can be done. */
#define OPTION_THRESHOLDS(to)                                                                  \
	{                                                                                      \
		.name = "thresholds", .letter = 'T', .kind = TOOL_TEXT, .value = (to),         \
		.argument = "FILE", .help = "output of act-quantile", .required = true,        \
		.local = true                                                                  \
	}

/* Images and labels of a dissection's data set. */
#define OPTION_IMAGES(to)                                                                      \
	{                                                                                      \
		.name = "images", .letter = 'i', .kind = TOOL_TEXT, .value = (to),             \
		.argument = "FILE",                                                            \
		.help = "images and labels, of which those shown are taken [standard input]",  \
		.local = true                                                                  \
	}

#define OPTION_ONLY_LAYER(to, words)                                                           \
	{                                                                                      \
		.name = "layer", .kind = TOOL_TEXT, .value = (to), .argument = "NAME",         \
		.help = words                                                                  \
	}

/* Which class an image is of: one of both. */
#define OPTION_CLASS_CATEGORY(to)                                                              \
	{                                                                                      \
		.name = "category", .letter = 'c', .kind = TOOL_TEXT, .value = (to),           \
		.argument = "NAME", .help = "an image's class is its label of this category"   \
	}
#define OPTION_CLASS_TABLE(to)                                                                 \
	{                                                                                      \
		.name = "truth", .kind = TOOL_TEXT, .value = (to), .argument = "CSV",          \
		.help = "or what this table says, with the columns image and class",           \
		.local = true                                                                  \
	}

#define OPTION_CLASS_NAMES(to, words)                                                          \
	{                                                                                      \
		.name = "classes", .kind = TOOL_TEXT, .value = (to), .argument = "FILE",       \
		.help = words, .local = true                                                   \
	}

/* Output of unit-label. */
#define OPTION_RESULT(to, words, needed)                                                       \
	{                                                                                      \
		.name = "result", .letter = 'r', .kind = TOOL_TEXT, .value = (to),             \
		.argument = "CSV", .help = words, .required = (needed), .local = true          \
	}

/* ---- how it is looked at ---- */

/* An int: enum upsample_method. */
#define OPTION_UPSAMPLE(to, words)                                                             \
	{                                                                                      \
		.name = "upsample", .kind = TOOL_CHOICE, .value = (to),                        \
		.argument = "rf|resize|corners|rf-int", .help = words                          \
	}
/* An int: whether masks are above their thresholds. */
#define OPTION_COMPARE(to, words)                                                              \
	{                                                                                      \
		.name = "compare", .kind = TOOL_CHOICE, .value = (to), .argument = "ge|gt",    \
		.help = words                                                                  \
	}
#define AS_SEGMENTED "at least the threshold, or above it, as for act-segment [ge]"

#define OPTION_MIN_IMAGES(to)                                                                  \
	{                                                                                      \
		.name = "min-images", .kind = TOOL_COUNT, .value = (to), .argument = "N",      \
		.help = "leave out labels that fewer than N images hold [10]"                  \
	}

#define OPTION_CUT(to, words)                                                                  \
	{                                                                                      \
		.name = "threshold", .kind = TOOL_REAL, .value = (to), .argument = "IOU",      \
		.help = words, .high = 1                                                       \
	}

/* An int: 1 for the mean. */
#define OPTION_TO(to, words)                                                                   \
	{                                                                                      \
		.name = "to", .kind = TOOL_CHOICE, .value = (to), .argument = "zero|mean",     \
		.help = words                                                                  \
	}

/* ---- what is written ---- */

/* A file beside the output. */
#define OPTION_SIDE(option, to, words)                                                         \
	{                                                                                      \
		.name = option, .kind = TOOL_TEXT, .value = (to), .argument = "FILE",          \
		.help = words, .local = true                                                   \
	}

/* An int: index into table_formats. */
#define OPTION_FORMAT(to)                                                                      \
	{                                                                                      \
		.name = "format", .kind = TOOL_CHOICE, .value = (to),                          \
		.argument = TABLE_FORMATS, .help = "format of the table [text]"                \
	}
/* An int: enum table_format, without text for reading. */
#define OPTION_DATA_FORMAT(to)                                                                 \
	{                                                                                      \
		.name = "format", .kind = TOOL_CHOICE, .value = (to),                          \
		.argument = "csv|tsv|json", .help = "format of the table [csv]"                \
	}

/* ---- Broden directories ---- */

#define OPTION_PALETTE_INDEX(to)                                                               \
	{                                                                                      \
		.name = "palette-index", .kind = TOOL_FLAG, .value = (to),                     \
		.help = "take the index of a label map with a palette, not its colour"         \
	}
#define OPTION_VOID(to)                                                                        \
	{                                                                                      \
		.name = "void", .kind = TOOL_TEXT, .value = (to), .argument = "LIST",          \
		.help = "pixels of these numbers have no label, joined by commas [0]"          \
	}
#define OPTION_OUTSIDE(to, words)                                                              \
	{                                                                                      \
		.name = "outside", .kind = TOOL_FLAG, .value = (to), .help = words             \
	}

/* ---- makers of data sets ---- */

#define OPTION_SHARD(to)                                                                       \
	{                                                                                      \
		.name = "shard", .kind = TOOL_SHARD, .value = (to), .argument = "I/N",         \
		.help = "only part I of N, by item number [1/1]", .local = true                \
	}
#define OPTION_CATEGORIES(to)                                                                  \
	{                                                                                      \
		.name = "categories", .kind = TOOL_TEXT, .value = (to), .argument = "LIST",    \
		.help = "only these categories, joined by commas [all]"                        \
	}
#define OPTION_NO_IMAGES(to)                                                                   \
	{                                                                                      \
		.name = "no-images", .kind = TOOL_FLAG, .value = (to),                         \
		.help = "leave out the images"                                                 \
	}
#define OPTION_NO_LABELS(to)                                                                   \
	{                                                                                      \
		.name = "no-labels", .kind = TOOL_FLAG, .value = (to),                         \
		.help = "leave out the labels"                                                 \
	}

#endif
