# rotation.awk -- the same representation on other axes: Q^alpha of it (section 3.2)
# means(FILE, NUMBERS, CATEGORY...) are over seeds, with intervals; what is not rotated is one.
function means(file, numbers, categories_of, count, titles,    out, i, s, c, x, x2, k, h) {
	out = dir "/" file ".tsv"
	printf "alpha" >out
	for (c = 1; c <= count; c++) printf "\t%s\t%s from\t%s to", titles[c], titles[c], titles[c] >out
	printf "\n" >out
	for (s = 1; s <= steps; s++) {
		printf "%s", step[s] >out
		for (c = 1; c <= count; c++) {
			x = x2 = k = 0
			for (i = 1; i <= n; i++) {
				if (alpha[i] != step[s]) continue
				k++
				x += numbers[i, categories_of[c]]
				x2 += numbers[i, categories_of[c]] ^ 2
			}
			h = half(k, x, x2)
			printf "\t%.6g\t%.6g\t%.6g", x / k, x / k - h, x / k + h >out
		}
		printf "\n" >out
	}
	close(out)
}
END {
	for (i = 1; i <= n; i++) {
		alpha[i] = cell[i, "--rotate"] + 0
		if (!(alpha[i] in seen)) {
			seen[alpha[i]] = 1
			step[++steps] = alpha[i]
		}
		if (layer[i] != layer[1] || cell[i, "network"] != cell[1, "network"]) mixed = 1
	}
	for (i = 2; i <= steps; i++) {
		x = step[i]
		for (j = i - 1; j > 0 && step[j] > x; j--) step[j + 1] = step[j]
		step[j + 1] = x
	}
	paper("The more the axes of conv5 are turned at random, the fewer unique detectors there are, though a rotation takes nothing from what the network can tell (section 3.2).")
	if (mixed) {
		here("More than one layer or network: nothing is drawn, as a mean over them says nothing.")
		exit
	}
	split("all", one, " ")
	split("unique", title, " ")
	means("unique", unique, one, 1, title)
	split("detectors", title, " ")
	means("detectors", detectors, one, 1, title)
	split("area", title, " ")
	means("area", area, one, 1, title)
	split("IoU", title, " ")
	means("iou", iou, one, 1, title)
	means("by-category", unique, category, categories, category)
	draw("lines", "unique", "Unique detectors against alpha; mean and 95 % interval over seeds", "alpha", "unique detectors")
	draw("lines", "by-category", "By category", "alpha", "unique detectors")
	draw("lines", "detectors", "Detectors", "alpha", "detectors")
	draw("lines", "area", "Area under unique detectors against the IoU cut", "alpha", "sum of the greatest IoU of each concept")
	draw("lines", "iou", "Mean of the units' best IoU", "alpha", "IoU")
	for (i = 1; i <= n; i++) {
		if (alpha[i] == 0) own = unique[i, "all"]
		if (alpha[i] != step[steps]) continue
		k++
		x1 += unique[i, "all"]
		x2 += unique[i, "all"] ^ 2
	}
	if (step[1] != 0 || steps < 2 || !own) {
		here("Without a run that is not rotated, and has detectors, there is nothing to compare with.")
		exit
	}
	h = half(k, x1, x2) / own
	ratio = x1 / k / own
	here(sprintf("Unique detectors go from %d in the network's own basis to %.1f at alpha %s, on the average of %s, which is %.2f of its own%s: %s.", own, x1 / k, step[steps], many(k, "seed", "seeds"), ratio, k > 1 ? sprintf(" (95 %% interval %.2f to %.2f)", ratio - h, ratio + h) : "", k < 2 ? (ratio < 1 ? "they fall, but one seed has no interval" : "this does not show what the paper found") : ratio + h < 1 ? "this shows what the paper found" : "this does not show what the paper found"))
}
