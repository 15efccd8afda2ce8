# table.awk -- the tidy table of an experiment, read: what each experiments/NAME.awk begins with.
#
# Runs are numbered from 1 to n in the order of the table, one a layer of a row; of run i and
# category c, "all" among them, units[i], detectors[i,c], unique[i,c] and, counted in
# each category apart, unique_apart[i,c], iou[i,c], area[i,c];
# cell[i,column] of the plan.  Units of all runs are numbered from 1
# to members: member j is unit_of[j] of run run_of[j], and best at label_of[j].  END writes tables that are drawn to dir, and to standard output
#
#   draw KIND FILE TITLE XLABEL YLABEL   bars (stacked by category) or lines of dir/FILE.tsv
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
# With --permute, of each run what unit-chance sums up, and its rates over cuts.
table == 3 && FILENAME ~ /summary\.tsv$/ {
	for (i = 1; i <= NF; i++) chance[run[$1 FS $2], head[i]] = $i
	next
}
FILENAME ~ /fdr\.tsv$/ {
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
# half the 95 % interval of a mean of k numbers, of which sum and sum of squares are given
function half(k, sum, squares,    t, q) {
	if (k < 2) return 0
	split("12.706 4.303 3.182 2.776 2.571 2.447 2.365 2.306 2.262 2.228 2.201 2.179 2.160 2.145 2.131 2.120 2.110 2.101 2.093 2.086", t, " ")
	q = (squares - sum * sum / k) / (k - 1)
	return (k <= 21 ? t[k - 1] : 2.086) * sqrt(q > 0 ? q / k : 0)
}
# sort(A, N, KEY) -- numbers in A by descending KEY of them, equal ones as they stand
function sort(a, n, key,    i, j, x) {
	for (i = 2; i <= n; i++) {
		x = a[i]
		for (j = i - 1; j > 0 && key[a[j]] < key[x]; j--) a[j + 1] = a[j]
		a[j + 1] = x
	}
}
function max(a, b) { return a > b ? a : b }
