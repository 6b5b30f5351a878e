"""A period beside another: year on year under the same edition and under both, moving means, exceptional events."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Generic, TypeVar

import numpy as np

from ecocloud.intake.monitoring.evaluation.air.periods import Span, edition_of
from ecocloud.intake.monitoring.evaluation.air.rules import Edition, Editions
from ecocloud.intake.monitoring.evaluation.rounding import half_even

Figure = Callable[[Span, Edition | None], Decimal | None]
Result = TypeVar("Result")


@dataclass(frozen=True)
class Change:
    """A figure now and before under one way of judging. change: now − before; percent: of before, None where that is 0
    or one is missing.
    """

    now: Decimal | None
    before: Decimal | None
    change: Decimal | None
    percent: Decimal | None


@dataclass(frozen=True)
class YearOnYear:
    """A figure year on year. as_published: each day by the edition in force on it; under_now, under_before: both
    periods by the edition of the one or the other. editions: of now and before. comparable: the two were judged by one
    edition as published; same_state: gases were reported at one temperature in both.
    """

    as_published: Change
    under_now: Change
    under_before: Change
    editions: tuple[str, str]
    comparable: bool
    same_state: bool


def year_on_year(editions: Editions, figure: Figure, now: Span, before: Span, decimals: int = 1) -> YearOnYear:
    """A figure of two periods, judged three ways.

    figure: of a period under an edition, or each day by its own (None), as published; None where there is none.
    decimals: of the change in percent.
    """
    edition_now, all_now = edition_of(editions, now)
    edition_before, all_before = edition_of(editions, before)
    published = change(figure(now, None), figure(before, None), decimals)
    by = [change(figure(now, one), figure(before, one), decimals) for one in (edition_now, edition_before)]
    states = editions.gas_states(np.concatenate([before.days, now.days]))
    return YearOnYear(published, by[0], by[1], (edition_now.id, edition_before.id),
                      len({*all_now, *all_before}) == 1, len(states) == 1)  # fmt: skip


def change(now: Decimal | None, before: Decimal | None, decimals: int = 1) -> Change:
    """The change of a figure, and in percent of what it was, half to even."""
    if now is None or before is None:
        return Change(now, before, None, None)
    percent = half_even(Fraction(now - before) / Fraction(before) * 100, decimals) if before else None
    return Change(now, before, now - before, percent)


@dataclass(frozen=True)
class MovingMean:
    """value: the mean of some years, rounded; None with the ``missing`` years; facts: unverified ones it rests on."""

    value: Decimal | None
    years: tuple[int, ...]
    missing: tuple[int, ...]
    facts: tuple[str, ...]


def moving_mean(edition: Edition, by_year: Mapping[int, Decimal | Fraction | None], last: int,
                decimals: int) -> MovingMean:  # fmt: skip
    """三年滑动平均: the mean of the figures of the three years that end with ``last``, all of them needed.

    Raises :class:`NoFact` where the edition has no moving mean, or the fact ``moving_mean.years`` is switched off.
    """
    years = tuple(range(last - edition.fact("moving_mean.years").whole() + 1, last + 1))
    figures = [by_year.get(year) for year in years]
    missing = tuple(year for year, one in zip(years, figures, strict=True) if one is None)
    value = (
        None if missing else half_even(sum(Fraction(one) for one in figures if one is not None) / len(years), decimals)
    )
    return MovingMean(value, years, missing, edition.unverified("moving_mean.years"))


@dataclass(frozen=True)
class Event:
    """An exceptional event 例外事件 (a dust storm …). series: the numbers of the series it touches, None for all;
    approval: the document that approves leaving its days out; without one they stay in.
    """

    first: date
    last: date
    zh: str
    approval: str = ""
    series: frozenset[int] | None = None


@dataclass(frozen=True)
class BothWays(Generic[Result]):
    """A result with all days and without the days of approved events; refused: events without approval."""

    all_days: Result
    without: Result
    applied: tuple[Event, ...]
    refused: tuple[Event, ...]


def excluded_days(days: np.ndarray, series: int, events: Sequence[Event]) -> np.ndarray:
    """The days of approved events: bool, (series, days)."""
    mask = np.zeros((series, len(days)), np.bool_)
    for event in events:
        if event.approval.strip():
            inside = (days >= np.datetime64(event.first)) & (days <= np.datetime64(event.last))
            rows = np.ones(series, np.bool_) if event.series is None else np.isin(np.arange(series), [*event.series])
            mask |= rows[:, None] & inside
    return mask


def both_ways(result: Callable[[np.ndarray], Result], days: np.ndarray, series: int,
              events: Sequence[Event]) -> BothWays[Result]:  # fmt: skip
    """A result with and without exceptional events; both are kept.

    result: from a mask (series, days) of days to leave out: ``Means.without`` and ``good_days(leave_out=…)`` take it.
    """
    applied = tuple(event for event in events if event.approval.strip())
    refused = tuple(event for event in events if not event.approval.strip())
    nothing = np.zeros((series, len(days)), np.bool_)
    return BothWays(result(nothing), result(excluded_days(days, series, applied)), applied, refused)
