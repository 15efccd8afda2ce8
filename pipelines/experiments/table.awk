# table.awk -- the tidy table of an experiment, read: what each experiments/NAME.awk begins with.
#
# Runs are numbered from 1 to n in the order of the table, one a layer of a row; of run i and
# category c, "all" among them, units[i], detectors[i,c], unique[i,c] and, counted in
# each category apart, unique_apart[i,c], iou[i,c], area[i,c];
# cell[i,column] of the plan.  Units of all runs are numbered from 1 to members: member j is
# unit_of[j] of run run_of[j], and best at label_of[j].  END writes tables that are drawn to dir,
# and to standard output
#
#   draw KIND FILE TITLE XLABEL YLABEL   bars (stacked by category), lines, log-lines, points or
#                                        named-points of dir/FILE.tsv, or the table as such;
#                                        links: a table of pages
#   paper TEXT                           what the paper found
#   released TEXT                        what a released table has
#   here TEXT                            what this run shows
BEGIN {
	FS = OFS = "\t"
	split("object scene part material texture color", category, " ")
	categories = 6
	for (c = 1; c <= 6; c++) known[category[c]] = 1
}
FNR == 1 {
	table++
	for (i = 1; i <= NF; i++) {
		at[$i] = i
		head[i] = $i
	}
	next
}
# Of runs with --permute what unit-chance sums up, and its rates over cuts; with --logits how good
# the network is, and what turning back changed; with --probe what class the layer tells.
FILENAME ~ /\/summary\.tsv$/ {
	for (i = 1; i <= NF; i++) chance[run[$1 FS $2], head[i]] = $i
	next
}
FILENAME ~ /\/accuracy\.tsv$/ {
	for (i = 3; i <= NF; i++) guess[run[$1 FS $2], head[i]] = $i
	next
}
FILENAME ~ /\/control\.tsv$/ {
	for (i = 3; i <= NF; i++) control[run[$1 FS $2], head[i]] = $i
	next
}
FILENAME ~ /\/probe\.tsv$/ {
	for (i = 3; i <= NF; i++) probe[run[$1 FS $2], head[i]] = $i
	next
}
# With --ablate what taking units out does: rows of unit-ablate's tables, each as it stands.
FILENAME ~ /\/(ablated|effects|by-class)\.tsv$/ {
	this_table = FILENAME
	sub(/.*\//, "", this_table)
	sub(/\.tsv$/, "", this_table)
	ablated_run[this_table, ++ablated[this_table]] = run[$1 FS $2]
	for (i = 3; i <= NF; i++) without[this_table, ablated[this_table], head[i]] = $i
	next
}
# What people were asked, and what they said.
FILENAME ~ /\/asked\.tsv$/ {
	for (i = 3; i <= NF; i++) asked[run[$1 FS $2], head[i]] = $i
	next
}
FILENAME ~ /\/human\.tsv$/ {
	for (i = 3; i <= NF; i++) human[run[$1 FS $2], head[i]] = $i
	next
}
FILENAME ~ /\/fdr\.tsv$/ {
	if (!(($3 SUBSEP $4) in cut_at)) { cut_at[$3, $4] = 1; if ($3 == "all") cuts[++cut_count] = $4 }
	observed[run[$1 FS $2], $3, $4] = $5
	permuted[run[$1 FS $2], $3, $4] = $6
	rate[run[$1 FS $2], $3, $4] = $7
	rate_low[run[$1 FS $2], $3, $4] = $8
	rate_high[run[$1 FS $2], $3, $4] = $9
	next
}
table == 2 {
	run_of[++members] = run[$1 FS $2]
	unit_of[members] = $3
	category_of[members] = $4
	label_of[members] = $5
	iou_of[members] = $6
	next
}
{
	this_run_is = $(at["name"]) FS $(at["layer"])
	if (!(this_run_is in run)) {
		run[this_run_is] = ++n
		name[n] = $(at["name"])
		layer[n] = $(at["layer"])
		if (!(name[n] in names)) { names[name[n]] = 1; several_names++ }
		for (i = 1; i <= NF; i++) cell[n, head[i]] = $i
		units[n] = $(at["units"])
	}
	this_run = run[this_run_is]
	this_category = $(at["category"])
	if (this_category != "all" && !(this_category in known)) {
		known[this_category] = 1
		category[++categories] = this_category
	}
	detectors[this_run, this_category] = $(at["detectors"])
	unique[this_run, this_category] = $(at["unique"])
	unique_apart[this_run, this_category] = $(at["unique-per-category"])
	iou[this_run, this_category] = $(at["iou"])
	area[this_run, this_category] = $(at["area"])
}
function draw(kind, file, title, xlabel, ylabel) { print "draw", kind, file, title, xlabel, ylabel }
function paper(text) { print "paper", text }
function released(text) { print "released", text }
function here(text) { print "here", text }
# What tells run i from the others, in few words.
function label(i) {
	if (several_names == 1 && layer[i] != "") return layer[i]
	return n > several_names && layer[i] != "" ? name[i] " " layer[i] : name[i]
}
# bars(FILE, NUMBERS, ORDER) -- a bar a run, of the numbers by category
function bars(file, numbers, order,    i, c, out) {
	out = dir "/" file ".tsv"
	printf "run" >out
	for (c = 1; c <= categories; c++) printf "\t%s", category[c] >out
	printf "\n" >out
	for (i = 1; i <= n; i++) {
		printf "%s", label(order[i]) >out
		for (c = 1; c <= categories; c++) printf "\t%d", numbers[order[i], category[c]] >out
		printf "\n" >out
	}
	close(out)
}
function many(k, one, more) { return k " " (k == 1 ? one : more) }
# what the run's detectors have to exceed
function cut(i) { return cell[i, "--threshold"] != "" ? cell[i, "--threshold"] : 0.04 }
# top(I, K) -- percent right among the first k guesses, 1 or 5, at the network's own task, as measured,
# or as the plan says
function top(i, k) { return (i, "top" k) in guess ? 100 * guess[i, "top" k] : cell[i, "top" k] }
# sort(A, N, KEY) -- numbers in A by descending KEY of them, equal ones as they stand
function sort(a, n, key,    i, j, x) {
	for (i = 2; i <= n; i++) {
		x = a[i]
		for (j = i - 1; j > 0 && key[a[j]] < key[x]; j--) a[j + 1] = a[j]
		a[j + 1] = x
	}
}
function max(a, b) { return a > b ? a : b }
