# act-ablate: units that are taken out.
# shellcheck disable=SC2154 # set by bats and by helper.bash
load helper
load filter

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	two_items # unit 1: 0 6, 3 0; unit 2: 1 1, 1 0
}

# values STREAM -- its activations, in order
values() {
	ndrtonpy --type act "$1" | tail -c +129 | od -A n -t f4 -v -w4 | xargs
}

@test "AB01 by hand: to 0, to the mean, lists, the complement" {
	act-ablate --units 2 act.ndr >out
	[ "$(values out)" = "0 6 0 0 3 0 0 0" ]
	act-ablate -u 1,2-2 act.ndr >out
	[ "$(values out)" = "0 0 0 0 0 0 0 0" ]
	act-ablate --units 2 --keep act.ndr >out
	[ "$(values out)" = "0 0 1 1 0 0 1 0" ]
	# 9 / 4 and 3 / 4.
	act-ablate --units 1-2 --to mean --mean-of act.ndr act.ndr >out
	[ "$(values out)" = "2.25 2.25 0.75 0.75 2.25 2.25 0.75 0.75" ]
	act-ablate --units 1-2 --keep act.ndr >out
	[ "$(values out)" = "0 6 1 1 3 0 1 0" ]
	# All else passes.
	for type in ITEM LABEL; do
		diff <(ndr-dump --type $type act.ndr | cut -f 2-) <(ndr-dump --type $type out | cut -f 2-)
	done
	diff <(ndr-dump --meta act.ndr) <(ndr-dump --meta out)
}

@test "AB02 a concept's detectors are those whose best label it is, above the cut" {
	{
		echo unit,category,label,score,object-label,object-truth,object-activation,object-intersect,object-iou
		echo 1,object,cup,0.33333333333333331,cup,100,100.0,50,0.33333333333333331
		echo 2,object,plate,0.010101010101010102,plate,100,100.0,2,0.010101010101010102
	} >result.csv
	act-ablate --concept cup -r result.csv act.ndr >out
	[ "$(values out)" = "0 0 1 1 0 0 1 0" ]
	act-ablate --concept plate -r result.csv --threshold 0.01 --keep act.ndr >out
	[ "$(values out)" = "0 0 1 1 0 0 1 0" ]
	run --separate-stderr -3 act-ablate --concept plate -r result.csv act.ndr
	[ "$stderr" = "act-ablate: result.csv: no unit detects 'plate' with an IoU above 0.04" ]
	run --separate-stderr -3 act-ablate --concept cup -r result.csv --threshold 0.4 act.ndr
	sed 's/^1,/3,/' result.csv >other.csv
	run --separate-stderr -3 act-ablate --concept cup -r other.csv act.ndr
	[ "$stderr" = "act-ablate: other.csv: unit 3, but the layer has 1 to 2" ]
}

@test "AB03 one of several layers, and only that; several segments" {
	fixture=$(fixture)
	cnn-forward -q -m "$fixture/alexnet.onnx" -l conv4,conv5 --preset demo -o both "$fixture/images.ndr"
	run --separate-stderr -2 act-ablate --units 1 both
	act-ablate --units 2-100 --layer conv5 both >out
	ndrtonpy --type act -l conv4 both >want
	ndrtonpy --type act -l conv4 out | cmp - want
	ndrtonpy --type act -l conv5 both >all.npy
	ndrtonpy --type act -l conv5 out >got.npy
	python3 - <<-'EOP'
		def read(name):
		    data = open(name, "rb").read()
		    return data[:128], memoryview(data[128:]).cast("f")
		(head, a), (other, b) = read("all.npy"), read("got.npy")
		cells = 14 * 14
		assert head == other and len(a) == 24 * 128 * cells
		for i, (x, y) in enumerate(zip(a, b)):
		    assert y == (0 if 1 <= i // cells % 128 < 100 else x), i
	EOP
	# Segments of one schema: what is known of the first, a pipe read once, serves for all.
	cat act.ndr act.ndr | act-ablate --units 1 --to mean --mean-of <(cat act.ndr) >twice
	[ "$(ndr-dump --type ACT twice | wc -l)" = 4 ]
}

@test "AB04 the rest of the network: what NumPy's hand on the activations gives, too" {
	fixture=$(fixture)
	rest() { cnn-forward -q -m "$fixture/alexnet.onnx" --from conv5 -l score --preset demo "$@"; }
	ndrtonpy --type act "$fixture/conv5.ndr" >all.npy
	python3 - <<-'EOP'
		data = open("all.npy", "rb").read()
		a = bytearray(data)
		size = 14 * 14 * 4
		for item in range(24):
		    for unit in 4, 16:
		        at = 128 + (item * 128 + unit) * size
		        a[at:at + size] = bytes(size)
		open("without.npy", "wb").write(a)
	EOP
	npytondr --as act --like "$fixture/conv5.ndr" without.npy | rest | ndrtonpy --type act -l score >want
	act-ablate --units 5,17 "$fixture/conv5.ndr" | rest | ndrtonpy --type act -l score >got
	cmp got want
	act-ablate --units 1-128 --keep "$fixture/conv5.ndr" | rest | ndrtonpy --type act -l score >same
	rest "$fixture/conv5.ndr" | ndrtonpy --type act -l score | cmp - same
	run ! cmp -s same got
}

@test "AB05 what cannot be: one line each" {
	refused() {
		local status=$1 reason=$2
		shift 2
		run --separate-stderr "-$status" act-ablate "$@" act.ndr
		[ "${stderr_lines[0]}" = "act-ablate: $reason" ] || { echo "$stderr"; return 1; }
	}
	refused 2 "one of --units and --concept is needed"
	refused 2 "one of --units and --concept is needed" --units 1 --concept cup -r none
	refused 2 "--concept goes with --result" --concept cup
	refused 2 "--result goes with --concept" --units 1 -r none
	refused 2 "--threshold goes with --concept" --units 1 --threshold 0.1
	refused 2 "--to mean and --mean-of go together" --units 1 --to mean
	refused 2 "--to mean and --mean-of go together" --units 1 --mean-of act.ndr
	for list in 0 3 '' ',' '1,' ',1' 1-3 2-1 a 1a 1- -1 +1 ' 1' 99999999999999999999999; do
		refused 2 "--units $list: not a list of units of layer conv, 1 to 2" "--units=$list"
	done
	refused 2 "--layer 'none': not in the input" --units 1 --layer none
	refused 1 "none.csv: No such file or directory" --concept cup -r none.csv
	refused 3 "labels.ndr: no layer conv of 2 units of 1x2 in the same basis" --units 1 --to mean --mean-of labels.ndr
	rotate-basis --seed 1 -o turned act.ndr
	refused 3 "turned: no layer conv of 2 units of 1x2 in the same basis" --units 1 --to mean --mean-of turned
	run --separate-stderr -3 act-ablate --units 1 labels.ndr
}

@test "AB06 threads, pipes, damage, as every filter" {
	fixture=$(fixture)
	same_bytes "$fixture/conv5.ndr" act-ablate --units 1-9,77
	refuses_damage "$fixture/conv5.ndr" act-ablate --units 5
	speaks_well "$fixture/conv5.ndr" act-ablate --units 5
}
