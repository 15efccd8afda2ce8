# The networks of the experiments: all can be run, and are as good as their table says.
# shellcheck disable=SC2154 # set by bats and by helper.bash
load helper

setup_file() {
	export work=$BATS_FILE_TMPDIR networks=$root/pipelines/experiments/networks
	cd "$work" || exit
	broden-synth -q --kinds 40 --size 72 --seed 2 -n 2200 --categories scene -o scenes
}

setup() {
	cd "$work" || exit
}

@test "NW01 each has conv5, stands in the table, and all take less than 15 MB" {
	for network in "$networks"/*.onnx; do
		name=$(basename "$network" .onnx)
		cnn-forward -m "$network" --list >list
		grep -qP '^conv5\t1x(32|64|128|256)x9x9\t' list
		grep -qP "^$name\t" "$networks/accuracy.tsv"
	done
	[ "$(du -cb "$networks"/*.onnx | tail -n 1 | cut -f1)" -lt 15000000 ]
}

@test "NW02 the accuracy of the table is what class-accuracy finds on scenes of seed 2" {
	one_of 5 "$networks"/*.onnx >some
	while read -r network; do
		name=$(basename "$network" .onnx)
		cnn-forward -m "$network" --list | grep -qP '^score\t1x40\t' || continue
		cnn-forward -q -m "$networks/$name.onnx" -l score --preset demo scenes |
			class-accuracy -c scene --format tsv >found
		row=$(sed -n 2p found)
		IFS=$'\t' read -r _ images classes top1 top5 _ <<<"$row"
		[ "$images" -gt 900 ]
		[ "$classes" = 40 ]
		# Within three standard errors of a share of 1,000 pictures.
		awk -v n="$name" -v a="$top1" -v b="$top5" '
			$1 == n && (a - $5 / 100) ^ 2 < 0.048 ^ 2 && (b - $6 / 100) ^ 2 < 0.02 ^ 2 { found = 1 }
			END { exit !found }' "$networks/accuracy.tsv"
	done <some
}

@test "NW03 the script that trains them makes networks that can be dissected, and goes on" {
	[ "$(exhaustive 0 1)" = 1 ] || skip "with make check-all"
	"$python" -c "import torch, onnx" || skip "PyTorch or onnx is missing"
	train() {
		OMP_NUM_THREADS=1 "$python" "$root/pipelines/train/train.py" --images 64 --held-out 50 --passes 1 -o out "$@"
	}
	train resnet-s2 colour-s1
	[ "$(cut -f1,4 out/accuracy.tsv | xargs)" = "network iteration resnet-s2 2 colour-s1 2" ]
	cnn-forward -m out/resnet-s2.onnx --list | grep -qP '^score\t1x40\t'
	cnn-forward -m out/colour-s1.onnx --list | tail -n 1 | grep -qP '^conv5\t1x128x9x9\t'
	cp out/resnet-s2.onnx before
	train resnet-s2 gap-s1 >log
	cmp before out/resnet-s2.onnx
	run ! grep resnet log
}

@test "NW04 the plans' rows of networks that do not ship are results that ship, and say what their table says" {
	repeats=$root/pipelines/experiments/repeats
	for plan in repeats accuracy; do
		awk -F '\t' 'NR == FNR { if (FNR == 1) split($0, name); else for (i = 2; i <= NF; i++) of[$1, name[i]] = $i; next }
			FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
			$(at["csv"]) == "" { next }
			{ print $(at["csv"]); network = $(at["csv"]); gsub(/.*\/|\.csv/, "", network) }
			network ~ /-rotated$/ { next }
			$(at["top1"]) == "" || $(at["top1"]) != of[network, "top1"] { exit 1 }
			"probe" in at && $(at["probe"]) != of[network, "probe"] { exit 1 }' \
			"$repeats/accuracies.tsv" "$root/pipelines/experiments/$plan.tsv" >"$plan-csv"
	done
	[ "$(wc -l <repeats-csv)" = 24 ]
	[ "$(wc -l <accuracy-csv)" = 12 ]
	while read -r csv; do
		[ "$(head -n 1 "$repeats/../$csv" | cut -d , -f 1-4)" = unit,category,label,score ]
		[ "$(wc -l <"$repeats/../$csv")" = 129 ]
	done <repeats-csv
}
