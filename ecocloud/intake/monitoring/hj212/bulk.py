"""Many packets at once: raw packets of a journal to columns, for replay and for building the lake.

A compiled loop (numba, the optional extra ``bulk``) reads what is regular: a known head, known names, plain values. All
that is irregular, and everything where numba is not installed, goes through :class:`Decoder`, which decides what a
packet says; tests hold the columns against it. Heads and names are met once through the decoder and are known after.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from ecocloud.intake.monitoring.hj212 import crc
from ecocloud.intake.monitoring.hj212.decoder import PLAIN, Decoder, Packet
from ecocloud.intake.monitoring.hj212.dialect import STANDARD, Dialect
from ecocloud.intake.monitoring.hj212.framing import Noise, Rejected
from ecocloud.intake.monitoring.hj212.head import Head, read_head
from ecocloud.intake.monitoring.hj212.judging import BEGIN
from ecocloud.intake.monitoring.hj212.layouts import TIME, layout_of
from ecocloud.intake.monitoring.hj212.values import BEIJING
from ecocloud.intake.monitoring.hj212.words import Reason

try:
    from ecocloud.intake.monitoring.hj212 import kernel
except ImportError:  # without the extra everything is read one by one
    kernel = None

NO_TIME = np.iinfo(np.int64).min
_EPOCH = datetime(1970, 1, 1, tzinfo=BEIJING) + timedelta(hours=8)
# Heads and names are chosen by senders: above this many the tables begin anew.
_MOST_KNOWN = 50_000
_PASSES = 6
_QN_END = 21


class _Texts:
    """Byte strings with numbers, findable by the kernel: one pool, offsets, and an open-addressing table."""

    def __init__(self) -> None:
        self.ids: dict[bytes, int] = {}
        self.pool, self.offsets = np.zeros(0, np.uint8), np.zeros(1, np.int64)
        self.table = np.full(64, -1, np.int64)

    def add(self, texts: Sequence[bytes]) -> None:
        """Make texts known; the table is built anew."""
        for text in texts:
            self.ids.setdefault(text, len(self.ids))
        self.pool = np.frombuffer(b"".join(self.ids), np.uint8)
        self.offsets = np.zeros(len(self.ids) + 1, np.int64)
        np.cumsum([len(text) for text in self.ids], out=self.offsets[1:])
        self.table = np.full(max(64, 1 << (4 * len(self.ids)).bit_length()), -1, np.int64)
        if kernel is not None:
            kernel.fill(self.table, self.pool, self.offsets)


@dataclass(frozen=True)
class Columns:
    """Packets as columns; one row of the value columns for each value.

    For each packet: ``accepted``; ``head`` (place in ``heads``, -1 when rejected); ``time`` (DataTime, microseconds
    since 1970 UTC, NO_TIME without); ``event`` has those that were read one by one. For each value: ``packet``;
    ``name`` (place in ``names``: code and field); ``number`` (NaN where there is none); ``begin`` and ``length`` of its
    text in ``texts``. Parameters are values with the code ''.
    """

    accepted: np.ndarray
    head: np.ndarray
    time: np.ndarray
    packet: np.ndarray
    name: np.ndarray
    number: np.ndarray
    begin: np.ndarray
    length: np.ndarray
    heads: Sequence[Head]
    names: Sequence[tuple[str, str]]
    texts: bytes
    event: dict[int, Packet | Rejected]

    def text(self, row: int) -> str:
        """The text of a value as sent."""
        begin = int(self.begin[row])
        return self.texts[begin : begin + int(self.length[row])].decode("utf-8")


class Bulk:
    """Decodes blocks of packets and keeps the heads and names it met. dialect: for what is read one by one."""

    def __init__(self, dialect: Dialect = STANDARD) -> None:
        self._decoder = Decoder(dialect)
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._heads, self._names = _Texts(), _Texts()
        self._head_list: list[Head] = []
        self._head_of = np.zeros(0, np.int32)  # known head -> place in the list, -1: read one by one
        self._slots: dict[tuple[str, str], int] = {}
        self._slot_of = np.zeros(0, np.int32)
        self._kind_of = np.zeros(0, np.int8)
        self._head_ids: dict[Head, int] = {}

    def decode(self, data: bytes, starts: np.ndarray, ends: np.ndarray) -> Columns:
        """Columns of the packets ``data[starts[i]:ends[i]]``, in order.

        starts, ends: int64 arrays; each range is one packet as received, as a journal keeps it. Raises ValueError for
        ranges outside of the data, out of order or overlapping.
        """
        if len(starts) and (
            starts[0] < 0 or ends[-1] > len(data) or np.any(starts[1:] < ends[:-1]) or np.any(ends < starts)
        ):
            raise ValueError("ranges of packets must lie in the data, in order, without overlap")
        if len(self._heads.ids) + len(self._names.ids) > _MOST_KNOWN:
            self._begin_anew()
        count = len(starts)
        size = kernel.count(np.frombuffer(data, np.uint8), ord("=")) if kernel is not None else 0
        out = _Output(count, size)
        todo = np.arange(count, dtype=np.int64)
        if kernel is not None:
            todo = self._regular(data, starts, ends, out)
        events = {int(place): self._one(data[starts[place] : ends[place]]) for place in todo}
        return self._columns(data, out, events)

    def _regular(self, data: bytes, starts: np.ndarray, ends: np.ndarray, out: _Output) -> np.ndarray:
        """Run the kernel until no packet lacks only a head or name that could be made known; returns the others."""
        view = np.frombuffer(data, np.uint8)
        todo = np.arange(len(starts), dtype=np.int64)
        odd = [np.zeros(0, np.int64)]
        for _ in range(_PASSES):
            late = out.run(view, starts, ends, todo, *self._known())
            for row in late:
                begin = out.begin[row]
                out.number[row] = float(data[begin : begin + out.length[row]])
            status = out.status[todo]
            odd.append(todo[status == kernel.ODD])
            todo = todo[status == kernel.UNKNOWN]
            if not len(todo) or not self._learn(data, starts, ends, todo, out):
                break
        return np.sort(np.concatenate([*odd, todo]))

    def _known(self) -> tuple[tuple, tuple]:
        """The tables of heads and of names as the kernel takes them, with its notes on the names of a packet."""
        heads, names = self._heads, self._names
        met = np.full(len(self._slots) + 1, -1, np.int64)  # in which packet a slot was met last
        after = np.full(len(names.ids) + 1, -1, np.int64)  # which name followed one last time
        return (
            (heads.table, heads.pool, heads.offsets, self._head_of),
            (names.table, names.pool, names.offsets, self._slot_of, self._kind_of, met, after),
        )

    def _learn(self, data: bytes, starts: np.ndarray, ends: np.ndarray, todo: np.ndarray, out: _Output) -> bool:
        """Make the heads and names known that the kernel lacked; of each missing text the first packet is looked at."""
        seen: dict[bytes, int] = {}
        for place in todo:
            begin = out.missing[place, 0]
            seen.setdefault(data[begin : begin + out.missing[place, 1]], int(place))
        heads, names = dict.fromkeys(self._heads.ids), dict.fromkeys(self._names.ids)
        for place in seen.values():
            segment = data[starts[place] + BEGIN : ends[place] - 6]
            head, _, region = segment.partition(b"CP=&&")
            heads.setdefault(head[_QN_END:])
            for item in region.removesuffix(b"&&").replace(b";", b",").split(b","):
                name = item.partition(b"=")[0]
                if name and not name.translate(None, PLAIN):
                    names.setdefault(name)
        new = len(heads) > len(self._heads.ids) or len(names) > len(self._names.ids)
        self._know(list(heads), list(names))
        return new

    def _know(self, heads: list[bytes], names: list[bytes]) -> None:
        known = len(self._heads.ids)
        places = list(self._head_of)
        for raw in heads[known:]:
            head = read_head(raw, False)
            plain = head.fault is None and b"QN" not in raw.upper() and not set(raw) & set(b"#{&")
            places.append(self._head_place(head) if plain else -1)
        self._heads.add(heads)
        self._head_of = np.array(places, np.int32)
        slots, kinds = list(self._slot_of), list(self._kind_of)
        for raw in names[len(self._names.ids) :]:
            layout = layout_of((raw.decode("latin-1"),))
            slots.append(self._slot(layout.slots[0]))
            time = layout.slots[0] == ("", TIME)
            kinds.append(_TIME_KIND if time else _NUMBER_KIND if layout.numeric else _TEXT_KIND)
        self._names.add(names)
        self._slot_of, self._kind_of = np.array(slots, np.int32), np.array(kinds, np.int8)

    def _head_place(self, head: Head) -> int:
        place = self._head_ids.setdefault(head, len(self._head_list))
        if place == len(self._head_list):
            self._head_list.append(head)
        return place

    def _slot(self, slot: tuple[str, str]) -> int:
        return self._slots.setdefault(slot, len(self._slots))

    def _one(self, raw: bytes) -> Packet | Rejected:
        """One packet by the readable decoder; bytes that are no packet at all are rejected."""
        found = [*self._decoder.feed(raw), *self._decoder.end()]
        event = next((one for one in found if isinstance(one, Packet)), found[0] if found else None)
        if event is None or isinstance(event, Noise):
            return Rejected(event.reason if event else Reason.NO_HEAD, raw, len(raw))
        return event

    def _columns(self, data: bytes, out: _Output, events: dict[int, Packet | Rejected]) -> Columns:
        """The kernel's rows with those of the packets read one by one, in the order of the packets."""
        pool, place = [data], len(data)
        extra: list[tuple[int, int, float, int, int]] = []
        for number, event in events.items():
            out.accepted[number] = isinstance(event, Packet)
            if not isinstance(event, Packet):
                continue
            out.head[number] = self._head_place(event.head)
            if event.time is not None:
                out.time[number] = (event.time - _EPOCH) // timedelta(microseconds=1)
            numbers = dict(zip(event.layout.numeric, event.numbers, strict=True))
            for at, (slot, text) in enumerate(zip(event.layout.slots, event.texts, strict=True)):
                raw, value = text.encode("utf-8"), numbers.get(at)
                value = float("nan") if value is None else value
                extra.append((number, self._slot(slot), value, place, len(raw)))
                pool.append(raw)
                place += len(raw)
        columns = out.value_columns(extra)
        return Columns(out.accepted, out.head, out.time, *columns, tuple(self._head_list), tuple(self._slots),
                       b"".join(pool) if extra else data, events)  # fmt: skip


_TEXT_KIND, _NUMBER_KIND, _TIME_KIND = 0, 1, 2


class _Output:
    """Arrays that the kernel fills, sized beforehand."""

    def __init__(self, count: int, size: int) -> None:
        self.accepted, self.status = np.zeros(count, np.bool_), np.zeros(count, np.int8)
        self.head, self.time = np.full(count, -1, np.int32), np.full(count, NO_TIME, np.int64)
        self.missing = np.zeros((count, 2), np.int64)
        self.packet, self.name = np.empty(size, np.int64), np.empty(size, np.int32)
        self.number = np.empty(size, np.float64)
        self.begin, self.length = np.empty(size, np.int64), np.empty(size, np.int32)
        self.rows = 0

    def run(
        self, view: np.ndarray, starts: np.ndarray, ends: np.ndarray, todo: np.ndarray, *known: tuple
    ) -> np.ndarray:
        """One pass of the kernel over the packets ``todo``; returns the rows whose number it leaves to ``float``."""
        late = np.empty(len(self.number), np.int64)
        packets = (self.accepted, self.status, self.head, self.time, self.missing)
        values = (self.packet, self.name, self.number, self.begin, self.length)
        self.rows, lates = kernel.decode(view, starts, ends, todo, *known, _SUMS, packets, values, self.rows, late)
        return late[:lates]

    def value_columns(self, extra: list[tuple[int, int, float, int, int]]) -> tuple[np.ndarray, ...]:
        """The value columns, cut to their rows; ``extra`` rows sorted in by packet."""
        kernel_rows = (self.packet, self.name, self.number, self.begin, self.length)
        columns = tuple(column[: self.rows] for column in kernel_rows)
        if extra:
            more = zip(*extra, strict=True)
            joined = [np.concatenate([one, np.array(two, one.dtype)]) for one, two in zip(columns, more, strict=True)]
            columns = tuple(joined)
        if np.any(np.diff(columns[0]) < 0):
            order = np.argsort(columns[0], kind="stable")
            columns = tuple(column[order] for column in columns)
        return columns


_SUMS = (np.array(crc.BY_DISTANCE, np.uint8), np.array(crc.BEGIN, np.uint8),
         np.frombuffer(b"".join(crc.TEXT), np.uint8).reshape(256, 4))  # fmt: skip
