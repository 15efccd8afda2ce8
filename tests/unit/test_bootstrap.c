/* test_bootstrap.c -- samples of blocks, and where an interval ends. */
#include "dissect/bootstrap.h"
#include "tap.h"

int main(void)
{
	double value[200], interval[2];
	uint32_t times[1000][5];
	uint64_t sum = 0;
	bool whole = true;

	for (int i = 0; i < 200; i++)
		value[i] = (i * 77) % 200; /* 0 to 199, not in order */
	bootstrap_interval(value, 200, interval);
	is_real(interval[0], 5, 0, "of 200 values 5 are below");
	is_real(interval[1], 194, 0, "and 5 above");
	for (int i = 0; i < 30; i++)
		value[i] = 29 - i;
	bootstrap_interval(value, 30, interval);
	ok(interval[0] == 0 && interval[1] == 29, "of 30 values none can be left out");
	bootstrap_interval(value, 1, interval);
	ok(interval[0] == 0 && interval[1] == 0, "of one it is that");
	bootstrap_draw(7, 1000, 5, times[0]);
	for (int s = 0; s < 1000; s++) {
		uint32_t n = 0;

		for (int i = 0; i < 5; i++)
			n += times[s][i];
		whole = whole && n == 5;
		sum += times[s][2];
	}
	ok(whole, "each sample has as many blocks as there are");
	ok(sum > 900 && sum < 1100, "and each block comes as often: %d", (int)sum);
	return done();
}
