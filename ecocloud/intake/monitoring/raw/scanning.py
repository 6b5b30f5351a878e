"""Walking the blocks of one file: which are whole, where it ends, whether it is torn or damaged."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ecocloud.intake.monitoring.raw.layout import (
    BLOCK_HEADER,
    BLOCK_MAGIC,
    FILE_HEADER,
    FILE_MAGIC,
    MARK_NAME,
    BlockHeader,
    block_header,
    checksum,
    file_number,
    read_mark,
)


@dataclass(frozen=True)
class Scan:
    """What a file holds. end: bytes up to the last whole block of the unbroken beginning. following: sequence number
    after the last whole block anywhere in the file. bad: place of the first bytes that are no whole block, -1 without.
    torn: whether nothing whole follows them, as after a crash.
    """

    end: int
    following: int
    bad: int
    torn: bool


def files(folder: Path) -> list[tuple[int, Path]]:
    """The files of a gateway by number."""
    found = [(file_number(path.name), path) for path in folder.iterdir()] if folder.is_dir() else []
    return sorted((number, path) for number, path in found if number is not None)


def marked(folder: Path) -> tuple[int, int, int] | None:
    """What a gateway's mark says (see :func:`layout.read_mark`); None when there is none."""
    for _ in range(3):  # a mark that is being written just now is read anew
        try:
            raw = (folder / MARK_NAME).read_bytes()
        except FileNotFoundError:
            return None
        if (found := read_mark(raw)) is not None:
            return found
    return None


def first_of(path: Path) -> int | None:
    """Sequence number of a file's first record as its header says; None when it has no header, or is gone."""
    try:
        with path.open("rb") as source:
            raw = source.read(FILE_HEADER.size)
    except FileNotFoundError:
        return None
    if len(raw) < FILE_HEADER.size or not raw.startswith(FILE_MAGIC):
        return None
    return FILE_HEADER.unpack(raw)[2]


def walk(data: bytes | mmap.mmap, start: int, end: int) -> Iterator[tuple[int, BlockHeader]]:
    """(place, header) of the blocks from ``start``, by their headers alone, up to the first place that has none."""
    place = start
    while place < end:
        header = block_header(data[place : place + BLOCK_HEADER.size])
        if header is None or place + BLOCK_HEADER.size + header.size > end:
            return
        yield place, header
        place += BLOCK_HEADER.size + header.size


def is_whole(data: bytes | mmap.mmap, place: int, header: BlockHeader) -> bool:
    """Whether a block's checksum is right."""
    start = place + BLOCK_HEADER.size
    return checksum(data[place:start], data[start : start + header.size]) == header.checksum


def scan(path: Path, first: int) -> Scan:
    """Check every block of a file. ``first``: the sequence number when the file holds no block."""
    size = path.stat().st_size
    if size <= FILE_HEADER.size:
        return Scan(size, first, -1, False)
    with path.open("rb") as source, mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ) as data:
        end, following = _good(data, FILE_HEADER.size, size, first)
        if end == size:
            return Scan(end, following, -1, False)
        last, place = following, next_whole(data, end + 1, size)
        while place is not None:
            after, last = _good(data, place, size, last)
            place = next_whole(data, after + 1, size)
        return Scan(end, last, end, last == following)


def next_whole(data: mmap.mmap, start: int, end: int) -> int | None:
    """Place of the next whole block from ``start``, None when there is none."""
    place = data.find(BLOCK_MAGIC, start, end)
    while place >= 0:
        header = block_header(data[place : place + BLOCK_HEADER.size])
        if header is not None and place + BLOCK_HEADER.size + header.size <= end and is_whole(data, place, header):
            return place
        place = data.find(BLOCK_MAGIC, place + 1, end)
    return None


def _good(data: mmap.mmap, start: int, size: int, following: int) -> tuple[int, int]:
    """Place and sequence number after the whole blocks from ``start``."""
    end = start
    for place, header in walk(data, start, size):
        if not is_whole(data, place, header):
            break
        end = place + BLOCK_HEADER.size + header.size
        following = max(following, header.first + header.count)
    return end, following
