"""Streams of broden-synth."""
import struct
import subprocess

import numpy as np

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


def synth(*options):
    """The records that broden-synth writes."""
    return records(subprocess.Popen(["broden-synth", "-t", "1", *options], stdout=subprocess.PIPE,
                                    bufsize=1 << 20).stdout)


def scenes(seed, count, size):
    """count pictures that have a scene's label, and which of the forty kinds each is, from 0."""
    stream = synth("--kinds", "40", "--categories", "scene", "--seed", str(seed), "--size", str(size))
    x, y = np.empty((count, size, size, 3), np.uint8), np.empty(count, np.int64)
    numbers, n = {}, 0
    for kind, _, dims, payload in stream:
        if kind == META:
            labels = [line.split("=")[0] for line in payload.decode().splitlines() if line.startswith("label.")]
            numbers = {number: i for i, number in enumerate(sorted(int(name[6:]) for name in labels))}
        elif kind == IMAGE:
            x[n] = np.frombuffer(payload, np.uint8).reshape(dims)
        elif kind == LABEL:
            y[n] = numbers[int(np.frombuffer(payload, np.uint16)[0])]
            n += 1
            if n == count:
                return x, y
