# The walk in netdissect-data(7): a stranger's photographs and network, from nothing to the table.
# shellcheck disable=SC2154 # set by bats and by helper.bash
load helper

setup() {
	page=$root/man/netdissect-data.7
	cd "$BATS_TEST_TMPDIR" || exit
	python3 -c 'import PIL, numpy' 2>said || skip "no Pillow or NumPy here"
	photographs
	programs
}

# Twelve of two classes, of 64 pixels, each with a mask of a head, a body and a border.
photographs() {
	python3 - <<-'EOP'
		import os
		import numpy as np
		from PIL import Image
		random = np.random.default_rng(1)
		for kind in "cat", "dog":
		    os.makedirs(f"photos/{kind}")
		    os.makedirs(f"masks/{kind}")
		    for i in range(1, 7):
		        photo = random.integers(0, 90, (64, 64, 3)).astype("u1")
		        mask = np.zeros((32, 32), "u1")
		        y, x = random.integers(2, 14, 2)
		        mask[y - 1:y + 9, x - 1:x + 9] = 255
		        mask[y:y + 8, x:x + 8] = 1
		        mask[22:30, 4:28] = 2
		        photo[2 * y:2 * y + 16, 2 * x:2 * x + 16] = 250, 240, 60
		        photo[44:60, 8:56] = (30, 60, 220) if kind == "cat" else (200, 40, 30)
		        Image.fromarray(photo).save(f"photos/{kind}/{i}.{'png' if i == 6 else 'jpg'}", quality=95)
		        Image.fromarray(mask).save(f"masks/{kind}/{i}.png")
	EOP
}

# The page's programs, each a display that begins with its name.
programs() {
	sed 's/\\e/\\/g; s/\\&//g' "$page" | awk '
		/^\.Ed/ { file = "" }
		begins && match($0, /^# [a-z]+\.(py|txt)/) { file = substr($0, 3, RLENGTH - 2) }
		{ begins = /^\.Bd/ }
		file { print >file }'
	[ -s mine.txt ]
	[ -s network.py ]
	[ -s grid.py ]
}

# Its commands from the line with $1 up to that with $2, run one by one.
commands() {
	sed -n 's/^\.Dl \$ //p' "$page" | sed 's/\\&//g; s/\\-/-/g; s/\\e/\\/g' | sed -n "/$1/,/$2/p" >lines
	[ -s lines ]
	while IFS= read -r line; do
		echo "$line"
		bash -o pipefail -c "$line" </dev/null
	done <lines
}

# What the directory is: parts, classes, and what the border became.
right_directory() {
	broden-cat mine >stream
	[ "$(ndr-dump --type ITEM stream | wc -l)" = 12 ]
	ndr-dump --meta stream | grep -e ^category -e ^label | diff - <(printf '%s\n' category.0=part category.1=class \
		'label.1=0 body' 'label.2=0 head' 'label.3=1 cat' 'label.4=1 dog')
	[ "$(ndr-dump --type LABEL stream | cut -f 4,7 | sort | uniq -c | xargs)" = \
		"6 class labels=3 6 class labels=4 12 part labels=1,2" ]
}

# A unit that sees yellow is one of heads, and so the table says.
right_table() {
	head -n 1 "$1" | grep -q '^unit,category,label,score,part-label'
	[ "$(wc -l <"$1")" = $(($2 + 1)) ]
	sed 1d "$1" | cut -d , -f 3 | grep -qxE 'head|body'
}

@test "WK01 from photographs and a network in PyTorch to the table" {
	python3 -c 'import importlib.util as u; assert u.find_spec("torch")' 2>said || skip "no PyTorch here"
	commands 'broden-make' 'broden-cat mine'
	right_directory
	commands 'network.py' 'unit-label'
	right_table out/3-Relu_output_0-result.csv 32
	[ -s out/3-Relu_output_0.html ]
}

@test "WK02 the same with a network that is there" {
	commands 'broden-make' 'broden-cat mine'
	right_directory
	cp "$root/pipelines/demo/demo.onnx" own.onnx
	sed 's#/3/Relu_output_0#conv5#; s/--preset unit/--preset demo/' "$page" >walk.7
	page=$PWD/walk.7
	commands 'cnn-forward -m own' 'unit-label'
	right_table out/conv5-result.csv 128
}

@test "WK03 activations of a transformer, without its class token, as maps" {
	commands 'broden-make' 'broden-cat mine'
	commands '-o images.ndr mine' 'ndrtonpy --type image'
	# Tokens that say how yellow their patch is, behind one that would be the greatest everywhere.
	python3 - <<-'EOP'
		import numpy as np
		x = np.load("images.npy").astype("f4")
		assert x.shape == (12, 224, 224, 3)
		p = x.reshape(12, 14, 16, 14, 16, 3).mean((2, 4)).reshape(12, 196, 3)
		t = np.stack([p[..., 0] + p[..., 1] - 2 * p[..., 2], p[..., 2]], 2)
		np.save("tokens.npy", np.concatenate([np.full((12, 1, 2), 999), t], 1).astype("f4"))
	EOP
	commands 'python3 grid.py' 'act-segment'
	ndr-dump --meta block.ndr | grep -qx 'layer.0.offset=7.5 7.5'
	# 196 samples an image; the unit that sees yellow is one of heads.
	ndr-dump --type THRESH --values 4 block.thr | grep -q " $((12 * 196))$"
	grep -q '^1,part,head,' block-result.csv
}
