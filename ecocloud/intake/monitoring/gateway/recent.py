"""Repeated packets: the same bytes of the same device are acknowledged again and stored once (HJ 212-2017 6.2.1: a
device that saw no answer sends again).

A packet is known by the process's own keyed hash of its bytes (64 bits, unforgeable from outside). After a start the
last records of the raw journal fill the memory again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import compress

from ecocloud.intake.monitoring.hj212.head import mn_of
from ecocloud.intake.monitoring.raw import Block, Kind

# Records at the end of a journal that are read at a start.
TAIL = 200_000


class Recent:
    """The last packets of one device."""

    __slots__ = ("_known", "_most")

    def __init__(self, most: int) -> None:
        self._known: dict[int, None] = {}
        self._most = most

    def repeats(self, digest: int) -> bool:
        """Whether a packet was met before; it is remembered from now on."""
        known = self._known
        if digest in known:
            return True
        known[digest] = None
        if len(known) > self._most:
            del known[next(iter(known))]
        return False

    def forget(self, digest: int) -> None:
        """The packet was not stored after all."""
        self._known.pop(digest, None)

    def clear(self) -> None:
        """Forget all: what comes again is stored again, and the lake knows it by its content."""
        self._known.clear()


def quarantined(raw: bytes) -> int:
    """The hash of a packet whose sender is not admitted. Another one than that of an admitted sender: sent again after
    the admission the packet is stored as one to be taken in, not acknowledged for what lies in quarantine.
    """
    return ~hash(raw)


def from_journal(blocks: Iterable[Block], recent_of: Callable[[str], Recent]) -> int:
    """Remember the packets of a journal's last blocks; ``recent_of`` gives the memory of an MN. Returns how many."""
    count = 0
    for block in blocks:
        for kind, digest in ((Kind.FRAME, hash), (Kind.QUARANTINED, quarantined)):
            for place in compress(range(len(block)), block.kinds == kind):
                raw = block.record(place)
                recent_of(mn_of(raw)).repeats(digest(raw))
                count += 1
    return count
