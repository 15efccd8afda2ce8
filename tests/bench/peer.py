"""peer.py act.ndr N -- the quantile and the tally as NetDissect's Python does
them: a partition of a whole unit's samples; then, image by image and unit by
unit, resize, compare, and count the labels under the mask.  Images a second.
"""
import struct
import sys
import time

import numpy as np

ITEM, LABEL, ACT = 4, 6, 7


def read(path, most):
    acts, labels = [], []
    with open(path, "rb") as f:
        while len(acts) < most and (header := f.read(64)):
            kind, _, length = struct.unpack_from("<HHQ", header, 4)
            a, b, c = struct.unpack_from("<3I", header, 36)
            data = f.read((length + 63) // 64 * 64)[:length]
            if kind == ITEM:
                size = struct.unpack_from("<2I", data, 8)
                labels.append([])
            elif kind == LABEL:
                maps = np.frombuffer(data, "<u2").reshape(a, b, c)
                labels[-1] += [np.broadcast_to(m, size) for m in maps]
            elif kind == ACT:
                acts.append(np.frombuffer(data, "<f4").reshape(a, b, c))
    return np.array(acts), labels[: len(acts)]


def resize(a, size):
    """Half-pixel bilinear, all columns at once."""
    def axis(n, m):
        at = np.clip((np.arange(n) + 0.5) * m / n - 0.5, 0, m - 1)
        low = np.minimum(at.astype(int), m - 2)
        return low, (at - low).astype(np.float32)

    (y, fy), (x, fx) = axis(size[0], a.shape[0]), axis(size[1], a.shape[1])
    rows = a[y] + fy[:, None] * (a[y + 1] - a[y])
    return rows[:, x] + fx * (rows[:, x + 1] - rows[:, x])


acts, labels = read(sys.argv[1], int(sys.argv[2]))
n, units = acts.shape[:2]

start = time.perf_counter()
flat = acts.transpose(1, 0, 2, 3).reshape(units, -1)
keep = int(flat.shape[1] * 0.005)
threshold = np.array([-np.partition(-u, keep)[keep] for u in flat])
print(f"{'NumPy: quantile':<44} {n / (time.perf_counter() - start):8.0f}")

start = time.perf_counter()
tally = np.zeros((units, 65536), np.int64)
for act, maps in zip(acts, labels):
    for unit in np.flatnonzero(act.reshape(units, -1).max(1) > threshold):
        mask = resize(act[unit], maps[0].shape) > threshold[unit]
        for m in maps:
            under = np.bincount(m[mask])
            tally[unit, : len(under)] += under
print(f"{'NumPy: upsample, compare, tally':<44} {n / (time.perf_counter() - start):8.0f}")
