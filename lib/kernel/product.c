/* product.c -- see product.h.
 *
 * What a sum is must not be left to a compiler, which fuses as it is asked and as it
 * optimises: each set says how it adds a product. */
#include "kernel/product.h"

#include <math.h>

#include "base/machine.h"

#if defined __x86_64__
#include <immintrin.h>
#elif defined __aarch64__
#include <arm_neon.h>
#endif

#define UNROLL _Pragma("GCC unroll 32")

enum { AHEAD = 4 }; /* strips by which the input is fetched into the cache */

/* Sums of one turn, some blocks of a panel, for P positions on registers of width floats. */
#define TURN(width, P, across)                                                                 \
	typedef float lanes __attribute__((vector_size((width)*4), may_alias));                \
	typedef lanes anywhere __attribute__((aligned(4)));                                    \
	enum { EACH = BLOCK / (width), ACROSS = (across)*EACH };                               \
	lanes sum[P][ACROSS];                                                                  \
	size_t i, v;

#define BEGIN(P, turn)                                                                         \
	UNROLL for (v = 0; v < ACROSS; v++)                                                    \
	{                                                                                      \
		lanes start = {0};                                                             \
                                                                                               \
		if (p->bias)                                                                   \
			start = ((const lanes *)(p->bias + (turn)*BLOCK))[v];                  \
		UNROLL for (i = 0; i < (P); i++)                                               \
		{                                                                              \
			sum[i][v] = start;                                                     \
		}                                                                              \
	}

/* Residuals are fetched into the cache while the sums are made. */
#define SOON(P, turn)                                                                          \
	if (p->residual)                                                                       \
		UNROLL for (v = 0; v < ACROSS; v += EACH)                                      \
		{                                                                              \
			const float *at = p->residual + ((turn) + v / EACH) * p->y_stride;     \
                                                                                               \
			UNROLL for (i = 0; i < (P); i++)                                       \
			{                                                                      \
				__builtin_prefetch(at + i * p->y_step);                        \
			}                                                                      \
		}

/* What is not less than low stays as it is, NaN too, and -0 where low is 0. */
#define BOUND(value, worse, bound)                                                             \
	((lanes)(((__typeof__(worse))(value) & ~(worse)) |                                     \
	         ((__typeof__(worse))(bound) & (worse))))
#define BOUND_LOW(low, value)   BOUND(value, (value) < (low), low)
#define BOUND_HIGH(high, value) BOUND(value, (value) > (high), high)

/* All is taken out of p first, which the compiler must think that a store changes. */
#define END(P, turn, low_bound, high_bound)                                                    \
	const struct product out = *p;                                                         \
	const lanes low = (out.clamp.on ? out.clamp.low : -INFINITY) - (lanes){0},             \
	            high = (out.clamp.on ? out.clamp.high : INFINITY) - (lanes){0};            \
                                                                                               \
	UNROLL for (v = 0; v < ACROSS; v++)                                                    \
	{                                                                                      \
		size_t at =                                                                    \
		        ((turn) + v / EACH) * out.y_stride + v % EACH * (sizeof(lanes) / 4);   \
                                                                                               \
		if (out.residual) {                                                            \
			UNROLL for (i = 0; i < (P); i++)                                       \
			{                                                                      \
				sum[i][v] += *(const anywhere *)(out.residual + at +           \
				                                 i * out.y_step);              \
			}                                                                      \
		}                                                                              \
		UNROLL for (i = 0; i < (P); i++)                                               \
		{                                                                              \
			lanes value = low_bound(low, sum[i][v]);                               \
                                                                                               \
			*(anywhere *)(out.y + at + i * out.y_step) = high_bound(high, value);  \
		}                                                                              \
	}

/* Positions are found from every third of them, so that few registers hold addresses. */
#define THIRDS(first, step)                                                                    \
	(first), (first) + 3 * (step), (first) + 6 * (step), (first) + 9 * (step),             \
	        (first) + 12 * (step)

#define PANEL(name, options, width, P, at_once, blocks, spread, add, low_bound, high_bound)    \
	options static void name(const struct product *p)                                      \
	{                                                                                      \
		size_t turn;                                                                   \
                                                                                               \
		for (turn = 0; turn < (blocks); turn += (at_once)) {                           \
			TURN(width, P, at_once)                                                \
			const float *w = p->w + turn * BLOCK;                                  \
			const struct strip *s = p->strips, *last = s + p->n_strips;            \
			size_t step = p->x_stride * sizeof(float), ahead = p->ahead, k;        \
                                                                                               \
			BEGIN(P, turn)                                                         \
			SOON(P, turn)                                                          \
			for (; s < last; s++) {                                                \
				const char *first = (const char *)(p->x + s->offset);          \
				const char *third[] = {THIRDS(first, step)};                   \
				const struct strip *next = s + (last - s > AHEAD ? AHEAD : 0); \
				const char *soon = (const char *)(p->x + next->offset);        \
                                                                                               \
				UNROLL for (i = 0; i < (P); i++)                               \
				{                                                              \
					__builtin_prefetch(soon + i * step);                   \
				}                                                              \
				for (k = 0; k < s->length; k++, w += (blocks)*BLOCK) {         \
					lanes weights[ACROSS];                                 \
                                                                                               \
					UNROLL for (v = 0; v < (at_once); v++)                 \
					{                                                      \
						__builtin_prefetch(w + ahead + v * BLOCK, 0,   \
						                   2);                         \
					}                                                      \
					UNROLL for (v = 0; v < ACROSS; v++)                    \
					{                                                      \
						weights[v] = ((const lanes *)w)[v];            \
					}                                                      \
					UNROLL for (i = 0; i < (P); i++)                       \
					{                                                      \
						const char *at = third[i / 3] + i % 3 * step;  \
						lanes x = spread(((const float *)at)[k]);      \
                                                                                               \
						UNROLL for (v = 0; v < ACROSS; v++)            \
						{                                              \
							sum[i][v] =                            \
							        add(sum[i][v], x, weights[v]); \
						}                                              \
					}                                                      \
				}                                                              \
			}                                                                      \
			END(P, turn, low_bound, high_bound)                                    \
		}                                                                              \
	}

#define CHANNELWISE(name, options, width, P, add, low_bound, high_bound)                       \
	options static void name(const struct product *p)                                      \
	{                                                                                      \
		TURN(width, P, 1)                                                              \
		const lanes *w = (const lanes *)p->w;                                          \
		const struct strip *s = p->strips, *last = s + p->n_strips;                    \
		size_t step = p->x_stride * sizeof(float), k;                                  \
                                                                                               \
		BEGIN(P, 0)                                                                    \
		for (; s < last; s++)                                                          \
			for (k = 0; k < s->length; k++, w += ACROSS) {                         \
				const char *first =                                            \
				        (const char *)(p->x + s->offset + k * BLOCK);          \
				const char *third[] = {THIRDS(first, step)};                   \
                                                                                               \
				UNROLL for (i = 0; i < (P); i++)                               \
				{                                                              \
					const lanes *x =                                       \
					        (const lanes *)(third[i / 3] + i % 3 * step);  \
                                                                                               \
					UNROLL for (v = 0; v < ACROSS; v++)                    \
					{                                                      \
						sum[i][v] = add(sum[i][v], x[v], w[v]);        \
					}                                                      \
				}                                                              \
			}                                                                      \
		END(P, 0, low_bound, high_bound)                                               \
	}

/* A vector stays in its register: compilers load it again for each use. */
#if defined __x86_64__
#define HOLD(x) __asm__("" : "+v"(x))
#elif defined __aarch64__
#define HOLD(x) __asm__("" : "+w"(x))
#else
#define HOLD(x) (void)(x)
#endif

/* The same where all strips are so many vectors, and positions S vectors apart: what is loaded
 * serves all sums that it goes into.  Where they are two vectors apart, most goes into one, and
 * what compilers do is faster. */
#define LINES(name, options, width, P, taps, S, add, low_bound, high_bound)                    \
	options static void name(const struct product *p)                                      \
	{                                                                                      \
		TURN(width, P, 1)                                                              \
		const lanes *w = (const lanes *)p->w;                                          \
		const struct strip *s = p->strips, *last = s + p->n_strips;                    \
		size_t k;                                                                      \
                                                                                               \
		BEGIN(P, 0)                                                                    \
		for (; s < last; s++, w += (taps)*ACROSS) {                                    \
			const lanes *x = (const lanes *)(p->x + s->offset);                    \
                                                                                               \
			UNROLL for (v = 0; v < ACROSS; v++)                                    \
			{                                                                      \
				UNROLL for (i = 0; i < ((P)-1) * (S) + (taps); i++)            \
				{                                                              \
					lanes value = x[i * ACROSS + v];                       \
                                                                                               \
					if ((S) == 1)                                          \
						HOLD(value);                                   \
					UNROLL for (k = i % (S); k < (taps); k += (S))         \
					{                                                      \
						if (i >= k && (i - k) / (S) < (P))             \
							sum[(i - k) / (S)][v] =                \
							        add(sum[(i - k) / (S)][v],     \
							            value, w[k * ACROSS + v]); \
					}                                                      \
				}                                                              \
			}                                                                      \
		}                                                                              \
		END(P, 0, low_bound, high_bound)                                               \
	}

/* Kernels of a set for P positions. */
#define KERNELS(set, options, width, P, at_once)                                               \
	PANEL(set##_1_##P, options, width, P, 1, 1, set##_spread, set##_add, set##_low,        \
	      set##_high)                                                                      \
	PANEL(set##_2_##P, options, width, P, at_once, 2, set##_spread, set##_add, set##_low,  \
	      set##_high)                                                                      \
	CHANNELWISE(set##_channelwise_##P, options, width, P, set##_add, set##_low, set##_high)

#define LINE(set, options, width, P, taps, S)                                                  \
	LINES(set##_##taps##by##S##_##P, options, width, P, taps, S, set##_add, set##_low,     \
	      set##_high)

#define KERNELS_AND_LINES(set, options, width, P, at_once)                                     \
	KERNELS(set, options, width, P, at_once)                                               \
	LINE(set, options, width, P, 3, 1)                                                     \
	LINE(set, options, width, P, 3, 2)                                                     \
	LINE(set, options, width, P, 5, 1)                                                     \
	LINE(set, options, width, P, 5, 2)                                                     \
	LINE(set, options, width, P, 7, 1)                                                     \
	LINE(set, options, width, P, 7, 2)

#define UP_TO_2(kind) kind##_1, kind##_2
#define UP_TO_6(kind) UP_TO_2(kind), kind##_3, kind##_4, kind##_5, kind##_6
#define UP_TO_14(kind)                                                                         \
	UP_TO_6(kind), kind##_7, kind##_8, kind##_9, kind##_10, kind##_11, kind##_12,          \
	        kind##_13, kind##_14

#define TABLES(set, up_to)                                                                     \
	static product_kernel *const set##_1[] = {up_to(set##_1)};                             \
	static product_kernel *const set##_2[] = {up_to(set##_2)};                             \
	static product_kernel *const set##_channelwise[] = {up_to(set##_channelwise)};

#define LINE_TABLES(set, up_to)                                                                \
	static product_kernel *const set##_3by1[] = {up_to(set##_3by1)};                       \
	static product_kernel *const set##_3by2[] = {up_to(set##_3by2)};                       \
	static product_kernel *const set##_5by1[] = {up_to(set##_5by1)};                       \
	static product_kernel *const set##_5by2[] = {up_to(set##_5by2)};                       \
	static product_kernel *const set##_7by1[] = {up_to(set##_7by1)};                       \
	static product_kernel *const set##_7by2[] = {up_to(set##_7by2)};

#define LINE_TABLE(set)                                                                        \
	{                                                                                      \
		{set##_3by1, set##_3by2}, {set##_5by1, set##_5by2}, {set##_7by1, set##_7by2},  \
	}

#if defined __x86_64__
#define AVX512 __attribute__((target("avx512f,fma")))
#define AVX2   __attribute__((target("avx2,fma")))

#define avx512_spread(x)      _mm512_set1_ps(x)
#define avx512_add(sum, x, w) _mm512_fmadd_ps(x, w, sum)
/* Of what does not compare, and of two zeros, the second operand is taken. */
#define avx512_low(low, x)   _mm512_max_ps(low, x)
#define avx512_high(high, x) _mm512_min_ps(high, x)

KERNELS_AND_LINES(avx512, AVX512, 16, 1, 2)
KERNELS_AND_LINES(avx512, AVX512, 16, 2, 2)
KERNELS_AND_LINES(avx512, AVX512, 16, 3, 2)
KERNELS_AND_LINES(avx512, AVX512, 16, 4, 2)
KERNELS_AND_LINES(avx512, AVX512, 16, 5, 2)
KERNELS_AND_LINES(avx512, AVX512, 16, 6, 2)
KERNELS_AND_LINES(avx512, AVX512, 16, 7, 2)
KERNELS_AND_LINES(avx512, AVX512, 16, 8, 2)
KERNELS_AND_LINES(avx512, AVX512, 16, 9, 2)
KERNELS_AND_LINES(avx512, AVX512, 16, 10, 2)
KERNELS_AND_LINES(avx512, AVX512, 16, 11, 2)
KERNELS_AND_LINES(avx512, AVX512, 16, 12, 2)
KERNELS_AND_LINES(avx512, AVX512, 16, 13, 2)
KERNELS_AND_LINES(avx512, AVX512, 16, 14, 2)
TABLES(avx512, UP_TO_14)
LINE_TABLES(avx512, UP_TO_14)

#define avx2_spread(x)      _mm256_set1_ps(x)
#define avx2_add(sum, x, w) _mm256_fmadd_ps(x, w, sum)
#define avx2_low(low, x)    _mm256_max_ps(low, x)
#define avx2_high(high, x)  _mm256_min_ps(high, x)

KERNELS_AND_LINES(avx2, AVX2, 8, 1, 1)
KERNELS_AND_LINES(avx2, AVX2, 8, 2, 1)
KERNELS_AND_LINES(avx2, AVX2, 8, 3, 1)
KERNELS_AND_LINES(avx2, AVX2, 8, 4, 1)
KERNELS_AND_LINES(avx2, AVX2, 8, 5, 1)
KERNELS_AND_LINES(avx2, AVX2, 8, 6, 1)
TABLES(avx2, UP_TO_6)
LINE_TABLES(avx2, UP_TO_6)
#elif defined __aarch64__
#define neon_spread(x)      vdupq_n_f32(x)
#define neon_add(sum, x, w) vfmaq_f32(sum, x, w)
#define neon_low            BOUND_LOW
#define neon_high           BOUND_HIGH

KERNELS_AND_LINES(neon, , 4, 1, 1)
KERNELS_AND_LINES(neon, , 4, 2, 1)
KERNELS_AND_LINES(neon, , 4, 3, 1)
KERNELS_AND_LINES(neon, , 4, 4, 1)
KERNELS_AND_LINES(neon, , 4, 5, 1)
KERNELS_AND_LINES(neon, , 4, 6, 1)
TABLES(neon, UP_TO_6)
LINE_TABLES(neon, UP_TO_6)
#endif

#define plain_spread(x)      ((x) - (lanes){0})
#define plain_add(sum, x, w) ((sum) + (x) * (w))
#define plain_low            BOUND_LOW
#define plain_high           BOUND_HIGH

KERNELS(plain, , 4, 1, 1)
KERNELS(plain, , 4, 2, 1)
TABLES(plain, UP_TO_2)

const struct product_set product_sets[] = {
#if defined __x86_64__
        {.name = "avx512",
         .needs = MACHINE_AVX512,
         .fused = true,
         .positions = 14,
         .panels = {avx512_1, avx512_2},
         .channelwise = avx512_channelwise,
         .lines = LINE_TABLE(avx512)},
        {.name = "avx2",
         .needs = MACHINE_AVX2,
         .fused = true,
         .positions = 6,
         .panels = {avx2_1, avx2_2},
         .channelwise = avx2_channelwise,
         .lines = LINE_TABLE(avx2)},
#elif defined __aarch64__
        {.name = "neon",
         .needs = MACHINE_NEON,
         .fused = true,
         .positions = 6,
         .panels = {neon_1, neon_2},
         .channelwise = neon_channelwise,
         .lines = LINE_TABLE(neon)},
#endif
        {.name = "plain",
         .positions = 2,
         .panels = {plain_1, plain_2},
         .channelwise = plain_channelwise},
        {0},
};

const struct product_set *product_best(void)
{
	const struct product_set *set = product_sets;

	while (!machine_has(set->needs))
		set++;
	return set;
}

/* The row in parts that are as even as they can be. */
static void run(product_kernel *const *kernels, size_t most, const struct product *p, size_t n)
{
	struct product part = *p;
	size_t parts = (n + most - 1) / most, from = 0, to;

	for (size_t i = 1; i <= parts; i++, from = to) {
		to = n * i / parts;
		part.x = p->x + from * p->x_stride;
		part.y = p->y + from * p->y_step;
		if (p->residual)
			part.residual = p->residual + from * p->y_step;
		kernels[to - from - 1](&part);
	}
}

void product(const struct product_set *set, const struct product *p, size_t blocks, size_t n)
{
	run(set->panels[blocks - 1], set->positions, p, n);
}

/* The kernels for strips of one length, if there are some. */
static product_kernel *const *lines(const struct product_set *set, const struct product *p)
{
	const size_t length = p->strips->length, step = p->x_stride / BLOCK;

	for (size_t i = 1; i < p->n_strips; i++)
		if (p->strips[i].length != length)
			return NULL;
	if (length % 2 == 0 || length < 3 || length > LONGEST_LINE || step < 1 ||
	    step > LINE_STEPS || p->x_stride % BLOCK != 0)
		return NULL;
	return set->lines[length / 2 - 1][step - 1];
}

void product_channelwise(const struct product_set *set, const struct product *p, size_t n)
{
	product_kernel *const *fast = lines(set, p);

	run(fast ? fast : set->channelwise, set->positions, p, n);
}
