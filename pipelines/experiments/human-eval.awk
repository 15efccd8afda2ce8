# human-eval.awk -- do people find what the dissection says? (section 3.1, table 3)
function share(i, what) {
	return human[i, what "-of"] + 0 ? sprintf("%d of %d (%.0f %%; %.0f to %.0f %%)", human[i, what], human[i, what "-of"], 100 * human[i, what "-share"], 100 * human[i, what "-low"], 100 * human[i, what "-high"]) : "none of none"
}
END {
	paper("Of the units of AlexNet's conv5, people found 194 of 256 interpretable; of these, other people accepted the same phrases for 91 %, and the method's labels for 71 %, in lower layers for fewer, down to 37 % in conv1 (section 3.1, table 3).")
	out = dir "/pages.tsv"
	print "run", "asks for phrases", "asks whether phrases fit" >out
	for (i = 1; i <= n; i++) if ((i, "describe") in asked) {
		pages++
		if (asked[i, "sheet"] != "") sheets++
		print label(i), asked[i, "describe"], asked[i, "sheet"] >out
	}
	close(out)
	if (pages) draw("links", "pages", "Pages that people fill in")
	out = dir "/people.tsv"
	for (i = 1; i <= n; i++) {
		if (!((i, "units") in human)) continue
		if (!told++) print "run", "units", "interpretable", "human", "human, of", "human, %", "from", "to", "method", "method, of", "method, %", "from", "to", "decoys accepted", "decoys", "agreement", "alpha", "from", "to" >out
		print label(i), human[i, "units"], human[i, "interpretable"], human[i, "human"], human[i, "human-of"], percent(i, "human-share"), percent(i, "human-low"), percent(i, "human-high"), human[i, "method"], human[i, "method-of"], percent(i, "method-share"), percent(i, "method-low"), percent(i, "method-high"), human[i, "decoys-yes"], human[i, "decoys"], number(i, "agreement"), number(i, "alpha"), number(i, "alpha-low"), number(i, "alpha-high") >out
		here(sprintf("%s: %d of %s interpretable; of those that were judged again, the same phrases are accepted for %s, the dissection's labels for %s%s.", label(i), human[i, "interpretable"], many(human[i, "units"], "unit is", "units are"), share(i, "human"), share(i, "method"), human[i, "human-of"] + 0 && human[i, "method-of"] + 0 ? (human[i, "method-share"] + 0 < human[i, "human-share"] + 0 ? ": fewer, as in the paper" : ": not fewer, unlike in the paper") : ""))
	}
	close(out)
	if (told) draw("table", "people", "What people accept, with 95 % intervals by Wilson, and for alpha by bootstrap")
	else if (!pages) here("There is no run of which to show anything.")
	else if (sheets) here("Nobody has judged phrases yet: the pages below ask whether they fit, and save tables, which the plan's column answers takes.")
	else here("Nobody has been asked yet: the pages below ask for phrases, and save tables, which the plan's column phrases takes.")
}
function percent(i, what) { return human[i, what] == "" ? "" : sprintf("%.1f", 100 * human[i, what]) }
function number(i, what) { return human[i, what] == "" ? "" : sprintf("%.3f", human[i, what]) }
