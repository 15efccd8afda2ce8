"""every_command.py -- each command, with options that make a difference, on small input, and what
is right where something fails beneath it: for the tests that let something fail.

NDPIPE_BIN says where the commands are.
"""
import os
import shutil
import struct
import subprocess
import sys

here = os.path.dirname(os.path.abspath(__file__))
commands_at = os.path.abspath(os.environ.get("NDPIPE_BIN", os.path.join(here, "..", "build", "bin")))
SECONDS = 20  # no command needs more than a tenth of one

# Made from ../ and from one another in an empty directory.
preparations = """
cc -shared -fPIC -O1 -o inject.so {tests}/inject.c -ldl
cp {tests}/format/passed/items.ndr items
cp {tests}/format/passed/summary.ndr summary
gzip -k items
broden-synth -n 3 --size 16 --seed 3 | {tests}/broden-directory broden
broden-check -o faults --rewrite broden
broden-cat --size 8 -o scenes broden
printf '%s\\n' 'images = broden/images/*0.png' 'labels = broden/images/*0_color_1.png' 'kind = broden' '1 color black' >source.txt
for i in $(seq 2 11); do echo "$i color c$i = d$i"; done >>source.txt
printf '{{"annotations": [{{"file_name": "scene0000_color_1.png", "segments_info": [{{"id": 0, "category_id": 2}}' >segments.json
for i in $(seq 1 11); do printf ', {{"id": %s, "category_id": %s}}' "$i" $((i % 2)); done >>segments.json
printf ']}}], "categories": [{{"id": 0, "name": "even"}}, {{"id": 1, "name": "odd"}}]}}\\n' >>segments.json
printf '%s\\n' 'name = all' 'images = broden/images/*0.png' 'labels = broden/images/*0_color_1.png' 'kind = panoptic' 'json = segments.json' 'category = parity' '1 parity odd' >panoptic.txt
printf '%s' '{{"images": [{{"id": 1, "file_name": "scene0000.png", "height": 16, "width": 16}}], "annotations": [{{"image_id": 1, "category_id": 1, "segmentation": [[1, 1, 9, 1, 9, 9]]}}, ' >drawn.json
printf '%s' '{{"image_id": 1, "category_id": 2, "segmentation": {{"counts": [250, 6]}}}}], "categories": [{{"id": 1, "name": "one"}}, {{"id": 2, "name": "two"}}]}}' >>drawn.json
printf 'image,kind\\r\\nscene000,"a; b"\\r\\n' >whole.csv
printf 'image\\tbig\\tred\\nscene0000.png\\t1\\t0\\n' >marks.tsv
printf '%s\\n' 'images = broden/images/*0.png' 'whole = whole.csv' 'marks = mark marks.tsv' 'labels = drawn.json' 'kind = instances' 'category = object' >drawn.txt
{tests}/tiny-onnx good >net.onnx
cnn-forward -q -m net.onnx -l conv2,relu1 -o two.act scenes
cnn-forward -q -m net.onnx -l conv2 -o act scenes
cnn-forward -q -m net.onnx -l conv2 --dtype f16 -o half scenes
act-quantile -q --quantile 0.2 -o thr act
act-quantile -q --partial --sketch -o sketch act
act-quantile -q --partial -o tail act
act-segment -q -T thr -o seg act
iou-score -q -o score seg
unit-label -q --min-images 0 -o result.csv score
rotate-basis --seed 1 --write-matrix matrix -o rotated act
ndrtonpy --type act -o act.npy act
ndrtonpy --type image -o image.npy scenes
ndrtopam -o pam scenes
broden-cat -o larger broden
cnn-forward -q -m net.onnx -l conv2 --keep-images -o kept scenes
act-top -q -k 2 --maps --maxima -o stem.top.ndr act
cp thr stem.thr.ndr
cp score stem.score.ndr
cp act stem.act.ndr
iou-score -q --permute 1-3 -o chance seg
iou-score -q --joint -o joint seg
iou-score -q --joint --permute 1 -o joint.1 seg
unit-formula -q --split all --min-images 0 --lengths lengths.tsv -o formula.csv joint
iou-score -q --segments 3 -o parts seg
cnn-forward -q -m net.onnx -l relu1 -o relu scenes
broden-synth -n 24 --size 16 -o many
cnn-forward -q -m net.onnx -l conv2 --resize -o many.act many
ndr-dump --type ITEM many | sed 's/.*name=//' | awk 'BEGIN {{ print "image,class" }} {{ print $1 "," NR % 2 }}' >truth.csv
npytondr --as act --like many -l logits -o logits logits.npy
npytondr --as act --like many -l crop -o crop crop.npy
printf 'unit,category,label,score,a-label,a-truth,a-activation,a-intersect,a-iou\n1,a,sky,1,sky,2,2.0,2,1\n' >sky.csv
printf 'unit,phrase\n1,sky\n2,tree\n' >phrases.csv
human-sheet -q -i scenes --phrases phrases.csv --key key.csv --min-images 0 -o sheet stem
awk -F , 'NR == 1 {{ print "rater,group,question,answer" }} NR > 1 {{ print "ann,A," $1 ",yes"; print "bob,B," $1 ",no" }}' key.csv >answers.csv
{tests}/caffe_model.py {tests}/caffe/many.prototxt >weights.caffemodel
cp {tests}/caffe/many.prototxt many.prototxt
cp {tests}/fuzz/seeds/image/rgb.png photo.png
cp {tests}/fuzz/seeds/image/rgb.jpeg photo.jpeg
printf 'input: "data"\\ninput_dim: 1\\ninput_dim: 3\\ninput_dim: 8\\ninput_dim: 8\\nlayer {{ name: "pool" type: "Pooling" bottom: "data" top: "pool" pooling_param {{ pool: MAX kernel_size: 2 stride: 2 }} }}\\n' >net.prototxt
"""

# A result goes to -o got; > says that it goes to standard output.
commands = """
broden-cat broden
broden-cat --skip-bad broden
broden-cat --crop --size 6 broden
broden-cat --items stem.top.ndr broden
broden-check broden
broden-check --format json broden
broden-check --rewrite broden
broden-make -q --min-images 1 --min-coverage 0 --colors -d directory source.txt panoptic.txt
broden-make -q --min-images 1 --min-coverage 0 --size 6 --crop --group a -d directory source.txt
broden-make -q --min-images 1 --min-coverage 0 --size 8 --upright --skip-bad -d directory drawn.txt
broden-synth -n 2 --size 16
cnn-forward -m net.onnx -l conv2 scenes
cnn-forward -m net.onnx -l conv2,relu1 --keep-images scenes
cnn-forward -m net.onnx -l conv2 --resize larger
cnn-forward -m net.onnx -l conv2 --dtype f16 scenes
cnn-forward -m net.onnx --list
cnn-forward -m net.prototxt --list
cnn-forward -m many.prototxt -w weights.caffemodel --list
cnn-forward -m net.onnx --from relu1 -l conv2 relu
rotate-basis --seed 1 act
rotate-basis --matrix matrix --alpha 0.5 --unpermute act
rotate-basis --seed 1 --write-matrix written act
act-ablate --units 1 act
act-ablate --units 2 --keep --to mean --mean-of act act
act-ablate --concept sky -r sky.csv act
act-quantile act
act-quantile --memory 1 two.act
act-quantile --sketch act
act-quantile --partial act
act-quantile --partial --sketch act
act-quantile sketch
act-quantile tail
act-quantile half
ndr-cat half
act-quantile --partial tail
ndr-cat tail
act-segment -T thr act
act-top -k 2 act
act-top -k 2 --maps act
act-top -k 2 --maps --maxima act
iou-score seg
iou-score --labels scenes seg
iou-score --permute 1-3 seg
iou-score --permute 1-3 --block . --strata strata seg
iou-score --segments 3 seg
iou-score --joint seg
iou-score --joint --labels scenes seg
iou-score --joint --permute 1 seg
iou-score --joint --split train --index broden/index.csv seg
unit-chance --min-images 0 chance
unit-chance --min-images 0 --fdr fdr --summary units chance
unit-formula --split all --min-images 0 joint
unit-formula --min-images 0 --score joint --chance joint.1 --fdr fdr --lengths lengths joint
unit-formula --split all --min-images 0 --verify seg joint
unit-label --min-images 0 score
unit-label --min-images 0 --format json score
unit-label --min-images 0 --bootstrap 5 parts
unit-label --min-images 0 --thresholds thr --format tsv score
> unit-label --min-images 0 score
unit-label --min-images 0 -d directory score
unit-report -i scenes --min-images 0 stem
unit-report -i scenes --min-images 0 stem stem
unit-report -i scenes --min-images 0 --folder directory stem
unit-report -i scenes --activations act --min-images 0 stem
unit-report -i scenes --formulas lengths.tsv --min-images 0 stem
> unit-report -i scenes --min-images 0 stem
human-sheet -i scenes --min-images 0 --sample 2 stem
human-sheet -i scenes --min-images 0 --phrases phrases.csv --key written stem
human-score --bootstrap 5 key.csv answers.csv
class-accuracy --truth truth.csv logits
class-accuracy --truth truth.csv --classes names --by-class --format csv logits
class-accuracy --category scene --classes names logits
unit-ablate -m many.prototxt -w weights.caffemodel --layer crop -l fc -r sky.csv --truth truth.csv --random 2 --effects effects --sets sets crop
linear-probe --truth truth.csv many.act
linear-probe --truth truth.csv --pool avg --format json many.act
unit-paint -T thr -r result.csv --threshold 0 kept
unit-paint -T thr -r result.csv --threshold 0 -d directory kept
> unit-paint -T thr -r result.csv --units 1,2 --format json -d directory kept
unit-summary result.csv
unit-summary --format json result.csv
> unit-summary result.csv
ndr-cat items
ndr-cat items.gz
ndr-cat summary
> ndr-cat items
ndr-check --recover items
ndr-check items
ndr-dump items
ndr-dump --meta summary
> ndr-dump items
ndr-head -n 1 items
ndr-split -d directory two.act
ndrtonpy --type act act
> ndrtonpy --type act act
ndrtonpy --type label --item 1 scenes
ndrtonpy --type score score
npytondr --as act --like scenes -l x act.npy
npytondr --as image image.npy
ndrtopam scenes
pamtondr pam
pamtondr photo.jpeg photo.png
"""


def logits():
    """Of 24 images and two classes, as NumPy writes them, and the classes' names; and a layer."""
    head = b"{'descr': '<f4', 'fortran_order': False, 'shape': (24, 2, 1, 1), }".ljust(117) + b"\n"
    with open("logits.npy", "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head
                   + struct.pack("<48f", *(i % 3 for i in range(48))))
    with open("names", "w") as file:
        file.write("0\n1\n")
    head = b"{'descr': '|u1', 'fortran_order': False, 'shape': (24, 14, 10, 7), }".ljust(117) + b"\n"
    with open("crop.npy", "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head
                   + bytes(i % 11 for i in range(24 * 980)))


def untried():
    """The commands that no line is of."""
    tried = {line.removeprefix("> ").split()[0] for line in commands.strip().splitlines()}
    return sorted(set(os.listdir(commands_at)) - tried)


def prepare():
    logits()
    lines = preparations.format(tests=here)
    done = subprocess.run(["bash", "-euc", lines], stderr=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit("preparations: " + done.stderr)


def forget(made):
    for name in made:
        if os.path.isdir(name):
            shutil.rmtree(name)
        else:
            os.unlink(name)


def results(before):
    return {name: contents(name) for name in sorted(set(os.listdir()) - before)}


def contents(name):
    if os.path.isdir(name):
        return {inner: contents(os.path.join(name, inner)) for inner in sorted(os.listdir(name))}
    with open(name, "rb") as file:
        return file.read()


def run(words, to_stdout, environment):
    """Exit status (None: too slow), standard error; the result is in the file got."""
    words = [words[0], "-q", *words[1:]] if to_stdout else [words[0], "-q", "-o", "got", *words[1:]]
    if "-d" in words or "--folder" in words:  # in place of -o
        words = [word for word in words if word not in ("-o", "got")]
    try:
        with open("got" if to_stdout else os.devnull, "wb") as out:
            done = subprocess.run(words, stdout=out, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                                  env={**os.environ, **environment}, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return None, b"time is up"
    return done.returncode, done.stderr


def judge(name, to_stdout, status, error, got, want):
    """None, or what is not right."""
    lines = error.decode(errors="replace").splitlines()
    if status is None:
        return "hangs"
    if status < 0 or "Sanitizer" in error.decode(errors="replace"):
        return f"dies of signal {-status}"
    if status == 0:
        if got != want:
            return "exit status 0 and another result"
        return f"exit status 0, but says: {lines[0]}" if lines else None
    if status != 1:
        return f"exit status {status}: {' / '.join(lines)}"
    if len(lines) != 1 or not lines[0].startswith(name + ": "):
        return f"message of {len(lines)} lines: {' / '.join(lines)}"
    # What went to standard output is gone; a directory, or another file of several, may be there.
    left = {k: v for k, v in got.items() if not (to_stdout and k == "got")}
    if "got" in left or not is_part(left, want):
        return f"leaves {', '.join(left)}"
    return None


def is_part(got, want):
    """Whether all that is there is whole, where there may be less than wanted.  What ends in .part
    is kept for a run that goes on."""
    if isinstance(got, dict):
        return isinstance(want, dict) and all(
            k.endswith(".part") or (k in want and is_part(got[k], want[k])) for k in got)
    return got == want
