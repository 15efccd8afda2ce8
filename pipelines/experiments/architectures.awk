# architectures.awk -- several networks side by side (section 3.4)
function family(text) {
	text = tolower(text)
	return text ~ /resnet/ ? 4 : text ~ /vgg/ ? 3 : text ~ /googlenet|inception/ ? 2 : text ~ /alexnet|caffenet/ ? 1 : 0
}
END {
	for (i = 1; i <= n; i++) {
		order[i] = i
		total[i] = unique[i, "all"]
		kind = family(cell[i, "architecture"] != "" ? cell[i, "architecture"] : name[i] " " cell[i, "network"])
		if (kind) best[kind] = max(best[kind] + 0, total[i])
		if (cell[i, "csv"] != "") others++
		if (cell[i, "supervision"] != "" && cell[i, "supervision"] != "none") {
			own = cell[i, "supervision"] ~ /self/
			k[own]++
			sum[own] += total[i]
		}
	}
	sort(order, n, total)
	bars("unique", unique, order)
	bars("detectors", detectors, order)
	draw("bars", "unique", "Unique detectors, most first", "", "unique detectors")
	draw("bars", "detectors", "Detectors", "", "detectors")
	paper("ResNet has more unique detectors than VGG, VGG than GoogLeNet, GoogLeNet than AlexNet; networks trained to tell places more than those trained on ImageNet, and self-supervised ones fewest (section 3.4).")
	if (n < 2) here("One network is no comparison.")
	else here(sprintf("%s has most unique detectors, %d, and %s fewest, %d.", label(order[1]), total[order[1]], label(order[n]), total[order[n]]))
	if (others && others < n) here(sprintf("%s of others, perhaps on other images than the runs beside: counts depend on these, so only rows on the same images compare.", many(others, "row is a result", "rows are results")))
	split("AlexNet GoogLeNet VGG ResNet", names_of, " ")
	for (f = 1; f <= 4; f++) {
		if (!(f in best)) continue
		said = said (said == "" ? "" : ", ") names_of[f] " " best[f]
		if (families++ && best[f] <= before) odd++
		before = best[f]
	}
	if (families > 1) here(sprintf("The best of each architecture, in the paper's order: %s: %s what the paper found.", said, odd ? "this does not show" : "this shows"))
	if (k[0] && k[1]) here(sprintf("Supervised networks have %.1f unique detectors on the average, self-supervised ones %.1f: %s what the paper found.", sum[0] / k[0], sum[1] / k[1], sum[0] / k[0] > sum[1] / k[1] ? "this shows" : "this does not show"))
}
