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
				if (alpha[i] != step[s] || for_cut[i]) continue
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
# at_the(T) -- at_cut: unique detectors of each run at this cut
function at_the(t,    j, seen) {
	for (j = 1; j <= members; j++) {
		if (label_of[j] == "" || iou_of[j] + 0 <= t + 0 || (run_of[j], label_of[j]) in seen) continue
		seen[run_of[j], label_of[j]] = 1
		at_cut[run_of[j], "all"]++
	}
}
# What labels of other images say is the cut; a run with them is drawn only if there is none
# without.
function find_cut(    i, plain) {
	for (i = 1; i <= n; i++) {
		if ((i, "permutations") in chance) with_chance = i
		else if (cell[i, "--rotate"] + 0 == 0) plain = i
	}
	if (with_chance && plain) for_cut[with_chance] = 1
}
function right(i, what) { return (i, what) in guess ? sprintf("%.2f", 100 * guess[i, what]) : "" }
# Is what the rest of the network says the same, after the axes were turned there and back?
function say_control(    i, k, own_run, worst, greatest, least, most, logits) {
	for (i = 1; i <= n; i++) {
		if (cell[i, "--rotate"] + 0 == 0 && (i, "top1") in guess && !for_cut[i]) own_run = i
		if (!((i, "difference") in control)) continue
		k++
		worst = max(worst + 0, control[i, "difference"] + 0)
		greatest = max(greatest + 0, control[i, "greatest"] + 0)
		logits = control[i, "logits"]
		if (!((i, "top1") in guess)) continue
		if (least == "" || guess[i, "top1"] < least) least = guess[i, "top1"]
		if (most == "" || guess[i, "top1"] > most) most = guess[i, "top1"]
	}
	if (!k) return
	out = dir "/control.tsv"
	print "run", "alpha", "seed", "images", "first guess, %", "among five, %", "logits", "greatest logit", "greatest difference" >out
	for (i = 1; i <= n; i++) if (i == own_run || (i, "difference") in control)
		print label(i), cell[i, "--rotate"] + 0, cell[i, "--seed"], guess[i, "images"], right(i, "top1"), right(i, "top5"), control[i, "logits"], control[i, "greatest"], control[i, "difference"] >out
	close(out)
	draw("table", "control", "The control: rotated, turned back, and fed into the rest of the network")
	here(sprintf("The control: turned there and back, and fed into the rest of the network, the activations of %s give logits that differ by at most %.2g from its own, of which the greatest is %.3g%s: %s.", many(k, "rotated run", "rotated runs"), worst, greatest, own_run && least != "" ? sprintf("; %.2f %% of first guesses are right without rotation, and %s with it", 100 * guess[own_run, "top1"], least == most ? sprintf("%.2f %%", 100 * least) : sprintf("%.2f to %.2f %%", 100 * least, 100 * most)) : "", worst <= 0.0001 * greatest ? "the rotation takes nothing from what the network can tell" : "that is more than rounding"))
}
END {
	find_cut()
	for (i = 1; i <= n; i++) {
		alpha[i] = cell[i, "--rotate"] + 0
		if (for_cut[i]) continue
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
	t = with_chance ? chance[with_chance, "cut-at-level"] : ""
	if (t != "") {
		at_the(t)
		means("unique-at-chance", at_cut, one, 1, title)
	}
	split("detectors", title, " ")
	means("detectors", detectors, one, 1, title)
	split("area", title, " ")
	means("area", area, one, 1, title)
	split("IoU", title, " ")
	means("iou", iou, one, 1, title)
	means("by-category", unique, category, categories, category)
	draw("lines", "unique", "Unique detectors against alpha; mean and 95 % interval over seeds", "alpha", "unique detectors")
	if (t != "") draw("lines", "unique-at-chance", sprintf("Unique detectors at an IoU of %.3f, the least at which a twentieth may be by chance", t), "alpha", "unique detectors")
	draw("lines", "by-category", "By category", "alpha", "unique detectors")
	draw("lines", "detectors", "Detectors", "alpha", "detectors")
	draw("lines", "area", "Area under unique detectors against the IoU cut", "alpha", "sum of the greatest IoU of each concept")
	draw("lines", "iou", "Mean of the units' best IoU", "alpha", "IoU")
	for (i = 1; i <= n; i++) {
		if (for_cut[i]) continue
		if (alpha[i] == 0) at_home = i
		if (alpha[i] != step[steps]) continue
		k++
		at_chance += at_cut[i, "all"]
		areas += area[i, "all"]
		ious += iou[i, "all"]
		x1 += unique[i, "all"]
		x2 += unique[i, "all"] ^ 2
	}
	own_unique = at_home ? unique[at_home, "all"] : 0
	if (step[1] != 0 || steps < 2 || !own_unique) {
		here("Without a run that is not rotated, and has detectors, there is nothing to compare with.")
		say_control()
		exit
	}
	h = half(k, x1, x2) / own_unique
	ratio = x1 / k / own_unique
	here(sprintf("Unique detectors go from %d in the network's own basis to %.1f at alpha %s, on the average of %s, which is %.2f of its own%s: %s.", own_unique, x1 / k, step[steps], many(k, "seed", "seeds"), ratio, k > 1 ? sprintf(" (95 %% interval %.2f to %.2f)", ratio - h, ratio + h) : "", k < 2 ? (ratio < 1 ? "they fall, but one seed has no interval" : "this does not show what the paper found") : ratio + h < 1 ? "this shows what the paper found" : "this does not show what the paper found"))
	here(sprintf("Whatever the cut: the area under unique detectors against it goes from %.2f to %.2f, and the mean of the units' best IoU from %.3f to %.3f.", area[at_home, "all"], areas / k, iou[at_home, "all"], ious / k))
	if (t != "") here(sprintf("At an IoU of %.3f, the least at which no more than a twentieth of the detectors may be by chance, they go from %d to %.1f.", t, at_cut[at_home, "all"], at_chance / k))
	else if (with_chance) here("There is no IoU at which no more than a twentieth of the detectors may be by chance.")
	say_control()
}
