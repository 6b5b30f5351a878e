"""倒算 of air days: the mean the rest may have, the polluted days it may have, and where a period stands. Pure.

Each answer is given twice: by the target as it is, and by the figure as it is published (rounded), which may allow a
little more. Rounding of an answer goes to the safe side: keeping to it reaches the target.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Literal

from ecocloud.intake.monitoring.evaluation.air.comparing import Change, change
from ecocloud.intake.monitoring.evaluation.air.rates import ranks
from ecocloud.intake.monitoring.evaluation.rounding import Exact, ceiling, from_units, half_even

Outlook = Literal["met", "missed", "possible", "secure", "impossible"]


@dataclass(frozen=True)
class MeanLeft:
    """The greatest mean of the days left (rounded down). strict: so that the mean is at most the target; published: so
    that the mean as rounded is. None where no day is left. outlook: by ``published``; ``impossible``: below zero.
    """

    strict: Decimal | None
    published: Decimal | None
    outlook: Outlook


def mean_left(target: Decimal, total: Exact, done: int, left: int, decimals: int) -> MeanLeft:
    """What the rest of a year (or month) may average so that its mean reaches a target.

    target: µg/m³ (CO mg/m³); total: the sum of the daily values so far, exact; done, left: days with a value so far,
    days to come; decimals: places the mean is published with; the answers have one more.
    """
    _check_days(done, left)
    days, sum_so_far = done + left, Fraction(total)
    if left == 0:
        met = days > 0 and half_even(sum_so_far / days, decimals) <= target
        return MeanLeft(None, None, "met" if met else "missed")
    strict = (Fraction(target) * days - sum_so_far) / left
    most, inclusive = _most_rounding_to(target, decimals)
    published = (most * days - sum_so_far) / left
    shown = _down(published, decimals + 1, inclusive)
    return MeanLeft(_down(strict, decimals + 1, True), shown, "possible" if shown >= 0 else "impossible")


def _most_rounding_to(target: Decimal, decimals: int) -> tuple[Fraction, bool]:
    """The upper end of what is at most the target when rounded, and whether it belongs to it (a tie, even place)."""
    units = floor(Fraction(target) * 10**decimals)
    return Fraction(2 * units + 1, 2 * 10**decimals), units % 2 == 0


def _down(value: Fraction, decimals: int, inclusive: bool) -> Decimal:
    units = floor(value * 10**decimals)
    if not inclusive and Fraction(units, 10**decimals) == value:
        units -= 1
    return from_units(units, decimals)


@dataclass(frozen=True)
class DaysLeft:
    """Of the days left: how many may fail (not be good, or exceed), by the target as it is and by the rate as
    published. Below zero: so many are too many already. None where no day is left. needed: good days still needed.
    """

    strict: int | None
    published: int | None
    needed: int | None
    outlook: Outlook


def polluted_days_left(target: Decimal, good: int, valid: int, left: int, decimals: int = 1) -> DaysLeft:
    """How many polluted days the rest may have so that the share of good days reaches a target.

    target: %; good, valid: good days and days with an AQI so far; left: days to come, all counted as valid;
    decimals: places the rate is published with.
    """
    _check_days(valid, left)
    if not 0 <= good <= valid:
        raise ValueError(f"{good} good days of {valid}")
    days = valid + left
    if left == 0:
        met = days > 0 and half_even(Fraction(good * 100, days), decimals) >= target
        return DaysLeft(None, None, None, "met" if met else "missed")
    must = ceiling(Fraction(target) * days / 100)
    reach = (n for n in range(days + 1) if half_even(Fraction(n * 100, days), decimals) >= target)
    must_published = next(reach, days + 1)
    published = left - (must_published - good)
    return DaysLeft(
        min(left, left - (must - good)), min(left, published), max(0, must - good), _outlook(published, left)
    )


def exceeding_days_left(percent: int, above: int, done: int, left: int) -> DaysLeft:
    """How many days above the limit the rest may have so that a percentile of the year stays at or below it.

    percent: 90 for MDA8, 95 or 98; above, done: days above the limit and days with a value so far. Safe: of the two
    neighbours the percentile lies between, both are kept at or below the limit.
    """
    _check_days(done, left)
    days = done + left
    whole, part = divmod((days - 1) * percent, 100)
    may = max(0, days - 1 - whole - int(part > 0)) - above
    if left == 0:
        return DaysLeft(None, None, None, "met" if may >= 0 else "missed")
    return DaysLeft(min(left, may), min(left, may), None, _outlook(may, left))


def _outlook(may: int, left: int) -> Outlook:
    if may < 0:
        return "impossible"
    return "secure" if may >= left else "possible"


def _check_days(done: int, left: int) -> None:
    if done < 0 or left < 0 or done + left == 0:
        raise ValueError(f"{done} days and {left} to come")


@dataclass(frozen=True)
class Standing:
    """Where a figure stands to date. gap: value − target, below zero is better where less is better; yearly: against
    the same period before; rank: among those given, shared by equals; of: how many have a value.
    """

    value: Decimal | None
    target: Decimal | None
    gap: Decimal | None
    yearly: Change
    rank: int | None
    of: int


def standing(values: Sequence[Decimal | None], own: int, *, target: Decimal | None = None,
             before: Decimal | None = None, highest_first: bool = False) -> Standing:  # fmt: skip
    """A figure of a month or year to date against its target, the same period before, and the others.

    values: of all that are ranked, as published; own: which of them; highest_first: for shares of good days.
    """
    value = values[own]
    gap = None if value is None or target is None else value - target
    rank = ranks(values, highest_first=highest_first)[own]
    return Standing(value, target, gap, change(value, before), rank, sum(one is not None for one in values))
