/* half.h -- numbers of 16 bits (IEEE 754 binary16). */
#ifndef BASE_HALF_H
#define BASE_HALF_H

#include <stdint.h>

/* The number that these bits are; each is a float exactly. */
float half_to_float(uint16_t bits);

#endif
