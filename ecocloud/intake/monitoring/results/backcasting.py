"""倒算 of an area's year of air: what the days left may bring, where month and year stand; all with their results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ecocloud.intake.monitoring.evaluation.air.backcasting import (
    DaysLeft,
    MeanLeft,
    Standing,
    mean_left,
    polluted_days_left,
    standing,
)
from ecocloud.intake.monitoring.results import queries, showing
from ecocloud.intake.monitoring.results.comparing import air_year_on_year
from ecocloud.intake.monitoring.results.lists import year_before
from ecocloud.intake.monitoring.results.models import Result
from ecocloud.intake.monitoring.results.rules import AIR_AREA, Period, period_of
from ecocloud.kernel.evidence import queries as evidence
from ecocloud.kernel.evidence.models import Target
from ecocloud.kernel.evidence.targets import bounds
from ecocloud.kernel.regions.models import Region

PM25, GOOD = "AIR.PM25.MEAN", "AIR.GOODDAYS.RATE"
_STATISTIC = "pm25.mean"
FIGURES = {PM25: "pm25", GOOD: "good"}


@dataclass(frozen=True)
class Goal:
    """A target of the indicator and the bound it sets: a greatest mean, a least share."""

    row: Target
    bound: Decimal


@dataclass(frozen=True)
class Line:
    """Where a figure of a month or year stands. row: the result it is of; before: the result of the same period a year
    before, whose days are compared as far as this year has come.
    """

    code: str
    row: Result
    before: Result | None
    stands: Standing
    goal: Goal | None

    @property
    def behind(self) -> bool | None:
        """Whether it misses the target as it stands; None without one."""
        gap = self.stands.gap
        return None if gap is None else gap > 0 if self.code == PM25 else gap < 0


@dataclass(frozen=True)
class Outcome:
    """The 倒算 of a year. last: the newest day; left: days to come; done: days with a PM2.5 value; good, valid: days.
    mean, days: None without a target or without days.
    """

    region: Region
    year: int
    row: Result
    last: date
    left: int
    done: int
    good: int
    valid: int
    total: Fraction | None
    goals: Mapping[str, Goal]
    mean: MeanLeft | None
    days: DaysLeft | None
    lines: tuple[Line, ...]


def known(viewer: Any) -> dict[Region, list[int]]:
    """The areas with results of years in reach, each with its years, the newest first (two queries)."""
    rows = queries.current(viewer, AIR_AREA, "year").order_by("-start").values_list("region", "start")
    found: dict[str, list[int]] = {}
    for code, start in rows:
        found.setdefault(code, []).append(start.year)
    return {region: found[region.pk] for region in Region.objects.filter(pk__in=found).order_by("code")}


def reckon(viewer: Any, region: Region, year: int) -> Outcome | None:
    """The 倒算 of an area and year; None where it has no result of the year (five queries)."""
    whole = Period("year", date(year, 1, 1))
    rows = _rows(viewer, region, whole)
    row = next((one for one in rows if one.region_id == region.pk and one.start == whole.start), None)
    if row is None:
        return None
    end = whole.after - timedelta(days=1)
    last = date.fromisoformat(row.body["to_date"]) if row.body["to_date"] else end
    left = (end - last).days
    month = period_of("month", last)
    goals = _goals(viewer, region, (whole, month))
    statistic = row.body["statistics"].get(_STATISTIC) or {}
    exact, done = statistic.get("exact"), statistic.get("count", 0)
    total = Fraction(*exact) * done if exact else None
    share = row.body["good"]
    own = goals[whole]
    mean = days = None
    if PM25 in own and (total is not None or left):
        mean = mean_left(own[PM25].bound, total or 0, done if total is not None else 0, left, _places(statistic))
    if GOOD in own and share["whole"] + left:
        days = polluted_days_left(own[GOOD].bound, share["part"], share["whole"], left, share["places"])
    # A month without a target of its own is held against the year's.
    lines = [*_lines(region, month, _rows(viewer, region, month), own | goals[month]),
             *_lines(region, whole, rows, own)]  # fmt: skip
    return Outcome(region, year, row, last, left, done, share["part"], share["whole"], total, own, mean, days,
                   tuple(lines))  # fmt: skip


def _rows(viewer: Any, region: Region, period: Period) -> list[Result]:
    """The results of the areas of a level for a period and for the same a year before (one query)."""
    starts = (period.start, year_before(period).start)
    return list(queries.current(viewer, AIR_AREA, period.span).filter(start__in=starts, region__level=region.level))


def _places(statistic: Mapping[str, Any]) -> int:
    return statistic.get("places", 0)


def _goals(viewer: Any, region: Region, periods: Sequence[Period]) -> dict[Period, dict[str, Goal]]:
    """The targets of periods by indicator, of several the one that governs (one query)."""
    rows = list(evidence.targets(viewer).filter(
        indicator__code__in=FIGURES, region=region, status="active", start__in=[one.start for one in periods],
    ).select_related("indicator"))  # fmt: skip
    found: dict[Period, dict[str, Goal]] = {}
    for period in periods:
        own = [row for row in rows if row.start == period.start and row.end == period.after - timedelta(days=1)]
        found[period] = {}
        for row in evidence.governing(own).values():
            limits = bounds(row.rule(), row.indicator.direction)
            bound = None if limits is None else limits.upper if row.indicator.code == PM25 else limits.lower
            if bound is not None:
                found[period][row.indicator.code] = Goal(row, bound)
    return found


def _lines(region: Region, period: Period, rows: Sequence[Result], goals: Mapping[str, Goal]) -> list[Line]:
    """PM2.5 and good days of a period: against target, the year before, and the others of the level (one query)."""
    now = [row for row in rows if row.start == period.start]
    place = next((n for n, row in enumerate(now) if row.region_id == region.pk), None)
    if place is None:
        return []
    before = next((row for row in rows if row.region_id == region.pk and row.start != period.start), None)
    ways = air_year_on_year(period, [region.pk])
    then = ways[0].changes.get(region.pk, {}) if ways else {}
    found = []
    for code, name in FIGURES.items():
        goal, change = goals.get(code), then.get(name)
        stands = standing(_values(now, code), place, target=goal.bound if goal else None,
                          before=change.before if change else None, highest_first=code == GOOD)  # fmt: skip
        found.append(Line(code, now[place], before, stands, goal))
    return found


def _values(rows: Sequence[Result], code: str) -> list[Decimal | None]:
    if code == PM25:
        found = [row.body["statistics"].get(_STATISTIC) for row in rows]
        return [showing.number(one["units"], one["places"]) if one else None for one in found]
    shares = [row.body["good"] for row in rows]
    return [showing.number(one["units"], one["places"]) if one["whole"] else None for one in shares]
