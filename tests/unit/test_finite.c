/* test_finite.c -- the first float that is no number, at every place. */
#include "base/finite.h"
#include "tap.h"

int main(void)
{
	static const float bad[] = {NAN, INFINITY, -INFINITY},
	                   good[] = {3.4e38f, -0.0f, 1e-45f};
	float x[70];
	bool finds = true, passes = true;

	for (size_t n = 0; n <= 70; n++) {
		for (size_t i = 0; i < 70; i++)
			x[i] = good[i % 3];
		passes = passes && finite_prefix(x, n) == n;
		for (size_t at = 0; at < n; at++) {
			x[at] = bad[at % 3];
			x[n - 1] = bad[n % 3];
			finds = finds && finite_prefix(x, n) == at;
			x[at] = x[n - 1] = 1;
		}
	}
	ok(passes, "numbers of any size are numbers");
	ok(finds, "the first that is none is found");
	return done();
}
