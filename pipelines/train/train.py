#!/usr/bin/python3
"""Train the networks that ship with the project, on pictures of broden-synth.

    train.py demo -o DIR                 DIR/demo.onnx, accuracy.txt
    train.py VARIANT-sSEED ... -o DIR    DIR/VARIANT-sSEED.onnx, accuracy.tsv

The second form trains those of the experiments: which of forty kinds of scenes is a
picture?  VARIANT is one of networks.py.  What is in WORK already is not trained again, and
what was interrupted goes on from its last pass.
Needs PyTorch and onnx (Debian: python3-torch python3-onnx) and broden-synth in PATH.
"""
import argparse
import collections
import glob
import itertools
import os
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional

import demo
from networks import COLOURS, MEAN, SIZE, STD, network
from pack import save
from stream import scenes

SHIFT = 4  # pixels that a picture is moved at most
SNAPSHOTS = (0, 16, 64, 128, 256, 512, 1024, 2048)


def pictures(work, seed, count):
    """uint8 pictures (count, SIZE, SIZE, 3) and their scenes; rendered once."""
    path = os.path.join(work, f"scenes-{seed}-{count}.npz")
    if not os.path.exists(path):
        x, y = scenes(seed, count, SIZE)
        np.savez(path + ".part.npz", x=x, y=y)
        os.rename(path + ".part.npz", path)
    data = np.load(path)
    return data["x"], data["y"]


def normal(x):
    return (torch.from_numpy(x).permute(0, 3, 1, 2).float() - MEAN) / STD


def augment(x, rng):
    """Mirrored, moved, and in another light."""
    padded = np.pad(x, ((0, 0), (SHIFT, SHIFT), (SHIFT, SHIFT), (0, 0)), "reflect")
    out = np.empty(x.shape, np.float32)
    for i, (down, right, mirrored) in enumerate(rng.integers(0, (2 * SHIFT + 1, 2 * SHIFT + 1, 2), (len(x), 3))):
        image = padded[i, down:down + SIZE, right:right + SIZE]
        out[i] = image[:, ::-1] if mirrored else image
    gain = rng.uniform(0.8, 1.25, (len(x), 1, 1, 1)) * rng.uniform(0.9, 1.1, (len(x), 1, 1, 3))
    out *= gain.astype(np.float32)
    return np.minimum(out, 255, out=out)


class Scenes:
    """The scene of a picture."""

    def __init__(self, x):
        pass

    def batch(self, x, y, rng):
        return normal(x), torch.from_numpy(y)


class Rotation:
    """By how many quarters a picture was turned."""

    def __init__(self, x):
        pass

    def batch(self, x, y, rng):
        turns = rng.integers(0, 4, len(x))
        turned = np.stack([np.rot90(image, k) for image, k in zip(x, turns)])
        return normal(np.ascontiguousarray(turned)), torch.from_numpy(turns)


class Colour:
    """The mean colour of each of 9 by 9 cells, from grey values: a cell of a grid of two
    differences of channels, with as many training cells in each row, and column."""

    def __init__(self, x):
        share = np.arange(1, COLOURS) / COLOURS
        self.cuts = [np.quantile(d, share) for d in self.differences(x[:2000].astype(np.float32))]

    @staticmethod
    def differences(x):
        n, cell = len(x), SIZE // 9
        mean = x.reshape(n, 9, cell, 9, cell, 3).mean((2, 4))
        return mean[..., 0] - mean[..., 1], (mean[..., 0] + mean[..., 1]) / 2 - mean[..., 2]

    def batch(self, x, y, rng):
        a, b = (np.searchsorted(cut, d) for cut, d in zip(self.cuts, self.differences(x.astype(np.float32))))
        return normal(x), torch.from_numpy(COLOURS * a + b)


def task(variant, x):
    return {"rotation": Rotation, "colour": Colour}.get(variant, Scenes)(x)


@torch.no_grad()
def accuracy(net, job, x, y):
    """Percent right at first guess, and among the first five (of four, two)."""
    net.eval()
    rng, first, five, n = np.random.default_rng(0), 0, 0, 0
    for i in range(0, len(x), 100):
        a, target = job.batch(x[i:i + 100], y[i:i + 100], rng)
        score = net(a)
        best = score.topk(min(5, score.shape[1] // 2), 1).indices == target.unsqueeze(1)
        first += best[:, 0].sum().item()
        five += best.sum().item()
        n += target.numel()
    net.train()
    return 100 * first / n, 100 * five / n


def rate(options, step, steps):
    return options.rate * (1 if step < 0.6 * steps else 0.1 if step < 0.85 * steps else 0.01)


class Run:
    """The training of one network; its state goes to a file after each pass."""

    def __init__(self, name, options, train, test):
        self.name, self.options, (self.x, self.y), self.test = name, options, train, test
        self.variant, seed = name.rsplit("-s", 1)
        self.seed = int(seed)
        torch.manual_seed(self.seed)
        self.rng = np.random.default_rng(self.seed)
        self.net = network(self.variant).to(memory_format=torch.channels_last)
        self.optimizer = torch.optim.SGD(self.net.parameters(), options.rate, 0.9, weight_decay=5e-4)
        self.job = task(self.variant, self.x)
        self.passes = self.step = 0
        self.steps = len(self.x) // options.batch * options.passes
        self.seconds, self.losses = 0, []

    def path(self, suffix):
        return os.path.join(self.options.work, self.name + suffix)

    def save(self):
        state = {"net": self.net.state_dict(), "optimizer": self.optimizer.state_dict(), "step": self.step,
                 "passes": self.passes, "random": torch.get_rng_state(), "rng": self.rng.bit_generator.state,
                 "seconds": self.seconds}
        torch.save(state, self.path(".part"))
        os.replace(self.path(".part"), self.path(".state"))

    def resume(self):
        if os.path.exists(self.path(".state")):
            state = torch.load(self.path(".state"))
            self.net.load_state_dict(state["net"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.step, self.passes, self.seconds = state["step"], state["passes"], state["seconds"]
            torch.set_rng_state(state["random"])
            self.rng.bit_generator.state = state["rng"]

    def keep(self, suffix):
        """The weights as they are, and a row of the table."""
        top1, top5 = accuracy(self.net, self.job, *self.test)
        torch.save(self.net.state_dict(), self.path(suffix + ".pt"))
        with open(os.path.join(self.options.work, "accuracy.tsv"), "a") as f:
            f.write(f"{self.name}{suffix}\t{self.variant}\t{self.seed}\t{self.step}\t{top1:.2f}\t{top5:.2f}\n")
        print(f"{self.name}{suffix} step {self.step}: {top1:.2f} {top5:.2f}, {self.seconds:.0f} s", flush=True)

    def one_pass(self):
        order, size = self.rng.permutation(len(self.x)), self.options.batch
        for i in range(len(self.x) // size):
            if self.name == "baseline-s1" and self.step in SNAPSHOTS:
                self.keep(f"-i{self.step}")
            start = time.process_time()
            rows = order[i * size:(i + 1) * size]
            x, target = self.job.batch(augment(self.x[rows], self.rng), self.y[rows], self.rng)
            for group in self.optimizer.param_groups:
                group["lr"] = rate(self.options, self.step, self.steps)
            with torch.cpu.amp.autocast():  # bfloat16 for products: half the time
                score = self.net(x.contiguous(memory_format=torch.channels_last))
            loss = functional.cross_entropy(score.float(), target)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()
            self.step += 1
            self.losses.append(loss.item())
            self.seconds += time.process_time() - start
            if self.step % 100 == 0:
                recent = np.mean(self.losses[-100:])
                print(f"  {self.name} {self.step}/{self.steps} loss {recent:.3f}, {self.seconds:.0f} s", flush=True)
        self.passes += 1

    def all(self):
        self.resume()
        while self.passes < self.options.passes:
            self.one_pass()
            self.save()
        self.keep("")
        os.remove(self.path(".state"))


def write_table(options):
    """The rows of WORK/accuracy.tsv, the last of each network, with a header."""
    with open(os.path.join(options.work, "accuracy.tsv")) as f:
        rows = {line.split("\t")[0]: line for line in f}
    with open(os.path.join(options.outdir, "accuracy.tsv"), "w") as f:
        f.write("network\tvariant\tseed\titeration\ttop1\ttop5\n" + "".join(rows.values()))


def export(name, options):
    """The network, and its snapshots; these, and what does not tell scenes, up to conv5 only,
    so that all are small."""
    variant = name.rsplit("-s", 1)[0]
    for path in sorted(glob.glob(os.path.join(options.work, name + "*.pt"))):
        net = network(variant)
        net.load_state_dict(torch.load(path))
        file = os.path.basename(path)[:-len(".pt")]
        if file != name or variant in ("rotation", "colour"):
            net = nn.Sequential(collections.OrderedDict(itertools.takewhile(
                lambda module: module[0] not in ("pool5", "score"), net.named_children())))
        save(net.eval(), SIZE, os.path.join(options.outdir, file + ".onnx"), np.float16,
             f"{file}; feed RGB, (v - {MEAN}) / {STD}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="+", metavar="VARIANT-sSEED", help="or demo")
    parser.add_argument("-o", "--outdir", required=True, help="where networks go")
    parser.add_argument("--work", default="build/train", help="where pictures and weights are kept")
    parser.add_argument("--images", type=int, default=20000, help="pictures to learn from")
    parser.add_argument("--held-out", type=int, default=2000, help="pictures to test on")
    parser.add_argument("--passes", type=int, default=4)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=0.01, help="at first")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    os.makedirs(options.outdir, exist_ok=True)
    if options.names == ["demo"]:
        demo.make(options.outdir)
        return
    os.makedirs(options.work, exist_ok=True)
    train, test = pictures(options.work, 1, options.images), pictures(options.work, 2, options.held_out)
    for name in options.names:
        run = Run(name, options, train, test)
        if not os.path.exists(run.path(".pt")):
            run.all()
        export(name, options)
        write_table(options)


if __name__ == "__main__":
    main()
