/* format.c -- see format.h.  Arrays are written as they lie in memory. */
#include "record/format.h"
#include "base/checksum.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "ndr payloads are little-endian");

const unsigned char header_sync_word[SYNC_BYTES] = {0x89, 'N', 'D', 'R'};

static const struct type_info types[] = {
        [NDR_HEAD] = {"HEAD", PREAMBLE, NDR_BYTES, 1, true},
        [NDR_META] = {"META", PREAMBLE, NDR_BYTES, 1, true},
        [NDR_PROV] = {"PROV", PREAMBLE, NDR_BYTES, 1, false},
        [NDR_ITEM] = {"ITEM", OF_ITEM, NDR_BYTES, 1, true},
        [NDR_IMAGE] = {"IMAGE", OF_ITEM, NDR_U8, 3, true},
        [NDR_LABEL] = {"LABEL", OF_ITEM, NDR_U16, 3, true},
        [NDR_ACT] = {"ACT", OF_LAYER_ITEM, NDR_F32, 3, true},
        [NDR_SKETCH] = {"SKETCH", OF_LAYER, NDR_BYTES, 1, true},
        [NDR_THRESH] = {"THRESH", OF_LAYER, NDR_F64, 2, true},
        [NDR_SEG] = {"SEG", OF_LAYER_ITEM, NDR_BYTES, 1, true},
        [NDR_SCORE] = {"SCORE", OF_LAYER, NDR_U64, 3, true},
        [NDR_COUNT] = {"COUNT", OF_STREAM, NDR_U64, 1, true},
        [NDR_TOP] = {"TOP", OF_LAYER, NDR_F64, 3, true},
        [NDR_MATRIX] = {"MATRIX", OF_STREAM, NDR_F32, 2, true},
        [NDR_END] = {"END", LAST, NDR_BYTES, 1, true},
        [NDR_TOPMAP] = {"TOPMAP", OF_LAYER, NDR_BYTES, 1, false},
        [NDR_CHANCE] = {"CHANCE", OF_LAYER, NDR_BYTES, 1, false},
        [NDR_TAIL] = {"TAIL", OF_LAYER, NDR_BYTES, 1, false},
        [NDR_CLASSES] = {"CLASSES", OF_STREAM, NDR_BYTES, 1, false},
        [NDR_JOINT] = {"JOINT", OF_LAYER, NDR_BYTES, 1, false},
        [NDR_LINEAR] = {"LINEAR", OF_STREAM, NDR_BYTES, 1, false},
        [NDR_MAXIMA] = {"MAXIMA", OF_LAYER, NDR_BYTES, 1, false},
        [NDR_PLANES] = {"PLANES", OF_ITEM, NDR_F32, 3, false},
};

const struct type_info *record_type(unsigned type)
{
	return type < sizeof types / sizeof *types && types[type].name ? &types[type] : NULL;
}

const char *ndr_type_name(unsigned type, char buffer[static 8])
{
	const struct type_info *t = record_type(type);

	if (t)
		return t->name;
	snprintf(buffer, 8, "0x%04x", type & 0xffff);
	return buffer;
}

unsigned ndr_type_number(const char *name)
{
	char buffer[8];

	for (unsigned type = 1; type <= UINT16_MAX; type++)
		if (strcasecmp(name, ndr_type_name(type, buffer)) == 0)
			return type;
	return 0;
}

size_t ndr_dtype_size(unsigned dtype)
{
	static const size_t size[] = {1, 1, 2, 4, 8, 4, 8, 2};

	return dtype < sizeof size / sizeof *size ? size[dtype] : 0;
}

bool record_bytes(const struct ndr_record *rec, uint64_t *bytes)
{
	uint64_t n = ndr_dtype_size(rec->dtype);

	if (n == 0 || rec->ndim > 4)
		return false;
	for (int i = 0; i < rec->ndim; i++)
		if (__builtin_mul_overflow(n, rec->dims[i], &n))
			return false;
	*bytes = n;
	return true;
}

void header_encode(unsigned char h[static HEADER_BYTES], const struct ndr_record *rec,
                   uint32_t payload_crc)
{
	memset(h, 0, HEADER_BYTES);
	memcpy(h, header_sync_word, sizeof header_sync_word);
	put16(h + 4, rec->type);
	put16(h + 6, rec->flags);
	put64(h + 8, rec->length);
	put64(h + 16, rec->sequence);
	put32(h + 24, rec->item);
	put32(h + 28, rec->group);
	h[32] = rec->dtype;
	h[33] = rec->ndim;
	for (int i = 0; i < 4; i++)
		put32(h + 36 + 4 * i, rec->dims[i]);
	put32(h + 56, payload_crc);
	put32(h + HEADER_CRC_AT, checksum(0, h, HEADER_CRC_AT));
}

bool header_begins(const unsigned char *h, size_t n)
{
	return memcmp(h, header_sync_word,
	              n < sizeof header_sync_word ? n : sizeof header_sync_word) == 0;
}

const char *header_decode(const unsigned char h[static HEADER_BYTES], struct ndr_record *rec,
                          uint32_t *payload_crc)
{
	uint64_t bytes;

	if (!header_begins(h, HEADER_BYTES))
		return "not an ndr record";
	if (get32(h + HEADER_CRC_AT) != checksum(0, h, HEADER_CRC_AT))
		return "header crc mismatch";
	*rec = (struct ndr_record){
	        .type = get16(h + 4),
	        .flags = get16(h + 6),
	        .length = get64(h + 8),
	        .sequence = get64(h + 16),
	        .item = get32(h + 24),
	        .group = get32(h + 28),
	        .dtype = h[32],
	        .ndim = h[33],
	};
	for (int i = 0; i < 4; i++)
		rec->dims[i] = get32(h + 36 + 4 * i);
	*payload_crc = get32(h + 56);
	if (rec->flags & 0xff00)
		return "unknown flag, needs a newer reader";
	if (get16(h + 34) || get32(h + 52))
		return "reserved bytes are not zero";
	if (rec->ndim > 4)
		return "more than 4 dimensions";
	if (ndr_dtype_size(rec->dtype) == 0)
		return "unknown dtype, needs a newer reader";
	for (int i = rec->ndim; i < 4; i++)
		if (rec->dims[i] != 1)
			return "unused dimension is not 1";
	if (rec->length > (rec->dtype == NDR_F16 ? RECORD_CAP / 2 : RECORD_CAP))
		return "payload longer than 1 GiB";
	if (!record_bytes(rec, &bytes) || bytes != rec->length)
		return "dimensions and length disagree";
	return NULL;
}
