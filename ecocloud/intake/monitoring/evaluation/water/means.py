"""Means of a section over a month, a quarter, a year, and of a body of water over its sections or points; their classes
are the classes of the means."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ecocloud.intake.monitoring.evaluation.in_force import InForce
from ecocloud.intake.monitoring.evaluation.rounding import divide_half_even
from ecocloud.intake.monitoring.evaluation.scaled import Amounts
from ecocloud.intake.monitoring.evaluation.water.readings import Readings, Use

_PER_YEAR = {"month": 12, "quarter": 4, "year": 1}


@dataclass(frozen=True)
class PeriodMeans:
    """Means of sections over periods, ordered by section and period. readings: the means as readings, dated by the last
    day of the period, missing where too few values were there; sections: int64, as given; periods: int64, number of
    the month, quarter or year counted from year 0 (year 2026 is 2026, its March ``2026 * 12 + 2``); counts: int64
    (rows, items), values in each mean or there without one; unverified: names of unverified facts.
    """

    kind: str
    readings: Readings
    sections: np.ndarray
    periods: np.ndarray
    counts: np.ndarray
    unverified: tuple[str, ...] = ()


def month_means(readings: Readings, use: np.ndarray, sections: np.ndarray) -> PeriodMeans:
    """Means of the readings of each section in each month.

    use: which amounts count (:func:`uses`, or ``classify(...).use``); sections: int (rows), whose reading it is.
    Rounded once, to a millionth of the unit. Raises ValueError when a section is a lake in one row and not in another.
    """
    months = readings.days.astype("datetime64[M]").astype(np.int64) + 1970 * 12
    return _means("month", readings, use == Use.USED, sections, months, 1)


def quarter_means(months: PeriodMeans, book: InForce) -> PeriodMeans:
    """Means of the months of each quarter; missing with fewer than two of them."""
    return _longer("quarter", months, "months.quarter", book.fresh())


def year_means(months: PeriodMeans, book: InForce) -> PeriodMeans:
    """Means of the months of each year; missing with fewer than six of them."""
    return _longer("year", months, "months.year", book.fresh())


def to_date_means(months: PeriodMeans, until: int) -> PeriodMeans:
    """Means of the months of a year up to one (1～N月累计), as they are reported while the year goes on.

    until: number of the month, as of ``periods``. Every month that is there counts; none is needed.
    """
    if months.kind != "month":
        raise ValueError("means to date are made of means of months")
    per_year = _PER_YEAR["month"]
    chosen = (months.periods <= until) & (months.periods // per_year == until // per_year)
    own = months.readings[chosen]
    found = _means("year", own, ~own.amounts.missing, months.sections[chosen], months.periods[chosen] // per_year, 1)
    last = _last_days("month", np.full(len(found.sections), until))
    return replace(found, kind="to_date", readings=replace(found.readings, days=last))


def rounded(means: PeriodMeans, decimals: dict[str, int]) -> Readings:
    """The means as readings rounded to so many places, by item; others as they are. Half to even (GB/T 8170)."""
    values = means.readings.amounts.values.copy()
    for column, key in enumerate(means.readings.items):
        if key in decimals:
            unit = 10 ** (6 - decimals[key])
            values[:, column] = divide_half_even(values[:, column], unit) * unit
    own = means.readings
    return Readings(own.items, Amounts(values, own.amounts.missing), own.lake, own.days)


def body_means(readings: Readings, use: np.ndarray, groups: np.ndarray, number: int) -> tuple[Readings, np.ndarray]:
    """Means of each item over the sections of a river or basin, and over the points of a lake
    (湖库先求各点位平均，再评价).

    groups: int (rows), 0 to ``number - 1``. River sections and lake points of one group are not mixed: row ``2 g`` is
    the mean of the river sections of group ``g``, row ``2 g + 1`` that of its lake points; both dated by the last day
    of all readings. Also returns how many values are in each mean, int64 (2 · number, items).
    """
    sums, counts = totals(readings, use == Use.USED, np.asarray(groups) * 2 + readings.lake, 2 * number)
    means = Amounts(divide_half_even(sums, np.maximum(counts, 1)), counts == 0)
    last = readings.days.max() if len(readings) else np.datetime64(0, "D")
    lakes = np.arange(2 * number) % 2 == 1
    return Readings(readings.items, means, lakes, np.full(2 * number, last)), counts


def totals(readings: Readings, used: np.ndarray, groups: np.ndarray, number: int) -> tuple[np.ndarray, np.ndarray]:
    """Sums of the amounts that count, and how many they are: int64 (number, items). groups: int (rows)."""
    shape = (number, len(readings.items))
    sums, counts = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    np.add.at(sums, groups, np.where(used, readings.amounts.values, 0))
    np.add.at(counts, groups, used)
    return sums, counts


def _longer(kind: str, months: PeriodMeans, name: str, book: InForce) -> PeriodMeans:
    if months.kind != "month":
        raise ValueError("means of quarters and years are made of means of months")
    periods = months.periods * _PER_YEAR[kind] // _PER_YEAR["month"]
    least = book.get(name).whole()
    found = _means(kind, months.readings, ~months.readings.amounts.missing, months.sections, periods, least)
    return replace(found, unverified=book.unverified)


def _means(
    kind: str, readings: Readings, used: np.ndarray, sections: np.ndarray, periods: np.ndarray, least: int
) -> PeriodMeans:
    sections = np.asarray(sections, np.int64)
    pairs, place = np.unique(np.stack([sections, periods], axis=1), axis=0, return_inverse=True)
    place = place.reshape(-1)
    sums, counts = totals(readings, used, place, len(pairs))
    lake = np.zeros(len(pairs), np.bool_)
    lake[place] = readings.lake
    if (lake[place] != readings.lake).any():
        raise ValueError("a section is a lake in one reading and not in another")
    amounts = Amounts(np.where(counts >= least, divide_half_even(sums, np.maximum(counts, 1)), 0), counts < least)
    last = _last_days(kind, pairs[:, 1])
    return PeriodMeans(kind, Readings(readings.items, amounts, lake, last), pairs[:, 0], pairs[:, 1], counts)


def _last_days(kind: str, periods: np.ndarray) -> np.ndarray:
    length = _PER_YEAR["month"] // _PER_YEAR[kind]
    after = (periods + 1) * length - 1970 * 12
    return after.astype("datetime64[M]").astype("datetime64[D]") - 1
