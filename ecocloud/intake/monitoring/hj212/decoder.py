"""Bytes of a connection to events: :class:`Packet`, :class:`Rejected`, :class:`Noise`.

Two ways lead through a data region. :func:`body.read_items` with :func:`values.read_number` is exact and knows every
leniency; it decides. A region whose bytes are all plain and whose names were met before takes the short way, which
gives the same packet (tests hold one against the other) at a fraction of the time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from ecocloud.intake.monitoring.hj212.body import MARKS, OPENING, read_items, region_of
from ecocloud.intake.monitoring.hj212.dialect import STANDARD, Dialect
from ecocloud.intake.monitoring.hj212.framing import Framer, Noise, Rejected
from ecocloud.intake.monitoring.hj212.head import Head, read_head, read_qn
from ecocloud.intake.monitoring.hj212.judging import Judge
from ecocloud.intake.monitoring.hj212.layouts import Layout, Layouts
from ecocloud.intake.monitoring.hj212.values import ALL_PLAIN, read_number, read_time
from ecocloud.intake.monitoring.hj212.words import Kind, Leniency

# Longest segment of the texts of 2017 and 2025, bytes.
LONGEST_BY_TEXT = 1024
# Bytes of a data region that need no second look.
PLAIN = bytes(byte for byte in range(0x21, 0x7F) if byte not in b"/&")
_QN_END = 20  # "QN=" and 17 digits


class Packet(NamedTuple):
    """One accepted packet.

    raw: its bytes as received, head and tail included. texts: the value of each name of ``layout`` as sent.
    read: the numbers where some had to be read one by one, None where all are plain. time: DataTime, Beijing time.
    void: places whose text stands for no value (empty, ``--``, NaN …). noted: leniencies of this packet alone.
    """

    raw: bytes
    qn: str
    head: Head
    layout: Layout
    texts: tuple[str, ...]
    read: tuple[float | None, ...] | None
    time: datetime | None
    void: frozenset[int]
    noted: tuple[Leniency, ...]
    encrypted: bool

    @property
    def leniencies(self) -> tuple[Leniency, ...]:
        """Everything that was let pass, of framing, head, names and values."""
        return self.noted + self.head.notes + self.layout.notes

    @property
    def numbers(self) -> tuple[float | None, ...]:
        """The values at ``layout.numeric`` as numbers, None where the text is none."""
        return tuple(map(float, self.layout.pick(self.texts))) if self.read is None else self.read

    @property
    def values(self) -> dict[str, dict[str, str | None]]:
        """code -> field -> value as sent; None where there is none. Of a name sent twice the last one."""
        texts = self.texts
        if self.void:
            texts = tuple(None if place in self.void else text for place, text in enumerate(texts))
        return {code: {field: texts[place] for field, place in group} for code, group in self.layout.groups}

    @property
    def parameters(self) -> dict[str, str]:
        """Names without a code: DataTime, QnRtn, BeginTime … with their texts."""
        return {field: text for (code, field), text in zip(self.layout.slots, self.texts, strict=True) if not code}

    @property
    def data_time(self) -> str:
        """DataTime as sent, '' without."""
        return self.texts[self.layout.time] if self.layout.time >= 0 else ""

    def number(self, code: str, field: str) -> float | None:
        """One value as a number; None when it was not sent or is none."""
        found = None
        for place, number in zip(self.layout.numeric, self.numbers, strict=True):
            if self.layout.slots[place] == (code, field):
                found = number
        return found


Event = Packet | Rejected | Noise
_NONE: frozenset[int] = frozenset()
_NO_TIME = (None, None)
_new = tuple.__new__


class Decoder:
    """Decodes the bytes of one connection.

    dialect: for devices without one of their own; dialects: by MN. No clock: who owns the connection calls
    :meth:`quiet` when nothing came for a while and :meth:`end` when it is closed.
    """

    MOST_HEADS, LONGEST_HEAD, MOST_TIMES = 4096, 300, 512

    def __init__(self, dialect: Dialect = STANDARD, dialects: Mapping[str, Dialect] | None = None) -> None:
        self._framer = Framer(Judge(dialect, dialects), self.make)
        self._heads: dict[bytes, Head] = {}
        self._times: dict[str, tuple[datetime | None, Kind | None]] = {}
        self._layouts = Layouts()
        self.feed, self.quiet, self.end = self._framer.feed, self._framer.quiet, self._framer.end

    @property
    def waiting(self) -> int:
        """Bytes that wait for the rest of their packet."""
        return self._framer.waiting

    @property
    def since_packet(self) -> int:
        """Bytes since the last good packet."""
        return self._framer.since_packet

    def make(
        self, raw: bytes, segment: bytes, notes: tuple[Leniency, ...], encrypted: bool, dialect: Dialect
    ) -> Packet | Rejected:
        """The event of a packet that was cut out already (see :data:`framing.Make`).

        The short way, for a head and names that were met before and plain values; what it cannot vouch for is read
        exactly. The names are found by splitting at ``,`` after ``=`` became ``=,``: every second text is then a name
        with its ``=``, unless an item lacks its ``=`` or a value holds one; the counts tell.
        """
        begin = segment.find(OPENING)
        head = self._heads.get(segment[_QN_END + 1 : begin])
        qn, region = segment[3:_QN_END], segment[begin + 5 : -2]
        if (
            head is None or head.fault is not None or segment[:3] != b"QN=" or segment[_QN_END : _QN_END + 1] != b";"
            or segment[-2:] != MARKS or not qn.isdigit() or len(segment) > LONGEST_BY_TEXT
            or region.translate(None, PLAIN)
        ):  # fmt: skip
            return self._exact(raw, segment, notes, encrypted, dialect)
        spread = region.decode("ascii").replace(";", ",").replace("=", "=,")
        tokens = spread.split(",")
        layout = self._layouts.get("".join(tokens[::2]))
        texts = tuple(tokens[1::2])
        if layout is None or len(texts) != len(layout.names) or region.count(b"=") != len(texts) or not all(texts):
            return self._exact(raw, segment, notes, encrypted, dialect)
        if layout.numeric and not ALL_PLAIN(",".join(layout.pick(texts)) + ","):
            return self._exact(raw, segment, notes, encrypted, dialect)
        if layout.time >= 0:
            text = texts[layout.time]
            time, kind = self._times.get(text) or self._time(text)
        else:
            time, kind = _NO_TIME
        if kind is not None:
            return self._exact(raw, segment, notes, encrypted, dialect)
        # The constructor of a named tuple, in Python, would take several times as long.
        return _new(Packet, (raw, qn.decode("ascii"), head, layout, texts, None, time, _NONE, notes, encrypted))

    def _exact(
        self, raw: bytes, segment: bytes, notes: tuple[Leniency, ...], encrypted: bool, dialect: Dialect
    ) -> Packet | Rejected:
        """Every leniency of a segment, or why it must be rejected."""
        region = region_of(segment, dialect.closed)
        qn, head, odd = self._head(segment[: region.begin])
        fault = region.fault or head.fault
        if fault is not None:
            return Rejected(fault, raw, len(raw))
        items = read_items(segment[region.start : region.end])
        layout = self._layouts.of(items.names)
        noted = [*notes, *odd, *region.notes, *items.notes]
        if len(segment) > LONGEST_BY_TEXT:
            noted.append(Leniency(Kind.SEGMENT_LONG, "", str(len(segment))))
        numbers, void = _numbers(layout, items.texts, noted)
        time = None
        if layout.time >= 0:
            time, kind = self._time(items.texts[layout.time])
            if kind is not None:
                noted.append(Leniency(kind, "DataTime", items.texts[layout.time]))
        return Packet(raw, qn, head, layout, items.texts, numbers, time, void, tuple(noted), encrypted)

    def _head(self, raw: bytes) -> tuple[str, Head, tuple[Leniency, ...]]:
        """QN, the head, and the leniencies of QN; heads are kept without QN."""
        leading = raw.startswith(b"QN=") and raw[_QN_END : _QN_END + 1] == b";"
        key = raw[_QN_END + 1 :] if leading else raw
        head = self._heads.get(key)
        if head is None:
            if b"QN" in key.upper():
                whole = read_head(raw, True)
                return whole.qn, whole, ()
            head = read_head(key, False)
            if len(key) <= self.LONGEST_HEAD:
                if len(self._heads) >= self.MOST_HEADS:
                    self._heads.clear()
                self._heads[key] = head
        if not leading:
            return "", head, read_qn("")
        digits = raw[3:_QN_END]
        if digits.isdigit():
            return digits.decode("ascii"), head, ()
        whole = read_head(raw, True)
        return whole.qn, whole, ()

    def _time(self, text: str) -> tuple[datetime | None, Kind | None]:
        found = self._times.get(text)
        if found is None:
            if len(self._times) >= self.MOST_TIMES:
                self._times.clear()
            found = self._times[text] = read_time(text)
        return found


def _numbers(
    layout: Layout, texts: tuple[str, ...], noted: list[Leniency]
) -> tuple[tuple[float | None, ...] | None, frozenset[int]]:
    """The numbers of a layout's places (None when all are plain) and the places whose text stands for no value.

    Leniencies go into ``noted``.
    """
    numbers: list[float | None] = []
    numeric, void, plain = set(layout.numeric), set(), True
    for place, text in enumerate(texts):
        if place in numeric:
            number, kept, kind = read_number(text)
            numbers.append(number)
            plain = plain and kind is None
        else:
            kept, kind = bool(text), None if text else Kind.VALUE_MISSING
        if not kept:
            void.add(place)
        if kind is not None:
            noted.append(Leniency(kind, layout.names[place], text))
    return None if plain else tuple(numbers), frozenset(void)


def ahead(packet: Packet, received: datetime, minutes: float) -> Leniency | None:
    """The leniency of a packet whose DataTime lies more than ``minutes`` after its receipt; None when it does not.

    Such a packet is kept and answered, but must not move what counts as the latest value.
    """
    if packet.time is None or packet.time - received <= timedelta(minutes=minutes):
        return None
    return Leniency(Kind.DATATIME_FUTURE, "DataTime", packet.data_time)
