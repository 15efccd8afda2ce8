/* format.h -- ndr(5) as tables and byte layouts; private to lib/record. */
#ifndef RECORD_FORMAT_H
#define RECORD_FORMAT_H

#include "record/ndr.h"

enum { HEADER_BYTES = 64, RECORD_ALIGNMENT = 64 };
#define RECORD_CAP (UINT64_C(1) << 30) /* longest payload that is read */

/* HEAD: major, minor, minimum minor, zero; schema, first, end, most; since 1.1, cut. */
enum { HEAD_BYTES = 24, HEAD_CUT_BYTES = 28 };
/* END: flags, CRC-32 over header CRCs, items, types; then per type: type, zero, count. */
enum { END_BYTES = 16, END_COUNT_BYTES = 16 };
/* SKETCH: unit, bits, bins; then the bins. */
enum { SKETCH_BYTES = 16, SKETCH_BIN_BYTES = 16 };
/* What the summaries since 1.1 begin with; their rows. */
enum { SUMMARY_BYTES = 64, CLASS_BYTES = 24, JOINT_CLASS_BYTES = 16, MAXIMA_BIN_BYTES = 24 };

/* Where in a segment a record may stand, and whom it belongs to. */
enum place { PREAMBLE, OF_ITEM, OF_LAYER_ITEM, OF_LAYER, OF_STREAM, LAST };

struct type_info {
	const char *name;
	enum place place;
	unsigned dtype, ndim;
	bool critical;
};

enum { MAX_CATEGORIES = 1024, MAX_LAYERS = 4096 };

/* NULL for a type that this version does not know. */
const struct type_info *record_type(unsigned type);

static inline uint64_t padded(uint64_t length)
{
	return (length + RECORD_ALIGNMENT - 1) & ~(uint64_t)(RECORD_ALIGNMENT - 1);
}

/* Payload bytes of rec's dtype and dims; false on overflow or unknown dtype. */
bool record_bytes(const struct ndr_record *rec, uint64_t *bytes);

/* rec's header; payload_crc covers payload and padding. */
void header_encode(unsigned char h[static HEADER_BYTES], const struct ndr_record *rec,
                   uint32_t payload_crc);
/* Whether n bytes can be the beginning of a header. */
bool header_begins(const unsigned char *h, size_t n);
/* The reason why h is not a header, or NULL and *rec, *payload_crc filled. */
const char *header_decode(const unsigned char h[static HEADER_BYTES], struct ndr_record *rec,
                          uint32_t *payload_crc);
/* The CRC-32 in a header's last field, over which END keeps its CRC-32. */
enum { HEADER_CRC_AT = 60 };
/* The same for all headers, at their beginning. */
enum { SYNC_BYTES = 4 };
extern const unsigned char header_sync_word[SYNC_BYTES];

static inline void put16(unsigned char *p, uint16_t v)
{
	p[0] = (unsigned char)v;
	p[1] = (unsigned char)(v >> 8);
}

static inline void put32(unsigned char *p, uint32_t v)
{
	put16(p, (uint16_t)v);
	put16(p + 2, (uint16_t)(v >> 16));
}

static inline void put64(unsigned char *p, uint64_t v)
{
	put32(p, (uint32_t)v);
	put32(p + 4, (uint32_t)(v >> 32));
}

static inline uint16_t get16(const unsigned char *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t get32(const unsigned char *p)
{
	return get16(p) | (uint32_t)get16(p + 2) << 16;
}

static inline uint64_t get64(const unsigned char *p)
{
	return get32(p) | (uint64_t)get32(p + 4) << 32;
}

#endif
