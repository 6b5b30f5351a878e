"""Statistics of years, months and other stretches of days: means, percentiles, validity, attainment (HJ 663, GB 3095).

They are made of daily concentrations: give those as published (``Rounded.means()``) or exact ones. The edition is that
of the last day of the period unless another is asked for.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal, NamedTuple

import numpy as np

from ecocloud.intake.monitoring.evaluation.air.index import exceedances
from ecocloud.intake.monitoring.evaluation.air.means import Means, Reason, Rounded, mean_of_means
from ecocloud.intake.monitoring.evaluation.air.rules import Edition, Editions, pollutant_of
from ecocloud.intake.monitoring.evaluation.scaled import Amounts

_FEBRUARY = 2


class Span(NamedTuple):
    """A stretch of days, both ends included. kind: what must be there: enough of a year, of a month, or some days."""

    first: date
    last: date
    kind: Literal["year", "month", "days"] = "days"

    @classmethod
    def year(cls, year: int) -> Span:
        """A calendar year."""
        return cls(date(year, 1, 1), date(year, 12, 31), "year")

    @classmethod
    def month(cls, year: int, month: int) -> Span:
        """A calendar month."""
        return cls(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]), "month")

    @property
    def days(self) -> np.ndarray:
        """Its days, datetime64[D]."""
        return np.arange(self.first, self.last + timedelta(days=1), dtype="datetime64[D]")


def edition_of(editions: Editions, span: Span) -> tuple[Edition, tuple[str, ...]]:
    """The edition a period is judged by, that of its last day, and the ids of all that were in force during it."""
    return editions.on(span.last), tuple(edition.id for edition, _ in editions.slices(span.days))


def percentiles(days: Amounts, percent: int) -> Means:
    """A percentile of daily values along the last axis, exact: ``k = 1 + (n − 1) · p %``, linear between neighbours
    (HJ 663-2013 annex A). MISSING where there is no day.
    """
    if not 0 <= percent <= 100:
        raise ValueError(f"no percentile: {percent}")
    count = (~days.missing).sum(axis=-1, dtype=np.int64)
    ordered = np.sort(np.where(days.missing, np.iinfo(np.int64).max, days.values), axis=-1)
    last = np.maximum(count - 1, 0)
    whole, part = np.divmod(last * percent, 100)
    low = np.take_along_axis(ordered, whole[..., None], -1)[..., 0]
    high = np.take_along_axis(ordered, np.minimum(whole + 1, last)[..., None], -1)[..., 0]
    there = count > 0
    low, high = np.where(there, low, 0), np.where(there, high, 0)
    reason = np.where(there, np.uint8(0), np.uint8(Reason.MISSING))
    return Means(low * (100 - part) + high * part, np.full((1,) * count.ndim, 100, np.int64), reason)


def enough_days(edition: Edition, pollutant: str, span: Span, there: np.ndarray) -> np.ndarray:
    """Whether a period has the days it needs: uint8, 0, MISSING without any, or TOO_FEW_DAYS (GB 3095 table 4).

    there: bool, (…, days of the span). A year needs 324 daily values and 27 in each month (25 in February), a month 27
    (25); other stretches need one.
    """
    count = there.sum(axis=-1)
    few = np.zeros(count.shape, np.bool_)
    rule = _rule(edition, pollutant)
    if rule is not None and span.kind in ("year", "month"):
        months = span.days.astype("datetime64[M]")
        for month in np.unique(months):
            february = month.item().month == _FEBRUARY
            needed = rule["february_days"] if february else rule["month_days"]
            few |= there[..., months == month].sum(axis=-1) < needed
        if span.kind == "year":
            few |= count < rule["days"]
    reason = np.where(few, np.uint8(Reason.TOO_FEW_DAYS), np.uint8(0))
    return np.where(count == 0, np.uint8(Reason.MISSING), reason)


def _rule(edition: Edition, pollutant: str) -> Mapping[str, int] | None:
    rule = edition.fact("validity.year").mapping()
    more = edition.optional("validity.year_more")
    named = rule["pollutants"] + (more.listed() if more else ())
    return rule if pollutant in named else None


@dataclass(frozen=True)
class Statistic:
    """One statistic of a pollutant over a period. name: ``mean`` or ``p95`` and the like; values: exact; rounded: as
    published; limits: of GB 3095 by grade; over, multiple (in units of the last of ``multiple_decimals`` places):
    against the limit of the grade; count: valid days.
    """

    pollutant: str
    name: str
    values: Means
    rounded: Rounded
    limits: tuple[Decimal | None, Decimal | None]
    over: np.ndarray
    multiple: np.ndarray
    multiple_decimals: int
    count: np.ndarray


@dataclass(frozen=True)
class Assessment:
    """The statistics of a period by (pollutant, name). attained: every one meets its limit; known: it is certain, which
    one that exceeds makes it whatever is missing. edition: by which it is judged; facts: unverified ones used.
    """

    span: Span
    edition: str
    statistics: Mapping[tuple[str, str], Statistic]
    attained: np.ndarray
    known: np.ndarray
    facts: tuple[str, ...]


def assessment(edition: Edition, span: Span, days: Mapping[str, Means], grade: np.ndarray | int = 2) -> Assessment:
    """The statistics of a period (HJ 663 table 1) and whether they attain GB 3095.

    days: by pollutant, daily means (O3: MDA8), (…, days of the span), µg/m³ (CO mg/m³); all of one shape. A pollutant
    left out is missing. grade: 1 or 2, broadcasts over (…). Days left out as exceptional count as measured for the
    validity of the period: what is asked is whether the station measured.
    """
    listed = edition.fact("annual.statistics").mapping()
    shape = np.broadcast_shapes(*(means.shape[:-1] for means in days.values()))
    found = {}
    over, lacking = np.zeros(shape, np.bool_), np.zeros(shape, np.bool_)
    for pollutant, names in listed.items():
        for name in names:
            if pollutant not in days:
                lacking |= True
                continue
            one = found[pollutant, name] = statistic(edition, span, pollutant, name, days[pollutant], grade)
            over |= one.over
            lacking |= one.rounded.reason != 0
    facts = edition.unverified("annual.statistics", "statistic.percentile", "validity.year_more",
                               "statistic.multiple_decimals")  # fmt: skip
    return Assessment(span, edition.id, found, ~over & ~lacking, over | ~lacking, facts)


def statistic(edition: Edition, span: Span, pollutant: str, name: str, days: Means,
              grade: np.ndarray | int = 2) -> Statistic:  # fmt: skip
    """One statistic. name: ``mean``, or ``p`` and the percentile (taken of daily values to 6 places)."""
    there = days.reason == 0
    reason = enough_days(edition, pollutant, span, there | (days.reason == Reason.EXCLUDED))
    if name == "mean":
        values = mean_of_means(days, -1, reason)
    elif edition.optional("statistic.percentile") is None:
        values = Means(np.zeros(reason.shape, np.int64), np.ones((1,) * reason.ndim, np.int64),
                       np.full(reason.shape, Reason.FACT_OFF, np.uint8))  # fmt: skip
    else:
        found = percentiles(days.amounts(), int(name.removeprefix("p")))
        reason = np.where(reason != 0, reason, found.reason)
        values = Means(np.where(reason != 0, 0, found.tops), found.bottoms, reason)
    item = limit_item(pollutant, name)
    against = exceedances(edition, item, values, grade)
    limits = edition.limit(item, 1), edition.limit(item, 2)
    return Statistic(pollutant, name, values, values.rounded(edition.places(pollutant)), limits, against.over,
                     against.multiple, against.decimals, there.sum(axis=-1))  # fmt: skip


def limit_item(pollutant: str, name: str) -> str:
    """The limit a statistic is held against: of the year for a mean, of the day (O3: of MDA8) for a percentile."""
    if name == "mean":
        return f"{pollutant}_annual"
    return f"{pollutant}_8h" if pollutant == "o3" else f"{pollutant}_24h"


def daily_items(days: Mapping[str, Means]) -> dict[str, Means]:
    """Daily concentrations by pollutant from those by item: ``o3_8h`` is that of O3; its hour is left out."""
    return {pollutant_of(item): means for item, means in days.items() if item != "o3_1h"}
