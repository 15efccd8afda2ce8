/* ndr.h -- read and write NDR streams.  The format: ndr(5).
 *
 * A stream is one or more segments; a segment is HEAD, META, PROV, data
 * records and END.  A reader goes segment by segment, record by record or item
 * by item, and has checked whatever it hands out: header, sequence, sizes,
 * checksums, grammar, and every known record against the segment's META, so
 * callers index arrays without further checks.  A writer numbers and checksums
 * what it is given; only ndr_end() writes END.
 *
 * Readers, writers and items are for one thread at a time.  Functions that can
 * fail return -1 or NULL with the error set (see base/error.h). */
#ifndef RECORD_NDR_H
#define RECORD_NDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define NDR_MAJOR      1
#define NDR_MINOR      1
#define NDR_MAJOR_HALF 2 /* the same with activations of 16 bits */

/* The version of the library that runs, such as "0.2.0". */
const char *ndr_library_version(void);

#define NDR_NO_ITEM   UINT32_MAX /* the item of records that belong to none */
#define NDR_UNBOUNDED UINT32_MAX /* end of an item range that is not known */
#define NDR_LABELS    65536      /* label numbers are below this */

enum ndr_type {
	NDR_HEAD = 1,
	NDR_META = 2,
	NDR_PROV = 3,
	NDR_ITEM = 4,    /* struct ndr_item_info, packed; see ndr_item_info() */
	NDR_IMAGE = 5,   /* u8 height, width, 3: RGB */
	NDR_LABEL = 6,   /* u16 layers, height, width; group = category */
	NDR_ACT = 7,     /* f32 units, height, width; group = layer; finite; see half below */
	NDR_SKETCH = 8,  /* bytes; group = layer */
	NDR_THRESH = 9,  /* f64 units, NDR_THRESH_FIELDS; group = layer */
	NDR_SEG = 10,    /* bytes; group = layer; see ndr_seg_parse() */
	NDR_SCORE = 11,  /* u64 units, labels, NDR_SCORE_FIELDS; group = layer */
	NDR_COUNT = 12,  /* u64 labels: images that hold each label */
	NDR_TOP = 13,    /* f64 units, k, 2: value, item; group = layer; unused: 0, -1 */
	NDR_MATRIX = 14, /* f32 d, d */
	NDR_END = 15,
	NDR_TOPMAP = 16, /* since 1.1, from here on; all but PLANES bytes: see summary.h */
	NDR_CHANCE = 17, /* group = layer */
	NDR_TAIL = 18,   /* group = layer */
	NDR_CLASSES = 19,
	NDR_JOINT = 20, /* group = layer */
	NDR_LINEAR = 21,
	NDR_MAXIMA = 22,      /* group = layer */
	NDR_PLANES = 23,      /* f32 channels, height, width; finite */
	NDR_PRIVATE = 0x8000, /* from here on: not ours */
};

enum ndr_dtype { NDR_BYTES, NDR_U8, NDR_U16, NDR_U32, NDR_U64, NDR_F32, NDR_F64, NDR_F16 };

enum { NDR_CRITICAL = 1 }; /* record flag: refuse what you do not know */
enum { NDR_SUBSET = 1 };   /* END flag: items were left out on purpose */

/* Columns of THRESH, one row a unit. */
enum {
	NDR_T, /* the threshold: smallest sample t with #{a > t} <= level*samples */
	NDR_MIN,
	NDR_MAX,
	NDR_SAMPLES,
	NDR_LEVEL,       /* 0.005: the share of samples allowed above T */
	NDR_RANK_ERROR,  /* bound on T's error in ranks, in samples; 0 = exact */
	NDR_ABOVE,       /* #{a > T} */
	NDR_AT_OR_ABOVE, /* #{a >= T} */
	NDR_THRESH_FIELDS
};

/* Columns of SCORE, in pixels. */
enum {
	NDR_INTERSECTION, /* sum of |M_k & L_c| */
	NDR_AREA,         /* sum of |M_k| over images that hold a label of c's category */
	NDR_TRUTH,        /* sum of |L_c| */
	NDR_SCORE_FIELDS
};

struct ndr_record {
	uint16_t type;
	uint16_t flags; /* the writer adds NDR_CRITICAL to known critical types */
	uint8_t dtype;
	uint8_t ndim;      /* 0 to 4 */
	uint32_t dims[4];  /* outermost first; unused = 1 (the writer sees to it) */
	uint32_t item;     /* or NDR_NO_ITEM */
	uint32_t group;    /* layer or category */
	uint64_t length;   /* bytes of data */
	bool half;         /* f32 in data, but f16 in the stream, if it is one of those: ACT */
	const void *data;  /* 64-byte aligned */
	uint64_t sequence; /* within its segment; set by the reader */
	uint64_t offset;   /* byte offset of the header in its input; set by the reader */
};

/* "ACT", or "0x8001" for an unknown type, in a buffer of the caller's. */
const char *ndr_type_name(unsigned type, char buffer[static 8]);
/* The type of such a name, in upper or lower case; 0 if there is none. */
unsigned ndr_type_number(const char *name);
/* Bytes of one element; 1 for NDR_BYTES; 0 for an unknown dtype. */
size_t ndr_dtype_size(unsigned dtype);

/* ---- META: what the numbers in a segment stand for ---------------------- */

struct ndr_label_info {
	char *name;   /* NULL: no such label */
	int category; /* primary category, index into category[] */
};

struct ndr_layer {
	char *name;
	uint32_t units, height, width;
	/* Receptive field, y then x, in pixels of the network's input: cell i is
	 * centred on offset + i * stride.  size is 0 where it is not known. */
	double offset[2], stride[2], size[2];
	uint32_t input[2]; /* the network's input height, width; 0 = not known */
	char *basis;       /* NULL: the model's own; else a text that says which rotation */
	char *before;      /* NULL, or the tensor of which this is the activation function */
	char *model;       /* NULL, or a text that says which network it is of */
};

struct ndr_pair {
	char *key, *value;
};

struct ndr_meta {
	uint64_t items; /* items of the whole data set, of which a segment may be a shard; 0 =
	                   not known */
	size_t categories;
	char **category; /* names, in their order */
	size_t labels; /* highest label number + 1, 0 if there are none; number 0 is unlabelled
	                */
	struct ndr_label_info *label;
	size_t layers;
	struct ndr_layer *layer;
	size_t pairs; /* keys that this version does not know, kept */
	struct ndr_pair *pair;
};

/* Each copies its strings.  A layer is appended; no two have one name. */
int ndr_meta_add_category(struct ndr_meta *m, const char *name, struct error *e) CHECK_RESULT;
int ndr_meta_set_label(struct ndr_meta *m, unsigned number, const char *name, int category,
                       struct error *e) CHECK_RESULT;
int ndr_meta_add_layer(struct ndr_meta *m, const struct ndr_layer *layer,
                       struct error *e) CHECK_RESULT;
/* NULL: the model's own. */
int ndr_meta_set_basis(struct ndr_meta *m, size_t layer, const char *basis,
                       struct error *e) CHECK_RESULT;
/* 0 if both say the same: equal schema ids alone can be an accident, or malice.
 * Else -1; name, which b comes from, is for the message. */
int ndr_meta_agree(const struct ndr_meta *a, const struct ndr_meta *b, const char *name,
                   struct error *e) CHECK_RESULT;
/* The labels and categories of each become those of the other. */
void ndr_meta_swap_labels(struct ndr_meta *a, struct ndr_meta *b);
/* Forget all layers. */
void ndr_meta_clear_layers(struct ndr_meta *m);
/* A copy, into a zeroed to; ndr_meta_free() it, also after an error. */
int ndr_meta_copy(struct ndr_meta *to, const struct ndr_meta *from,
                  struct error *e) CHECK_RESULT;
/* The same of all but the layers. */
int ndr_meta_copy_bare(struct ndr_meta *to, const struct ndr_meta *from,
                       struct error *e) CHECK_RESULT;
/* The name of rec's layer or category; NULL if it belongs to none. */
const char *ndr_group_name(const struct ndr_meta *m, const struct ndr_record *rec);
/* Index of a layer by name, -1 if there is none. */
int ndr_meta_find_layer(const struct ndr_meta *m, const char *name);
/* META's payload as text, free() it; and back, into a zeroed m (name and
 * offset are for messages). */
char *ndr_meta_encode(const struct ndr_meta *m, size_t *length, struct error *e) CHECK_RESULT;
int ndr_meta_decode(struct ndr_meta *m, const char *text, size_t length, const char *place,
                    struct error *e) CHECK_RESULT;
void ndr_meta_free(struct ndr_meta *m);

/* ---- PROV: how a segment came about -------------------------------------- */

#define NDR_MOST_PROVENANCE 16384 /* entries; of all their text, there are at most 64 MiB */

struct ndr_provenance {
	size_t count, capacity, bytes;
	char **text; /* one PROV payload each, id=... first */
};

/* Append a program that worked on all that is there: its parents are the
 * entries that are nobody's parent yet.  details: lines of key=value\n (options
 * that change the result, digests of side inputs), or "". */
int ndr_provenance_add(struct ndr_provenance *p, const char *program, const char *version,
                       const char *details, struct error *e) CHECK_RESULT;
/* Whether all entries that are nobody's parent are of that program and say that of it: 1 or 0;
 * -1 with e set. */
int ndr_provenance_ends_with(const struct ndr_provenance *p, const char *program,
                             const char *version, const char *details,
                             struct error *e) CHECK_RESULT;
/* Add those entries of from that to does not hold yet. */
int ndr_provenance_unite(struct ndr_provenance *to, const struct ndr_provenance *from,
                         struct error *e) CHECK_RESULT;
void ndr_provenance_free(struct ndr_provenance *p);

/* Add a warning of the run, one line of plain text, to the last entry, that of the
 * program at work, which nothing was built on yet.  What is there already stays once. */
int ndr_provenance_warn(struct ndr_provenance *p, const char *warning,
                        struct error *e) CHECK_RESULT;
/* Forget all but the programs that warned, and their warnings. */
int ndr_provenance_keep_warnings(struct ndr_provenance *p, struct error *e) CHECK_RESULT;

struct ndr_warning {
	char *program, *text;
};

struct ndr_warnings {
	size_t count, capacity;
	struct ndr_warning *warning; /* by program and text, none twice */
};
/* The warnings of all entries: a sorted set.  They are hostile text: escape what is
 * printed. */
int ndr_provenance_warnings(const struct ndr_provenance *p, struct ndr_warnings *w,
                            struct error *e) CHECK_RESULT;
void ndr_warnings_free(struct ndr_warnings *w);

/* ---- Reading -------------------------------------------------------------- */

/* Which items a segment can hold; how many it does hold only END knows. */
struct ndr_range {
	uint32_t first, end; /* numbers are in [first, end); end may be NDR_UNBOUNDED */
	uint32_t most;       /* there are at most so many; or NDR_UNBOUNDED */
	uint16_t minor;      /* of the format: 1 if it may hold records of summary.h */
	uint32_t cut;        /* where end was before the segment was cut short on purpose, if
	                      * END says subset; or 0 */
	bool half;           /* ACT may be f16 in the stream, which makes it version 2.0 */
};

struct ndr_segment {
	struct ndr_range range;
	uint32_t schema; /* CRC-32 of META: equal for segments that can merge */
	uint64_t offset; /* of HEAD in its file */
	struct ndr_meta meta;
	struct ndr_provenance provenance;
	/* From END, once ndr_read() or ndr_read_item() has returned 0: */
	uint32_t flags; /* NDR_SUBSET */
	uint32_t items; /* number of ITEM records */
};

struct ndr_reader;

/* Read the named files one after the other; "-" and count 0 stand for standard
 * input.  gzip is recognised and inflated.  Items with more than most_label_pixels (0:
 * NDR_LABEL_PIXELS) are refused.  The names must outlive the
 * reader. */
struct ndr_reader *ndr_open(char *const *names, size_t count, uint64_t most_label_pixels,
                            struct error *e) CHECK_RESULT;
void ndr_close(struct ndr_reader *r);

/* On to the next segment; the one before must have been read to its end.
 * 1: *s is filled, owned by the reader and valid until the next call (the
 *    caller may change it on the way to a writer);
 * 0: all inputs ended, cleanly. */
int ndr_next_segment(struct ndr_reader *r, struct ndr_segment **s,
                     struct error *e) CHECK_RESULT;

/* Next data record of the segment.  1: *rec is filled, its data valid until the
 * next call on r; 0: the segment ended with a valid END. */
int ndr_read(struct ndr_reader *r, struct ndr_record *rec, struct error *e) CHECK_RESULT;

/* Whether the file being read is a regular one, named and not compressed. */
bool ndr_can_seek(const struct ndr_reader *r);
/* On to the segment at that offset of such a file, which ndr_next_segment() reads. */
int ndr_seek(struct ndr_reader *r, uint64_t offset, struct error *e) CHECK_RESULT;
/* To the end of the segment, with a look at the headers and END alone. */
int ndr_skip(struct ndr_reader *r, struct error *e) CHECK_RESULT;
/* Records of a type in the segment so far. */
uint64_t ndr_count(const struct ndr_reader *r, unsigned type);

/* From another thread than the one that reads: what waits for input, or will, fails with
 * EXIT_SYSTEM, and the reader can only be closed. */
void ndr_interrupt(struct ndr_reader *r);

/* Called right after ndr_open(): instead of failing at what is damaged or
 * missing, look for the next header on multiples of 64 bytes.  ndr_read_item()
 * then gives records of no item, and items of which nothing is missing;
 * ndr_next_segment() passes over segments without HEAD and META; flags gets
 * NDR_SUBSET where anything was lost. */
void ndr_recover(struct ndr_reader *r);
/* How many stretches were passed over; *first, if not NULL, is the first reason. */
uint64_t ndr_faults(const struct ndr_reader *r, struct error *first);

/* The name of the file being read, for messages; "<stdin>" for standard input. */
const char *ndr_reader_name(const struct ndr_reader *r);

/* All records of one item, with their data.  Zero it before first use. */
struct ndr_item {
	uint32_t number; /* NDR_NO_ITEM: a single record that belongs to no item */
	size_t count;
	struct ndr_record *record;
	/* private: */
	size_t capacity;
	struct ndr_block *block; /* where the data lives; blocks never move */
	size_t used, most;       /* bytes of it in use, and the most that ever were */
	const char *input;       /* name of the file it came from */
};

/* Next item of the segment, with all its records; or a record of no item.
 * Returns as ndr_read(); the data is the item's and lives until the item is
 * read, cleared or freed. */
int ndr_read_item(struct ndr_reader *r, struct ndr_item *item, struct error *e) CHECK_RESULT;
/* The same for the next item that wanted() says is wanted.  All else is passed over, and where
 * the input can seek its payloads are not even read: they are not checked then. */
int ndr_read_wanted(struct ndr_reader *r, struct ndr_item *item,
                    bool (*wanted)(const void *ctx, uint32_t item), const void *ctx,
                    struct error *e) CHECK_RESULT;
/* First record of a type and group (any group with NDR_ANY_GROUP); or NULL. */
#define NDR_ANY_GROUP UINT32_MAX
const struct ndr_record *ndr_item_find(const struct ndr_item *item, unsigned type,
                                       uint32_t group);
/* Start an item of one's own. */
void ndr_item_clear(struct ndr_item *item, uint32_t number);
/* Append a record: rec's fields are kept, item->number put in, length computed
 * from dtype and dims (for NDR_BYTES: dims[0]).  Returns room for its data,
 * zeroed, 64-byte aligned, valid as long as the item's; NULL on error.
 * rec->data, if not NULL, is copied there. */
void *ndr_item_add(struct ndr_item *item, const struct ndr_record *rec,
                   struct error *e) CHECK_RESULT;
/* The same without a copy: rec->data must outlive the item's use. */
int ndr_item_share(struct ndr_item *item, const struct ndr_record *rec,
                   struct error *e) CHECK_RESULT;
void ndr_item_free(struct ndr_item *item);

/* ITEM's payload.  name is not terminated by ITEM itself but here it is. */
struct ndr_item_info {
	uint32_t image_height, image_width; /* 0 if there is no image */
	uint32_t label_height,
	        label_width; /* what a whole-image label covers; 0 if unlabelled */
	const char *name;    /* file name, points into the record */
};
int ndr_item_info(const struct ndr_item *item, struct ndr_item_info *info,
                  struct error *e) CHECK_RESULT;
int ndr_item_add_info(struct ndr_item *item, const struct ndr_item_info *info,
                      struct error *e) CHECK_RESULT;

/* Label pixels of an item: its label area times the maps that cover it (the layers of
 * its LABEL records of that size).  Without a map the area counts once, as a label of
 * the whole image covers it.  Producers and readers refuse an item of more than these,
 * or of more than an option says, so that a few bytes do not become gigabytes. */
#define NDR_LABEL_PIXELS (UINT64_C(1) << 25)
/* -1 with EXIT_MALFORMED and "place: ..." if that many maps of that size are more than
 * most. */
int ndr_check_label_pixels(uint32_t height, uint32_t width, uint64_t maps, uint64_t most,
                           const char *place, struct error *e) CHECK_RESULT;

/* SEG's payload: the non-empty masks of one layer.  Row-major, no row padding,
 * least significant bit first, each bitmap padded with zeros to 64 bytes. */
struct ndr_seg {
	uint32_t height, width;
	uint32_t count;         /* units with at least one bit set */
	uint32_t words;         /* 64-bit words of one bitmap, a multiple of 8 */
	const uint32_t *unit;   /* count unit numbers, ascending */
	const uint64_t *bitmap; /* count * words */
};
/* Checks every size against rec->length and unit numbers against units. */
int ndr_seg_parse(const struct ndr_record *rec, uint32_t units, struct ndr_seg *seg,
                  struct error *e) CHECK_RESULT;
/* 64-bit words that a bitmap of that many pixels takes in SEG. */
uint32_t ndr_seg_words(uint32_t height, uint32_t width);
/* Append a SEG record for count masks; *unit and *bitmap point to its arrays
 * for the caller to fill. */
int ndr_seg_add(struct ndr_item *item, uint32_t layer, uint32_t height, uint32_t width,
                uint32_t count, uint32_t **unit, uint64_t **bitmap,
                struct error *e) CHECK_RESULT;
/* Of that record, the last of item, only the first count masks stay; the others were left
 * zero, as were their units. */
void ndr_seg_cut(struct ndr_item *item, uint32_t count);

/* ---- Segments that belong together ------------------------------------------ */

/* A segment of several. */
struct ndr_part {
	struct ndr_range range;
	bool subset; /* says END */
};

/* What several segments are as one: same META, and ranges that do not overlap.  Zero
 * it before use, free it in the end; all is the union so far. */
struct ndr_union {
	struct ndr_segment all;
	size_t parts, capacity;
	struct ndr_part *part;
};
/* A segment that begins, read from the named file, and later that it ended. */
int ndr_union_add(struct ndr_union *u, const struct ndr_segment *s, const char *name,
                  struct error *e) CHECK_RESULT;
void ndr_union_end(struct ndr_union *u, const struct ndr_segment *s);
void ndr_union_free(struct ndr_union *u);

/* Items of the data set that no segment is there for. */
struct ndr_gap {
	uint64_t here,
	        all; /* items that there is a segment for, of how many; all 0: not known */
	uint32_t first, end; /* the first of those that are missing, and the one after them */
	bool hole;           /* some are missing between two segments */
};
/* Whether there are any, but for those that were cut off on purpose: of a segment, or, if there
 * is no other, of the data set.  Puts the parts in order; all have ended. */
bool ndr_union_gap(struct ndr_union *u, struct ndr_gap *gap);

/* Put rec together with what other parts of the stream have in *sum, a record of
 * the same type and group, or zeroed: SCORE and COUNT add up, MATRIX and LINEAR have to
 * be the same.  sum->data is the caller's to free.  All of a stream: sums.h. */
int ndr_merge(struct ndr_record *sum, const struct ndr_record *rec,
              struct error *e) CHECK_RESULT;

/* ---- Writing --------------------------------------------------------------- */

struct ndr_writer;

/* Write to fd, which stays the caller's.  name is for messages. */
struct ndr_writer *ndr_create(int fd, const char *name, struct error *e) CHECK_RESULT;
/* HEAD, META and PROV of a segment. */
int ndr_begin(struct ndr_writer *w, const struct ndr_range *range, const struct ndr_meta *meta,
              const struct ndr_provenance *provenance, struct error *e) CHECK_RESULT;
/* A data record: type, dtype, ndim, dims, item, group, flags and data are
 * taken; length is computed from the shape. */
int ndr_write(struct ndr_writer *w, const struct ndr_record *rec, struct error *e) CHECK_RESULT;
int ndr_write_item(struct ndr_writer *w, const struct ndr_item *item,
                   struct error *e) CHECK_RESULT;
/* END, and everything is handed to the kernel.  Another segment may follow. */
int ndr_end(struct ndr_writer *w, uint32_t flags, struct error *e) CHECK_RESULT;
/* Frees the writer.  What has no END yet stays without one. */
void ndr_destroy(struct ndr_writer *w);

#endif
