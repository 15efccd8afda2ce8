# statistics.awk -- what experiments conclude from a few numbers.
#
# half the 95 % interval of a mean of k numbers, by Student's t, of which sum and sum of squares
# are given
function half(k, sum, squares,    t, q) {
	if (k < 2) return 0
	split("12.706 4.303 3.182 2.776 2.571 2.447 2.365 2.306 2.262 2.228 2.201 2.179 2.160 2.145 2.131 2.120 2.110 2.101 2.093 2.086", t, " ")
	q = (squares - sum * sum / k) / (k - 1)
	return (k <= 21 ? t[k - 1] : 2.086) * sqrt(q > 0 ? q / k : 0)
}
# pearson(X, Y, N) -- the correlation of x[1..n] and y[1..n]; nothing where one of them is constant
function pearson(x, y, n,    i, mx, my, xx, yy, xy) {
	for (i = 1; i <= n; i++) {
		mx += x[i] / n
		my += y[i] / n
	}
	for (i = 1; i <= n; i++) {
		xx += (x[i] - mx) ^ 2
		yy += (y[i] - my) ^ 2
		xy += (x[i] - mx) * (y[i] - my)
	}
	return n < 2 || xx <= 0 || yy <= 0 ? "" : within(xy / sqrt(xx * yy))
}
function within(r) { return r > 1 ? 1 : r < -1 ? -1 : r }
# ranks(X, N, R) -- r[1..n]: ranks of x[1..n] from 1; equal ones have the mean of theirs
function ranks(x, n, r,    i, j, less, equal) {
	for (i = 1; i <= n; i++) {
		less = equal = 0
		for (j = 1; j <= n; j++) {
			less += x[j] + 0 < x[i] + 0
			equal += x[j] + 0 == x[i] + 0
		}
		r[i] = less + (equal + 1) / 2
	}
}
# spearman(X, Y, N) -- the correlation of their ranks
function spearman(x, y, n,    a, b) {
	ranks(x, n, a)
	ranks(y, n, b)
	return pearson(a, b, n)
}
# fisher(R, N, SIDE) -- the end of the 95 % interval of a correlation r of n pairs, by Fisher's z:
# its artanh is about normal, with variance 1 / (n - 3); side is -1 or 1
function fisher(r, n, side,    z) {
	if (r >= 1 || r <= -1) return r
	z = log((1 + r) / (1 - r)) / 2 + side * 1.959964 / sqrt(n - 3)
	z = exp(2 * z)
	return (z - 1) / (z + 1)
}
