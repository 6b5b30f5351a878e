"""Bytes of a raw journal: file header, blocks, records. Pure.

``<folder>/<gateway>/<number>.raw`` begins with a header; then come blocks, one for each group that was committed
together. A block's checksum covers its header and payload, so that a block is whole or none. Its payload is the table
of records, then their bytes one after another, so that a reader has the place of each without a loop.
``<folder>/<gateway>/committed`` says how far the last file is durable; readers go no further.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from enum import IntEnum
from struct import Struct
from typing import NamedTuple

import numpy as np

from ecocloud.intake.monitoring.raw.problems import BadName

FILE_MAGIC, BLOCK_MAGIC = b"ECORAW01", b"BLK1"
# magic, created (µs since 1970 UTC), sequence number of the first record, name of the gateway
FILE_HEADER = Struct("<8sqQ40s")
# magic, bytes of the payload, records, sequence number of the first, committed (µs since 1970 UTC), CRC-32
BLOCK_HEADER = Struct("<4sIIQqI")
_SUMMED = BLOCK_HEADER.size - 4
# number of the file, its durable bytes, sequence number of the next record, CRC-32 of these
MARK = Struct("<QQQI")
MARK_NAME, LOCK_NAME = "committed", "lock"
RECORD = np.dtype(
    [("received", "<i8"), ("connection", "<u4"), ("length", "<u4"), ("kind", "u1"), ("pad", "V7")], align=False
)
# Above this a block header is no header: a group is far smaller, and a reader takes a block into memory.
LARGEST_PAYLOAD = 1 << 30
FIRST = 1
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}\Z")
_FILE = re.compile(r"([0-9]{8,})\.raw\Z")


class Kind(IntEnum):
    """What a record is."""

    FRAME = 1  # packet of an admitted device, as received
    QUARANTINED = 2  # packet of a device that is not admitted
    CONNECTION = 3  # JSON: peer, time; its connection number is the low 32 bits of its own sequence number
    ROWS = 4  # JSON: values from a file or the API
    REJECTED = 5  # first bytes of something rejected
    SENT = 6  # answer or command sent to a device


class BlockHeader(NamedTuple):
    """Header of a block, and where its payload begins and ends in the file."""

    size: int
    count: int
    first: int
    committed: int
    checksum: int


class Item(NamedTuple):
    """A record to be stored. received: µs since 1970 UTC."""

    received: int
    connection: int
    length: int
    kind: int
    data: bytes


def checked_name(gateway: str) -> str:
    """The name of a gateway, which is a folder and part of references. Raises :class:`BadName`."""
    if not _NAME.match(gateway):
        raise BadName(
            f"网关名称“{gateway}”不能用。",
            f"bad gateway name {gateway!r}",
            value=gateway,
            remedy_zh="请用 1～40 个小写字母、数字、- 或 _。",
        )
    return gateway


def file_name(number: int) -> str:
    """Name of the file with a number."""
    return f"{number:08d}.raw"


def file_number(name: str) -> int | None:
    """Number of a file, None when the name is not one of a raw journal."""
    match = _FILE.match(name)
    return int(match.group(1)) if match else None


def file_header(gateway: str, created: int, first: int) -> bytes:
    """The header of a file. created: µs; first: sequence number its first record has or will have."""
    return FILE_HEADER.pack(FILE_MAGIC, created, first, gateway.encode("ascii"))


def block(items: Sequence[Item], first: int, committed: int) -> bytes:
    """A block with these records; ``first`` is the sequence number of the first."""
    received, connections, lengths, kinds, data = zip(*items, strict=True)
    table = np.zeros(len(items), RECORD)
    table["received"], table["connection"], table["length"], table["kind"] = received, connections, lengths, kinds
    payload = table.tobytes() + b"".join(data)
    head = BLOCK_HEADER.pack(BLOCK_MAGIC, len(payload), len(items), first, committed, 0)[:_SUMMED]
    return head + checksum(head, payload).to_bytes(4, "little") + payload


def checksum(head: bytes, payload: bytes) -> int:
    """CRC-32 of a block: its header without the checksum, then the payload."""
    return zlib.crc32(payload, zlib.crc32(head[:_SUMMED]))


def block_header(raw: bytes) -> BlockHeader | None:
    """A block's header from its bytes; None when these are none."""
    if len(raw) < BLOCK_HEADER.size or not raw.startswith(BLOCK_MAGIC):
        return None
    _magic, size, count, first, committed, crc = BLOCK_HEADER.unpack(raw[: BLOCK_HEADER.size])
    if not count * RECORD.itemsize <= size <= LARGEST_PAYLOAD or not count:
        return None
    return BlockHeader(size, count, first, committed, crc)


def mark(number: int, length: int, following: int) -> bytes:
    """The content of ``committed``: file, its durable bytes, sequence number of the next record."""
    packed = MARK.pack(number, length, following, 0)[:-4]
    return packed + zlib.crc32(packed).to_bytes(4, "little")


def read_mark(raw: bytes) -> tuple[int, int, int] | None:
    """File number, durable bytes and next sequence number; None when the bytes are no mark."""
    if len(raw) != MARK.size or zlib.crc32(raw[:-4]).to_bytes(4, "little") != raw[-4:]:
        return None
    return MARK.unpack(raw)[:3]
