/* md5.h -- the digest that orders Broden's images and splits them (R. Rivest, RFC 1321).  Not
 * for secrets. */
#ifndef JOIN_MD5_H
#define JOIN_MD5_H

#include <stddef.h>
#include <stdint.h>

/* The first eight bytes of the digest of n bytes, fewer than 4 GiB, the first one the highest.
 */
uint64_t md5_first(const void *data, size_t n);

#endif
