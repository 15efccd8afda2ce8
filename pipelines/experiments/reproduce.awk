# reproduce.awk -- results beside those that others released, unit by unit.  A row with a csv is
# compared to the row that its column "of" names, or else to the first row.
function number(i, unit) { return unit + (first[i] == 0) } # some tables count units from 0
function distance(a, b) { return a > b ? a - b : b - a }
function yes(is) { return is ? "yes" : "no" }
# compare(I, O) -- released run i with run o
function compare(i, o,    u, j, k, m, same, alike, both, mine, theirs, here_only, d, x, y, sx, sy, sxx, syy, sxy, vary, r, c) {
	for (u = 1; u <= last[o]; u++) {
		j = member[o, u]
		k = member[i, u]
		if (!j && !k) continue
		if (!j || !k) { here_only += j > 0; alone += k > 0; continue }
		m++
		x = iou_of[k] + 0
		y = iou_of[j] + 0
		sx += x; sy += y; sxx += x * x; syy += y * y; sxy += x * y
		same += label_of[j] == label_of[k]
		alike += category_of[j] == category_of[k]
		both += x > cut(o) && y > cut(o)
		mine += y > cut(o) && x <= cut(o)
		theirs += x > cut(o) && y <= cut(o)
		rows++
		apart[rows] = distance(x, y)
		weight[rows] = apart[rows] + 2 * (label_of[j] != label_of[k])
		row[rows] = name[o] OFS u OFS label_of[j] OFS category_of[j] OFS iou_of[j] OFS label_of[k] OFS category_of[k] OFS iou_of[k] OFS yes(label_of[j] == label_of[k])
		print x, label_of[j] == label_of[k] ? y : "", label_of[j] == label_of[k] ? "" : y >(dir "/scatter.tsv")
		of_pair[m] = rows
		d[rows] = apart[rows]
	}
	for (u = last[o] + 1; u <= last[i]; u++) alone += member[i, u] > 0
	released(sprintf("%s: %s, of which %d detect %s by their best label, and %s by category, added up.", name[i], many(units[i], "unit", "units"), detectors[i, "all"], many(unique[i, "all"], "concept", "concepts"), unique_apart[i, "all"]))
	here(sprintf("%s: %s, of which %d detect %s by their best label, and %s by category, added up.", label(o), many(units[o], "unit", "units"), detectors[o, "all"], many(unique[o, "all"], "concept", "concepts"), unique_apart[o, "all"]))
	if (here_only || alone) here(sprintf("%s here only, and %s there only.", many(here_only + 0, "unit is", "units are"), many(alone + 0, "is", "are")))
	alone = 0
	if (!m) { here("No unit is in both: nothing can be compared."); return }
	sort(of_pair, m, d)
	vary = (sxx - sx * sx / m) * (syy - sy * sy / m)
	r = vary > 0 ? sprintf("; Pearson's r is %.6f", (sxy - sx * sy / m) / sqrt(vary)) : ""
	here(sprintf("Of %s in both, %d have the same label (%.1f %%) and %d a label of the same category. IoUs are %.6f apart at the median, and %.6f at most%s.", many(m, "unit", "units"), same, 100 * same / m, alike, (apart[of_pair[int((m + 1) / 2)]] + apart[of_pair[int(m / 2) + 1]]) / 2, apart[of_pair[1]], r))
	here(sprintf("%s in both, %d only here, %d only there: %s.", many(both + 0, "unit is a detector", "units are detectors"), mine, theirs, same == m && !mine && !theirs ? "the same labels and the same detectors" : "not the same table"))
}
END {
	print "released IoU", "same label", "another label" >(dir "/scatter.tsv")
	for (j = 1; j <= members; j++) {
		i = run_of[j]
		if (!(i in first) || unit_of[j] + 0 < first[i]) first[i] = unit_of[j] + 0
	}
	for (j = 1; j <= members; j++) {
		i = run_of[j]
		u = number(i, unit_of[j])
		member[i, u] = j
		last[i] = max(last[i] + 0, u)
	}
	for (i = 1; i <= n; i++) {
		order[i] = i
		if (cell[i, "csv"] == "") continue
		with = 0
		for (o = n; o > 0; o--)
			if (o != i && (cell[i, "of"] == "" ? cell[o, "csv"] == "" : name[o] == cell[i, "of"])) with = o
		if (!with) continue
		pairs++
		compare(i, with)
	}
	if (!pairs) { here("No result of others is here: a plan of this experiment has a row with a csv, and the row that it is compared to.") }
	close(dir "/scatter.tsv")
	for (k = 1; k <= rows; k++) sorted[k] = k
	sort(sorted, rows, weight)
	print "run", "unit", "label", "category", "IoU", "released label", "released category", "released IoU", "same label" >(dir "/compared.tsv")
	for (k = 1; k <= rows; k++) print row[sorted[k]] >(dir "/compared.tsv")
	close(dir "/compared.tsv")
	bars("unique", unique, order)
	bars("detectors", detectors, order)
	if (rows) draw("points", "scatter", "Each unit's IoU", "released IoU", "IoU here")
	draw("bars", "unique", "Unique detectors", "", "unique detectors")
	draw("bars", "detectors", "Detectors", "", "detectors")
	if (rows) draw("table", "compared", "Each unit: another label first, then by how far IoUs are apart", "", "")
}
