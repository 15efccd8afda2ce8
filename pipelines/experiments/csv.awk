# csv.awk -- rows of a tidy table from what stands before, counts by category, unit-summary's
# concepts, and a result CSV: the mean over units of their best IoU, over all categories and in
# each, and the area under unique detectors against the cut, which is the sum of each
# concept's greatest IoU.  To -v units=FILE goes each unit: -v who=, unit, category, label, IoU.
function fields(s, f,    n, c, quoted, text) {
	n = 0
	while (1) {
		text = ""
		if (substr(s, 1, 1) == "\"") {
			s = substr(s, 2)
			while (c = index(s, "\"")) {
				text = text substr(s, 1, c - 1)
				s = substr(s, c + 1)
				if (substr(s, 1, 1) != "\"") break
				text = text "\""
				s = substr(s, 2)
			}
		}
		c = index(s, ",")
		f[++n] = text (c ? substr(s, 1, c - 1) : s)
		if (!c) return n
		s = substr(s, c + 1)
	}
}
FNR == 1 { file++ }
file == 1 { before = $0; next }
file == 2 { split($0, f, "\t"); order[++n] = f[1]; counts[f[1]] = $0; next }
file == 3 {
	split($0, f, "\t")
	if (FNR > 1) { area[f[2]] += f[5]; area["all"] += f[5] }
	next
}
{
	sub(/\r$/, "")
	k = fields($0, f)
	if (FNR == 1) {
		for (i = 1; i <= k; i++) {
			at[f[i]] = i
			if (f[i] == "score") of[i] = "all"
			else if (f[i] ~ /-iou$/) of[i] = substr(f[i], 1, length(f[i]) - 4)
		}
		next
	}
	count++
	printf "%s\t%s\t%s\t%s\t%s\n", who, f[at["unit"]], f[at["category"]], f[at["label"]], f[at["score"]] >>units
	for (i in of) sum[of[i]] += f[i]
}
END {
	for (i = 1; i <= n; i++)
		printf "%s\t%s\t%.6f\t%.6f\n", before, counts[order[i]], count ? sum[order[i]] / count : 0, area[order[i]]
}
