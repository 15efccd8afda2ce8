#!/usr/bin/env python3
"""caffe_model.py -- a deploy.prototxt read, and weights made up for it.

    tests/caffe_model.py [--old] [--maps] deploy.prototxt > weights.caffemodel

Standard library only.  Shapes are worked out here by themselves, from the rules in
Caffe's documentation.  --old writes V1 layers with num, channels, height and width;
--maps leaves out dense layers, whose weights are the most.
"""
import math
import random
import re
import struct
import sys

TOKEN = re.compile(r"""\s+|\#[^\n]*|(?P<s>"[^"]*"|'[^']*')|(?P<w>[\w.+-]+)|(?P<p>[{}:])""")


class Message(dict):
    """Field names to lists of values."""

    def one(self, name, otherwise=None):
        return self.get(name, [otherwise])[0]

    def pair(self, name, otherwise):
        both = [int(v) for v in self.get(name + ("_size" if name == "kernel" else ""), [])]
        y, x = (both * 2)[:2] if both else (otherwise, otherwise)
        return int(self.one(name + "_h", y)), int(self.one(name + "_w", x))


def parse(text):
    root = Message()
    stack, name = [root], None
    for m in TOKEN.finditer(text):
        if m.lastgroup == "p":
            if m.group() == "{":
                stack[-1].setdefault(name, []).append(Message())
                stack.append(stack[-1][name][-1])
                name = None
            elif m.group() == "}":
                stack.pop()
        elif m.lastgroup == "s" or (m.lastgroup == "w" and name):
            stack[-1].setdefault(name, []).append(m.group().strip("\"'"))
            name = None
        elif m.lastgroup == "w":
            name = m.group()
    return root


def layers(net):
    return [l for l in net.get("layer", []) if l.one("type") != "Input"]


def inputs(net):
    """{blob: shape of one image}"""
    out = {}
    dims = [int(d) for d in net.get("input_dim", [])]
    for i, name in enumerate(net.get("input", [])):
        out[name] = dims[4 * i:4 * i + 4] or [
            int(d) for d in net["input_shape"][i]["dim"]]
    for l in net.get("layer", []):
        if l.one("type") == "Input":
            out[l.one("top")] = [int(d) for d in l.one("input_param").one("shape")["dim"]]
    return {name: [1] + shape[1:] for name, shape in out.items()}


def pooled(size, kernel, stride, pad):
    n = math.ceil((size + 2 * pad - kernel) / stride) + 1
    return n - 1 if pad and (n - 1) * stride >= size + pad else n


def shape_after(layer, bottoms):
    """The shape of each top."""
    kind, x = layer.one("type"), bottoms[0]
    if kind in ("Convolution", "ConvolutionDepthwise"):
        p = layer.one("convolution_param")
        sizes = zip(x[2:], p.pair("kernel", 0), p.pair("stride", 1), p.pair("pad", 0),
                    [int(p.one("dilation", 1))] * 2)
        return [[1, int(p.one("num_output"))]
                + [(n + 2 * pad - (k - 1) * d - 1) // s + 1 for n, k, s, pad, d in sizes]]
    if kind == "Deconvolution":
        p = layer.one("convolution_param")
        return [[1, int(p.one("num_output"))]
                + [(n - 1) * s + k - 2 * pad for n, k, s, pad
                   in zip(x[2:], p.pair("kernel", 0), p.pair("stride", 1), p.pair("pad", 0))]]
    if kind == "Pooling":
        p = layer.one("pooling_param")
        if p.one("global_pooling") == "true":
            return [x[:2] + [1, 1]]
        return [x[:2] + [pooled(*a) for a in zip(x[2:], p.pair("kernel", 0),
                                                 p.pair("stride", 1), p.pair("pad", 0))]]
    if kind == "InnerProduct":
        return [[1, int(layer.one("inner_product_param").one("num_output"))]]
    if kind == "Concat":
        return [[1, sum(b[1] for b in bottoms)] + x[2:]]
    if kind == "Slice":
        at = [0] + [int(p) for p in layer.one("slice_param")["slice_point"]] + [x[1]]
        return [[1, b - a] + x[2:] for a, b in zip(at, at[1:])]
    if kind == "Crop":
        return [x[:2] + bottoms[1][2:]]
    if kind == "Flatten":
        return [[1, math.prod(x[1:])]]
    return [x] * len(layer["top"])


def floats(source, shape, low, high):
    """Values in 256 steps from low to high, as bytes."""
    table = [struct.pack("<f", low + (high - low) * i / 255) for i in range(256)]
    return shape, b"".join(map(table.__getitem__, source.randbytes(math.prod(shape))))


def weights(net):
    """{layer: [(shape, bytes)]}, and {blob: shape}, for all layers."""
    source, shapes, out = random.Random(3), inputs(net), {}
    for l in layers(net):
        bottoms = [shapes[b] for b in l["bottom"]]
        tops = shape_after(l, bottoms)
        shapes.update(zip(l["top"], tops))
        kind, channels, blobs = l.one("type"), bottoms[0][1], []
        if kind in ("Convolution", "Deconvolution", "ConvolutionDepthwise", "InnerProduct"):
            p = l.one({"InnerProduct": "inner_product_param"}.get(kind, "convolution_param"))
            if kind == "Deconvolution":
                shape = [channels, tops[0][1] // int(p.one("group", 1)), *p.pair("kernel", 0)]
            elif kind == "ConvolutionDepthwise":
                shape = [channels, 1, *p.pair("kernel", 0)]
            elif kind == "Convolution":
                shape = [tops[0][1], channels // int(p.one("group", 1)), *p.pair("kernel", 0)]
            else:
                shape = [tops[0][1], math.prod(bottoms[0][1:])]
            reach = math.sqrt(6 / math.prod(shape[1:]))
            blobs.append(floats(source, shape, -reach, reach))
            if p.one("bias_term") != "false":
                blobs.append(floats(source, [tops[0][1]], -0.2, 0.2))
        elif kind == "BatchNorm":
            blobs = [floats(source, [channels], -20, 20), floats(source, [channels], 50, 150),
                     ([1], struct.pack("<f", 99.98))]
        elif kind == "Scale":
            blobs = [floats(source, [channels], 0.5, 1.5)]
            if l.one("scale_param", Message()).one("bias_term") == "true":
                blobs.append(floats(source, [channels], -0.2, 0.2))
        elif kind == "Bias":
            blobs = [floats(source, [channels], -0.2, 0.2)]
        elif kind == "PReLU":
            blobs = [floats(source, [channels], 0, 0.5)]
        if blobs:
            out[l.one("name")] = blobs
    return out, shapes


def varint(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def field(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def blob(shape, data, old):
    if old:
        dims = [1] * (4 - len(shape)) + shape
        head = b"".join(varint((i + 1) << 3) + varint(d) for i, d in enumerate(dims))
    else:
        head = field(7, field(1, b"".join(map(varint, shape))))
    return head + field(5, data)


def caffemodel(blobs, old=False):
    """The bytes of a NetParameter."""
    name, value, layer = (4, 6, 2) if old else (1, 7, 100)
    return field(1, b"made up") + b"".join(
        field(layer, field(name, l.encode()) + b"".join(
            field(value, blob(shape, data, old)) for shape, data in parts))
        for l, parts in blobs.items())


def main():
    with open(sys.argv[-1], encoding="utf-8") as f:
        net = parse(f.read())
    if "--maps" in sys.argv:
        dense = [l for l in layers(net) if l.one("type") == "InnerProduct"]
        net["layer"] = net["layer"][:net["layer"].index(dense[0])] if dense else net["layer"]
    blobs, _ = weights(net)
    sys.stdout.buffer.write(caffemodel(blobs, "--old" in sys.argv))


if __name__ == "__main__":
    main()
