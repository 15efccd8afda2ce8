"""peer.py -- what the comparisons with other programs share (NumPy needed)."""
import os
import struct
import subprocess
import sys
import tempfile

import numpy as np

TOLERANCE = 1e-4  # of a tensor's largest value

# The filters that were built here, or those of NDPIPE_BIN.
HERE = os.path.dirname(os.path.abspath(__file__))
os.environ["PATH"] = (os.environ.get("NDPIPE_BIN", os.path.join(HERE, "..", "build", "bin"))
                      + os.pathsep + os.environ["PATH"])


def forward(model, image, names, options=("--preset", "tf")):
    """Activations of the named tensors for one (h, w, 3) u8 image, by name."""
    with tempfile.TemporaryDirectory() as folder:
        pam = os.path.join(folder, "image.pam")
        with open(pam, "wb") as f:
            f.write(b"P7\nWIDTH %d\nHEIGHT %d\nDEPTH 3\nMAXVAL 255\nTUPLTYPE RGB\nENDHDR\n"
                    % (image.shape[1], image.shape[0]))
            f.write(image.tobytes())
        images = subprocess.run(["pamtondr", pam], check=True, stdout=subprocess.PIPE).stdout
        stream = subprocess.run(
            ["cnn-forward", "-q", "-m", model, "-l", ",".join(names), *options],
            input=images, check=True, stdout=subprocess.PIPE).stdout
    return dict(zip(names, activations(stream)))


def fed(image):
    """What --preset tf feeds for it: (1, 3, h, w) float32."""
    x = (image.astype(np.float64) / 127.5 - 1).astype(np.float32)
    return np.ascontiguousarray(x.transpose(2, 0, 1)[None])


def activations(stream):
    """The payloads of the ACT records of a stream; see ndr(5)."""
    at = 0
    while at < len(stream):
        kind, = struct.unpack_from("<H", stream, at + 4)
        length, = struct.unpack_from("<Q", stream, at + 8)
        dims = struct.unpack_from("<4I", stream, at + 36)
        at += 64
        if kind == 7:
            yield np.frombuffer(stream, "<f4", length // 4, at).reshape(dims[:3])
        at += (length + 63) // 64 * 64


def tensors(model):
    """Names of the tensors that are maps with places, from --list, with their dims."""
    lines = subprocess.run(["cnn-forward", "-m", model, "--list"], check=True,
                           stdout=subprocess.PIPE, text=True).stdout.splitlines()[1:]
    rows = [line.split("\t") for line in lines]
    return {r[0]: [int(d) for d in r[1].split("x")] for r in rows
            if r[2] not in "-?" and r[5] != "input"}


def as_map(values, dims, units, h, w):
    """A tensor's values as (units, h, w): in that order, channels last, or as tokens, row by
    row, behind those that have no place."""
    x = values.reshape([d for d in dims if d > 1] or [1])
    if x.shape[-1] == units and x.size != units and x.shape != (units, h, w):
        x = x.reshape(-1, units)[-h * w:].T
    return x.reshape(units, -1)[:, -h * w:].reshape(units, h, w)


def compare(label, got, want):
    """Print one line; True if they agree."""
    top = float(np.abs(want).max())
    off = float(np.abs(got.reshape(-1).astype(np.float64) - want.reshape(-1)).max())
    fine = bool(np.isfinite(off)) and off <= TOLERANCE * max(top, 1e-30)
    print("%s %s: off by %.2g of its maximum %.4g"
          % ("ok" if fine else "NOT OK", label, off / max(top, 1e-30), top))
    sys.stdout.flush()
    return fine
