# chance.awk -- what is more than labels of other images give? (no section: readers ask)
function share(x) { return x == "" ? "" : sprintf("%.4f", x) }
# The share that may be by chance, with its interval where there is one.
function rates(file,    i, k, out, known, x, bounded) {
	for (i = 1; i <= n; i++) for (k = 1; k <= cut_count; k++) bounded[i] = bounded[i] || rate_high[i, "all", cuts[k]] != ""
	out = dir "/" file ".tsv"
	printf "cut" >out
	for (i = 1; i <= n; i++) printf "\t%s%s", label(i), bounded[i] ? "\t" label(i) " from\t" label(i) " to" : "" >out
	printf "\n" >out
	for (k = 1; k <= cut_count; k++) {
		printf "%.3f", cuts[k] >out
		for (i = 1; i <= n; i++) {
			x = rate[i, "all", cuts[k]]
			known = rate_high[i, "all", cuts[k]] != ""
			printf "\t%s", share(x) >out
			if (bounded[i]) printf "\t%s\t%s", share(known ? rate_low[i, "all", cuts[k]] : x), share(known ? rate_high[i, "all", cuts[k]] : x) >out
		}
		printf "\n" >out
	}
	close(out)
}
function curve(file, what,    i, k, out) {
	out = dir "/" file ".tsv"
	printf "cut" >out
	for (i = 1; i <= n; i++) printf "\t%s", label(i) >out
	printf "\n" >out
	for (k = 1; k <= cut_count; k++) {
		printf "%.3f", cuts[k] >out
		for (i = 1; i <= n; i++) printf "\t%s", what == "permuted" ? sprintf("%.3f", permuted[i, "all", cuts[k]]) : observed[i, "all", cuts[k]] >out
		printf "\n" >out
	}
	close(out)
}
# The cut of the table of rates that is nearest to the run's own.
function nearest(i,    k, best) {
	best = 1
	for (k = 2; k <= cut_count; k++) if ((cuts[k] - cut(i)) ^ 2 < (cuts[best] - cut(i)) ^ 2) best = k
	return cuts[best]
}
END {
	for (i = 1; i <= n; i++) if ((i, "permutations") in chance) known_runs++
	paper("The paper takes 0.04 as its cut; it does not say how many detectors labels of other images would give there.")
	if (!known_runs) {
		here("No run counted with the labels of other images: give --permute, or a column of that name.")
		exit
	}
	rates("fdr")
	draw("lines", "fdr", "Detectors by chance, as a share of those observed", "IoU cut", "permuted / observed")
	curve("observed", "observed")
	draw("lines", "observed", "Detectors against the cut", "IoU cut", "detectors")
	curve("permuted", "permuted")
	draw("lines", "permuted", "Detectors with labels of other images", "IoU cut", "mean over permutations")
	out = dir "/runs.tsv"
	print "run", "units", "permutations", "detectors", "by chance", "share", "share from", "share to", "units with q <= 0.05", "of them detectors", "least cut with a share of 0.05" >out
	for (i = 1; i <= n; i++) if ((i, "permutations") in chance)
		print label(i), chance[i, "units"], chance[i, "permutations"], chance[i, "detectors"], sprintf("%.2f", chance[i, "permuted"]), share(chance[i, "fdr"]), share(chance[i, "fdr-low"]), share(chance[i, "fdr-high"]), chance[i, "units-at-level"], chance[i, "detectors-at-level"], chance[i, "cut-at-level"] == "" ? "none" : sprintf("%.3f", chance[i, "cut-at-level"]) >out
	close(out)
	draw("table", "runs", "Runs")
	out = dir "/categories.tsv"
	printf "run" >out
	for (c = 1; c <= categories; c++) printf "\t%s\t%s by chance", category[c], category[c] >out
	printf "\n" >out
	for (i = 1; i <= n; i++) {
		printf "%s", label(i) >out
		for (c = 1; c <= categories; c++) printf "\t%d\t%.2f", observed[i, category[c], nearest(i)], permuted[i, category[c], nearest(i)] >out
		printf "\n" >out
	}
	close(out)
	draw("table", "categories", "Detectors by category at the cut, and by chance")
	for (i = 1; i <= n; i++) if ((i, "permutations") in chance) {
		said++
		if (said > 6) continue
		here(sprintf("%s: at %s, %s, and %.1f with the labels of other images of the same source and categories: %s. By itself, %d of %s more than chance does (q <= 0.05), %d of them detectors.%s", label(i), cut(i), many(chance[i, "detectors"], "detector", "detectors"), chance[i, "permuted"], chance[i, "fdr"] == "" ? "there is no share" : sprintf("%.1f %% may be by chance%s", 100 * chance[i, "fdr"], chance[i, "fdr-high"] == "" ? "" : sprintf(" (%.1f to %.1f over samples of images)", 100 * chance[i, "fdr-low"], 100 * chance[i, "fdr-high"])), chance[i, "units-at-level"], many(chance[i, "units"], "unit describes", "units describe"), chance[i, "detectors-at-level"], chance[i, "units-needed"] > 1 ? sprintf(" With %d permutations %d units must reach the least p before any can pass.", chance[i, "permutations"], chance[i, "units-needed"]) : ""))
	}
	here("The hypothesis is that a mask does not depend on which image it is of, given the image's source, its annotated categories and its size; a layout that images share, as road below, counts as chance.")
}
