# linear-probe: how well linear classifiers tell classes by activations.
# shellcheck disable=SC2154 # set by bats and by helper.bash
load helper
load filter

# 40 images of two classes, of which the first unit says which; the second is noise.
setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	mkdir -p d/images
	printf 'name\nthing\nscene\n' >d/category.csv
	printf 'number,name\n1,cup\n2,plate\n3,kitchen\n' >d/label.csv
	printf 'number,coverage\n1,1\n2,1\n' >d/c_thing.csv
	printf 'number,coverage\n3,1\n' >d/c_scene.csv
	{
		echo image,split,ih,iw,sh,sw,thing,scene
		for i in {0..39}; do echo "$i.png,train,1,4,1,4,$((i % 2 + 1)),3"; done
	} >d/index.csv
	broden-cat --no-images -o labels.ndr d
	for i in {0..39}; do echo $((i % 2)) $((1 - i % 2)) $((i * 7 % 5)) $((i % 3)); done |
		npy 40 2 1 2 | npytondr --as act --like labels.ndr -l conv -o act.ndr
}

setup() {
	cd "$BATS_FILE_TMPDIR" || exit
	work=$BATS_TEST_TMPDIR
}

# field NAME < table
field() {
	awk -F '\t' -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i } NR == 2 { print $c }'
}

@test "LP01 what a unit tells is told; its mean is the same in both classes" {
	run --separate-stderr -0 linear-probe -c thing -C 1 --format tsv act.ndr
	[ "${lines[0]}" = $'layer\tfeatures\tclasses\ttrain\ttest\taccuracy\tclass-accuracy\twithout-class\trare' ]
	[ "$(field features <<<"$output")" = 4 ]
	[ "$(field accuracy <<<"$output")" = 1.0 ]
	[ "$(field class-accuracy <<<"$output")" = 1.0 ]
	[ $(($(field train <<<"$output") + $(field test <<<"$output"))) = 40 ]
	run --separate-stderr -0 linear-probe -c thing -C 1 --pool avg --format tsv act.ndr
	[ "$(field features <<<"$output")" = 2 ]
	[ "$(field accuracy <<<"$output")" != 1.0 ]
}

@test "LP02 a restatement: the same split, and the same minimum by Newton's method" {
	python3 -c 'import numpy' 2>/dev/null || skip "no NumPy here"
	linear-probe -c thing -C 0.05 --format tsv act.ndr >ours
	ndrtonpy --type act -o act.npy act.ndr
	python3 - act.npy >theirs <<-'EOF'
		import sys, zlib
		import numpy as np
		x = np.load(sys.argv[1]).reshape(40, 4).astype(float)
		y = np.arange(40) % 2
		train = np.array([zlib.crc32(b"%d.png" % i) < 0.5 * 2**32 for i in range(40)])
		scale = np.sqrt((x[train] ** 2).mean())
		x = np.hstack([x / scale, np.ones((40, 1))])
		value = []
		for c in 0, 1:
		    sign, w = np.where(y == c, 1.0, -1.0)[train], np.zeros(5)
		    for _ in range(50):
		        slack = 1 - sign * (x[train] @ w)
		        on = slack > 0
		        gradient = w - 2 * 0.05 * x[train][on].T @ (sign * slack)[on]
		        w = w - np.linalg.solve(np.eye(5) + 2 * 0.05 * x[train][on].T @ x[train][on], gradient)
		    value.append(x[~train] @ w)
		right = np.argmax(value, axis=0) == y[~train]
		print("conv", 4, 2, train.sum(), (~train).sum(), "%.17g" % right.mean(),
		      "%.17g" % np.mean([right[y[~train] == c].mean() for c in (0, 1)]), 0, 0, sep="\t")
	EOF
	diff <(tail -n 1 ours | sed 's/\.0\t/\t/g; s/\.0$//') theirs
}

@test "LP03 threads, order of shards, a pipe: the same bytes" {
	linear-probe -c thing --format json act.ndr >"$work/whole"
	linear-probe -c thing --format json -t 3 <act.ndr | cmp - "$work/whole"
	for shard in 1 2; do
		broden-cat --no-images --shard $shard/2 -o "$work/labels$shard" d
	done
	for i in {0..39}; do echo $((i % 2)) $((1 - i % 2)) $((i * 7 % 5)) $((i % 3)); done >"$work/values"
	head -n 20 "$work/values" | npy 20 2 1 2 | npytondr --as act --like "$work/labels1" -l conv -o "$work/1"
	tail -n 20 "$work/values" | npy 20 2 1 2 | npytondr --as act --like "$work/labels2" -l conv -o "$work/2"
	linear-probe -c thing --format json "$work/2" "$work/1" | cmp - "$work/whole"
}

@test "LP04 a table of classes; images without one, and classes on one side only" {
	{
		echo image,class
		for i in {0..29}; do echo "$i.png,$((i % 2))"; done
		echo 30.png,rare
	} >"$work/truth.csv"
	run --separate-stderr -0 linear-probe --truth "$work/truth.csv" --format tsv act.ndr
	[ $(($(field train <<<"$output") + $(field test <<<"$output"))) = 30 ]
	[ "$(field without-class <<<"$output")" = 9 ]
	[ "$(field rare <<<"$output")" = 1 ]
	[ "$stderr" = 'linear-probe: warning: 9 images without a class and 1 of classes too rare to train on and to test were left out' ]
}

@test "LP05 what cannot be: one line each" {
	run --separate-stderr -2 linear-probe act.ndr
	[ "$stderr" = 'linear-probe: one of --category and --truth is needed' ]
	run --separate-stderr -3 linear-probe -c scene act.ndr
	[ "$stderr" = 'linear-probe: 40 images have fewer than two classes with images to train on and to test' ]
	seq 400000 | npy 40 100 10 10 | npytondr --as act --like labels.ndr -l conv -o "$work/large"
	run --separate-stderr -1 linear-probe -c thing --memory 1 "$work/large"
	[[ $stderr == 'linear-probe: features of '*' images take more than --memory, 1 MiB: try a larger one, or --pool avg' ]]
}

@test "LP06 cut and damaged streams, misuse, a full disk" {
	refuses_damage act.ndr linear-probe -q -c thing
	speaks_well act.ndr linear-probe -q -c thing
}
