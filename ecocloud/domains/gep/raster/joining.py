"""Rasters of one grid that each hold some of its tiles, joined to one by moving the tiles as they are compressed.

Writing them anew through GDAL would compress all of them again, and a file that is opened again is compressed at
another level (ZSTD 9, four times the time). TIFF 6.0 and BigTIFF, little-endian, one image, as GDAL writes them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import numpy as np

_OFFSETS, _COUNTS = 324, 325  # tags: where each tile lies, how many bytes it has
_WIDTHS = {3: "<u2", 4: "<u4", 16: "<u8"}  # SHORT, LONG, LONG8
_MOST = {False: 2**32 - 1, True: 2**63 - 1}


class _Directory:
    """Where the tiles of an open file lie."""

    def __init__(self, file: BinaryIO) -> None:
        head = file.read(16)
        kind = struct.unpack("<2sH", head[:4])
        assert kind in ((b"II", 42), (b"II", 43)), kind
        self.big = kind[1] == 43
        (start,) = struct.unpack("<Q", head[8:16]) if self.big else struct.unpack("<I", head[4:8])
        file.seek(start)
        count_size, self.entry = (8, "<HHQQ") if self.big else (2, "<HHII")
        (count,) = struct.unpack("<Q" if self.big else "<H", file.read(count_size))
        size = struct.calcsize(self.entry)
        self.places = {}
        arrays = {}
        for number in range(count):
            place = start + count_size + number * size
            file.seek(place)
            tag, form, values, at = struct.unpack(self.entry, file.read(size))
            if tag in (_OFFSETS, _COUNTS):
                self.places[tag] = place
                inline = values * np.dtype(_WIDTHS[form]).itemsize <= (8 if self.big else 4)
                file.seek(place + size - (8 if self.big else 4) if inline else at)
                found = np.frombuffer(file.read(values * np.dtype(_WIDTHS[form]).itemsize), _WIDTHS[form])
                arrays[tag] = found.astype(np.int64)
        self.offsets, self.counts = arrays[_OFFSETS], arrays[_COUNTS]

    def write(self, file: BinaryIO) -> None:
        """Put both lists at the end of the file and have the directory name them."""
        form = 16 if self.big else 4
        for tag, values in ((_OFFSETS, self.offsets), (_COUNTS, self.counts)):
            place = file.seek(0, 2)
            place = file.seek(place + -place % 8)
            if values.size == 1:  # stands in the directory itself
                at = int(values[0])
            else:
                file.write(values.astype(_WIDTHS[form]).tobytes())
                at = place
            if max(place, int(values.max())) > _MOST[self.big]:
                raise OverflowError(place)
            file.flush()
            file.seek(self.places[tag])
            file.write(struct.pack(self.entry, tag, form, values.size, at))
            file.flush()


def join(target: Path, parts: Iterable[tuple[Path, int, int]]) -> None:
    """Take into ``target`` the tiles ``first`` to before ``last`` (counted row by row) of each of the other rasters.

    What stands in ``target`` of these tiles is left as unused bytes; all other tiles stay whole whenever this is
    stopped.
    """
    with target.open("r+b") as out:
        own = _Directory(out)
        for path, first, last in parts:
            with path.open("rb") as source:
                other = _Directory(source)
                for tile in range(first, last):
                    source.seek(int(other.offsets[tile]))
                    content = source.read(int(other.counts[tile]))
                    own.offsets[tile] = out.seek(0, 2) if content else 0
                    own.counts[tile] = len(content)
                    out.write(content)
        out.flush()
        own.write(out)
