# accuracy.awk -- detectors of objects against what a layer is good for (section 3.6)
#
# Accuracies are in percent.  Those that were not measured in these runs can be columns of the plan.
function probed(i) { return (i, "class-accuracy") in probe ? 100 * probe[i, "class-accuracy"] : cell[i, "probe"] }
function training_run(i) { return cell[i, "run"] != "" ? cell[i, "run"] : cell[i, "csv"] != "" ? name[i] : cell[i, "network"] }
# Of two runs of one network this is the one that counts: the later snapshot, the higher layer.
function later(i, j) {
	if (cell[i, "--rotate"] != cell[j, "--rotate"]) return cell[i, "--rotate"] + 0 < cell[j, "--rotate"] + 0
	return cell[i, "iteration"] + 0 >= cell[j, "iteration"] + 0
}
function value(i, what) { return what == "probe" ? probed(i) : top(i, substr(what, 4)) }
# correlate(WHAT, CATEGORY, TEXT) -- a row of the table: accuracy against unique detectors
function correlate(what, of, text,    i, k, x, y, r) {
	for (i = 1; i <= n; i++) {
		if (counted[training_run(i)] != i || value(i, what) == "") continue
		x[++k] = unique[i, of]
		y[k] = value(i, what)
	}
	pairs = k + 0
	r = pearson(x, y, pairs)
	rank = spearman(x, y, pairs)
	low = high = ""
	if (r != "" && pairs >= 8) {
		low = fisher(r, pairs, -1)
		high = fisher(r, pairs, 1)
	}
	print text, pairs, number(r), number(low), number(high), number(rank) >correlations
	return r
}
function number(x) { return x == "" ? "" : sprintf("%.3f", x) }
function percent(x) { return x == "" ? "" : sprintf("%.2f", x) }
# scatter(WHAT, TITLE) -- the networks that count, and the snapshots of those runs that have any
function scatter(what, title,    i, k, out, run_of_snapshots) {
	out = dir "/" what ".tsv"
	for (i = 1; i <= n; i++) {
		order[i] = i
		key[i] = -cell[i, "iteration"]
		if (snapshots[training_run(i)] > 1 && !(training_run(i) in run_of_snapshots)) {
			run_of_snapshots[training_run(i)] = ++k
			called[k] = training_run(i)
		}
	}
	sort(order, n, key)
	printf "network\tunique object detectors\tnetworks" >out
	for (i = 1; i <= k; i++) printf "\tsnapshots of %s", called[i] >out
	printf "\n" >out
	for (i = 1; i <= n; i++) if (value(order[i], what) != "") {
		printf "%s\t%d\t%s", label(order[i]), unique[order[i], "object"], counted[training_run(order[i])] == order[i] ? percent(value(order[i], what)) : "" >out
		for (j = 1; j <= k; j++) printf "\t%s", run_of_snapshots[training_run(order[i])] == j ? percent(value(order[i], what)) : "" >out
		printf "\n" >out
	}
	close(out)
	draw("named-points", what, title, "unique object detectors", "percent right")
}
END {
	for (i = 1; i <= n; i++) {
		snapshots[training_run(i)]++
		if (!(training_run(i) in counted) || later(i, counted[training_run(i)])) counted[training_run(i)] = i
		if (probed(i) != "") probes++
		if (top(i, 1) != "") tops++
		if (top(i, 5) != "") fives++
		if ((i, "classes") in probe) task = probe[i, "classes"] " classes, " probe[i, "train"] " images to train on, " probe[i, "test"] " to test"
	}
	paper("Networks with more unique object detectors are better at a task that they were not trained for, measured with linear classifiers on their highest convolutional layer (section 3.6).")
	correlations = dir "/correlations.tsv"
	print "accuracy against", "networks", "Pearson r", "from", "to", "Spearman rho" >correlations
	if (probes) {
		scatter("probe", "Another task against unique object detectors")
		r = correlate("probe", "object", "another task, unique object detectors")
		here(sprintf("Over %s that were trained independently, the correlation of unique object detectors with the accuracy of linear classifiers for another task is %s%s: %s.%s", many(pairs, "network", "networks"), r == "" ? "not defined" : sprintf("r = %.2f", r), low == "" ? "" : sprintf(" (95 %% interval %.2f to %.2f; of ranks %.2f)", low, high, rank), r == "" ? "there is nothing to compare" : low == "" ? "fewer than eight networks have no interval, and show nothing" : low > 0 ? "this shows what the paper found" : "this does not show what the paper found", task == "" ? "" : " That task has " task "."))
		correlate("probe", "all", "another task, all unique detectors")
	} else here("No run tells of another task: give --probe, or a column of that name or probe.")
	if (tops) {
		scatter("top1", "The network's own task, first guess, against unique object detectors")
		r = correlate("top1", "object", "first guess at its own task, unique object detectors")
		if (r != "") here(sprintf("With the network's own first guess, over %s, it is r = %.2f%s.", many(pairs, "network", "networks"), r, low == "" ? "" : sprintf(" (%.2f to %.2f)", low, high)))
	}
	if (fives) correlate("top5", "object", "among five guesses at its own task, unique object detectors")
	close(correlations)
	draw("table", "correlations", "Correlations over networks that were trained independently")
	out = dir "/accuracies.tsv"
	print "network", "counted", "unique object detectors", "unique detectors", "another task", "first guess", "among five" >out
	for (i = 1; i <= n; i++) print label(i), counted[training_run(i)] == i ? "yes" : "no", unique[i, "object"] + 0, unique[i, "all"], percent(probed(i)), percent(top(i, 1)), percent(top(i, 5)) >out
	close(out)
	draw("table", "accuracies", "Accuracies in percent")
	here("Snapshots of one training run are joined by a line and count once, as its last; so does a network that has several rows.")
}
