/* options.h -- options that several filters have: one letter, one range, the same words. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "table/table.h"
#include "tool/tool.h"

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

#define OPTION_ONLY_LAYER(to)                                                                  \
	{                                                                                      \
		.name = "layer", .kind = TOOL_TEXT, .value = (to), .argument = "NAME",         \
		.help = "this layer [the only one]"                                            \
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

/* ---- what is written ---- */

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
