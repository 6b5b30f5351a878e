"""Months and years of air from the kept days of stations and areas: statistics, good days, composite index; exact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Any

import numpy as np

from ecocloud.intake.monitoring.evaluation.air.daily import evaluate_items
from ecocloud.intake.monitoring.evaluation.air.index import Indices
from ecocloud.intake.monitoring.evaluation.air.means import Means, Reason, Rounded
from ecocloud.intake.monitoring.evaluation.air.periods import (
    Assessment,
    Span,
    Statistic,
    assessment,
    daily_items,
    edition_of,
)
from ecocloud.intake.monitoring.evaluation.air.rates import (
    Composite,
    composite,
    days_by_category,
    good_days,
    primary_days,
)
from ecocloud.intake.monitoring.evaluation.air.rules import Edition, Editions
from ecocloud.intake.monitoring.evaluation.rounding import half_even
from ecocloud.intake.monitoring.evaluation.shares import Shares
from ecocloud.intake.monitoring.results.air_days import ASSESSED
from ecocloud.intake.monitoring.results.made import Key, Made
from ecocloud.intake.monitoring.results.rules import AIR_AREA, Period, rules

_HEAVY, _MDA8 = 5, "o3_8h"  # level 重度污染; the item of ozone in the daily report


@dataclass(frozen=True)
class Stored:
    """A day as it is kept. means: by item the exact mean (numerator in millionths, denominator) or None, and the word
    of the reason; digest: of what came out.
    """

    key: Key
    device: int | None
    region: str
    department: int | None
    digest: str
    means: Mapping[str, tuple[list[int] | None, str]]


def periods(period: Period, stored: Sequence[Stored], editions: Editions, *, over: bool, under: str = ""
            ) -> Iterator[Made]:  # fmt: skip
    """The month or year of every station and area of which there are days.

    over: the period is; until then it is judged to date, as some days that need no least number. under: an edition in
    place of that of the last day.
    """
    if not stored:
        return
    last = period.after - timedelta(days=1) if over else max(one.key.start for one in stored)
    span = Span(period.start, last, period.span if over else "days")
    edition = editions.named(under) if under else edition_of(editions, span)[0]
    subjects = list(dict.fromkeys((one.key.kind, one.key.subject) for one in stored))
    place = {one: number for number, one in enumerate(subjects)}
    own: list[list[Stored]] = [[] for _ in subjects]
    for one in stored:
        own[place[one.key.kind, one.key.subject]].append(one)
    items = _items(own, span)
    grade = rules().air.grade
    found = evaluate_items(editions, span.days, items, grade=grade, under=edition if under else None)
    judged = assessment(edition, span, daily_items(items), grade)
    whole = _Whole(period, span, over, edition, found.indices, found.over, judged, good_days(edition, found.indices),
                   days_by_category(edition, found.indices), primary_days(found.indices),
                   composite(edition, judged.statistics))  # fmt: skip
    for number, days in enumerate(own):
        yield _made(whole, number, days)


@dataclass(frozen=True)
class _Whole:
    """Everything of a period, subjects along the first axis. exceeding: of ``Days.over``."""

    period: Period
    span: Span
    over: bool
    edition: Edition
    indices: Indices
    exceeding: np.ndarray
    judged: Assessment
    good: Shares
    categories: np.ndarray
    primary: Mapping[str, np.ndarray]
    composite: Composite


def _items(own: Sequence[Sequence[Stored]], span: Span) -> dict[str, Means]:
    """The kept means as arrays (subjects, days of the span)."""
    names = sorted({item for days in own for day in days for item in day.means})
    shape = (len(own), (span.last - span.first).days + 1)
    found = {}
    for item in names:
        tops, bottoms = np.zeros(shape, np.int64), np.ones(shape, np.int64)
        reason = np.full(shape, Reason.MISSING, np.uint8)
        for number, days in enumerate(own):
            for day in days:
                mean, word = day.means.get(item, (None, "missing"))
                at = number, (day.key.start - span.first).days
                reason[at] = Reason.PRESENT if mean else Reason[word.upper() or "MISSING"]
                if mean:
                    tops[at], bottoms[at] = mean
        found[item] = Means(tops, bottoms, reason)
    return found


def _made(whole: _Whole, number: int, days: Sequence[Stored]) -> Made:
    first = days[0]
    reason = Reason(int(whole.composite.total.reason[number]))
    body: dict[str, Any] = {
        "statistics": {f"{pollutant}.{name}": _statistic(one, number)
                       for (pollutant, name), one in whole.judged.statistics.items()},
        "good": _share(whole.good, number), "heavy": _heavy(whole, number), "o3_over": _o3_over(whole, number),
        "categories": whole.categories[number].tolist(),
        "primary": {name: int(counts[number]) for name, counts in whole.primary.items()},
        "composite": {"parts": {name: _rounded(one, number) for name, one in whole.composite.parts.items()},
                      **_rounded(whole.composite.total, number)},
        "attained": bool(whole.judged.attained[number]), "known": bool(whole.judged.known[number]),
        "days": len(days), "to_date": None if whole.over else whole.span.last.isoformat(),
    }  # fmt: skip
    facts = dict.fromkeys((*whole.indices.facts, *whole.judged.facts, *whole.composite.facts))
    area = first.key.kind == AIR_AREA
    label = (ASSESSED,) if area and rules().air.unverified else ()
    inputs = {"days": [[one.key.start.isoformat(), one.digest] for one in days], "kind": whole.span.kind,
              "last": whole.span.last.isoformat()}  # fmt: skip
    return Made(
        Key(first.key.kind, whole.period.span, whole.period.start, first.key.subject), first.device, first.region,
        first.department, ",".join(dict.fromkeys((*whole.indices.editions, whole.edition.id))),
        None if reason else int(whole.composite.total.units[number]), None, whole.composite.mains(number),
        "" if not reason else reason.name.lower(), body, inputs, parents=tuple(one.key for one in days),
        facts=(*(f"air:{one}" for one in facts), *label),
    )  # fmt: skip


def _heavy(whole: _Whole, number: int) -> dict[str, int | None]:
    """Days of heavy pollution and worse (重度及以上), as share of the days with an AQI."""
    part = int(whole.categories[number][_HEAVY - 1 :].sum())
    days, places = int(whole.good.whole[number]), whole.good.decimals
    units = int(half_even(Fraction(part * 100, days), places) * 10**places) if days else None
    return {"part": part, "whole": days, "units": units, "places": places}


def _o3_over(whole: _Whole, number: int) -> dict[str, int]:
    """Days whose MDA8 of ozone exceeds its limit, of those that have one."""
    place = whole.indices.items.index(_MDA8)
    return {"part": int((whole.exceeding[number] >> place & 1).sum()),
            "whole": int((whole.indices.reason[place, number] == 0).sum())}  # fmt: skip


def _statistic(one: Statistic, number: int) -> dict[str, Any]:
    exact = one.values.exact(number)
    limit = one.limits[rules().air.grade - 1]
    return {
        **_rounded(one.rounded, number), "exact": None if exact is None else [exact.numerator, exact.denominator],
        "limit": None if limit is None else str(limit), "over": bool(one.over[number]),
        "multiple": int(one.multiple[number]), "multiple_places": one.multiple_decimals,
        "count": int(one.count[number]),
    }  # fmt: skip


def _rounded(one: Rounded, number: int) -> dict[str, Any]:
    """A value as whole number of its last place, or the word why there is none."""
    reason = Reason(int(one.reason[number]))
    return {"units": None if reason else int(one.units[number]), "places": one.decimals,
            "reason": reason.name.lower() if reason else ""}  # fmt: skip


def _share(share: Shares, number: int) -> dict[str, int | None]:
    whole = int(share.whole[number])
    return {"part": int(share.part[number]), "whole": whole, "units": int(share.units[number]) if whole else None,
            "places": share.decimals}  # fmt: skip
