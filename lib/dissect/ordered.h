/* ordered.h -- floats as integers of the same order.
 *
 * Integer comparisons give the same result on every machine and vectorise
 * without leave to reorder floating point.  Both zeros become one. */
#ifndef DISSECT_ORDERED_H
#define DISSECT_ORDERED_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Keys of finite floats lie strictly between these two; infinities and NaN
 * do not. */
#define ORDERED_INFINITY       INT32_C(0x7f800000)
#define ORDERED_MINUS_INFINITY (INT32_C(0x007fffff) - INT32_MAX - 1)

/* A float's place in the order: a < b if and only if the keys are. */
static inline int32_t ordered_key(float value)
{
	int32_t bits;

	value += 0.0f; /* -0 becomes +0 */
	memcpy(&bits, &value, sizeof(bits));
	return bits ^ ((bits >> 31) & INT32_MAX);
}

static inline float ordered_value(int32_t key)
{
	int32_t bits = key ^ ((key >> 31) & INT32_MAX);
	float value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

static inline bool ordered_is_finite(int32_t key)
{
	return key > ORDERED_MINUS_INFINITY && key < ORDERED_INFINITY;
}

#endif
