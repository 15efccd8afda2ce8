/* half.h -- numbers of 16 bits (IEEE 754 binary16). */
#ifndef BASE_HALF_H
#define BASE_HALF_H

#include <stddef.h>
#include <stdint.h>

#define HALF_GREATEST 65504.0f

/* The number that these bits are; each is a float exactly. */
float half_to_float(uint16_t bits);
/* The nearest one, of two that are equally near the one whose last bit is 0; beyond the
 * greatest by half a step or more it is infinite, and of what is not a number it is none. */
uint16_t half_from_float(float x);

/* The same of n numbers, the same bits on every processor. */
void half_widen(const uint16_t *from, float *to, size_t n);
void half_narrow(const float *from, uint16_t *to, size_t n);

/* How many from the first on are no greater than HALF_GREATEST, whatever their sign: n if all
 * are. */
size_t half_prefix(const float *from, size_t n);

#endif
