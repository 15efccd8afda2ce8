# repeats.awk -- ways to train a network, each from several initialisations (section 3.5)
#
# Runs of the column variant are told apart by the column repeat; the first variant is the one
# that others are compared with, repeat by repeat.  Rotated runs are those of other axes.
function own_of(v, s, what, of,    i) {
	i = at_home[v, s]
	return what == "detectors" ? detectors[i, of] + 0 : what == "unique" ? unique[i, of] + 0 : what == "area" ? area[i, of] : top(i, 1)
}
function turned(v, s) { return sum_turned[v, s] / times_turned[v, s] }
function value(v, s, what, of) {
	if (what == "rotated") return (v, s) in sum_turned ? turned(v, s) : ""
	if (what == "ratio") return (v, s) in sum_turned && own_of(v, s, "unique", "all") ? turned(v, s) / own_of(v, s, "unique", "all") : ""
	return own_of(v, s, what, of)
}
# over(V, WHAT, OF, LESS) -- over its repeats: count, mean, and from and to of its interval; with
# less, of what is more than in variant less
function over(v, what, of, less,    s, x, y, sum, squares, h) {
	count = sum = squares = 0
	least = most = ""
	for (s = 1; s <= repeats; s++) {
		if (!((v, s) in at_home) || (less && !((less, s) in at_home))) continue
		x = value(v, s, what, of)
		if (x == "") continue
		if (less) {
			y = value(less, s, what, of)
			if (y == "") continue
			x -= y
		}
		count++
		sum += x
		squares += x ^ 2
		if (least == "" || x < least) least = x
		if (most == "" || x > most) most = x
	}
	if (!count) return ""
	h = half(count, sum, squares)
	mean = sum / count
	from = mean - h
	to = mean + h
	deviation = count > 1 ? sqrt((squares - sum * mean) / (count - 1) > 0 ? (squares - sum * mean) / (count - 1) : 0) : 0
	return mean
}
# A row for each variant of what, in the form that the number has.
function means(text, what, of, form,    v) {
	for (v = 1; v <= variants; v++)
		if (over(v, what, of, 0) != "")
			print text, variant[v], count, sprintf(form, mean), (count > 1 ? sprintf(form, from) : ""), (count > 1 ? sprintf(form, to) : ""), sprintf(form, least), sprintf(form, most) >out
}
function difference(v, what, of) {
	if (over(v, what, of, 1) == "") return ""
	return sprintf("%+.1f%s", mean, count > 1 ? sprintf(" (%+.1f to %+.1f)", from, to) : "")
}
END {
	for (i = 1; i <= n; i++) {
		v = cell[i, "variant"]
		s = cell[i, "repeat"]
		if (v == "") continue
		if (!(v in number_of)) { number_of[v] = ++variants; variant[variants] = v }
		if (!(s in repeat_of)) { repeat_of[s] = ++repeats; repeat[repeats] = s }
		v = number_of[v]
		s = repeat_of[s]
		if (cell[i, "--rotate"] + 0 == 0) at_home[v, s] = i
		else { sum_turned[v, s] += unique[i, "all"]; times_turned[v, s]++ }
		if (cell[i, "csv"] != "") others++
	}
	paper("From other initialisations networks become about as interpretable; without dropout there are more detectors of textures and fewer of objects; batch normalisation has far fewer unique detectors (section 3.5).  Rotated, unique detectors are fewer (section 3.2).")
	if (!variants) {
		here("No row has a variant: there is nothing to compare.")
		exit
	}
	out = dir "/variants.tsv"
	print "what", "variant", "repeats", "mean", "from", "to", "least", "most" >out
	means("unique detectors", "unique", "all", "%.1f")
	means("detectors", "detectors", "all", "%.1f")
	for (c = 1; c <= categories; c++) means("unique detectors: " category[c], "unique", category[c], "%.1f")
	means("area under unique detectors", "area", "all", "%.3f")
	means("first guess, %", "top1", "", "%.2f")
	means("unique detectors, rotated", "rotated", "", "%.1f")
	means("rotated / own", "ratio", "", "%.3f")
	close(out)
	out = dir "/categories.tsv"
	printf "variant" >out
	for (c = 1; c <= categories; c++) printf "\t%s", category[c] >out
	printf "\n" >out
	for (v = 1; v <= variants; v++) {
		printf "%s", variant[v] >out
		for (c = 1; c <= categories; c++) printf "\t%.1f", over(v, "unique", category[c], 0) >out
		printf "\n" >out
	}
	close(out)
	out = dir "/spread.tsv"
	printf "repeat" >out
	for (v = 1; v <= variants; v++) printf "\t%s\t%s rotated", variant[v], variant[v] >out
	printf "\n" >out
	for (s = 1; s <= repeats; s++) {
		printf "%s", repeat[s] >out
		for (v = 1; v <= variants; v++) printf "\t%s\t%s", (v, s) in at_home ? own_of(v, s, "unique", "all") : "", value(v, s, "rotated") >out
		printf "\n" >out
	}
	close(out)
	draw("table", "variants", "Means over repeats, and their 95 % intervals by Student's t")
	draw("bars", "categories", "Unique detectors by category, means over repeats", "", "unique detectors")
	draw("lines", "spread", "Unique detectors of each repeat", "repeat", "unique detectors")
	over(1, "unique", "all", 0)
	if (count < 2) here("One run of a variant has no spread.")
	else if (!mean) here(sprintf("From %d initialisations %s has no unique detectors.", count, variant[1]))
	else here(sprintf("From %d initialisations %s has %.1f unique detectors (%.1f to %.1f; single ones %d to %d): their standard deviation is %.0f %% of the mean, so %s.", count, variant[1], mean, from, to, least, most, 100 * deviation / mean, deviation <= 0.1 * mean ? "with a tenth or less, this shows what the paper found" : "with more than a tenth, this does not show what the paper found"))
	for (v = 2; v <= variants; v++) {
		if (over(v, "unique", "all", 1) == "") continue
		said = sprintf("%s against %s, repeat by repeat: unique detectors %s", variant[v], variant[1], difference(v, "unique", "all"))
		over(v, "unique", "all", 1)
		fewer = count > 1 && to < 0
		said = said sprintf(", those of objects %s", difference(v, "unique", "object"))
		objects_fewer = count > 1 && to < 0
		said = said sprintf(", of textures %s", difference(v, "unique", "texture"))
		textures_more = count > 1 && from > 0
		if (difference(v, "top1", "") != "") said = said sprintf(", first guesses in percent %s", difference(v, "top1", ""))
		verdict = ""
		if (variant[v] ~ /norm/) verdict = fewer ? "this shows what the paper found" : "this does not show what the paper found"
		else if (variant[v] ~ /no.*dropout/) verdict = objects_fewer && textures_more ? "this shows what the paper found" : objects_fewer || textures_more ? "this shows half of what the paper found" : "this does not show what the paper found"
		here(said (verdict == "" ? "" : ": " verdict) ".")
	}
	for (v = 1; v <= variants; v++) {
		if (over(v, "ratio", "", 0) == "") continue
		here(sprintf("Rotated, %s has %.2f of its own unique detectors%s: %s.", variant[v], mean, count > 1 ? sprintf(" (95 %% interval %.2f to %.2f over %s)", from, to, many(count, "repeat", "repeats")) : "", count > 1 && to < 1 ? "this shows what the paper found" : "this does not show what the paper found"))
	}
	if (others) here(sprintf("%s of networks that do not ship; README.md in the plan's folder says how they were made.", many(others, "row is a result", "rows are results")))
}
