# Caffe networks in cnn-forward: tests/unit/test_caffe.c has the values.
# shellcheck disable=SC2154 # set by bats and by helper.bash
load helper

setup_file() {
	export work=$BATS_FILE_TMPDIR many=$root/tests/caffe/many.prototxt
	cd "$work" || exit
	"$root/tests/caffe_model.py" "$many" >new.caffemodel
	"$root/tests/caffe_model.py" --old "$many" >old.caffemodel
	head -c 3000 new.caffemodel >cut.caffemodel
	sed 's/num_output: 16/num_output: 20/' "$many" >other.prototxt
	echo 'layer { name: "a" type: "ReLU" bottom: "b" top: "b }' >broken.prototxt
	for k in 1 2 3; do
		ppmpat -gingham2 -randomseed=$k 50 37 >$k.ppm
	done
	pamtondr -o images ./?.ppm
}

setup() {
	cd "$work" || exit
}

forward() {
	cnn-forward -q --preset caffe -m "$many" -w new.caffemodel "$@" images
}

# One line, naming the program; nothing on standard output.
refused() {
	[ -z "$output" ]
	[ "${#stderr_lines[@]}" -eq 1 ]
	[[ $stderr == "cnn-forward: "*"$1"* ]]
}

@test "CA01 --list needs no weights" {
	cnn-forward -m "$many" --list >list
	grep -qP '^conv1/pre_batchnorm\t1x12x37x24\t5x3\t1x2\t0,1\tConv$' list
	grep -qP '^pool1\t1x12x18x12\t7x7\t2x4\t1,3\tMaxPool$' list
	grep -qP '^crop\t1x14x10x7\t' list
	run ! grep -q '?' list
	cnn-forward -m "$many" -w new.caffemodel --list | cmp - list
}

@test "CA02 activations without weights: exit 2" {
	run --separate-stderr -2 cnn-forward -m "$many" -l conv1 images
	refused "needs its weights (-w FILE)"
}

@test "CA03 old and new weights, any number of threads: the same bytes" {
	forward --no-provenance -t 1 -l conv2,pool1,fc >a
	forward --no-provenance -t 4 -l conv2,pool1,fc >b
	cnn-forward -q --no-provenance --preset caffe -m "$many" -w old.caffemodel \
		-l conv2,pool1,fc images >c
	cmp a b
	# META has the digest of the files.
	cmp <(ndr-dump --values 100000 a | grep ACT) <(ndr-dump --values 100000 c | grep ACT)
	run -1 cmp -s <(ndr-dump --meta a | grep model=) <(ndr-dump --meta c | grep model=)
	ndr-check a
}

@test "CA04 a layer named alone and among others has the same values" {
	forward -l within -o alone
	forward -l conv1/pre_relu,within,prob,sum -o all
	ndrtonpy --type act -o alone.npy alone
	ndrtonpy --type act --layer within -o all.npy all
	cmp alone.npy all.npy
}

@test "CA05 the value before an activation function warns, and META knows it" {
	run --separate-stderr -0 cnn-forward --preset caffe -m "$many" -w new.caffemodel \
		-l conv1/pre_relu -o out images
	[[ $stderr == *"conv1/pre_relu feeds only an activation function (Relu): conv1" ]]
}

@test "CA06 both files are in the provenance" {
	forward -l conv1 >out
	grep -qa 'digest.model=' out
	grep -qa 'digest.weights=' out
}

@test "CA07 weights that are cut, missing or of another size: exit 3, no output" {
	run --separate-stderr -3 cnn-forward -q -m "$many" -w cut.caffemodel -l prob images
	refused cut.caffemodel
	run --separate-stderr -3 cnn-forward -q -m other.prototxt -w new.caffemodel \
		-l conv2/pre_prelu images
	refused "new.caffemodel: layer conv2 (Convolution): blob 0 is 16x3x3x3 with 432 values where 20x3x3x3"
	run --separate-stderr -3 cnn-forward -q -m "$many" -w "$many" -l conv1 images
	refused "not a Caffe model"
	run --separate-stderr -1 cnn-forward -q -m "$many" -w absent -l conv1 images
	refused absent
	cnn-forward -q -m other.prototxt -w new.caffemodel -l pool1 images | ndr-check
}

@test "CA08 a broken description: exit 3, its line" {
	run --separate-stderr -3 cnn-forward -q -m broken.prototxt --list
	refused "broken.prototxt: line 1: a string without end"
	run --separate-stderr -3 cnn-forward -q -m new.caffemodel -w new.caffemodel --list
	refused "new.caffemodel: line "
}

@test "CA09 the deploy files of AlexNet, CaffeNet and GoogLeNet run" {
	need_shared
	local nets=(googlenet:224:inception_5b/output alexnet:227:conv5 reference_caffenet:227:conv5)
	for net in "${nets[@]:0:$(exhaustive 2 3)}"; do
		IFS=: read -r name size layer <<<"$net"
		text=$shared/data/caffe/bvlc_$name.deploy.prototxt
		"$root/tests/caffe_model.py" --maps "$text" >weights
		broden-cat --limit 2 --size "$size" --no-labels "$shared/data/broden" |
			cnn-forward -q --preset caffe -m "$text" -w weights -l "$layer" -o out
		ndr-check out
		run --separate-stderr -3 cnn-forward -q -m "$text" -w weights -l prob out
		[[ $stderr == *"no weights for it" ]]
	done
}

@test "CA10 SqueezeNet's pair gives what its ONNX file gives" {
	need_shared
	broden-cat --limit 3 --size 227 --no-labels "$shared/data/broden" >photographs
	cnn-forward -q --preset caffe -m "$shared/data/caffe/squeezenet1.0.deploy.prototxt" \
		-w "$shared/data/caffe/squeezenet1.0.caffemodel" -l fire9/concat photographs >a
	cnn-forward -q --preset caffe -m "$shared/data/models/squeezenet1.0.onnx" \
		-l fire9/concat photographs >b
	ndrtonpy --type act -o a.npy a
	ndrtonpy --type act -o b.npy b
	cmp a.npy b.npy
	cmp <(ndr-dump --meta a | grep -v model=) <(ndr-dump --meta b | grep -v model=)
}

@test "CA11 an unknown field: exit 3, its line; what is passed over is a warning" {
	cat >fields.prototxt <<-'EOF'
		input: "data"
		layer { name: "in" type: "Input" top: "data" input_param { shape { dim: [1, 3, 38, 38] } } }
		layer { name: "p" type: "Pooling" bottom: "data" top: "p" pooling_param { kernel_size: 3 stride: 2 ceil_mode: false } }
		layer { name: "r" type: "ReLU" bottom: "p" top: "r" lrn_param { k: 2 } transform_param { scale: 2 } }
	EOF
	run --separate-stderr -0 cnn-forward -m fields.prototxt --list
	[[ $output == *$'\np\t1x3x18x18\t'* ]]
	[ "${#stderr_lines[@]}" -eq 3 ]
	for what in "input is passed over" "ReLU does not read lrn_param" "transform_param is passed over"; do
		[[ $stderr == *"cnn-forward: warning: fields.prototxt: "*"$what"* ]]
	done
	run --separate-stderr -0 cnn-forward -q -m fields.prototxt --list
	[ -z "$stderr" ]
	sed 's/ceil_mode: false/foo: 7/' fields.prototxt >unknown.prototxt
	run --separate-stderr -3 cnn-forward -q -m unknown.prototxt --list
	refused "unknown.prototxt: line 3: layer p (Pooling): pooling_param: field foo is not known"
}
