"""ndpipe.py -- streams of network dissection, ndr(5), in Python: read them, write them, stand in a pipe.

    for segment in ndpipe.segments(open("conv5.ndr", "rb")):    # all of what a file holds
        for record in segment:
            if record.type == ndpipe.ACT:
                print(record.item, record.array.max())

    ndpipe.main(lambda record, segment: record.with_array(2 * record.array) if record.type == ndpipe.ACT else record)

NumPy and the standard library are all that it needs.  What is read is checked: headers, sequence, checksums, lengths,
zeros, the order of records, activations, and END; for what is in other records there is ndr-check.  Writer writes END
only where all went well, so what a program leaves that died is no stream, and every later stage of the pipe fails too.
"""
import gzip
import io
import os
import re
import signal
import struct
import sys
import zlib

import numpy as np

NAMES = ("HEAD META PROV ITEM IMAGE LABEL ACT SKETCH THRESH SEG SCORE COUNT TOP MATRIX END TOPMAP CHANCE TAIL CLASSES "
         "JOINT LINEAR MAXIMA PLANES").split()
(HEAD, META, PROV, ITEM, IMAGE, LABEL, ACT, SKETCH, THRESH, SEG, SCORE, COUNT, TOP, MATRIX, END, TOPMAP, CHANCE, TAIL,
 CLASSES, JOINT, LINEAR, MAXIMA, PLANES) = range(1, 24)
NO_ITEM = NO_END = 0xFFFFFFFF
SUBSET = 1
DTYPES = [np.dtype(t) for t in ("V1", "u1", "<u2", "<u4", "<u8", "<f4", "<f8", "<f2")]
BYTES, F16 = 0, 7
LONGEST = 1 << 30
_HEADER = struct.Struct("<4s2H2Q2I2BH4I3I")


class Error(Exception):
    """A stream that is no stream; code is what a program should exit with."""
    code = 3


class Truncated(Error):
    code = 4


def _padded(payload):
    return payload + bytes(-len(payload) % 64)


class Record:
    """type, item, group, flags, dtype (a number), dims and payload (bytes)."""

    def __init__(self, type, payload, item=NO_ITEM, group=0, dtype=BYTES, dims=None, flags=0):
        self.type, self.item, self.group, self.flags = type, item, group, flags
        self.payload, self.dtype = bytes(payload), dtype
        self.dims = (len(self.payload),) if dims is None else tuple(dims)

    @classmethod
    def of(cls, type, array, item=NO_ITEM, group=0, flags=0):
        """Of an array of one of the dtypes of ndr(5), with at most four axes."""
        array = np.ascontiguousarray(array)
        array = array.astype(array.dtype.newbyteorder("<"), copy=False)
        if array.dtype not in DTYPES[1:] or array.ndim > 4:
            raise ValueError(f"no record is an array of {array.dtype} with {array.ndim} axes")
        return cls(type, array.tobytes(), item, group, DTYPES.index(array.dtype), array.shape, flags)

    @property
    def name(self):
        return NAMES[self.type - 1] if 0 < self.type <= len(NAMES) else f"0x{self.type:04X}"

    @property
    def array(self):
        """What it holds, not to be written to; bytes as u1."""
        dtype = DTYPES[self.dtype] if self.dtype != BYTES else np.uint8
        return np.frombuffer(self.payload, dtype).reshape(self.dims)

    def with_array(self, array):
        """The same with other numbers, of the same type."""
        array = np.asarray(array).astype(DTYPES[self.dtype] if self.dtype != BYTES else np.uint8)
        return Record(self.type, array.tobytes(), self.item, self.group, self.dtype, array.shape, self.flags)

    # ITEM
    def info(self):
        """(name, (image height, width), (label height, width)) of ITEM."""
        ih, iw, lh, lw = struct.unpack_from("<4I", self.payload)
        return self.payload[16:-1].decode(errors="surrogateescape"), (ih, iw), (lh, lw)

    # SEG
    def masks(self):
        """(units, masks) of SEG: units from 0, masks of bool (units, height, width)."""
        height, width, count, _ = struct.unpack_from("<4I", self.payload)
        start = 16 + 4 * count + -(16 + 4 * count) % 64
        row = -(-height * width // 512) * 64
        bits = np.unpackbits(np.frombuffer(self.payload, np.uint8, count * row, start).reshape(count, row), axis=1,
                             bitorder="little")[:, :height * width]
        return np.frombuffer(self.payload, "<u4", count, 16), bits.reshape(count, height, width).astype(bool)


def item(number, name, image=(0, 0), labels=(0, 0)):
    """ITEM, which comes before all that is of it; sizes are height, width."""
    return Record(ITEM, struct.pack("<4I", *image, *labels) + name.encode(errors="surrogateescape") + b"\0", number)


def seg(number, layer, masks):
    """SEG of masks (units, height, width); those that are empty are left out."""
    masks = np.asarray(masks, bool)
    units = np.flatnonzero(masks.any((1, 2))).astype("<u4")
    head = struct.pack("<4I", *masks.shape[1:], len(units), 0) + units.tobytes()
    rows = (_padded(np.packbits(masks[u].ravel(), bitorder="little").tobytes()) for u in units)
    return Record(SEG, _padded(head) + b"".join(rows), number, layer)


def _encode_meta(meta):
    def escaped(value):
        return re.sub(r"[%\x01-\x1f\x7f]", lambda m: f"%{ord(m.group()):02X}", value)
    pairs = sorted((k.encode(), escaped(str(v)).encode(errors="surrogateescape")) for k, v in meta.items())
    return b"".join(k + b"=" + v + b"\n" for k, v in pairs)


def _decode_meta(payload):
    meta, lines = {}, payload.decode(errors="surrogateescape").split("\n")
    keys = [line.partition("=")[0].encode(errors="surrogateescape") for line in lines[:-1]]
    if lines[-1] or any("=" not in line[1:] for line in lines[:-1]) or keys != sorted(set(keys)):
        raise Error("META is not lines of sorted keys")
    for line in lines[:-1]:
        key, _, value = line.partition("=")
        meta[key] = re.sub("%([0-9A-Fa-f]{2})", lambda m: chr(int(m.group(1), 16)), value)
    return meta


class Segment:
    """What HEAD, META and PROV say: first, end, most, cut, major, minor; meta, a dict of strings; provenance, a list of
    texts.  Its records come by iteration, once; then flags are END's."""

    def __init__(self, first=0, end=NO_END, most=NO_END, cut=0, minor=1, meta=None, provenance=(), major=1):
        self.first, self.end, self.most, self.cut, self.major, self.minor = first, end, most, cut, major, minor
        self.meta, self.provenance, self.flags = dict(meta or {}), list(provenance), 0
        self.items, self._records = 0, iter(())

    def __iter__(self):
        return self._records

    def layers(self):
        """A dict for each layer: name, shape (units, height, width) and what else META has of it, as text."""
        layers = []
        while f"layer.{len(layers)}.name" in self.meta:
            start = f"layer.{len(layers)}."
            layers.append({k[len(start):]: v for k, v in self.meta.items() if k.startswith(start)})
            layers[-1]["shape"] = tuple(map(int, layers[-1]["shape"].split()))
        return layers

    def labels(self):
        """number: (category, name) of each label."""
        found = ((k[6:], v.partition(" ")) for k, v in self.meta.items() if k.startswith("label."))
        return {int(number): (self.meta[f"category.{c}"], name) for number, (c, _, name) in found}

    def add_provenance(self, program, version, **options):
        """Note a program that worked on all that is there."""
        ids = [re.match("id=([0-9a-f]{8})\n", p).group(1) for p in self.provenance]
        parents = {i for p in self.provenance for i in re.findall("^parent=([0-9a-f]{8})$", p, re.M)}
        lines = [f"program={program}", f"version={version}"]
        lines += [f"option.{k}={v}" for k, v in sorted(options.items())]
        lines += [f"parent={i}" for i in ids if i not in parents]
        text = "".join(line + "\n" for line in lines)
        self.provenance.append(f"id={zlib.crc32(text.encode()):08x}\n" + text)


class _Reader:
    def __init__(self, file, name):
        self.file, self.name, self.at = file, name, 0
        if file.peek(2)[:2] == b"\x1f\x8b":
            self.file = gzip.open(file)

    def fail(self, reason, kind=Error):
        raise kind(f"{self.name}: record at byte {self.at}: {reason}")

    def take(self, n):
        """n bytes, or less where the file ends."""
        parts = []
        try:
            while n and (part := self.file.read(n)):
                parts.append(part)
                n -= len(part)
        except EOFError:
            self.fail("truncated", Truncated)
        except (gzip.BadGzipFile, zlib.error) as e:
            self.fail(str(e))
        return b"".join(parts)

    def record(self, sequence):
        """The next record and its header; None at the end of the file."""
        header = self.take(64)
        if not header:
            return None
        if not b"\x89NDR".startswith(header[:4]) if len(header) < 4 else header[:4] != b"\x89NDR":
            self.fail("not a header")
        if len(header) < 64:
            self.fail("truncated", Truncated)
        (_, kind, flags, length, number, of, group, dtype, ndim, zero, *dims, zero2, crc,
         header_crc) = _HEADER.unpack(header)
        if zlib.crc32(header[:60]) != header_crc:
            self.fail("a damaged header")
        if number != sequence or (kind == HEAD) != (number == 0) or kind == 0:
            self.fail("out of sequence")
        if flags >> 8 or dtype >= len(DTYPES) or (flags & 1 and kind > END):
            self.fail("needs a newer reader")
        if zero or zero2 or ndim > 4 or any(d != 1 for d in dims[ndim:]):
            self.fail("reserved fields that are not zero")
        count = DTYPES[dtype].itemsize
        for d in dims:
            count *= d
        if count != length or length > LONGEST:
            self.fail("a length that is not that of its dims")
        padded = self.take(length + -length % 64)
        if len(padded) < length + -length % 64:
            self.fail("truncated", Truncated)
        if zlib.crc32(padded) != crc or any(padded[length:]):
            self.fail("damaged")
        return Record(kind, padded[:length], of, group, dtype, dims[:ndim], flags), header

    def need(self, sequence):
        found = self.record(sequence)
        if not found:
            self.fail("truncated", Truncated)
        self.at += 64 + len(_padded(found[0].payload))
        return found

    def segment(self):
        """The next one, or None."""
        found = self.record(0)
        if not found:
            return None
        head, header = found
        if len(head.payload) < 24:
            self.fail("HEAD is too short")
        major, minor, lowest, _, schema, first, end, most = struct.unpack_from("<4H4I", head.payload)
        cut = struct.unpack_from("<I", head.payload, 24)[0] if (major, minor) > (1, 0) and len(head.payload) > 27 else 0
        if not (major == 1 and lowest < 2 or major == 2 and lowest == 0):
            self.fail("needs a newer reader")
        self.at += 64 + len(_padded(head.payload))
        self.over, self.counts = zlib.crc32(header[60:]), {HEAD: 1}
        meta, header = self.need(1)
        if meta.type != META or zlib.crc32(meta.payload) != schema:
            self.fail("META is not what HEAD says")
        self.count(meta, header)
        try:
            segment = Segment(first, end, most, cut, minor, _decode_meta(meta.payload), (), major)
            segment.layers()
        except (Error, KeyError, ValueError):
            self.fail("META is not what ndr(5) says")
        segment._records = self.records(segment)
        return segment

    def count(self, record, header):
        self.over = zlib.crc32(header[60:], self.over)
        self.counts[record.type] = self.counts.get(record.type, 0) + 1

    def finish(self, segment, end):
        flags, over, items, types = struct.unpack_from("<4I", end.payload)
        said = struct.iter_unpack("<2IQ", end.payload[16:16 + 16 * types])
        if flags & ~SUBSET or over != self.over or items != segment.items or len(end.payload) != 16 + 16 * types or \
                {t: n for t, _, n in said} != self.counts:
            self.fail("END is not of this segment")
        segment.flags = flags

    def records(self, segment):
        at, sequence, last, data = NO_ITEM, 1, -1, False
        shapes = dict(enumerate(layer["shape"] for layer in segment.layers()))
        while True:
            sequence += 1
            record, header = self.need(sequence)
            if record.type == END:
                if len(record.payload) < 16:
                    self.fail("END is too short")
                self.finish(segment, record)
                return
            self.count(record, header)
            if record.type == PROV and not data:
                segment.provenance.append(record.payload.decode(errors="surrogateescape"))
                continue
            if record.type in (META, PROV):
                self.fail("out of place")
            data = True
            if record.dtype == F16 and (record.type != ACT or segment.major < 2):
                self.fail("needs a newer reader")
            if record.type in (ACT, PLANES) and not np.isfinite(record.array).all():
                self.fail("NaN or infinity")
            if record.type == ACT and record.dims != shapes.get(record.group):
                self.fail("not of the layer's shape")
            if record.type == ITEM:
                if record.item <= last or not segment.first <= record.item < segment.end:
                    self.fail("an item out of order")
                segment.items += 1
                last = record.item
            elif record.item not in (at, NO_ITEM):
                self.fail("of another item")
            at = record.item
            yield record


def segments(file=None, name=None):
    """Those of a binary file, by default standard input: each to be read before the next is asked for.  PROV is there
    once the first record is."""
    file = file or sys.stdin.buffer
    name = name or getattr(file, "name", None) or "<stdin>"
    reader = _Reader(file if hasattr(file, "peek") else io.BufferedReader(file), name)
    found = False
    while segment := reader.segment():
        found = True
        yield segment
        for _ in segment:
            pass
    if not found:
        reader.fail("truncated", Truncated)


class Writer:
    """Segments to a binary file, by default standard output.

        with Writer(file) as out:
            out.begin(Segment(end=2, most=2, meta={"dataset.items": 2}))
            out.write(ndpipe.item(0, "a.png"))
            out.end()
    """

    def __init__(self, file=None):
        self.file, self.open = file or sys.stdout.buffer, False

    def __enter__(self):
        return self

    def __exit__(self, kind, *rest):
        if kind is None and self.open:
            raise ValueError("a segment without end()")

    def _put(self, record):
        kind = record.type
        payload = _padded(record.payload)
        dims = record.dims + (1,) * (4 - len(record.dims))
        flags = record.flags | (kind <= END and kind != PROV)
        header = _HEADER.pack(b"\x89NDR", kind, flags, len(record.payload), self.sequence, record.item, record.group,
                              record.dtype, len(record.dims), 0, *dims, 0, zlib.crc32(payload), 0)[:60]
        header += struct.pack("<I", zlib.crc32(header))
        self.sequence += 1
        self.over = zlib.crc32(header[60:], self.over)
        self.counts[kind] = self.counts.get(kind, 0) + 1
        self.file.write(header)
        self.file.write(payload)

    def begin(self, segment):
        """HEAD, META and PROV, as the segment has them."""
        meta = _encode_meta(segment.meta)
        minor = 0 if segment.major > 1 else 1 if segment.cut else min(segment.minor, 1)
        head = struct.pack("<4H4I", segment.major, minor, 0, 0, zlib.crc32(meta), segment.first, segment.end,
                           segment.most)
        self.sequence, self.over, self.counts, self.open = 0, 0, {}, True
        self._put(Record(HEAD, head + (struct.pack("<I", segment.cut) if segment.cut else b"")))
        self._put(Record(META, meta))
        for text in segment.provenance:
            self._put(Record(PROV, text.encode(errors="surrogateescape")))

    def write(self, record):
        """A record of data; those of an item follow its ITEM.  ACT of f16 is of segments whose major is 2."""
        if record.type in (HEAD, META, PROV, END) or len(record.payload) > LONGEST:
            raise ValueError(f"{record.name} of {len(record.payload)} bytes is none to be written so")
        self._put(record)

    def end(self, flags=0):
        """END, which says that all is there; nothing else does."""
        types = b"".join(struct.pack("<2IQ", t, 0, n) for t, n in sorted(self.counts.items()))
        end = struct.pack("<4I", flags, self.over, self.counts.get(ITEM, 0), len(self.counts))
        self._put(Record(END, end + types))
        self.file.flush()
        self.open = False


def copy(change, source=None, sink=None, segment=None):
    """A filter: change(record, segment) gives a record, several or None; segment(s), if there is one, may change what
    META says of a segment before it is written."""
    with Writer(sink) as out:
        for s in segments(source):
            begun = False
            for record in s:
                if not begun:  # all of PROV is there now
                    _begin(out, s, segment)
                    begun = True
                made = change(record, s)
                for r in [made] if isinstance(made, Record) else made or ():
                    out.write(r)
            if not begun:
                _begin(out, s, segment)
            out.end(s.flags)


def _begin(out, s, segment):
    if segment:
        segment(s)
    out.begin(s)


def main(change, segment=None):
    """copy() from standard input to standard output, as a program: one line where it fails, and the suite's exit
    status."""
    name = sys.argv[0].rpartition("/")[2]
    try:
        copy(change, segment=segment)
    except BrokenPipeError:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGPIPE)
    except Error as e:
        sys.exit(print(f"{name}: {e}", file=sys.stderr) or e.code)
    except OSError as e:
        sys.exit(print(f"{name}: {e.strerror}", file=sys.stderr) or 1)
