"""Cutting a stream of bytes into packets, rejected ones and noise; without sockets and without a clock.

After a bad packet the search goes on at the next ``##`` behind its head, never behind its declared length, which may be
the very thing that is wrong. Memory is bounded: at most one packet's length waits, of rejected bytes the first
:data:`KEPT` stay. However a stream is cut, the same events come of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ecocloud.intake.monitoring.hj212.dialect import STANDARD, Dialect
from ecocloud.intake.monitoring.hj212.judging import BEGIN, CRC_DIGITS, HEAD, TAIL, Bad, Found, Judge
from ecocloud.intake.monitoring.hj212.words import Kind, Leniency, Reason

# Bytes that stay of something rejected.
KEPT = 4096


class Rejected(NamedTuple):
    """Bytes that look like a packet and are none.

    raw: the first bytes of it (at most :data:`KEPT`). size: how many there were. skipped: bytes of noise before them.
    """

    reason: Reason
    raw: bytes
    size: int
    skipped: int = 0


class Noise(NamedTuple):
    """Bytes that belong to no packet and do not look like one; blank lines between packets are none.

    sample: the first bytes. size: how many. reason: why a head among them was none, if there was a head.
    """

    sample: bytes
    size: int
    reason: Reason


# (the packet's bytes, its plain segment, leniencies so far, whether it was encrypted, its dialect) -> event
Make = Callable[[bytes, bytes, tuple[Leniency, ...], bool, Dialect], object]
_OUTSIDE = BEGIN + CRC_DIGITS + len(TAIL)


class Framer:
    """Cuts the bytes of one connection. ``make`` turns a packet into an event."""

    def __init__(self, judge: Judge, make: Make) -> None:
        self._judge, self._make = judge, make
        self._rest = b""  # from the head that waits, or a single "#"
        self._reason: Reason | None = None  # of the bad packet whose bytes are passing
        self._passing = bytearray()
        self._passed = 0
        self._noise, self._sample, self._noise_reason = 0, b"", Reason.NO_HEAD
        # Bytes since the last good packet: a connection that only brings noise is closed by its owner.
        self.since_packet = 0

    @property
    def waiting(self) -> int:
        """Bytes that wait for the rest of their packet."""
        return len(self._rest)

    def feed(self, data: bytes) -> list[object]:
        """Events of the next bytes of the stream."""
        events: list[object] = []
        self.since_packet += len(data)
        if self._rest:
            data = self._rest + data
        self._rest = self._run(data, events, False)
        return events

    def quiet(self) -> list[object]:
        """Nothing came for a while: a packet that lacks only its tail counts as whole; a half one goes on waiting."""
        events: list[object] = []
        found = self._judge.at(self._rest, 0, True) if self._rest.startswith(HEAD) else None
        if isinstance(found, Found):
            self._packet(self._rest, 0, found, events)
            self._rest = self._run(self._rest[found.end :], events, False)
        return events

    def end(self) -> list[object]:
        """Nothing will follow: what waited is a packet without tail, rejected, or noise."""
        events: list[object] = []
        self._rest = self._run(self._rest, events, True)
        self._close(events)
        if self._noise:
            events.append(Noise(self._sample, self._noise, self._noise_reason))
            self._forget_noise()
        return events

    def _run(self, buffer: bytes, events: list[object], final: bool) -> bytes:
        """Cut what can be cut; returns what waits."""
        place, judge, regular, make = 0, self._judge.at, self._judge.regular, self._make
        while True:
            head = buffer.find(HEAD, place)
            if head < 0:
                keep = 1 if buffer.endswith(b"#") and len(buffer) > place and not final else 0
                self._pass(buffer[place : len(buffer) - keep], events)
                return buffer[len(buffer) - keep :]
            if head > place:
                self._pass(buffer[place:head], events)
            segment = regular(buffer, head)
            if segment and self._reason is None and not self._noise:
                place = head + len(segment) + _OUTSIDE
                events.append(make(buffer[head:place], segment, (), False, STANDARD))
                self.since_packet = len(buffer) - place
                continue
            verdict = judge(buffer, head, final)
            if verdict is None:
                return buffer[head:]
            if isinstance(verdict, Bad):
                self._close(events)
                self._reason = verdict.reason
                self._pass(buffer[head : head + 1], events)
                place = head + 1
                continue
            self._packet(buffer, head, verdict, events)
            place = verdict.end

    def _packet(self, buffer: bytes, head: int, found: Found, events: list[object]) -> None:
        notes = found.notes
        if self._reason is not None:
            self._close(events)
        if self._noise:
            notes = (Leniency(Kind.SKIPPED_BYTES, "", str(self._noise)), *notes)
            self._forget_noise()
        events.append(self._make(buffer[head : found.end], found.segment, notes, found.encrypted, found.dialect))
        self.since_packet = len(buffer) - found.end

    def _pass(self, data: bytes, events: list[object]) -> None:
        """Bytes that belong to no packet: those of a bad packet up to its line's end, then noise."""
        if not data:
            return
        if self._reason is not None:
            line = data.find(b"\n") + 1
            mine = data[:line] if line else data
            self._passing += mine[: KEPT - len(self._passing)]
            self._passed += len(mine)
            if not line:
                return
            self._close(events)
            data = data[line:]
        self._add_noise(data)

    def _close(self, events: list[object]) -> None:
        """The bad packet's bytes are over: rejected when they look like a packet (they name a value), else noise."""
        if self._reason is None:
            return
        reason, raw, size = self._reason, bytes(self._passing), self._passed
        self._reason, self._passed = None, 0
        self._passing.clear()
        if b"=" in raw:
            events.append(Rejected(reason, raw, size, self._noise))
            self._forget_noise()
        else:
            if self._noise_reason is Reason.NO_HEAD:
                self._noise_reason = reason
            self._add_noise(raw, size - len(raw))

    def _add_noise(self, data: bytes, more: int = 0) -> None:
        """Blank lines between packets are no noise. ``more``: bytes beyond ``data``."""
        bare = data.translate(None, b"\r\n")
        self._noise += len(bare) + more
        if len(self._sample) < KEPT:
            self._sample += bare[: KEPT - len(self._sample)]

    def _forget_noise(self) -> None:
        self._noise, self._sample, self._noise_reason = 0, b"", Reason.NO_HEAD
