"""Flue gas 烟气: conversion to the reference oxygen, validity of hours, days and months, exceedance by hour and by
day.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from ecocloud.intake.monitoring.evaluation.emission.limits import Limit
from ecocloud.intake.monitoring.evaluation.emission.verdicts import Reason, Verdicts, checked, verdicts
from ecocloud.intake.monitoring.evaluation.in_force import InForce, millionths
from ecocloud.intake.monitoring.evaluation.rounding import divide_half_even
from ecocloud.intake.monitoring.evaluation.scaled import Amounts

HOURS = 24
_FEBRUARY = 2


@dataclass(frozen=True)
class Converted:
    """Converted concentrations 折算浓度. tops over bottoms: the exact fraction in millionths of mg/m³; amounts: rounded
    once; reason: why there is none.
    """

    amounts: Amounts
    tops: np.ndarray
    bottoms: np.ndarray
    reason: np.ndarray


def convert(
    concentration: Amounts, oxygen: Amounts | None, reference: int | None, book: InForce,
    excluded: np.ndarray | None = None,
) -> Converted:  # fmt: skip
    """``C (21 - O2 reference) / (21 - O2)`` (HJ 212-2017 annex D, 28).

    concentration: mg/m³, dry, standard state; oxygen: %; reference: millionths of a percent, None for a limit that is
    not converted (then the oxygen is not looked at). Without oxygen, or with oxygen at or above that of air, there is
    no converted value and nothing is proved: it is neither the measured value nor an endless one.
    """
    reason = checked(concentration, "concentration", excluded, book)
    tops, bottoms = concentration.values, np.ones(concentration.shape, np.int64)
    if reference is not None:
        air = millionths(book.get("gas.oxygen_of_air").number())
        oxygen = oxygen or Amounts(np.zeros(concentration.shape, np.int64), np.ones(concentration.shape, np.bool_))
        known = checked(oxygen, "oxygen", None, book) == Reason.JUDGED
        as_air = known & (oxygen.values >= air)
        reason = np.where((reason == 0) & as_air, Reason.OXYGEN_AS_AIR, reason)
        reason = np.where((reason == 0) & ~known, Reason.NO_OXYGEN, reason).astype(np.uint8)
        bottoms = np.where(reason == 0, air - oxygen.values, 1)
        tops = np.where(reason == 0, concentration.values * (air - reference), 0)
    tops = np.where(reason == 0, tops, 0)
    return Converted(Amounts(divide_half_even(tops, bottoms), reason != 0), tops, bottoms, reason)


def hour_means(minutes: Amounts, interval: int, book: InForce) -> Amounts:
    """Means of hours of at least 45 valid minutes. minutes: (…, hours · 60 / interval), missing where not valid;
    interval: minutes that each value stands for, a divisor of 60. Rounded once; missing with fewer.
    """
    least = -(-book.get("gas.minutes_of_hour").whole() // interval)
    return _means(minutes, 60 // interval, least)[0]


def month_means(days: Amounts, first: date, book: InForce) -> tuple[list[date], Amounts]:
    """Means of the months that lie wholly within the days, of at least 25 valid days (February 23).

    days: (…, days), the first being ``first``. Returns the first day of each month, and the means (…, months).
    """
    starts, found = [], []
    day = first if first.day == 1 else _next_month(first)
    while (place := (day - first).days) + (length := monthrange(day.year, day.month)[1]) <= days.shape[-1]:
        name = "gas.days_of_february" if day.month == _FEBRUARY else "gas.days_of_month"
        found.append(_means(days[..., place : place + length], length, book.get(name).whole())[0])
        starts.append(day)
        day = _next_month(day)
    none = np.zeros((*days.shape[:-1], 0))
    values = [one.values for one in found] or [none.astype(np.int64)]
    missing = [one.missing for one in found] or [none.astype(np.bool_)]
    return starts, Amounts(np.concatenate(values, axis=-1), np.concatenate(missing, axis=-1))


def judge_hours(
    concentration: Amounts, oxygen: Amounts | None, limit: Limit, book: InForce, excluded: np.ndarray | None = None
) -> Verdicts:
    """Converted hourly means against an hourly limit; compared exactly, not as rounded.

    concentration, oxygen: valid hourly means (…, hours); excluded: hours whose flag or mark proves no exceedance.
    Under a limit with another averaging time nothing is judged.
    """
    book = book.fresh()
    converted = convert(concentration, oxygen, limit.oxygen, book, excluded)
    reason = _rule(converted.reason, limit, "hour", "gas.hour_exceedance", book)
    over = converted.tops > (limit.most or 0) * converted.bottoms
    return verdicts(converted.amounts, reason, (limit,), np.zeros(reason.shape, np.int64), book, over)


def judge_days(
    concentration: Amounts, oxygen: Amounts | None, limit: Limit, book: InForce, excluded: np.ndarray | None = None
) -> Verdicts:
    """Daily means of the converted hourly means of days with at least 20 valid hours, against a daily limit.

    concentration, oxygen: (…, days · 24); the verdicts are (…, days).
    """
    book = book.fresh()
    converted = convert(concentration, oxygen, limit.oxygen, book, excluded)
    means, counts = _means(converted.amounts, HOURS, book.get("gas.hours_of_day").whole())
    reason = np.where(counts == 0, Reason.MISSING, np.where(means.missing, Reason.TOO_FEW, 0)).astype(np.uint8)
    reason = _rule(reason, limit, "day", "gas.day_exceedance", book)
    sums = np.where(converted.amounts.missing, 0, converted.amounts.values).reshape(*counts.shape, HOURS).sum(axis=-1)
    over = sums > (limit.most or 0) * counts
    return verdicts(means, reason, (limit,), np.zeros(reason.shape, np.int64), book, over)


def _rule(reason: np.ndarray, limit: Limit, averaging: str, name: str, book: InForce) -> np.ndarray:
    if limit.averaging != averaging or limit.most is None:
        return np.where(reason == 0, Reason.ANOTHER_TIME, reason).astype(np.uint8)
    if book.optional(name) is None:
        return np.where(reason == 0, Reason.SWITCHED_OFF, reason).astype(np.uint8)
    return reason


def _means(amounts: Amounts, length: int, least: int) -> tuple[Amounts, np.ndarray]:
    """Means of every ``length`` neighbours of which ``least`` are there, and how many are."""
    if amounts.shape[-1] % length:
        raise ValueError(f"{amounts.shape[-1]} values are no whole number of {length}")
    shape = (*amounts.shape[:-1], amounts.shape[-1] // length, length)
    sums = np.where(amounts.missing, 0, amounts.values).reshape(shape).sum(axis=-1)
    counts = (~amounts.missing).reshape(shape).sum(axis=-1)
    few = counts < max(least, 1)
    return Amounts(np.where(few, 0, divide_half_even(sums, np.maximum(counts, 1))), few), counts


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
