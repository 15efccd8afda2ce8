# cnn-forward: tiny networks whose values are known by hand, bad models, bad streams.
# shellcheck disable=SC2094,SC2154 # set by bats and by helper.bash
load helper
load filter

setup_file() {
	export work=$BATS_FILE_TMPDIR
	cd "$work" || exit
	for kind in good skip open last unpacked nan cut text empty no-graph opset no-weights short-weights \
		wrong-shape wrong-rank negative overflow huge-input huge-kernel cycle twice two-images \
		no-batch no-channels grey bands octets octets-signed three-axes scaled scaled-each; do
		"$root/tests/tiny-onnx" $kind >$kind.onnx
	done
	python3 - <<-'EOF'
		for k in range(5):
		    with open(f"{k}.ppm", "wb") as f:
		        f.write(b"P6 8 8 255\n" + bytes((i * 7 + k * 31) % 256 for i in range(192)))
	EOF
	pamtondr -o images ./?.ppm
	cat >values <<-'EOF'
		#!/usr/bin/env python3
		# values [DIGITS] < stream: a line for each ACT record, group, dims, values
		import struct, sys
		f = sys.stdin.buffer
		digits = int(*sys.argv[1:] or [6])
		while header := f.read(64):
		    kind, _, length = struct.unpack_from("<HHQ", header, 4)
		    group, = struct.unpack_from("<I", header, 28)
		    dims = struct.unpack_from("<3I", header, 36)
		    data = f.read((length + 63) // 64 * 64)[:length]
		    if kind == 7:
		        print(group, *dims, *("%.*g" % (digits, v) for v in struct.unpack("<%df" % (length // 4), data)))
		    if kind in (5, 15):
		        print({5: "image", 15: "end"}[kind])
	EOF
	chmod +x values
}

setup() {
	cd "$work" || exit
	PATH=$work:$PATH
}

forward() {
	cnn-forward -q -m good.onnx "$@"
}

# One line, naming the program; nothing on standard output.
refused() {
	[ -z "$output" ]
	[ "${#stderr_lines[@]}" -eq 1 ]
	[[ $stderr == "cnn-forward: "* ]]
}

@test "CF01 help and version" {
	run --separate-stderr -0 cnn-forward --help
	[[ $output == "usage: cnn-forward -m FILE"* ]]
	run --separate-stderr -0 cnn-forward --version
	[[ $output == *"OpenBLAS "*" kernels"* ]]
}

@test "CF02 misuse: exit 2, a reason" {
	run --separate-stderr -2 cnn-forward images
	run --separate-stderr -2 forward images
	[[ $stderr == *"--list"* ]]
	for bad in "--mean 1,2" "--mean x" "--mean nan" "--std 0" "--std 1,2,3,4" "--scale 0" \
		"--scale 1e-400" "--input-size 8" \
		"--input-size 9x9" "--preset other" "--channels gbr" "-l relu1,relu1" "-l ,"; do
		# shellcheck disable=SC2086 # options and values
		run --separate-stderr -2 forward -l relu1 $bad images
		[ -z "$output" ]
	done
}

@test "CF03 file, redirect, pipe and -o give the same bytes" {
	forward -l conv2 images >a
	forward -l conv2 <images >b
	# shellcheck disable=SC2002 # a pipe is what is tested
	cat images | forward -l conv2 - >c
	forward -l conv2 -o d images
	cmp a b
	cmp a c
	cmp a d
	ndr-check a
}

@test "CF04 values: channel order, scale, mean, std, presets" {
	# first pixel of the first image: 0 7 14; the next one: 21 28 35
	first() { forward -l conv1 "$@" images | values | sed -n 1p | cut -d ' ' -f 1-6,69,133,197; }
	[ "$(first)" = "0 4 8 8 0 21 7 14 -21" ]
	[ "$(first --channels bgr)" = "0 4 8 8 14 35 7 0 -21" ]
	[ "$(first --channels bgr --mean 1,2,4)" = "0 4 8 8 13 34 5 -4 -14" ]
	[ "$(first --scale 0.5 --mean 2 --std 2)" = "0 4 8 8 -1 4.25 0.75 2.5 -2.25" ]
	[ "$(first --preset caffe)" = "0 4 8 8 -90 -69 -110 -123 323" ]
	[ "$(first --preset tf)" = "0 4 8 8 -1 -0.835294 -0.945098 -0.890196 2.83529" ]
	[ "$(first --preset caffe --mean 14)" = "0 4 8 8 0 21 -7 -14 21" ]
	[[ $(first --preset imagenet-torch) == "0 4 8 8 -2.1179 -1.75828 -1.91317 -1.56044 5.591"* ]]
}

@test "CF31 grey of a network of one channel: as told; of NetDissect's --colordepth 1" {
	# first pixels of the first image: 0 7 14, 21 28 35; units: the grey times 1, -1, 2 and 0.5
	first() { cnn-forward -q -m grey.onnx -l conv1 "$@" images | values | sed -n 1p | cut -d ' ' -f 1-6,69,133,197; }
	[ "$(first)" = "0 4 8 8 7 28 -7 14 3.5" ]
	[ "$(first --channels average)" = "$(first)" ]
	[ "$(first --channels luma)" = "0 4 8 8 6 27 -6 12 3" ]
	[ "$(first --channels luma --scale 2 --mean 2 --std 5)" = "0 4 8 8 2 10.4 -2 4 1" ]
	# ((0 - 1) / 1 + (7 - 3) / 2 + (14 - 4) / 5) / 3
	[ "$(first --mean 1,3,4 --std 1,2,5)" = "0 4 8 8 1 12.9 -1 2 0.5" ]
	[ "$(first --preset caffe)" = "0 4 8 8 -107.667 -86.6667 107.667 -215.333 -53.8333" ]
	run --separate-stderr -2 cnn-forward -q -m grey.onnx -l conv1 --channels bgr images
	[[ $stderr == *"--channels bgr: the network takes 1 channel: average or luma" ]]
	cnn-forward -m grey.onnx -l conv1 images 2>said >grey
	grep -q 'grey is the average of red, green and blue' said
	ndr-dump --provenance grey | grep -q 'grey is the average'
	! cnn-forward -m grey.onnx --channels luma -l conv1 images 2>&1 >/dev/null | grep 'grey is' || false
	run --separate-stderr -3 cnn-forward -q -m bands.onnx -l conv1 images
	refused
	[[ $stderr == *"0.ppm): image of 3 colours, the network takes 4 channels (npytondr"* ]]
}

@test "CF05 every thread count gives the same bytes" {
	pamtondr -o many ./?.ppm ./?.ppm ./?.ppm ./?.ppm
	for t in 1 2 3 4; do
		forward -l relu1,conv2 -t $t -o $t.act many
		cmp 1.act $t.act
	done
}

@test "CF06 several layers in one pass are those of single passes" {
	forward -l relu1,conv2,conv1 images | values 9 >all
	for k in 0:relu1 1:conv2 2:conv1; do
		forward -l ${k#*:} images | values 9 | grep -v end | cut -d ' ' -f 2- >one
		grep "^${k%:*} " all | cut -d ' ' -f 2- | cmp - one
	done
}

@test "CF07 a second network's layers come after the first's" {
	forward -l conv1 --keep-images images | forward -l relu1 --channels bgr >both
	ndr-check both
	[ "$(values <both | cut -d ' ' -f 1 | uniq | tr '\n' ' ')" = "0 1 0 1 0 1 0 1 0 1 end " ]
}

@test "CF08 images pass with --keep-images only" {
	[ "$(forward -l conv1 --keep-images images | values | grep -c image)" -eq 5 ]
	[ "$(forward -l conv1 images | values | grep -c image)" -eq 0 ]
}

@test "CF09 --list: shapes and receptive fields; what can't be computed is marked" {
	run --separate-stderr -0 cnn-forward -m good.onnx --list
	tab=$'\t'
	[[ $output == *"data${tab}1x3x8x8${tab}1x1${tab}1x1${tab}0,0${tab}input"* ]]
	[[ $output == *"pool1${tab}1x4x4x4${tab}2x2${tab}2x2${tab}0.5,0.5${tab}MaxPool"* ]]
	[[ $output == *"conv2${tab}1x2x2x2${tab}6x6${tab}4x4${tab}0.5,0.5${tab}Conv"* ]]
	[[ $output == *"after${tab}?"* ]]
}

@test "CF10 META carries the layer's geometry and the tensor before an activation" {
	forward -l relu1,conv2 images | tr '\0' '\n' >meta
	for line in layer.0.name=relu1 "layer.0.shape=4 8 8" "layer.0.input=8 8" layer.0.before=conv1 \
		"layer.1.offset=0.5 0.5" "layer.1.stride=4 4" "layer.1.size=6 6"; do
		LC_ALL=C grep -aqE "(^|[^a-z])$line\$" meta
	done
}

@test "CF11 a missing tensor: exit 2, near matches" {
	run --separate-stderr -2 forward -l relu2 images
	refused
	[[ $stderr == *"no tensor relu2"*"did you mean relu1"* ]]
	run --separate-stderr -2 forward -l w1 images
	refused
}

@test "CF12 an unknown operator stops only what needs it" {
	run --separate-stderr -3 forward -l after images
	refused
	[[ $stderr == *"operator Mystery is not supported"* ]]
	forward -l conv2 -o fine images
}

@test "CF13 images of another size: exit 3, before any output, with advice" {
	pamscale -xsize 9 -ysize 8 0.ppm >wide.ppm
	pamtondr -o wide wide.ppm
	run --separate-stderr -3 forward -l conv2 wide
	refused
	[[ $stderr == *"image of 8x9, the network takes 8x8 (broden-cat --size 8)"* ]]
}

@test "CF14 a model that leaves the size open takes it from --input-size, or the first image" {
	cnn-forward -q -m open.onnx -l conv2 --input-size 8x8 images | values >open
	forward -l conv2 images | values | cmp - open
	cnn-forward -q -m open.onnx -l conv2 --input-size 8x8 images >told
	cnn-forward -q -m open.onnx -l conv2 images | cmp - told
	cnn-forward -q -m open.onnx -l conv2 -t 1 <images | cmp - told
	# The first image is another one, or there is none.
	pamscale -xsize 9 -ysize 8 0.ppm | pamtondr -o wide
	run --separate-stderr -3 cnn-forward -q -m open.onnx -l conv2 -o none wide images
	refused
	[[ $stderr == *"the network takes 8x9"* ]]
	run --separate-stderr -3 cnn-forward -q -m open.onnx -l conv2 --input-size 8x8 wide
	[[ $stderr == *"image of 8x9, the network takes 8x8 (broden-cat --size 8)" ]]
	ndr-head -n 0 images >empty
	run --separate-stderr -3 cnn-forward -q -m open.onnx -l conv2 empty
	refused
	[[ $stderr == *": the model leaves the image's size open, and the stream does not begin with an image (--input-size HxW)" ]]
	run --separate-stderr -2 cnn-forward -m open.onnx --list
	[[ $stderr == *"--input-size"* ]]
	# From a layer on, META has the size.
	cnn-forward -q -m open.onnx -l relu1 -o relu1.act images
	cnn-forward -q -m open.onnx --from relu1 -l conv2 --no-provenance relu1.act | values 9 >resumed
	cnn-forward -q -m good.onnx --from relu1 -l conv2 --no-provenance <(cnn-forward -q -m good.onnx -l relu1 images) | values 9 | cmp - resumed
}

@test "CF32 images that are scaled: a warning, which stays" {
	pamscale -xsize 9 -ysize 8 0.ppm >wide.ppm
	pamtondr -o mixed wide.ppm 0.ppm
	cnn-forward -m good.onnx --preset unit -l relu1 --resize -o scaled mixed 2>said
	[ "$(<said)" = "cnn-forward: warning: images are scaled to the 8x8 that the network takes, the first from 8x9" ]
	ndr-dump --provenance scaled | grep -q 'warning=images are scaled to the 8x8'
	cnn-forward -m good.onnx --preset unit -l relu1 --resize images 2>&1 >/dev/null | wc -c | grep -x 0
}

@test "CF33 images of integers: values as they are; others are refused" {
	cnn-forward -m octets.onnx -l relu1,conv2 images 2>said | values 9 >octets
	[ ! -s said ]
	forward -l relu1,conv2 images | values 9 | cmp - octets
	run --separate-stderr -3 cnn-forward -q -m octets.onnx -l conv2 --mean 1 images
	refused
	[[ $stderr == *"a value of -1, the network takes uint8 (0 to 255) as they are"* ]]
	run --separate-stderr -3 cnn-forward -q -m octets-signed.onnx -l conv2 images
	refused
	[[ $stderr == *"input octets is of int8, which cannot hold pixel values" ]]
	run --separate-stderr -3 cnn-forward -q -m three-axes.onnx -l conv2 images
	refused
	[[ $stderr == *"input data has 3 axes (8x8x3), an image has 4: one for the images of a batch, channels, height and width" ]]
}

@test "CF34 --set: an input that is not the image" {
	run --separate-stderr -3 cnn-forward -q -m scaled.onnx -l scaled images
	refused
	[[ $stderr == *"several inputs ("*"), not one image: --set k=VALUE gives one that is none" ]]
	forward -l relu1 images | values | head -n 1 >one
	first() { cnn-forward -q -l scaled "$@" images | values | head -n 1; }
	[ "$(first -m scaled.onnx --set k=1)" = "$(<one)" ]
	[ "$(first -m scaled.onnx --set k=-0.5)" = "$(awk '{for (i = 5; i <= NF; i++) $i = $i == 0 ? "-0" : -$i / 2; print}' one)" ]
	# units: 0, 7, 14 at the first pixel
	[ "$(first -m scaled-each.onnx --set k=5,1,-1,7 | cut -d ' ' -f 1-4,6,70,134)" = "0 4 8 8 105 28 -35" ]
	for bad in "k" "=1" "k=" "k=x" "k=1,2" "k=1,2,3,4,5" "j=1" "data=1" "k=1e39"; do
		run --separate-stderr cnn-forward -q -m scaled-each.onnx -l scaled --set "$bad" images
		refused
		[ "$status" = 2 ] || [ "$bad" = data=1 ]
	done
	run --separate-stderr -2 cnn-forward -q -m scaled.onnx -l scaled --set k=1 --set k=2 images
	[[ $stderr == *"input k is given twice" ]]
	cnn-forward -q -m scaled.onnx -l scaled --set k=3 images | ndr-dump --provenance | grep -q 'option.set=k=3'
}

@test "CF26 a model that takes channels last gives the same" {
	cnn-forward -q -m last.onnx -l relu1,conv2 images | values 9 >last
	forward -l relu1,conv2 images | values 9 | cmp - last
	cmp <(cnn-forward -m last.onnx --list | grep conv2) <(cnn-forward -m good.onnx --list | grep conv2)
}

@test "CF15 bad models: exit 3, one line, no output" {
	for kind in cut text empty no-graph opset no-weights short-weights wrong-shape wrong-rank \
		negative overflow huge-input cycle twice two-images; do
		run --separate-stderr -3 cnn-forward -q -m $kind.onnx -l conv2 images
		refused
		[[ $stderr == *"$kind.onnx"* ]]
	done
	printf 'PK\3\4 as torch.save() writes' >net.pt
	run --separate-stderr -3 cnn-forward -m net.pt --list
	[ "$stderr" = "cnn-forward: net.pt: not an ONNX model: a zip archive" ]
	run --separate-stderr -3 cnn-forward -q -m huge-kernel.onnx -l big images
	refused
	run --separate-stderr -1 cnn-forward -q -m nothing.onnx -l conv2 images
	refused
	for kind in no-batch no-channels; do
		run --separate-stderr -3 cnn-forward -q -m $kind.onnx -l joined images
		refused
		[[ $stderr == *"$kind.onnx: node empty (Conv): its input of "*" is empty" ]]
	done
}

@test "CF43 values or inputs that are given twice, or not there: exit 3, the reason" {
	while IFS=: read -r kind reason; do
		"$root/tests/tiny-onnx" "$kind" >"$kind.onnx"
		run --separate-stderr -3 cnn-forward -q -m "$kind.onnx" -l conv2 images
		refused
		[[ $stderr == *"$kind.onnx: $reason"* ]]
	done <<-'EOF'
		weights-twice:tensor w2 has values twice
		input-twice:input data is given twice
		values-twice:tensor w2 has values twice
		raw-and-external:tensor w2 has values twice
		offset-past-end:tensor w2: external data ends before it
		length-past-end:tensor w2: external data ends before it
		sparse:sparse weights are not supported
	EOF
}

@test "CF44 attributes and operators that are not known are refused by name, where they are needed" {
	while IFS=: read -r kind reason; do
		"$root/tests/tiny-onnx" "$kind" >"$kind.onnx"
		run --separate-stderr -3 cnn-forward -q -m "$kind.onnx" -l extra images
		refused
		[[ $stderr == *"$kind.onnx: node $reason"* ]]
		cnn-forward -q -m "$kind.onnx" -l conv2 images | ndr-check
	done <<-'EOF'
		attribute:extra (Relu): attribute activation is not known
		pool-attribute:extra (MaxPool): attribute count_include_pad is not known
		string-attribute:extra (Softmax): attribute axes is not known
		wrong-type:extra (Softmax): attribute axis has the wrong type
		axis-list:extra (Softmax): attribute axis has the wrong type
		attribute-twice:extra (Softmax): attribute axis is given twice
		domain:extra: operator Relu of domain com.microsoft is not supported
		fused:extra: operator FusedConv of domain com.microsoft is not supported
		function-recursive:extra: operator Mine (too deep in one another) is not supported
		if-else:extra/else/t: operator Mystery is not supported
		if-open:extra (If): its condition is not known when the model is read
		norm-nameless:extra (LayerNormalization): its first output has no name
		norm-training:extra (BatchNormalization): training mode is not supported
	EOF
	"$root/tests/tiny-onnx" consumed >consumed.onnx
	cnn-forward -q -m consumed.onnx -l extra images | values >passed
	forward -l relu1 images | values | cmp - passed
	"$root/tests/tiny-onnx" parts-nameless >parts.onnx
	cnn-forward -m parts.onnx --list | grep -P '^extra\t1x2x8x8\t1x1\t1x1\t0,0\t'
	cnn-forward -q -m parts.onnx -l relu1,extra images | values >both
	/usr/bin/python3 - both <<-'EOF'
		import sys
		rows = [line.split()[4:] for line in open(sys.argv[1]) if line[0].isdigit()]
		assert len(rows) > 1
		for x, y in zip(rows[::2], rows[1::2]):
		    assert x[len(x) // 2:] == y
	EOF
}

@test "CF93 functions of the model and branches of a known If are read as what they stand for" {
	# relu1 is the function of conv1 here: the absolute value, less 1.5.
	"$root/tests/tiny-onnx" function >function.onnx
	cnn-forward -q -m function.onnx -l conv1,relu1 images | values >both
	/usr/bin/python3 - both <<-'EOF'
		import sys
		rows = [line.split() for line in open(sys.argv[1]) if line[0].isdigit()]
		assert len(rows) > 1
		for x, y in zip(rows[::2], rows[1::2]):
		    assert [abs(float(v)) - 1.5 for v in x[4:]] == [float(v) for v in y[4:]]
	EOF
	"$root/tests/tiny-onnx" if-then >if.onnx
	cnn-forward -m if.onnx --list | grep -P '^extra\t1x4x8x8\t'
	cnn-forward -q -m if.onnx -l relu1,extra images | values >both
	/usr/bin/python3 - both <<-'EOF'
		import sys
		rows = [line.split() for line in open(sys.argv[1]) if line[0].isdigit()]
		assert len(rows) > 1
		for x, y in zip(rows[::2], rows[1::2]):
		    assert [-float(v) for v in x[4:]] == [float(v) for v in y[4:]]
	EOF
	# Bombs and lies.
	while IFS=: read -r kind reason; do
		"$root/tests/tiny-onnx" "$kind" >"$kind.onnx"
		run --separate-stderr -3 timeout 5 cnn-forward -q -m "$kind.onnx" -l extra images
		refused
		[[ $stderr == *"$reason"* ]]
	done <<-'EOF'
		function-bomb:more than 32768 calls of functions and branches
		function-long:functions and branches are read too often
		function-opset:a function of operator set 99
		if-short:a branch of If makes 1 of 2 outputs
	EOF
}

@test "CF94 tokens and channels last are maps; --tokens says how others lie" {
	tab=$'\t'
	"$root/tests/tiny-onnx" tokens >tokens.onnx
	run --separate-stderr -0 cnn-forward -m tokens.onnx --list
	[[ $output == *"tokens${tab}1x5x2${tab}4x4${tab}4x4${tab}1.5,1.5${tab}Concat${tab}2 units of 2x2, without 1 tokens"* ]]
	[[ $output == *"mixed${tab}1x5x2${tab}-${tab}-${tab}-${tab}MatMul${tab}no convolution tells how its tokens lie (--tokens HxW)"* ]]
	[[ $output == *"after${tab}?${tab}?${tab}?${tab}?${tab}Relu${tab}"*"operator Mystery is not supported"* ]]
	# The tokens are the cells of the convolution, and those of the product of one matrix.
	cnn-forward -q -m tokens.onnx -l patches,tokens images | values >both
	/usr/bin/python3 - both <<-'EOF'
		import sys
		rows = [line.split()[1:] for line in open(sys.argv[1]) if line[0].isdigit()]
		assert len(rows) > 1 and rows[::2] == rows[1::2] and rows[0][:3] == ["2", "2", "2"], rows
	EOF
	run --separate-stderr -2 cnn-forward -q -m tokens.onnx -l mixed images
	refused
	[[ $stderr == *"not a map of units: no convolution tells"* ]]
	run --separate-stderr -0 cnn-forward -m tokens.onnx --tokens 2x2 --skip 1 --preset unit -l mixed images
	[[ $stderr == *"mixed has cells of unknown place"* ]]
	for bad in "--tokens 2x" "--tokens 0x4" "--tokens 2x3 --skip 1" "--tokens 2x2"; do
		read -ra words <<<"$bad"
		run --separate-stderr -2 cnn-forward -q -m tokens.onnx "${words[@]}" -l mixed images
		refused
	done
	[[ $stderr == *"mixed is not a map of units: it has another number of tokens than --tokens and --skip say"* ]]
	# What stands in a stream goes on as from the image; not where a token is missing.
	cnn-forward -q -m tokens.onnx -l rows images >rows.ndr
	cnn-forward -q -m tokens.onnx --from rows -l twice rows.ndr | values | sed -n 's/^1 2 2 2//p' >resumed
	cnn-forward -q -m tokens.onnx -l twice images | values | sed -n 's/^0 2 2 2//p' | cmp - resumed
	[ -s resumed ]
	run --separate-stderr -2 cnn-forward -q -m tokens.onnx --from tokens -l sum rows.ndr
	refused
}

@test "CF45 operator sets of later than 17, where operators mean the same" {
	forward -l conv2 images | values >known
	for kind in opset18 opset25; do
		"$root/tests/tiny-onnx" $kind >$kind.onnx
		cnn-forward -q -m $kind.onnx -l conv2 images | values | cmp - known
	done
}

@test "CF16 a model cut anywhere is refused quickly" {
	size=$(stat -c %s good.onnx)
	for n in $(seq 1 "$(exhaustive 41 13)" $((size - 60))); do
		head -c "$n" good.onnx >part.onnx
		run --separate-stderr timeout 5 cnn-forward -q -m part.onnx -l conv2 images
		[ "$status" -eq 3 ] || [ "$status" -eq 2 ]
		refused
	done
}

@test "CF17 external data stays in the model's folder" {
	mkdir -p m/in
	python3 - <<-'EOF'
		import struct
		raw = struct.pack("<72f", *(((i * 37) % 19 - 9) / 8 for i in range(72)))
		for name in "m/in/weights", "outside":
		    open(name, "wb").write(raw)
	EOF
	ln -sf ../outside m/link
	"$root/tests/tiny-onnx" external in/weights >m/x.onnx
	cnn-forward -q -m m/x.onnx -l conv2 images | values >external
	forward -l conv2 images | values | cmp - external
	for bad in ../outside "$PWD/outside" link in/../../outside ""; do
		"$root/tests/tiny-onnx" external "$bad" >m/x.onnx
		run --separate-stderr -3 cnn-forward -q -m m/x.onnx -l conv2 images
		refused
		[[ $stderr == *"not in the model's folder"* ]]
	done
	truncate -s 100 m/in/weights
	"$root/tests/tiny-onnx" external in/weights >m/x.onnx
	run --separate-stderr -3 cnn-forward -q -m m/x.onnx -l conv2 images
	refused
}

@test "CF18 warnings: a layer before its activation, values fed as they are" {
	run --separate-stderr -0 bash -c "cnn-forward -m good.onnx -l conv2 images >act"
	[[ $stderr == *"warning: pixel values are fed as they are"* ]]
	run --separate-stderr -0 bash -c "cnn-forward -m good.onnx -l conv1 --preset unit images >act"
	[[ $stderr == *"warning: layer conv1 feeds only an activation function (Relu): relu1" ]]
}

@test "CF19 a value that is not a number names item, tensor and unit" {
	run --separate-stderr -3 cnn-forward -q -m nan.onnx -l conv2 images
	refused
	[[ $stderr == *"item 0"*"tensor conv2: unit 1 is not a number"* ]]
}

@test "CF20 weights written as a repeated field are those written raw" {
	cnn-forward -q -m unpacked.onnx -l conv2 images | values >unpacked
	forward -l conv2 images | values | cmp - unpacked
}

@test "CF30 weights in float16, raw, as integers, and behind a Cast, are those in float32" {
	forward -l conv1,conv2 images | values 9 >single
	for kind in half half-cast; do
		"$root/tests/tiny-onnx" $kind >$kind.onnx
		cnn-forward -q -m $kind.onnx -l conv1,conv2 images | values 9 | cmp - single
	done
	for kind in half-nan half-infinite half-short; do
		"$root/tests/tiny-onnx" $kind >$kind.onnx
		run --separate-stderr -3 cnn-forward -q -m $kind.onnx -l conv2 images
		refused
	done
	[[ $stderr == *"tensor w2 holds 142 bytes where its shape needs 144" ]]
}

@test "CF21 truncated and corrupted streams: exit 4 and 3, no END" {
	head -c 700 images >short
	run --separate-stderr -4 bash -c "cnn-forward -q -m good.onnx -l conv2 short | cat; exit \${PIPESTATUS[0]}"
	[[ $stderr == "cnn-forward: short: "* ]]
	cp images flipped
	printf '\377' | dd of=flipped bs=1 seek=800 conv=notrunc status=none
	run --separate-stderr -3 forward -l conv2 -o result flipped
	[ ! -e result ]
}

@test "CF22 /dev/full is exit 1; a closed pipe is no news" {
	run --separate-stderr -1 bash -c "cnn-forward -q -m good.onnx -l conv2 images >/dev/full"
	[[ $stderr == *"No space left"* ]]
	run --separate-stderr bash -c "cnn-forward -q -m good.onnx -l conv2 images | true"
	[ -z "$stderr" ]
}

@test "CF23 kernels fit the processor, and the user's choice stands" {
	best=
	! grep -qw fma /proc/cpuinfo || best="Haswell|Zen"
	! grep -qw avx512vl /proc/cpuinfo || best="SkylakeX|Cooperlake|SapphireRapids"
	[ -z "$best" ] ||
		env -u OPENBLAS_CORETYPE cnn-forward --version | grep -qE "OpenBLAS [0-9.]*, ($best) kernels"
	! grep -qw fma /proc/cpuinfo ||
		env -u OPENBLAS_CORETYPE NDPIPE_MACHINE=avx2 cnn-forward --version | grep -qE "(Haswell|Zen) kernels"
	! grep -qw fma /proc/cpuinfo ||
		OPENBLAS_CORETYPE=Haswell cnn-forward --version | grep -q "Haswell kernels"
	OPENBLAS_CORETYPE=Prescott cnn-forward --version | grep -q "Prescott kernels"
}

@test "CF24 where OpenBLAS takes old kernels the program runs again, once" {
	grep -qw fma /proc/cpuinfo || skip "no better kernels for this processor"
	! cnn-forward --version | grep -q fsanitize || skip "sanitizers want to be loaded first"
	cat >old.c <<-'EOF'
		#include <stdio.h>
		#include <stdlib.h>
		char *openblas_get_corename(void)
		{
			FILE *f = fopen("runs", "a");

			fputs("run\n", f);
			fclose(f);
			return getenv("STUBBORN") ? "Prescott" : getenv("OPENBLAS_CORETYPE") ? "Haswell" : "Prescott";
		}
	EOF
	cc -shared -fPIC -o old.so old.c
	rm -f runs
	unset OPENBLAS_CORETYPE
	LD_PRELOAD=$PWD/old.so cnn-forward --version | grep -q "Haswell kernels"
	# asked before, and for --version after
	[ "$(wc -l <runs)" -eq 2 ]
	rm -f runs
	STUBBORN=1 LD_PRELOAD=$PWD/old.so cnn-forward --version | grep -q "Prescott kernels"
	[ "$(wc -l <runs)" -eq 2 ]
	NDPIPE_MACHINE=plain LD_PRELOAD=$PWD/old.so cnn-forward --version | grep -q "Prescott kernels"
}

@test "CF25 an image's bytes depend neither on neighbours nor on threads, on any kernels" {
	need_shared
	model=$shared/data/models/squeezenet1.0.onnx
	unset OPENBLAS_CORETYPE
	for set in $(instructions); do
		export NDPIPE_MACHINE=$set
		for t in 1 4; do
			broden-cat --limit 3 "$shared/data/broden" |
				cnn-forward -t $t -m "$model" -l conv1,fire9/concat --preset caffe -o $t.act
			cmp 1.act $t.act
		done
		# the last item alone, without the two before it
		broden-cat --limit 3 --shard 3/3 "$shared/data/broden" |
			cnn-forward -m "$model" -l conv1,fire9/concat --preset caffe -o alone
		for layer in conv1 fire9/concat; do
			ndrtonpy --type act --layer $layer -o all.npy 1.act
			ndrtonpy --type act --layer $layer -o one.npy alone
			n=$(($(stat -c %s one.npy) - 128))
			cmp <(tail -c $n all.npy) <(tail -c $n one.npy)
		done
	done
}

@test "CF95 --algorithm: within 1e-4 of the largest value, and in the provenance" {
	fixture=$(fixture)
	for a in direct winograd; do
		cnn-forward -m "$fixture/alexnet.onnx" -l conv5 --preset demo --algorithm $a \
			-o $a "$fixture/images.ndr"
		grep -aq "option.algorithm=$a" $a
		ndrtonpy --type act -o $a.npy $a
	done
	run ! cmp -s direct.npy winograd.npy
	python3 - <<-'EOF'
		import array
		a, b = (array.array("f", open(n + ".npy", "rb").read()[128:]) for n in ("direct", "winograd"))
		assert max(abs(x - y) for x, y in zip(a, b)) < 1e-4 * max(a)
	EOF
}

@test "CF28 convolutions run on the instructions that the processor has, whatever OpenBLAS runs" {
	best=$(instructions | tail -n 1)
	fixture=$(fixture)
	for core in Haswell Prescott Unheard; do
		OPENBLAS_CORETYPE=$core cnn-forward --version | grep -qx "runs on: $best instructions"
		OPENBLAS_CORETYPE=$core cnn-forward -m "$fixture/alexnet.onnx" -l conv5 --preset demo \
			-o $core "$fixture/images.ndr"
		cmp Haswell $core
	done
}

@test "CF29 NDPIPE_MACHINE limits them: the same bytes wherever sums are fused" {
	fixture=$(fixture)
	for set in $(instructions); do
		NDPIPE_MACHINE=$set cnn-forward --version | grep -qx "runs on: $set instructions"
		NDPIPE_MACHINE=$set cnn-forward -m "$fixture/alexnet.onnx" -l conv5 --preset demo \
			-o "$set" "$fixture/images.ndr"
		[ "$set" = plain ] || cmp "$set" "${fused:=$set}"
	done
	[ -z "${fused:-}" ] || run ! cmp -s plain "$fused"
	for bad in avx1024 "" AVX2 avx51; do
		NDPIPE_MACHINE=$bad run --separate-stderr -4 \
			cnn-forward -m "$fixture/alexnet.onnx" -l conv5 /dev/null
		# shellcheck disable=SC2154
		[[ ${stderr_lines[0]} == "cnn-forward: warning: NDPIPE_MACHINE: '$bad' is none of what this processor has: plain"* ]]
	done
}

@test "CF27 two exporters' forms of one trained network agree, and the third runs" {
	need_shared
	models=$shared/data/models
	broden-cat --limit 20 --size 32 --no-labels "$shared/data/broden" -o small
	for m in cifar10_resnet20 cifar10_resnet20_torchexport cifar10_resnet56_plain; do
		size=
		[[ $m == *torchexport ]] || size="--input-size 32x32"
		# shellcheck disable=SC2086 # words
		cnn-forward -m "$models/$m.onnx" $size -l layer1,layer3,logits --preset imagenet-torch \
			-o $m small
		for layer in layer1 layer3 logits; do
			ndrtonpy --type act --layer $layer -o $m.$layer.npy $m
		done
	done
	python3 - <<-'EOF'
		import array
		def read(name):
		    return array.array("f", open(name + ".npy", "rb").read()[128:])
		for layer in ("layer1", "layer3", "logits"):
		    a, b, c = (read(f"cifar10_resnet{n}.{layer}") for n in ("20", "20_torchexport", "56_plain"))
		    top = max(map(abs, a))
		    assert top > 1 and max(abs(x - y) for x, y in zip(a, b)) < 1e-5 * top, layer
		    assert len(c) == len(a)
		a, c = read("cifar10_resnet20.logits"), read("cifar10_resnet56_plain.logits")
		best = lambda v, i: max(range(10), key=lambda k: v[10 * i + k])
		assert sum(best(a, i) == best(c, i) for i in range(20)) >= 10
	EOF
}

@test "CF96 -l: names with commas and blanks, more than once, and of a part of the network" {
	local name
	for name in co,v2 'co v2' /a/c2 a.b/c ; do
		python3 - "$name" <<-'EOP'
			import sys
			new = sys.argv[1].encode()
			with open("good.onnx", "rb") as f, open("named.onnx", "wb") as g:
			    g.write(f.read().replace(b"\x05conv2", b"\x05" + new))
		EOP
		case $name in
		a.b/c | /a/c2) continue ;;
		esac
		cnn-forward -q -m named.onnx -l "$name" -o one images
		cmp <(values <one) <(forward -l conv2 images | values)
		cnn-forward -q -m named.onnx -l relu1 -l "$name" -o two images
		cmp <(values <two) <(forward -l relu1,conv2 images | values)
		cnn-forward -q -m named.onnx -l "relu1,${name/,/\\,}" -o three images
		cmp <(values <two) <(values <three)
	done
	[ "$(ndr-dump --meta two | grep 'layer.1.name')" = 'layer.1.name=co v2' ]
	run --separate-stderr -0 cnn-forward -m named.onnx --list -l a.b
	[ "${lines[1]%%"$(printf '\t')"*}" = a.b/c ]
	[ "${#lines[@]}" = 2 ]
	[ "$stderr" = 'cnn-forward: warning: no tensor a.b: taken is the last one below it, a.b/c' ]
	for name in a /a; do
		run --separate-stderr -0 cnn-forward -m named.onnx --list -l $name
		[[ $stderr == *"the last one below it, a.b/c" ]]
	done
	run --separate-stderr -2 cnn-forward -m named.onnx --list -l a.
	run --separate-stderr -2 cnn-forward -m named.onnx --list -l relu1 -l relu1
	run --separate-stderr -2 cnn-forward -m named.onnx --list -l relu
	# What is named is the last of several, whatever stands before it.
	python3 - <<-'EOP'
		with open("good.onnx", "rb") as f, open("below.onnx", "wb") as g:
		    g.write(f.read().replace(b"\x05relu1", b"\x05/m/r1").replace(b"\x05pool1", b"\x05/m/p1"))
	EOP
	cnn-forward -m below.onnx --list -l m 2>&1 | grep -q '^/m/p1'
}

# ACT of a layer of the good network, (4, 8, 8), of two items: ones, and two; with its places.
given() {
	pamtondr 0.ppm 1.ppm | forward -l relu1 -o like
	{
		printf '1 %.0s' {1..256}
		printf '2 %.0s' {1..256}
	} | npy 2 4 8 8 | npytondr --as act --like like -l relu1 "$@"
}

@test "CF60 resumed at a layer, the network gives what it gives from images" {
	forward -l pool1,conv2 images >all
	values 9 <all | grep -v end >want
	for from in data conv1 relu1; do
		forward -l $from images >middle
		for t in 1 3; do
			forward --from $from -l pool1,conv2 -t $t middle >got
			values 9 <got | grep -v '^0\|end' | awk '{ $1 -= 1; print }' | cmp - want
		done
		forward --from $from -l pool1,conv2 <middle | cmp - got
		# Places are counted from the image.
		diff <(ndr-dump --meta all | sed -n 's/^layer\.0\.//p') \
			<(ndr-dump --meta got | sed -n 's/^layer\.1\.//p')
	done
}

@test "CF61 it goes on with the values in the stream" {
	given >act
	[ "$(forward --from relu1 -l pool1 act | values | grep '^1 ' | cut -d ' ' -f 5- | tr ' ' '\n' |
		sort | uniq -c | xargs)" = "64 1 64 2" ]
	# The least that conv2 sums: no warning of pixel values, as no image is asked for.
	run --separate-stderr -0 cnn-forward -m good.onnx --from relu1 -l pool1 -o fine act
	[ -z "$stderr" ]
}

@test "CF62 a tensor that does not separate needs the images" {
	skip() { cnn-forward -q -m skip.onnx "$@"; }
	skip -l relu1 images >act
	run --separate-stderr -3 skip --from relu1 -l sum act
	[ -z "$output" ]
	[[ $stderr == "cnn-forward: item 0 (./0.ppm): no image in the stream, and relu1 is not all "* ]]
	skip -l relu1 --keep-images images >act
	skip --from relu1 -l sum act | values 9 | grep '^1' | cut -d ' ' -f 2- >got
	skip -l sum images | values 9 | grep '^0' | cut -d ' ' -f 2- | cmp - got
	# conv1 does: what comes from it is computed from it alone.
	skip -l conv1 images | skip --from conv1 -l sum | values 9 | grep '^1' | cut -d ' ' -f 2- | cmp - got
	# By hand: pixels 0 and 21 are twice themselves, -21 itself.
	[[ $(head -n 1 got) == "4 8 8 0 42 "* ]]
}

@test "CF63 it refuses what the network would not go on with" {
	no() {
		run --separate-stderr "-$1" forward --from relu1 "${@:3}"
		refused
		[[ $stderr == *"$2"* ]]
	}
	forward -l relu1 images >act
	forward -l conv1 images >other
	no 3 "the stream has no layer relu1" -l conv2 other
	no 3 "no activations in the input" -l conv2 <(forward -l relu1 images | act-quantile -q)
	no 2 "conv1 does not follow from relu1" -l conv1 act
	no 2 "relu1 does not follow from relu1" -l relu1 act
	no 2 "no tensor relu9" --from relu9 -l conv2 act
	no 3 "relu1 is in another basis (seed 1 alpha 1): rotate-basis" -l conv2 <(rotate-basis --seed 1 act)
	run --separate-stderr -3 cnn-forward -q -m skip.onnx --from relu1 -l sum act
	refused
	[[ $stderr == *"layer relu1 is of another network (crc32:"* ]]
	given >large
	printf '1 %.0s' {1..32} | npy 2 4 2 2 | npytondr --as act --like like -l relu1 >small
	no 3 "layer relu1: 4 units of 2x2 in the stream, the network has 4 of 8x8" -l conv2 small
	given --input 9 >large
	no 3 "layer relu1 is of images of 9x9, the network takes 8x8" -l conv2 large
	no 3 "NaN or infinity" -l conv2 <(given | python3 -c '
import struct, sys, zlib
b = bytearray(sys.stdin.buffer.read())
at = 0
over = 0
while at < len(b):
    kind, length = struct.unpack_from("<4xH2xQ", b, at)
    whole = -(-length // 64) * 64
    if kind == 7:
        struct.pack_into("<f", b, at + 64 + 40, float("nan"))
        struct.pack_into("<I", b, at + 56, zlib.crc32(b[at + 64:at + 64 + whole]))
        struct.pack_into("<I", b, at + 60, zlib.crc32(b[at:at + 60]))
    at += 64 + whole
sys.stdout.buffer.write(b)')
	for cut in 64 1000 3000; do
		head -c -$cut act >short
		run --separate-stderr -4 forward --from relu1 -l conv2 short
		[[ $stderr == "cnn-forward: short: "* ]]
	done
	# An item that lost its activations.
	forward -l relu1 --keep-images images | python3 -c '
import struct, sys
f, out, n, over, gone, acts = sys.stdin.buffer, sys.stdout.buffer, 0, 0, 0, 0
import zlib
while h := bytearray(f.read(64)):
    kind, length = struct.unpack_from("<4xH2xQ", h)
    data = bytearray(f.read(-(-length // 64) * 64))
    acts += kind == 7
    if kind == 7 and acts == 2:
        continue
    if kind == 15:
        struct.pack_into("<I", data, 4, over)
        for i in range(struct.unpack_from("<I", data, 12)[0]):
            if struct.unpack_from("<I", data, 16 + 16 * i)[0] == 7:
                struct.pack_into("<Q", data, 24 + 16 * i, acts - 1)
        struct.pack_into("<I", h, 56, zlib.crc32(data))
    struct.pack_into("<Q", h, 16, n)
    struct.pack_into("<I", h, 60, zlib.crc32(h[:60]))
    over, n = zlib.crc32(h[60:64], over), n + 1
    out.write(h + data)' >hole
	ndr-check hole
	no 3 "item 1 (./1.ppm): no activations of layer relu1 in the stream" -l conv2 hole
}

@test "CF64 the paper's control: turned back, the network tells what it told" {
	fixture=$(fixture)
	network() { cnn-forward -q -m "$fixture/alexnet.onnx" --preset demo "$@"; }
	logits() { ndrtonpy --type act --layer score -o "$1.npy"; }
	network -l score "$fixture/images.ndr" | logits direct
	rotate-basis --seed 4 --alpha 0.7 "$fixture/conv5.ndr" >turned
	rotate-basis --seed 4 --alpha 0.7 --inverse turned >back
	run ! grep -aq '\.basis=' back
	network --from conv5 -l score back | logits back
	network --from conv5 -l score "$fixture/conv5.ndr" | logits same
	cmp direct.npy same.npy
	network -l score "$fixture/images.ndr" | class-accuracy --truth "$fixture/classes.csv" >accuracy
	network --from conv5 -l score back | class-accuracy -l score --truth "$fixture/classes.csv" | cmp - accuracy
	run --separate-stderr -3 network --from conv5 -l score turned
	[[ $stderr == *"conv5 is in another basis (seed 4 alpha 0.7)"* ]]
	python3 - <<-'EOF'
		import array
		a, b = (array.array("f", open(n + ".npy", "rb").read()[128:]) for n in ("direct", "back"))
		assert len(a) == 24 * 62
		assert 0 < max(abs(x - y) for x, y in zip(a, b)) < 1e-4 * max(map(abs, a))
		best = lambda v: [max(range(62), key=v[62 * i:62 * i + 62].__getitem__) for i in range(24)]
		assert best(a) == best(b)
	EOF
}

@test "CF65 --dtype f16: the nearest numbers of 16 bits, in version 2.0 of the format, read by all as floats" {
	fixture=$(fixture)
	network() { cnn-forward -q -m "$fixture/alexnet.onnx" --preset demo "$@"; }
	network -l conv4,conv5 "$fixture/images.ndr" >f32
	network -l conv4,conv5 --dtype f16 "$fixture/images.ndr" >f16
	ndr-check f16
	[ "$(ndr-dump f16 | grep -c $'\tACT\t.*\tf16\[')" = 48 ]
	[ "$(od -A n -t u2 -j 64 -N 2 f16)" -eq 2 ]
	[ $((2 * $(ndr-dump f16 | awk -F '\t' '$2 == "ACT" { n += $6 } END { print n }'))) = \
		"$(ndr-dump f32 | awk -F '\t' '$2 == "ACT" { n += $6 } END { print n }')" ]
	for t in 1 3; do
		network -t $t -l conv4,conv5 --dtype f16 "$fixture/images.ndr" >same
		cmp same f16
	done
	# What passes them on, passes them on as they are, by any instructions.
	for machine in $(instructions); do
		NDPIPE_MACHINE=$machine ndr-cat -o same f16
		cmp same f16
		cmp <(NDPIPE_MACHINE=$machine ndr-dump --type ACT --values 99999 f16) <(NDPIPE_MACHINE=plain ndr-dump --type ACT --values 99999 f16)
	done
	ndr-cat -o same <f16
	cmp same f16
	rotate-basis --seed 1 --alpha 0 f16 | ndr-dump --type ACT | cut -f 2- | cmp - <(ndr-dump --type ACT f16 | cut -f 2-)
	gzip -c f16 | ndr-cat -o same
	cmp same f16
	ndr-split -d layers f16
	ndr-dump layers/conv5.ndr | grep -q $'\tf16\['
	# All else has the numbers that they are: those of a stream of floats.
	ndrtonpy --type act -l conv5 -o half.npy f16
	npytondr --as act -l conv5 --like layers/conv5.ndr half.npy >wide
	[ "$(od -A n -t u2 -j 64 -N 2 wide)" -eq 1 ]
	for command in act-quantile "act-top --maps -k 3" "rotate-basis --seed 2" "act-ablate --units 3,7" \
		"act-quantile --sketch" "act-quantile --partial"; do
		$command layers/conv5.ndr | ndr-dump --values 99999 | grep -e 'ACT\|THRESH\|TOP\|SKETCH\|TAIL' | cut -f 2,3,5- >half
		$command wide | ndr-dump --values 99999 | grep -e 'ACT\|THRESH\|TOP\|SKETCH\|TAIL' | cut -f 2,3,5- >whole
		[ "${command%% *}" != act-ablate ] || sed -i 's/\tf16\[/\tf32[/' half
		cmp half whole
	done
	act-quantile -o thr wide
	act-segment -q -T thr layers/conv5.ndr >seg
	[ "$(od -A n -t u2 -j 64 -N 2 seg)" -eq 1 ]
	cmp <(ndr-dump --type SEG seg | cut -f 2-) <(act-segment -q -T thr wide | ndr-dump --type SEG | cut -f 2-)
	cmp <(network --from conv5 -l score layers/conv5.ndr | ndrtonpy --type act -l score) \
		<(npytondr --as act -l conv5 --like "$fixture/conv5.ndr" half.npy | ndr-cat >again; network --from conv5 -l score again | ndrtonpy --type act -l score)
	network --from conv5 -l score layers/conv5.ndr | ndr-dump | grep -q $'\tscore\tf32\['
	need_numpy
	ndrtonpy --type act -l conv5 -o float.npy f32
	python3 -c '
import numpy as np
half, whole = np.load("half.npy"), np.load("float.npy")
assert half.dtype == np.float32 and (half == whole.astype(np.float16)).all() and (half != whole).any()'
}

@test "CF66 --dtype f16: activations beyond 65504 are refused, and what else it is" {
	fixture=$(fixture)
	run --separate-stderr -3 cnn-forward -q -m "$fixture/alexnet.onnx" -l conv1 --scale 1e5 --dtype f16 -o none "$fixture/images.ndr"
	[[ $stderr =~ ^"cnn-forward: item 0 (synth-"[^\)]*"): tensor conv1: unit "[0-9]+" is "[0-9.e+-]+", beyond the 65504 of --dtype f16"$ ]]
	[ ! -e none ]
	cnn-forward -q -m "$fixture/alexnet.onnx" -l conv1 --scale 1e5 --dtype f32 "$fixture/images.ndr" | ndr-check
	run --separate-stderr -2 cnn-forward -m "$fixture/alexnet.onnx" -l conv1 --dtype f64 "$fixture/images.ndr"
	[[ $stderr == *"--dtype"* ]]
}
