"""Values of one factor in the order of their time, as exact numbers. Pure.

Values are int64 in 10^-6 of the unit, so that comparing with a limit is exact; what is missing stands in a mask of its
own and is never a number.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

MICRO = 1_000_000
# Values beyond are no measurements; they would not fit when they are multiplied.
_MOST = 10**12


def exact(value: float | int | Decimal | str | None) -> int | None:
    """A value in 10^-6 of its unit (nearest; the shortest decimal meaning of a float64). None: missing, not finite,
    or beyond 10^12."""
    if value is None:
        return None
    number = Decimal(value) if isinstance(value, str) else value
    if not math.isfinite(number) or abs(number) > _MOST:
        return None
    return round(number * MICRO)


def plain(micro: int) -> str:
    """The number as people write it: ``12.3`` for 12 300 000."""
    whole, rest = divmod(abs(micro), MICRO)
    text = f"{whole}.{rest:06d}".rstrip("0").rstrip(".")
    return f"-{text}" if micro < 0 else text


@dataclass(frozen=True)
class Series:
    """Values of one factor. times: stamps as seconds since 1970 UTC, rising, each once; values: int64 in 10^-6 of the
    unit; missing: True where there is no value (it has 0 there, which means nothing)."""

    times: np.ndarray
    values: np.ndarray
    missing: np.ndarray

    @classmethod
    def of(cls, pairs: Iterable[tuple[int, float | int | Decimal | str | None]]) -> Series:
        """A series of (stamp, value) in any order; of several with one stamp the last given counts."""
        found = {int(at): exact(value) for at, value in pairs}
        times = sorted(found)
        return cls(
            np.array(times, np.int64), np.array([found[at] or 0 for at in times], np.int64),
            np.array([found[at] is None for at in times], np.bool_),
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.times)

    def present(self) -> Series:
        """The same without what is missing."""
        keep = ~self.missing
        return Series(self.times[keep], self.values[keep], self.missing[keep])

    def places(self, first: int, last: int) -> np.ndarray:
        """The places of stamps from ``first`` to before ``last``."""
        return np.arange(*np.searchsorted(self.times, [first, last]))


EMPTY = Series(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.bool_))
