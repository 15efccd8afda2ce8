# training.awk -- snapshots of a training run, or of several (section 3.5)
function is_detector(j) { return iou_of[j] > cut(run_of[j]) && label_of[j] != "" }
END {
	# The first group's runs by iteration; a group is what the plan calls so, and a layer.
	for (i = 1; i <= n; i++) {
		group[i] = cell[i, "group"] (several_layers(i) ? " " layer[i] : "")
		if (!(group[i] in known_group)) {
			known_group[group[i]] = ++groups
			called[groups] = group[i]
		}
		time[i] = cell[i, "iteration"] + 0
		key[i] = -time[i]
		order[i] = i
	}
	sort(order, n, key)
	for (g = 1; g <= groups; g++) {
		m = 0
		for (i = 1; i <= n; i++) if (group[order[i]] == called[g]) at_time[++m] = order[i]
		follow(g, m)
	}
	paper("Detectors of objects and parts emerge after those of colours and textures, and units do not pass from one category to another during training (section 3.5).")
	here(sprintf("Of %s that are detectors in two snapshots that follow each other, %d (%.0f %%) have another category in the second: %s what the paper found.", many(stays + changes, "unit", "units"), changes, stays + changes ? 100 * changes / (stays + changes) : 0, !(stays + changes) ? "nothing shows" : changes <= 0.1 * (stays + changes) ? "with a tenth or less, this shows" : "with more than a tenth, this does not show"))
	for (g = 1; g <= groups; g++) if (first_fine[g] != "") here(sprintf("%sMost unique detectors of objects and parts are at iteration %d, most of colours and textures at %d.", groups > 1 ? called[g] ": " : "", first_fine[g], first_low[g]))
}
function several_layers(i,    j) {
	for (j = 1; j <= n; j++) if (layer[j] != layer[1]) return 1
	return 0
}
# follow(G, M) -- group G's m runs, at_time[1..m]: detectors by category, units, transitions
function follow(g, m,    i, j, c, out, file, best_fine, best_low, fine, low, u, rows) {
	file = groups > 1 ? "-" g : ""
	out = dir "/detectors" file ".tsv"
	printf "iteration" >out
	for (c = 1; c <= categories; c++) printf "\t%s", category[c] >out
	printf "\n" >out
	best_fine = best_low = -1
	for (i = 1; i <= m; i++) {
		printf "%s", time[at_time[i]] >out
		for (c = 1; c <= categories; c++) printf "\t%d", detectors[at_time[i], category[c]] >out
		printf "\n" >out
		fine = unique[at_time[i], "object"] + unique[at_time[i], "part"]
		low = unique[at_time[i], "color"] + unique[at_time[i], "texture"]
		if (fine > best_fine) { best_fine = fine; first_fine[g] = time[at_time[i]] }
		if (low > best_low) { best_low = low; first_low[g] = time[at_time[i]] }
	}
	close(out)
	draw("log-lines", "detectors" file, "Detectors by category" (groups > 1 ? ": " called[g] : ""), "iteration", "detectors")
	delete what
	for (j = 1; j <= members; j++) if (is_detector(j)) what[run_of[j], unit_of[j]] = j
	rows = units[at_time[1]]
	out = dir "/units" file "-by-snapshot.tsv"
	printf "unit" >out
	for (i = 1; i <= m; i++) printf "\t%s", time[at_time[i]] >out
	printf "\n" >out
	delete moves
	for (u = 1; u <= rows; u++) {
		printf "%d", u >out
		for (i = 1; i <= m; i++) {
			j = what[at_time[i], u]
			printf "\t%s", j ? label_of[j] " (" category_of[j] ")" : "" >out
			if (i == 1) continue
			moves[state(what[at_time[i - 1], u]), state(j)]++
			if (what[at_time[i - 1], u] && j) {
				if (category_of[what[at_time[i - 1], u]] == category_of[j]) stays++
				else changes++
			}
		}
		printf "\n" >out
	}
	close(out)
	out = dir "/transitions" file ".tsv"
	printf "from" >out
	for (c = 0; c <= categories; c++) printf "\tto %s", c ? category[c] : "none" >out
	printf "\n" >out
	for (i = 0; i <= categories; i++) {
		printf "%s", i ? category[i] : "none" >out
		for (c = 0; c <= categories; c++) printf "\t%d", moves[i ? category[i] : "none", c ? category[c] : "none"] >out
		printf "\n" >out
	}
	close(out)
	draw("table", "transitions" file, "Transitions between snapshots that follow each other" (groups > 1 ? ": " called[g] : ""))
	draw("table", "units" file "-by-snapshot", "What each unit detects" (groups > 1 ? ": " called[g] : ""))
}
function state(j) { return j ? category_of[j] : "none" }
