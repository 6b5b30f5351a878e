"""What people decided about values 人工审核: of several decisions about one value the newest one counts. Pure.

A decision covers a device, one factor or all, one interval of data, and the stamps from ``first`` to before ``last``.
Decisions are never changed: a later one stands over an earlier one, one taken back lets the earlier one count again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

NONE, VALID, INVALID = 0, 1, 2


class Decision(NamedTuple):
    """number: later ones stand over earlier ones. factor: '' for all. first, last: seconds since 1970 UTC."""

    number: int
    mn: str
    factor: str
    interval: str
    first: int
    last: int
    valid: bool


class Verdicts:
    """Decisions in the order they count. taken back: left out by the caller."""

    def __init__(self, decisions: Iterable[Decision]) -> None:
        self._by: dict[tuple[str, str], list[Decision]] = defaultdict(list)
        for one in sorted(decisions):
            self._by[one.mn, one.interval].append(one)

    def __bool__(self) -> bool:
        return bool(self._by)

    def mask(self, mn: str, factor: str, interval: str, stamps: np.ndarray) -> np.ndarray:
        """For each stamp (seconds since 1970 UTC): 0 nobody decided, 1 valid, 2 invalid, as int8."""
        found = np.zeros(len(stamps), np.int8)
        for one in self._by.get((mn, interval), ()):
            if one.factor in ("", factor):
                found[(stamps >= one.first) & (stamps < one.last)] = VALID if one.valid else INVALID
        return found

    def at(self, mn: str, factor: str, interval: str, stamp: int) -> Decision | None:
        """The decision that counts for one value."""
        fitting = [one for one in self._by.get((mn, interval), ())
                   if one.factor in ("", factor) and one.first <= stamp < one.last]  # fmt: skip
        return fitting[-1] if fitting else None
