# width.awk -- networks that differ in the width of the layer (section 3.7)
END {
	for (i = 1; i <= n; i++) {
		order[i] = i
		wide[i] = -(cell[i, "width"] != "" ? cell[i, "width"] : units[i])
		if (cell[i, "top1"] != "") accuracies = 1
	}
	sort(order, n, wide)
	out = dir "/width.tsv"
	print "width", "detectors", "unique detectors" >out
	for (i = 1; i <= n; i++) print -wide[order[i]], detectors[order[i], "all"], unique[order[i], "all"] >out
	close(out)
	draw("log-lines", "width", "Detectors against width", "units", "detectors")
	if (accuracies) {
		out = dir "/accuracy.tsv"
		print "width", "top-1 accuracy" >out
		for (i = 1; i <= n; i++) print -wide[order[i]], cell[order[i], "top1"] >out
		close(out)
		draw("log-lines", "accuracy", "Accuracy against width", "units", "percent")
	}
	bars("unique", unique, order)
	draw("bars", "unique", "Unique detectors by category", "", "unique detectors")
	paper("With the width of the last convolution grow detectors and unique detectors, up to a point, while accuracy stays (section 3.7).")
	a = order[1]
	b = order[n]
	if (n < 2) here("One width is no comparison.")
	else here(sprintf("From %d to %d units, detectors go from %d to %d and unique detectors from %d to %d: %s what the paper found%s.", -wide[a], -wide[b], detectors[a, "all"], detectors[b, "all"], unique[a, "all"], unique[b, "all"], detectors[b, "all"] > detectors[a, "all"] && unique[b, "all"] > unique[a, "all"] ? "this shows" : "this does not show", accuracies ? sprintf(" of detectors; accuracy %s, from %s to %s %%", (cell[b, "top1"] - cell[a, "top1"]) ^ 2 > 25 ? "does not stay" : "stays", cell[a, "top1"], cell[b, "top1"]) : ""))
}
