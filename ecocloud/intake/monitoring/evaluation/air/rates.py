"""Good days, days by category and primary pollutant, the composite index and its main pollutants, ranks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from ecocloud.intake.monitoring.evaluation.air.index import Indices
from ecocloud.intake.monitoring.evaluation.air.means import Reason, Rounded
from ecocloud.intake.monitoring.evaluation.air.periods import Statistic, limit_item
from ecocloud.intake.monitoring.evaluation.air.rules import POLLUTANTS, Edition, pollutant_of
from ecocloud.intake.monitoring.evaluation.rounding import divide_half_even
from ecocloud.intake.monitoring.evaluation.shares import Shares


def good_days(edition: Edition, days: Indices, leave_out: np.ndarray | None = None) -> Shares:
    """优良天数比例: days with an AQI of at most 100 of all days with an AQI, along the last axis; percent, one place.

    edition: whose rule of a good day and of rounding; leave_out: days (bool) that are not counted, being exceptional.
    """
    valid = _counted(days, leave_out)
    good = valid & (days.aqi <= edition.fact("good_day.most").whole())
    decimals = edition.fact("statistic.rate_decimals").whole()
    return Shares.of(good.sum(axis=-1), valid.sum(axis=-1), decimals)


def days_by_category(edition: Edition, days: Indices, leave_out: np.ndarray | None = None) -> np.ndarray:
    """How many days have each category, (…, 6) from the best; days without AQI are in none."""
    valid = _counted(days, leave_out)
    levels = [(valid & (days.category == one.level)).sum(axis=-1) for one in edition.categories]
    return np.stack(levels, axis=-1)


def primary_days(days: Indices, leave_out: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """How many days each pollutant was a primary one; a day with two counts for both."""
    valid = _counted(days, leave_out)
    found = {}
    for pollutant in POLLUTANTS:
        bits = sum(1 << n for n, item in enumerate(days.items) if pollutant_of(item) == pollutant)
        found[pollutant] = (valid & (days.primary & np.uint16(bits) != 0)).sum(axis=-1)
    return found


def _counted(days: Indices, leave_out: np.ndarray | None) -> np.ndarray:
    valid = days.aqi_reason == 0
    return valid if leave_out is None else valid & ~leave_out


@dataclass(frozen=True)
class Composite:
    """环境空气质量综合指数. total: as rounded; parts: single indices by pollutant; main: a bit for each of POLLUTANTS
    whose single index is the greatest, before rounding; weighted: by the unconfirmed weights; facts: unverified ones.
    """

    edition: str
    total: Rounded
    parts: Mapping[str, Rounded]
    main: np.ndarray
    weighted: bool
    facts: tuple[str, ...]

    def mains(self, *place: int) -> tuple[str, ...]:
        """The main pollutants at a place."""
        bits = int(self.main[place])
        return tuple(one for n, one in enumerate(POLLUTANTS) if bits >> n & 1)


def composite(edition: Edition, statistics: Mapping[tuple[str, str], Statistic], weighted: bool = False) -> Composite:
    """``Σ C / S``: C as rounded, the mean of SO2, NO2, PM10, PM2.5, the 95th percentile of CO, the 90th of MDA8; S the
    limits of grade 2. Added up exactly and rounded once; there is none while a pollutant is missing.

    statistics: of :func:`periods.assessment` (or :func:`periods.statistic`), those named by ``composite.statistics``.
    weighted: by the weights one page gives; raises :class:`NoFact` unless the fact ``composite.weights`` is on.
    """
    named = edition.fact("composite.statistics").mapping()
    weights = edition.fact("composite.weights").mapping() if weighted else dict.fromkeys(named, 1)
    places = edition.fact("composite.decimals").whole()
    shape = np.broadcast_shapes(*(one.rounded.units.shape for one in statistics.values()))
    values = {one: _rounded(edition, statistics.get((one, name)), one, shape) for one, name in named.items()}
    limits = {one: _limit(edition, one, name) * 10 ** values[one].decimals for one, name in named.items()}
    common = int(np.lcm.reduce([int(limit) for limit in limits.values()]))
    reason = np.max([one.reason for one in values.values()], axis=0)
    tops = {one: value.units * (common // int(limits[one])) for one, value in values.items()}
    total = sum((tops[one] * weights[one] for one in named), np.zeros(reason.shape, np.int64))
    units = divide_half_even(np.where(reason != 0, 0, total) * 10**places, common)
    parts = {
        one: Rounded(divide_half_even(tops[one] * 10**places, common), places, values[one].reason) for one in named
    }
    most = np.max(list(tops.values()), axis=0)
    main = np.zeros(reason.shape, np.uint8)
    for n, pollutant in enumerate(POLLUTANTS):
        main |= ((reason == 0) & (most > 0) & (tops[pollutant] == most)).astype(np.uint8) << np.uint8(n)
    facts = edition.unverified(
        "composite.decimals", "statistic.percentile", *(("composite.weights",) if weighted else ())
    )
    return Composite(edition.id, Rounded(units, places, reason.astype(np.uint8)), parts, main, weighted, facts)


def _rounded(edition: Edition, found: Statistic | None, pollutant: str, shape: tuple[int, ...]) -> Rounded:
    """A statistic as rounded; missing everywhere when it was not asked for."""
    if found is not None:
        return found.rounded
    return Rounded(np.zeros(shape, np.int64), edition.places(pollutant), np.full(shape, Reason.MISSING, np.uint8))


def _limit(edition: Edition, pollutant: str, name: str) -> Decimal:
    limit = edition.limit(limit_item(pollutant, name), 2)
    if limit is None:
        raise ValueError(f"{edition.id} has no limit for {pollutant} {name}")
    return limit


def ranks(values: Sequence[Decimal | None], *, highest_first: bool = False) -> list[int | None]:
    """Places in a ranking by values as published; equal ones share a place and the next is left out (1, 2, 2, 4).
    None where there is no value.
    """
    there = sorted((value for value in values if value is not None), reverse=highest_first)
    first: dict[Decimal, int] = {}
    for place, value in enumerate(there, 1):
        first.setdefault(value, place)
    return [None if value is None else first[value] for value in values]


def without_value(statistics: Mapping[tuple[str, str], Statistic], place: tuple[int, ...]) -> dict[str, Reason]:
    """Why a composite index is not there: of each statistic without a value at a place, by ``pollutant_name``."""
    return {
        f"{pollutant}_{name}": Reason(int(one.rounded.reason[place]))
        for (pollutant, name), one in statistics.items()
        if one.rounded.reason[place]
    }
