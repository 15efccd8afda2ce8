/* test_discovery.c -- p and q by hand. */
#include "dissect/discovery.h"
#include "tap.h"

int main(void)
{
	/* Ascending 0.01, 0.02, 0.03, 0.04, 0.5 times 5 / j: 0.05, 0.05, 0.05, 0.05, 0.5. */
	static const double p[] = {0.04, 0.5, 0.01, 0.03, 0.02};
	static const double want[] = {0.05, 0.5, 0.05, 0.05, 0.05};
	/* 0.001 * 3 / 1 = 0.003; 0.9 * 3 / 2 = 1.35, but 0.95 * 3 / 3 = 0.95. */
	static const double few[] = {0.9, 0.001, 0.95}, few_want[] = {0.95, 0.003, 0.95};
	double q[5];
	struct error e = {0};

	is_real(discovery_p(0, 999), 0.001, 0, "none of 999 reaches it");
	is_real(discovery_p(999, 999), 1, 0, "all do");
	is_real(discovery_p(4, 99), 0.05, 0, "four of 99");
	ok(discovery_q(p, 5, q, &e) == 0, "q of five");
	for (int i = 0; i < 5; i++)
		is_real(q[i], want[i], 1e-15, "p = %g", p[i]);
	ok(discovery_q(few, 3, q, &e) == 0, "q of three");
	for (int i = 0; i < 3; i++)
		is_real(q[i], few_want[i], 1e-15, "p = %g", few[i]);
	ok(discovery_q(few, 0, q, &e) == 0, "none");
	is_int((long long)discovery_least(512, 1000, 0.05), 11,
	       "512 / 1001 / 11 is below 0.05");
	is_int((long long)discovery_least(20, 399, 0.05), 1, "20 / 400 is 0.05");
	is_int((long long)discovery_least(20, 398, 0.05), 2, "20 / 399 is not");
	return done();
}
