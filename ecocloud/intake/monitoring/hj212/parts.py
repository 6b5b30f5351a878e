"""Parts of one record joined by (MN, ST, CN, DataTime, PNUM).

The parts of a record may carry different QN (HJ 212-2017 tables C.49 and C.50), come in any order, twice, or between
those of other devices. Each part carries DataTime and whole codes, so that a receiver stores every part when it comes;
joining only tells when a record is whole, and what is lacking when it will not be. Time is given by the caller.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from ecocloud.intake.monitoring.hj212.decoder import Packet

Key = tuple[str, str, str, str, int]
# A QN without its milliseconds stands for a missing DataTime.
_SECONDS = 14


class Record(NamedTuple):
    """The parts of one record in order. missing: numbers of the parts that did not come, () when it is whole."""

    key: Key
    parts: tuple[Packet, ...]
    missing: tuple[int, ...]

    @property
    def values(self) -> dict[str, dict[str, str | None]]:
        """code -> field -> value over all parts; of what came twice the later part's."""
        found: dict[str, dict[str, str | None]] = {}
        for part in self.parts:
            for code, group in part.values.items():
                found.setdefault(code, {}).update(group)
        return found


@dataclass
class _Open:
    began: float
    parts: dict[int, Packet] = field(default_factory=dict)


class Joiner:
    """Joins parts.

    patience: seconds from its first part after which a record is given up as incomplete. most: parts that wait at a
    time; the record that waits longest is given up for a new part. most_parts: greatest PNUM that is waited for; a part
    of more stands alone, and its record names the missing ones only up to that number.
    """

    def __init__(self, patience: float = 600.0, most: int = 5000, most_parts: int = 500) -> None:
        self._patience, self._most, self._most_parts = patience, most, most_parts
        self._open: dict[Key, _Open] = {}
        self._held = 0

    @property
    def waiting(self) -> int:
        """Parts that wait for others."""
        return self._held

    def add(self, packet: Packet, now: float) -> list[Record]:
        """The records that ``packet`` makes whole (or that it pushes out); a single packet is a record of its own.

        now: seconds of a clock that never goes back. A part that comes again replaces the one before.
        """
        found = self.expired(now)
        key, number, total = _key(packet), packet.head.pno, packet.head.pnum
        if total < 2:
            return [*found, Record(key, (packet,), ())]
        if total > self._most_parts:
            return [*found, Record(key, (packet,), tuple(n for n in range(1, self._most_parts + 1) if n != number))]
        if self._held >= self._most:
            found.append(self._close(next(iter(self._open))))
        waiting = self._open.setdefault(key, _Open(now))
        self._held += number not in waiting.parts
        waiting.parts[number] = packet
        if len(waiting.parts) == total:
            found.append(self._close(key))
        return found

    def expired(self, now: float) -> list[Record]:
        """Records whose time is over, with what is missing; open ones stand in the order of their first part."""
        found = []
        for key, waiting in list(self._open.items()):
            if now - waiting.began < self._patience:
                break
            found.append(self._close(key))
        return found

    def end(self) -> list[Record]:
        """Everything still open, as it is."""
        return [self._close(key) for key in list(self._open)]

    def _close(self, key: Key) -> Record:
        parts = self._open.pop(key).parts
        self._held -= len(parts)
        missing = tuple(number for number in range(1, key[-1] + 1) if number not in parts)
        return Record(key, tuple(parts[number] for number in sorted(parts)), missing)


def _key(packet: Packet) -> Key:
    head = packet.head
    return (head.mn, head.st, head.cn, packet.data_time or packet.qn[:_SECONDS], head.pnum)
