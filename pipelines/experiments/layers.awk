# layers.awk -- which concepts emerge in which layer (section 3.3)
function share(i, a, b) {
	return unique[i, "all"] ? (unique[i, a] + unique[i, b]) / unique[i, "all"] : 0
}
END {
	for (i = 1; i <= n; i++) order[i] = i
	bars("unique", unique, order)
	bars("detectors", detectors, order)
	draw("bars", "unique", "Unique detectors by layer", "", "unique detectors")
	draw("bars", "detectors", "Detectors by layer", "", "detectors")
	paper("Colours and textures dominate in the lower layers of AlexNet; object and part detectors emerge in the higher ones, most of them in conv5 (section 3.3).")
	first = 1
	last = n
	best = 1
	for (i = 2; i <= n; i++) if (unique[i, "all"] > unique[best, "all"]) best = i
	if (n < 2) {
		here("One layer is no comparison.")
	} else {
		here(sprintf("From %s to %s, unique detectors go from %d to %d, those of objects and parts from %d to %d; %s has most.", label(first), label(last), unique[first, "all"], unique[last, "all"], unique[first, "object"] + unique[first, "part"], unique[last, "object"] + unique[last, "part"], label(best)))
		low = share(first, "color", "texture")
		high = share(last, "color", "texture")
		here(sprintf("Colours and textures are %.0f %% of the unique detectors in %s and %.0f %% in %s: %s what the paper found.", 100 * low, label(first), 100 * high, label(last), low > high && unique[last, "object"] + unique[last, "part"] > unique[first, "object"] + unique[first, "part"] ? "this shows" : "this does not show"))
	}
}
