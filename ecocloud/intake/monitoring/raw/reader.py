"""Reading raw journals: blocks in order from a sequence number, single records by it; beside a running writer."""

from __future__ import annotations

import bisect
import json
import mmap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ecocloud.intake.monitoring.raw.layout import (
    BLOCK_HEADER,
    FILE_HEADER,
    FIRST,
    RECORD,
    BlockHeader,
    Kind,
    block_header,
    checked_name,
)
from ecocloud.intake.monitoring.raw.problems import BadName, Damaged, NotFound
from ecocloud.intake.monitoring.raw.scanning import files, first_of, is_whole, marked, next_whole, walk

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NEVER = 1 << 63
_NUMBERS = 1 << 32  # connection numbers are the low 32 bits of a sequence number


@dataclass(frozen=True)
class Block:
    """Records that were committed together.

    first: sequence number of the first. committed: µs since 1970 UTC. times (received, µs), connections, kinds: one of
    each record. Record i is ``data[starts[i]:ends[i]]``.
    """

    gateway: str
    first: int
    committed: int
    times: np.ndarray
    connections: np.ndarray
    kinds: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    data: bytes

    def __len__(self) -> int:
        return len(self.kinds)

    @property
    def following(self) -> int:
        """Sequence number after the last record: where the next reading goes on."""
        return self.first + len(self.kinds)

    def record(self, place: int) -> bytes:
        """The bytes of one record."""
        return self.data[self.starts[place] : self.ends[place]]

    def since(self, sequence: int) -> Block:
        """The records from a sequence number on."""
        skip = sequence - self.first
        if skip <= 0:
            return self
        columns = ("times", "connections", "kinds", "starts", "ends")
        return replace(self, first=sequence, **{name: getattr(self, name)[skip:] for name in columns})


@dataclass(frozen=True)
class Record:
    """One record with where it came from. peer: ``address:port``, '' when it is not known any more."""

    gateway: str
    sequence: int
    received: datetime
    kind: Kind
    connection: int
    data: bytes
    peer: str


def _block(gateway: str, data: mmap.mmap, place: int, header: BlockHeader) -> Block:
    start = place + BLOCK_HEADER.size
    begin = start + header.count * RECORD.itemsize
    table = np.frombuffer(data[start:begin], RECORD)
    ends = np.cumsum(table["length"], dtype=np.int64)
    lengths = table["length"].astype(np.int64)
    return Block(
        gateway, header.first, header.committed, table["received"].astype(np.int64), table["connection"].copy(),
        table["kind"].copy(), ends - lengths, ends, data[begin : start + header.size],
    )  # fmt: skip


class _File(NamedTuple):
    """A file as one reading sees it: from where to where; last: nothing follows and no mark says how far it is durable;
    after: first sequence number of the next file.
    """

    number: int
    path: Path
    start: int
    limit: int
    last: bool
    after: int | None


class Reader:
    """Reads the journals of a folder. It keeps where each reading ended, so that reading on costs nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self._left: dict[str, tuple[int, int, int]] = {}  # gateway -> (sequence, file number, place)

    def gateways(self) -> list[str]:
        """Names of the gateways that have a journal."""
        if not self.folder.is_dir():
            return []
        return sorted(path.name for path in self.folder.iterdir() if path.is_dir() and _is_name(path.name))

    def following(self, gateway: str) -> int:
        """Sequence number after the last durable record, as the mark of the writer says; FIRST without one."""
        found = marked(self.folder / checked_name(gateway))
        return found[2] if found else FIRST

    def blocks(self, gateway: str, from_sequence: int = FIRST) -> Iterator[Block]:
        """Durable blocks in order from a sequence number, the first one cut so that it begins there.

        Ends at the last durable block; call again to read on. Raises :class:`Damaged` for a block whose bytes changed.
        """
        folder = self.folder / checked_name(gateway)
        known = marked(folder)
        found = files(folder)
        begin, place = self._start(gateway, found, from_sequence)
        for index in range(begin, len(found)):
            number, path = found[index]
            try:
                limit = path.stat().st_size
            except FileNotFoundError:  # its retention ended just now
                continue
            if known is not None and number >= known[0]:
                if number > known[0]:
                    return
                limit = min(limit, known[1])
            after = first_of(found[index + 1][1]) if index + 1 < len(found) else None
            last = known is None and index == len(found) - 1
            start = max(place, FILE_HEADER.size)
            yield from self._file(gateway, _File(number, path, start, limit, last, after), from_sequence)
            place = 0

    def _file(self, gateway: str, file: _File, wanted: int) -> Iterator[Block]:
        """The blocks of one file. Damage is passed over when all that is wanted lies behind it."""
        if file.limit <= file.start:
            return
        if first_of(file.path) is None:
            raise Damaged(file.path, 0, "no file header", file.after)
        place: int | None = file.start
        with file.path.open("rb") as source, mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ) as data:
            while place is not None and place < file.limit:
                for at, header in walk(data, place, file.limit):
                    following = header.first + header.count
                    if following > wanted:
                        if not is_whole(data, at, header):
                            break
                        yield _block(gateway, data, at, header).since(wanted)
                    place = at + BLOCK_HEADER.size + header.size
                    self._left[gateway] = (following, file.number, place)
                if place < file.limit:
                    place = self._behind(data, file, place, wanted)

    @staticmethod
    def _behind(data: mmap.mmap, file: _File, bad: int, wanted: int) -> int | None:
        """The next whole block behind damage, None when the rest of the file is merely not yet written."""
        found = next_whole(data, bad + 1, file.limit)
        if found is None and file.last:
            return None
        header = block_header(data[found : found + BLOCK_HEADER.size]) if found is not None else None
        following = header.first if header is not None else file.after
        if following is not None and wanted >= following:
            return found
        raise Damaged(file.path, bad, "no whole block", following)

    def _start(self, gateway: str, found: list[tuple[int, Path]], wanted: int) -> tuple[int, int]:
        """Index of the file and place in it where reading begins."""
        if gateway in self._left:
            sequence, number, place = self._left[gateway]
            numbers = [one for one, _path in found]
            if sequence <= wanted and number in numbers:
                return numbers.index(number), place
        firsts = _Firsts(found)
        return max(bisect.bisect_right(firsts, wanted) - 1, 0), 0

    def find(self, gateway: str, sequence: int) -> Record:
        """One record. Raises :class:`NotFound` and :class:`Damaged`."""
        one = next(self.blocks(gateway, sequence), None)
        if one is None or one.first != sequence:
            raise NotFound(
                "原始流水中没有这条记录。",
                f"no record {gateway}/{sequence}",
                where={"网关": gateway},
                value=sequence,
                remedy_zh="可能已超过保存期限。",
            )
        connection = int(one.connections[0])
        received = _EPOCH + timedelta(microseconds=int(one.times[0]))
        peer = self._peer(gateway, sequence, connection)
        return Record(gateway, sequence, received, Kind(int(one.kinds[0])), connection, one.record(0), peer)

    def _peer(self, gateway: str, sequence: int, connection: int) -> str:
        if not connection:
            return ""
        at = sequence - (sequence - connection) % _NUMBERS
        one = next(Reader(self.folder).blocks(gateway, at), None) if at >= FIRST else None
        if one is None or one.first != at or one.kinds[0] != Kind.CONNECTION:
            return ""
        return str(json.loads(one.record(0)).get("peer", ""))


class _Firsts:
    """First sequence numbers of files, read only where a search looks."""

    def __init__(self, found: list[tuple[int, Path]]) -> None:
        self._found = found

    def __len__(self) -> int:
        return len(self._found)

    def __getitem__(self, index: int) -> int:
        known = (first_of(path) for _number, path in self._found[index:])
        return next((first for first in known if first is not None), _NEVER)  # without a header: that of the next


def _is_name(name: str) -> bool:
    try:
        return bool(checked_name(name))
    except BadName:
        return False


def find(folder: Path, gateway: str, sequence: int) -> Record:
    """One record of a journal in ``folder`` (see :meth:`Reader.find`)."""
    return Reader(folder).find(gateway, sequence)
