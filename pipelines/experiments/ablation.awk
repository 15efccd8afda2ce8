# ablation.awk -- do the detectors of a concept matter to its class more than other units do?
#
# Drops and p are unit-ablate's; what is made of them here are means over classes, and counts.
function points(x) { return x == "" ? "" : sprintf("%.2f", 100 * x) }
function plain(x) { return x == "" ? "" : sprintf("%.3f", x) }
function of(table, k, column) { return without[table, k, column] }
# what is told of a measure: percent, or logits as they are
function shown(measure, x) { return measure == "accuracy" ? points(x) : plain(x) }
# concepts(MEASURE, TITLE) -- a row for each concept of each run, the least p first
function concepts(measure, title,    i, j, k, m, order, key, out) {
	out = dir "/concepts-" measure ".tsv"
	print "concept", "run", "detectors", "its class", "known by", "drop of it", "of others", "more", "random more", "from", "to", "p", "q" >out
	for (i = 1; i <= n; i++) {
		m = 0
		for (k = 1; k <= ablated["ablated"]; k++) if (ablated_run["ablated", k] == i && of("ablated", k, "measure") == measure) {
			order[++m] = k
			key[k] = of("ablated", k, "p") == "" ? -3 : -of("ablated", k, "p")
		}
		sort(order, m, key)
		for (j = 1; j <= m; j++) {
			k = order[j]
			print of("ablated", k, "concept"), label(i), of("ablated", k, "units"), of("ablated", k, "class"), of("ablated", k, "class-by"), shown(measure, of("ablated", k, "drop")), shown(measure, of("ablated", k, "others")), shown(measure, of("ablated", k, "more")), shown(measure, of("ablated", k, "random")), shown(measure, of("ablated", k, "random-low")), shown(measure, of("ablated", k, "random-high")), plain(of("ablated", k, "p")), plain(of("ablated", k, "q")) >out
		}
	}
	close(out)
	draw("table", "concepts-" measure, title)
}
# effects(I, MEASURE, TITLE) -- what the detectors of each concept do to each class
function effects(i, measure, title,    k, c, out, concept, class, rows, columns, seen, drop, file) {
	for (k = 1; k <= ablated["effects"]; k++) if (ablated_run["effects", k] == i) {
		if (!((1, of("effects", k, "concept")) in seen)) { seen[1, of("effects", k, "concept")] = 1; concept[++rows] = of("effects", k, "concept") }
		if (!((2, of("effects", k, "class")) in seen)) { seen[2, of("effects", k, "class")] = 1; class[++columns] = of("effects", k, "class") }
		drop[of("effects", k, "concept"), of("effects", k, "class")] = shown(measure, of("effects", k, measure))
	}
	if (!rows) return
	file = "effects-" measure "-" i
	out = dir "/" file ".tsv"
	printf "without the detectors of" >out
	for (c = 1; c <= columns; c++) printf "\t%s", class[c] >out
	printf "\n" >out
	for (k = 1; k <= rows; k++) {
		printf "%s", concept[k] >out
		for (c = 1; c <= columns; c++) printf "\t%s", drop[concept[k], class[c]] >out
		printf "\n" >out
	}
	close(out)
	draw("table", file, title)
}
# curve(MEASURE, TITLE, YLABEL) -- means over classes of what their most important units do
function curve(measure, title, ylabel,    i, k, s, sum, others, random, classes, out) {
	out = dir "/classes-" measure ".tsv"
	printf "units" >out
	for (i = 1; i <= n; i++) if (runs_ablated[i]) printf "\t%s\t%s: other classes\t%s: random units", label(i), label(i), label(i) >out
	printf "\n" >out
	for (k = 1; k <= ablated["by-class"]; k++) if (of("by-class", k, "measure") == measure && of("by-class", k, "drop") != "") {
		i = ablated_run["by-class", k]
		s = of("by-class", k, "size")
		classes[i, s]++
		sum[i, s] += of("by-class", k, "drop")
		others[i, s] += of("by-class", k, "others")
		random[i, s] += of("by-class", k, "random")
	}
	for (s = 1; s <= 16; s *= 2) {
		printf "%d", s >out
		for (i = 1; i <= n; i++) if (runs_ablated[i]) printf "\t%s\t%s\t%s", shown(measure, mean(sum[i, s], classes[i, s])), shown(measure, mean(others[i, s], classes[i, s])), shown(measure, mean(random[i, s], classes[i, s])) >out
		printf "\n" >out
	}
	close(out)
	for (i = 1; i <= n; i++) if (runs_ablated[i] && measure == "accuracy") {
		own_drop[i] = mean(sum[i, 16], classes[i, 16])
		other_drop[i] = mean(others[i, 16], classes[i, 16])
		random_drop[i] = mean(random[i, 16], classes[i, 16])
	}
	draw("lines", "classes-" measure, title, "most important units taken out", ylabel)
}
function mean(sum, count) { return count ? sum / count : "" }
# how the two sides of a set compare
function balance(    i, k, out) {
	out = dir "/balance.tsv"
	print "concept", "run", "detectors", "mean activation", "of random sets", "norm of outgoing weights", "of random sets" >out
	for (k = 1; k <= ablated["ablated"]; k++) if (of("ablated", k, "measure") == "accuracy")
		print of("ablated", k, "concept"), label(ablated_run["ablated", k]), of("ablated", k, "units"), plain(of("ablated", k, "activation")), plain(of("ablated", k, "random-activation")), plain(of("ablated", k, "norm")), plain(of("ablated", k, "random-norm")) >out
	close(out)
	draw("table", "balance", "How like the detectors the random units are")
}
# say(I) -- what run i shows, by either measure
function say(i,    k, m, measure, tested, more, beyond, best, text) {
	for (m = 1; m <= 2; m++) {
		measure = m == 1 ? "accuracy" : "logit"
		tested = more = beyond = best = 0
		for (k = 1; k <= ablated["ablated"]; k++) if (ablated_run["ablated", k] == i && of("ablated", k, "measure") == measure && of("ablated", k, "p") != "") {
			tested++
			more += of("ablated", k, "more") > 0
			beyond += of("ablated", k, "q") <= 0.05
			if (!best || of("ablated", k, "p") + 0 < of("ablated", best, "p") + 0 || (of("ablated", k, "p") == of("ablated", best, "p") && of("ablated", k, "more") + 0 > of("ablated", best, "more") + 0)) best = k
		}
		if (!tested) return
		text = text sprintf("%s By %s, taking out the detectors hurts the concept's class more than the mean of others for %d of %s, and more than random units do (q <= 0.05) for %d", m == 1 ? "" : ".", m == 1 ? "balanced accuracy" : "the class's logit", more, many(tested, "concept", "concepts"), beyond)
		if (m == 2) text = text sprintf("; first of these is %s, whose %s take %s from the logit of %s, %s from those of others and, as random units, %s more (p = %s)", of("ablated", best, "concept"), many(of("ablated", best, "units"), "detector", "detectors"), plain(of("ablated", best, "drop")), of("ablated", best, "class"), plain(of("ablated", best, "others")), plain(of("ablated", best, "random")), plain(of("ablated", best, "p")))
	}
	here(label(i) ":" text ".")
	if (own_drop[i] != "") here(sprintf("%s: without its 16 most important units a class loses %s points of balanced accuracy, as the mean over classes, where other classes lose %s; without as many random units it loses %s.", label(i), points(own_drop[i]), points(other_drop[i]), points(random_drop[i])))
}
END {
	paper("Dissection alone does not tell whether a network uses its detectors.  A later paper (Bau and others, PNAS 2020) takes units out: a class loses most without the few units that matter most to it, and those often detect what is seen in its images.")
	for (k = 1; k <= ablated["ablated"]; k++) runs_ablated[ablated_run["ablated", k]] = 1
	if (!ablated["ablated"]) {
		here("No run took units out: give --ablate, --logits and --task, or columns of that name.")
		exit
	}
	curve("accuracy", "What a class loses without its most important units", "points of balanced accuracy")
	curve("logit", "The same of its logit", "logit")
	concepts("logit", "Concepts: does its class lose more logit than others, and than by random units?")
	concepts("accuracy", "Concepts, by points of balanced accuracy")
	for (i = 1; i <= n; i++) effects(i, "logit", label(i) ": what each class loses of its logit")
	for (i = 1; i <= n; i++) effects(i, "accuracy", label(i) ": what each class loses, in points of balanced accuracy")
	balance()
	for (i = 1; i <= n; i++) say(i)
	here("The order of units and the class of a concept were found on half of the images, by their names, and effects measured on the others.  The class is that of the concept's name, or else that whose images hold it most often, compared to others.  Random sets are of equal size, and like the detectors in mean activation and in the norm of outgoing weights; sets.tsv has all of them.")
}
