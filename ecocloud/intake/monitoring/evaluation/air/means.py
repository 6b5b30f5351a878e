"""Means as exact numbers: a sum and what it is divided by, or why there is none. Rounded once, where it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction

import numpy as np

from ecocloud.intake.monitoring.evaluation.rounding import divide_half_even, from_units, half_even
from ecocloud.intake.monitoring.evaluation.scaled import PLACES, Amounts

# A sum stays below the first; what it is divided by below the second, so that a million times it stays below the first.
_MOST, _WIDEST = 2**62, 2**40


class Reason(IntEnum):
    """Why a value is not there; 0: it is."""

    PRESENT = 0
    MISSING = 1
    NOT_MONITORED = 2
    NOT_AN_ITEM = 3
    TOO_FEW_HOURS = 4
    TOO_FEW_WINDOWS = 5
    BELOW_ZERO = 6
    ABOVE_TABLE = 7
    ITEM_MISSING = 8
    TOO_FEW_POINTS = 9
    TOO_FEW_DAYS = 10
    NO_LIMIT = 11
    FACT_OFF = 12
    EXCLUDED = 13


REASON_ZH = {
    Reason.PRESENT: "", Reason.MISSING: "缺测", Reason.NOT_MONITORED: "未监测", Reason.NOT_AN_ITEM: "本版本不评价",
    Reason.TOO_FEW_HOURS: "有效小时数不足", Reason.TOO_FEW_WINDOWS: "有效8小时滑动平均不足",
    Reason.BELOW_ZERO: "浓度为负", Reason.ABOVE_TABLE: "超出本列上限，按其他平均时间报告",
    Reason.ITEM_MISSING: "缺项且AQI不大于100，不发布", Reason.TOO_FEW_POINTS: "有效点位不足",
    Reason.TOO_FEW_DAYS: "有效日数不足", Reason.NO_LIMIT: "没有限值", Reason.FACT_OFF: "所需依据已停用",
    Reason.EXCLUDED: "例外事件，经批准剔除",
}  # fmt: skip


@dataclass(frozen=True)
class Rounded:
    """Values of any shape in units of the last of ``decimals`` places. reason: uint8, a :class:`Reason`; where it is
    not 0 there is no value and ``units`` is 0.
    """

    units: np.ndarray
    decimals: int
    reason: np.ndarray

    def number(self, *place: int) -> Decimal | None:
        """The value at a place as a Decimal with all its places, None where there is none."""
        return None if self.reason[place] else from_units(int(self.units[place]), self.decimals)

    def means(self) -> Means:
        """The rounded values as exact ones: for statistics of what was published."""
        return Means(
            self.units * 10 ** (PLACES - self.decimals), np.ones((1,) * self.units.ndim, np.int64), self.reason
        )


@dataclass(frozen=True)
class Means:
    """Exact values of any shape: ``tops / bottoms``.

    tops: int64, millionths of the unit times what they are divided by, 0 where there is no value; bottoms: int64 above
    zero, of a shape that broadcasts; reason: uint8, a :class:`Reason`.
    """

    tops: np.ndarray
    bottoms: np.ndarray
    reason: np.ndarray

    @classmethod
    def of(cls, amounts: Amounts) -> Means:
        """Amounts as they are."""
        reason = np.where(amounts.missing, np.uint8(Reason.MISSING), np.uint8(Reason.PRESENT))
        return cls(np.where(amounts.missing, 0, amounts.values), np.ones((1,) * amounts.values.ndim, np.int64), reason)

    @property
    def shape(self) -> tuple[int, ...]:
        """As of an array."""
        return self.tops.shape

    def __getitem__(self, key: object) -> Means:
        bottoms = np.broadcast_to(self.bottoms, self.tops.shape)
        return Means(self.tops[key], bottoms[key], self.reason[key])  # type: ignore[index]

    def rounded(self, decimals: int) -> Rounded:
        """To places, half to even."""
        units = divide_half_even(self.tops, self.bottoms * 10 ** (PLACES - decimals))
        return Rounded(units, decimals, self.reason)

    def without(self, mask: np.ndarray) -> Means:
        """The same with values left out as exceptional where the mask says so."""
        reason = np.where(mask & (self.reason == 0), np.uint8(Reason.EXCLUDED), self.reason)
        return Means(np.where(reason != 0, 0, self.tops), self.bottoms, reason)

    def amounts(self) -> Amounts:
        """To 6 places, for what is stored."""
        return Amounts(divide_half_even(self.tops, self.bottoms), self.reason != 0)

    def exact(self, *place: int) -> Fraction | None:
        """The value at a place in the unit, None where there is none."""
        if self.reason[place]:
            return None
        return Fraction(int(self.tops[place]), int(np.broadcast_to(self.bottoms, self.tops.shape)[place]) * 10**PLACES)


def mean_of_means(means: Means, axis: int, reason: np.ndarray | None = None) -> Means:
    """The mean along an axis of those values that are there, exact: over a common denominator of all of them.

    reason: where not 0 (shape without the axis) the result is not there for this reason; MISSING where nothing is.
    """
    bottoms = np.broadcast_to(means.bottoms, means.tops.shape)
    common = int(np.lcm.reduce(np.unique(means.bottoms))) if means.bottoms.size else 1
    there = means.reason == 0
    count = there.sum(axis=axis, dtype=np.int64)
    lacking = np.where(count == 0, np.uint8(Reason.MISSING), np.uint8(0))
    if reason is not None:
        lacking = np.where(reason != 0, reason, lacking).astype(np.uint8)
    most = common * max(means.tops.shape[axis], 1)
    safe = np.abs(means.tops).max(axis=axis, initial=0) < (_MOST // most if most < _WIDEST else 0)
    sums = (np.where(there, means.tops, 0) * (common // bottoms)).sum(axis=axis) if safe.any() else np.int64(0)
    found = np.where(safe & (lacking == 0), sums, 0)
    divisors = np.where(safe, np.maximum(count, 1) * (common if most < _WIDEST else 1), 1)
    if not safe.all():
        _one_by_one(means, bottoms, axis, (lacking == 0) & ~safe, found, divisors)
    return Means(found, divisors, lacking)


def _one_by_one(means: Means, bottoms: np.ndarray, axis: int, places: np.ndarray, found: np.ndarray,
                divisors: np.ndarray) -> None:  # fmt: skip
    """The same as fractions at places where a common denominator is too large, put into ``found`` and ``divisors``.
    What does not fit int64 even so (amounts that no instrument measures) is kept to 6 places.
    """
    tops, bottoms, reason = (np.moveaxis(one, axis, -1) for one in (means.tops, bottoms, means.reason))
    for place in np.argwhere(places):
        at = tuple(place)
        there = np.flatnonzero(reason[at] == 0)
        mean = sum(Fraction(int(tops[at][n]), int(bottoms[at][n])) for n in there) / len(there)
        fits = abs(mean.numerator) < _MOST and mean.denominator < _WIDEST
        kept = mean if fits else Fraction(half_even(mean))
        found[at], divisors[at] = kept.numerator, kept.denominator
