#!/usr/bin/python3
"""Train the demo's network: which scene, texture and objects are in a picture?

    broden-synth -> train.py -> demo.onnx, accuracy.txt

The network sees each rendered picture once, and learns from whole-image facts
only: the label of a scene or texture, and whether an object is anywhere in the
picture.  It is told neither where things are, nor of parts, materials or colours.
Needs PyTorch and onnx (Debian: python3-torch python3-onnx) and broden-synth in
PATH.  Pictures 0, 1, ... of seed 1 train; seed 2 is held out.
"""
import argparse
import collections
import os
import struct
import subprocess
import time

import numpy as np
import onnx
import torch
from torch import nn

SIZE = 112
MEAN, STD = 128, 64  # what cnn-forward is told: --channels rgb --mean 128 --std 64
LEARNT = ("scene", "texture", "object")
VISIBLE = 4  # mask pixels below which an object counts as not there
META, ITEM, IMAGE, LABEL, END = 2, 4, 5, 6, 15


def records(stream):
    """type, group, dims, payload of each record of an ndr stream; see ndr(5)."""
    while True:
        header = stream.read(64)
        if len(header) < 64:
            raise SystemExit("train.py: the stream ended without END")
        sync, kind, _, length, _, _, group, _, ndim, _, *dims = struct.unpack(
            "<4sHHQQIIBBH4I12x", header)
        if sync != b"\x89NDR":
            raise SystemExit("train.py: not an ndr stream")
        payload = stream.read(length)
        stream.read(-length % 64)
        yield kind, group, dims[:ndim], payload
        if kind == END:
            return


class Pictures:
    """The stream of one seed: batches of images, targets, and which targets are known."""

    def __init__(self, seed, count):
        self.count = count
        self.process = subprocess.Popen(
            ["broden-synth", "--seed", str(seed), "-n", str(count), "--size", str(SIZE), "-t", "1"],
            stdout=subprocess.PIPE, bufsize=1 << 20)
        self.records = records(self.process.stdout)
        for kind, _, _, payload in self.records:
            if kind == META:
                self.read_meta(payload.decode())
                break

    def read_meta(self, text):
        meta = dict(line.split("=", 1) for line in text.splitlines())
        self.category = {int(k[9:]): v for k, v in meta.items() if k.startswith("category.")}
        labels = sorted((int(k[6:]), v.split(" ", 1)) for k, v in meta.items() if k.startswith("label."))
        wanted = [(n, self.category[int(c)], name) for n, (c, name) in labels
                  if self.category[int(c)] in LEARNT]
        self.names = [(category, name) for _, category, name in wanted]
        self.column = {number: i for i, (number, _, _) in enumerate(wanted)}

    def columns(self, category):
        return [i for i, (c, _) in enumerate(self.names) if c == category]

    def pictures(self):
        image = target = known = None
        for kind, group, dims, payload in self.records:
            if kind in (ITEM, END) and image is not None:
                yield image, target, known
            if kind == ITEM:
                target = np.zeros(len(self.names), np.float32)
                known = np.zeros(len(self.names), np.float32)
            elif kind == IMAGE:
                image = np.frombuffer(payload, np.uint8).reshape(dims)
            elif kind == LABEL and self.category[group] in LEARNT:
                known[self.columns(self.category[group])] = 1
                numbers, pixels = np.unique(np.frombuffer(payload, np.uint16), return_counts=True)
                for number, n in zip(numbers, pixels):
                    if number and (n >= VISIBLE or dims[1:] == [1, 1]):
                        target[self.column[number]] = 1

    def batches(self, size):
        batch = []
        for picture in self.pictures():
            batch.append(picture)
            if len(batch) == size:
                yield self.stack(batch)
                batch = []
        if batch:
            yield self.stack(batch)

    @staticmethod
    def stack(batch):
        images, targets, known = (np.stack(x) for x in zip(*batch))
        x = torch.from_numpy(images.astype(np.float32)).permute(0, 3, 1, 2)
        return ((x - MEAN) / STD, torch.from_numpy(targets), torch.from_numpy(known))


def network(outputs):
    layers = collections.OrderedDict()

    def block(i, inputs, units, kernel, stride=1):
        layers[f"conv{i}"] = nn.Conv2d(inputs, units, kernel, stride, kernel // 2, bias=False)
        layers[f"norm{i}"] = nn.BatchNorm2d(units)
        layers[f"relu{i}"] = nn.ReLU()

    block(1, 3, 24, 5, 2)
    layers["pool1"] = nn.MaxPool2d(2)
    block(2, 24, 48, 3)
    layers["pool2"] = nn.MaxPool2d(2)
    block(3, 48, 64, 3)
    block(4, 64, 128, 3)
    block(5, 128, 128, 3)
    layers["pool5"] = nn.AdaptiveAvgPool2d(1)
    layers["flat"] = nn.Flatten()
    layers["score"] = nn.Linear(128, outputs)
    return nn.Sequential(layers)


def train(pictures, batch_size):
    net = network(len(pictures.names)).to(memory_format=torch.channels_last)
    steps = pictures.count // batch_size + 1
    optimizer = torch.optim.Adam(net.parameters(), weight_decay=1e-6)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 5e-3, total_steps=steps)
    start, recent = time.time(), 0.7
    for step, (x, target, known) in enumerate(pictures.batches(batch_size), 1):
        loss = nn.functional.binary_cross_entropy_with_logits(
            net(x.to(memory_format=torch.channels_last)), target, weight=known, reduction="sum")
        loss = loss / known.sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        recent += 0.02 * (loss.item() - recent)
        if step % 100 == 0:
            print(f"{step}/{steps} loss {recent:.4f}, {time.time() - start:.0f} s", flush=True)
    return net.eval()


def average_precision(score, target):
    hits = target[np.argsort(-score, kind="stable")]
    return float((np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits > 0].mean())


@torch.no_grad()
def accuracy(net, pictures):
    """Lines of text: how well the network does on pictures that it has not seen."""
    score, target, known = (np.concatenate(x) for x in zip(
        *((net(x).numpy(), t.numpy(), k.numpy()) for x, t, k in pictures.batches(100))))
    lines = []
    for category in ("scene", "texture"):
        c = pictures.columns(category)
        rows = known[:, c[0]] > 0
        right = score[rows][:, c].argmax(1) == target[rows][:, c].argmax(1)
        lines.append(f"{category}: {100 * right.mean():.1f} % of {rows.sum()} right, "
                     f"{100 / len(c):.1f} % by chance")
    table = []
    for i in pictures.columns("object"):
        rows = known[:, i] > 0
        share = target[rows, i].mean()
        if share > 0:
            table.append((average_precision(score[rows, i], target[rows, i]), share, pictures.names[i][1]))
    precision, share = np.mean([t[0] for t in table]), np.mean([t[1] for t in table])
    lines.append(f"object: mean average precision {precision:.3f} over {len(table)} objects, "
                 f"{share:.3f} by chance")
    lines += [f"  {name}: {p:.3f}, in {100 * s:.1f} % of images" for p, s, name in sorted(table, reverse=True)]
    return lines


def tensor_name(node):
    """As Caffe's in-place layers have it: conv5 is the value after the ReLU."""
    number = node.name[4:]
    return {"Conv": f"conv{number}/pre_relu", "Relu": f"conv{number}"}.get(node.op_type, node.name)


def export(net, path):
    """ONNX with normalisation folded into the convolutions, and tensors named by layer."""
    torch.onnx.export(net.to(memory_format=torch.contiguous_format), torch.zeros(1, 3, SIZE, SIZE),
                      path, opset_version=13, input_names=["data"], output_names=["score"])
    model = onnx.load(path)
    names = iter([n for n in dict(net.named_children()) if not n.startswith("norm")])
    renamed = {"data": "data", "score": "score"}
    for node in model.graph.node:
        node.name = next(names)
        for weights, role in zip(node.input[1:], ("weight", "bias")):
            renamed[weights] = f"{node.name}.{role}"
        renamed.setdefault(node.output[0], tensor_name(node))
        node.input[:] = [renamed[i] for i in node.input]
        node.output[:] = [renamed[o] for o in node.output]
    for weights in model.graph.initializer:
        weights.name = renamed[weights.name]
    model.doc_string = f"Scenes, textures and objects of broden-synth; feed RGB, (v - {MEAN}) / {STD}"
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--images", type=int, default=120000, help="pictures to learn from")
    parser.add_argument("--held-out", type=int, default=4000, help="pictures to test on")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("-o", "--outdir", default=here)
    options = parser.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(options.threads)
    net = train(Pictures(1, options.images), options.batch)
    lines = [f"trained on {options.images} pictures, seed 1; tested on {options.held_out}, seed 2"]
    lines += accuracy(net, Pictures(2, options.held_out))
    with open(os.path.join(options.outdir, "accuracy.txt"), "w") as f:
        f.write("\n".join(lines) + "\n")
    print("\n".join(lines))
    export(net, os.path.join(options.outdir, "demo.onnx"))


if __name__ == "__main__":
    main()
