"""The demo's network: which scene, texture and objects are in a picture?

The network sees each rendered picture once, and learns from whole-image facts
only: the label of a scene or texture, and whether an object is anywhere in the
picture.  It is told neither where things are, nor of parts, materials or colours.
Pictures 0, 1, ... of seed 1 train; seed 2 is held out.
"""
import os
import time

import numpy as np
import torch
from torch import nn

from networks import MEAN, STD, demo
from pack import save
from stream import END, IMAGE, ITEM, LABEL, META, synth

SIZE = 112
LEARNT = ("scene", "texture", "object")
VISIBLE = 4  # mask pixels below which an object counts as not there


class Pictures:
    """The stream of one seed: batches of images, targets, and which targets are known."""

    def __init__(self, seed, count):
        self.count = count
        self.records = synth("--seed", str(seed), "-n", str(count), "--size", str(SIZE))
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


def train(pictures, batch_size):
    net = demo(len(pictures.names)).to(memory_format=torch.channels_last)
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


def make(outdir, images=120000, held_out=4000, batch=32):
    """demo.onnx and accuracy.txt."""
    torch.manual_seed(1)
    net = train(Pictures(1, images), batch)
    lines = [f"trained on {images} pictures, seed 1; tested on {held_out}, seed 2"]
    lines += accuracy(net, Pictures(2, held_out))
    with open(os.path.join(outdir, "accuracy.txt"), "w") as f:
        f.write("\n".join(lines) + "\n")
    print("\n".join(lines))
    save(net, SIZE, os.path.join(outdir, "demo.onnx"), np.float32,
         f"Scenes, textures and objects of broden-synth; feed RGB, (v - {MEAN}) / {STD}")
