# class-accuracy: how often the greatest logit is right.
# shellcheck disable=SC2154 # set by bats and by helper.bash
load helper
load filter

# Four images of which two are cups, one is a plate, and one is nothing; logits of three
# classes.
setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	mkdir -p d/images
	printf 'name\nthing\nscene\n' >d/category.csv
	printf 'number,name\n1,cup\n2,plate\n3,kitchen\n' >d/label.csv
	printf 'number,coverage\n1,1\n2,1\n' >d/c_thing.csv
	printf 'number,coverage\n3,1\n' >d/c_scene.csv
	printf '%s\n' image,split,ih,iw,sh,sw,thing,scene a.png,train,1,4,1,4,a.png,3 \
		b.png,train,1,4,1,4,1,3 c.png,train,1,4,1,4,2, d.png,train,1,4,1,4,,3 >d/index.csv
	# 1 and 2 on as many pixels: the lower number is the class.
	printf 'P3 4 1 255  1 0 0  1 0 0  2 0 0  2 0 0\n' | pnmtopng -force >d/images/a.png
	broden-cat --no-images -o labels.ndr d
	echo 5 1 0  1 5 0  0 2 2  9 9 9 | npy 4 3 1 1 |
		npytondr --as act --like labels.ndr -l score -o act.ndr
	printf '%s\n' cup plate spoon >names
}

@test "CY01 by hand: a category's labels" {
	run --separate-stderr -0 class-accuracy -c thing --classes names --format tsv act.ndr
	[ "${lines[0]}" = $'layer\timages\tclasses\ttop1\ttop5\tclass-top1\tclass-top5\twithout-class\twithout-unit' ]
	# a is a cup and named so, b is a cup and named a plate; c is a plate, first of equals.
	[ "${lines[1]}" = $'score\t3\t2\t0.66666666666666663\t1.0\t0.75\t1.0\t1\t0' ]
	[ "$stderr" = 'class-accuracy: warning: 1 images have no class: they were left out' ]
	run --separate-stderr -0 class-accuracy -c thing --classes names --by-class --format csv act.ndr
	# Of the others, c, it is not said that it is a cup; of a and b, that b is a plate.
	# Logits: 5 and 1 of cups, 2 of the plate.
	[ "$output" = $'layer,class,images,top1,top5,without-class,without-unit,balanced,logit\r\nscore,cup,2,1,2,1,0,0.75,3.0\r\nscore,plate,1,1,1,1,0,0.75,2.0\r\nscore,spoon,0,0,0,1,0,,\r' ]
}

@test "CY07 -l takes a layer among others" {
	fixture=$(fixture)
	network() { cnn-forward -m "$fixture/alexnet.onnx" --preset demo "$fixture/images.ndr" "$@"; }
	network -l score | class-accuracy --truth "$fixture/classes.csv" >want
	network -l conv5,score -o both.ndr
	run --separate-stderr -2 class-accuracy --truth "$fixture/classes.csv" both.ndr
	[[ ${stderr_lines[0]} == "class-accuracy: layer conv5: its maps are 14x14, logits have 1x1" ]]
	class-accuracy -l score --truth "$fixture/classes.csv" both.ndr | cmp - want
	run --separate-stderr -2 class-accuracy -l none --truth "$fixture/classes.csv" both.ndr
	[[ ${stderr_lines[0]} == "class-accuracy: no layer none in the input" ]]
}

@test "CY02 by hand: a table, of names or of units" {
	printf '%s\n' image,class b.png,plate d.png,spoon a.png,fork >truth.csv
	run --separate-stderr -0 class-accuracy --truth truth.csv --classes names --format tsv act.ndr
	# d is named a cup, the first of equals: spoon comes third.
	[ "${lines[1]}" = $'score\t2\t2\t0.5\t1.0\t0.5\t1.0\t1\t1' ]
	[[ $stderr == *'1 images have no class: they were left out'* ]]
	[[ $stderr == *'layer score: 1 images are of a class that no unit stands for: they were left out'* ]]
	printf '%s\n' class,image 1,b.png 2,d.png >truth.csv
	run --separate-stderr -0 class-accuracy --truth truth.csv --format tsv act.ndr
	[ "${lines[1]}" = $'score\t2\t2\t0.5\t1.0\t0.5\t1.0\t2\t0' ]
}

@test "CY03 as many units as labels: the k-th label" {
	echo 5 1  1 5  0 2  9 9 | npy 4 2 1 1 |
		npytondr --as act --like labels.ndr -l score -o two.ndr
	run --separate-stderr -0 class-accuracy -c thing --format tsv two.ndr
	[ "${lines[1]}" = $'score\t3\t2\t0.66666666666666663\t1.0\t0.75\t1.0\t1\t0' ]
	run --separate-stderr -2 class-accuracy -c thing act.ndr
	[ "$stderr" = 'class-accuracy: layer score has 3 units, but category thing 2 labels: give their names with --classes' ]
}

@test "CY04 shards in any order, threads, a pipe: the same" {
	class-accuracy -q -c thing --classes names --by-class act.ndr >whole
	for shard in 1 2; do
		broden-cat --no-images --shard $shard/2 -o labels$shard d
	done
	echo 5 1 0  1 5 0 | npy 2 3 1 1 | npytondr --as act --like labels1 -l score -o act1
	echo 0 2 2  9 9 9 | npy 2 3 1 1 | npytondr --as act --like labels2 -l score -o act2
	class-accuracy -q -c thing --classes names --by-class act2 act1 | cmp - whole
	class-accuracy -q -c thing --classes names --by-class -t 3 <act.ndr | cmp - whole
	run --separate-stderr -3 class-accuracy -q -c thing --classes names act1
	[[ $stderr == *'2 of 4 are here'* ]]
	run -0 class-accuracy -q -c thing --classes names --incomplete act1
}

@test "CY05 what cannot be: one line each" {
	run --separate-stderr -2 class-accuracy act.ndr
	[ "$stderr" = 'class-accuracy: one of --category and --truth is needed' ]
	run --separate-stderr -2 class-accuracy -c thing --truth names act.ndr
	run --separate-stderr -2 class-accuracy -c taste act.ndr
	[ "$stderr" = "class-accuracy: the input has no category 'taste'" ]
	run --separate-stderr -1 class-accuracy -c thing --classes none act.ndr
	[ "$stderr" = 'class-accuracy: none: No such file or directory' ]
	printf 'cup\nplate\ncup\n' >twice
	run --separate-stderr -3 class-accuracy -c thing --classes twice act.ndr
	[ "$stderr" = "class-accuracy: twice: class 'cup' stands for units 0 and 2" ]
	printf 'cup\n\nplate\n' >empty
	run --separate-stderr -3 class-accuracy -c thing --classes empty act.ndr
	[ "$stderr" = 'class-accuracy: empty: line 2: not a name' ]
	printf '%s\n' image,class a.png,cup a.png,plate >truth.csv
	run --separate-stderr -3 class-accuracy --truth truth.csv act.ndr
	[ "$stderr" = 'class-accuracy: truth.csv: image a.png stands twice' ]
	seq 24 | npy 4 3 1 2 | npytondr --as act --like labels.ndr -l conv -o maps.ndr
	run --separate-stderr -2 class-accuracy -c thing --classes names maps.ndr
	[ "$stderr" = 'class-accuracy: layer conv: its maps are 1x2, logits have 1x1' ]
}

@test "CY06 cut and damaged streams, misuse, a full disk" {
	refuses_damage act.ndr class-accuracy -q -c thing --classes names
	speaks_well act.ndr class-accuracy -q -c thing --classes names
}
