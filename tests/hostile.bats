# Little input must not become gigabytes: a few of the commands that make hostile runs.
load helper

setup() {
	ldd "$(command -v ndr-cat)" | grep -q asan && skip "a sanitizer takes memory and time of its own"
	return 0
}

@test "HO01 streams and files that announce much: each below 1 GiB, and quick" {
	"$root/tests/hostile" --seconds 8 --short --every "$(exhaustive 307 101)"
}

@test "HO02 labels and warnings by the hundred thousand" {
	"$root/tests/hostile" --seconds 8 --short --only rows.csv
	"$root/tests/hostile" --seconds 8 --short --only "-T one-prov"
}

@test "HO03 gzip that inflates to zeros" {
	"$root/tests/hostile" --seconds 8 --short --only "ndr-check --recover bomb-zeros"
}

@test "HO04 thousands of layers, and META of megabytes, to files of their own" {
	"$root/tests/hostile" --seconds 8 --short --only "ndr-split -d split many-layers"
	"$root/tests/hostile" --seconds 8 --short --only "ndr-split -d split layers-and"
}
