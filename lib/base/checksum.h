/* checksum.h -- the CRC-32 of records, gzip and PNG, at the speed of memory. */
#ifndef BASE_CHECKSUM_H
#define BASE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* The CRC-32 of what gave crc (0: of nothing) and n bytes behind it: zlib's crc32_z()
 * of the same, computed faster where the processor multiplies polynomials. */
uint32_t checksum(uint32_t crc, const void *data, size_t n);

/* The CRC-32 of two messages one behind the other, the second of n bytes: from theirs. */
uint32_t checksum_join(uint32_t first, uint32_t second, uint64_t n);

#endif
