"""Areas of surface water year on year: the index, the shares of sections, and who has become better or worse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from ecocloud.intake.monitoring.evaluation.air.comparing import Change, change
from ecocloud.intake.monitoring.evaluation.facts import facts
from ecocloud.intake.monitoring.evaluation.in_force import InForce
from ecocloud.intake.monitoring.evaluation.water.ranking import changes, ranks
from ecocloud.intake.monitoring.results import showing, water_periods
from ecocloud.intake.monitoring.results.lists import year_before
from ecocloud.intake.monitoring.results.made import Key
from ecocloud.intake.monitoring.results.models import Result
from ecocloud.intake.monitoring.results.rules import WATER_SECTION, Period, Span, period_of
from ecocloud.intake.monitoring.results.sites import Site, areas_of

_FIELDS = ("device_id", "region_id", "start", "target", "outcome", "body")


@dataclass(frozen=True)
class Moved:
    """An area in a ranking of change: its place, and the change of its index in percent; negative is better."""

    region: str
    place: int
    percent: Decimal


@dataclass(frozen=True)
class WaterBeside:
    """A period beside the same a year before. until: the last day that counts this year; figures: by region the changes
    of ``index``, ``good`` and ``attained`` (percentage points); better, worse: the two rankings of change, the greatest
    first; facts: unverified ones the rankings rest on.
    """

    until: date
    figures: dict[str, dict[str, Change]]
    better: tuple[Moved, ...]
    worse: tuple[Moved, ...]
    facts: tuple[str, ...]


def water_year_on_year(period: Period, regions: Sequence[str]) -> WaterBeside | None:
    """A month, or a year up to date, beside the same a year before; None without results a year before.

    Made of the kept results of sections (at most two queries). The last month that has data is made of its days, in
    both years up to the same day, so that a running month is not held against a whole one.
    """
    ago = year_before(period)
    months = _rows("month", (period, ago)) if period.span == "year" else []
    starts = [one["start"] for one in months if one["start"] >= period.start]
    last = period_of("month", max(starts)) if starts else None if period.span == "year" else period
    if last is None:
        return None
    days = _rows("day", (last, year_before(last)))
    now = [one for one in days if one["start"] >= last.start]
    if not now:
        return None
    until = max(one["start"] for one in now)
    then = [one for one in days if one["start"] < period.start and _same_days(one["start"], until)]
    sites = _sites([*months, *days])
    figures = []
    for whole, own in ((period, now), (ago, then)):
        before = [one for one in months if whole.start <= one["start"] < whole.after
                  and one["start"].month < last.start.month]  # fmt: skip
        figures.append(_figures(whole, before, own, sites))
    if not figures[1]:
        return None
    return _beside(until, [one for one in regions if one in figures[0]], *figures)


def _same_days(day: date, until: date) -> bool:
    return (day.month, day.day) <= (until.month, until.day)


def _rows(span: Span, periods: Sequence[Period]) -> list[dict[str, Any]]:
    within = [Q(start__gte=one.start, start__lt=one.after) for one in periods]
    rows = Result.objects.filter(reduce(or_, within), kind=WATER_SECTION, span=span, asked="", current=True)
    return list(rows.order_by("start", "subject").values(*_FIELDS))


def _sites(rows: Sequence[dict[str, Any]]) -> list[Site]:
    """The sections as their results have them, the newest word counts."""
    found: dict[int, Site] = {}
    for one in sorted(rows, key=lambda row: row["start"]):
        targets = {one["body"]["target_year"]: one["target"]} if one["target"] else {}
        before = found[one["device_id"]].targets if one["device_id"] in found else {}
        found[one["device_id"]] = Site(
            one["device_id"], "", "", one["region_id"], None, areas_of(one["region_id"]), lake=one["body"]["lake"],
            targets={**before, **targets},
        )  # fmt: skip
    return list(found.values())


def _stored(span: Span, rows: Sequence[dict[str, Any]], sites: Sequence[Site]) -> list[water_periods.Stored]:
    places = {one.device: place for place, one in enumerate(sites)}
    return [
        water_periods.Stored(
            Key(WATER_SECTION, span, one["start"], f"device:{one['device_id']}"), places[one["device_id"]],
            one["outcome"],
            {item: about["value"] for item, about in one["body"]["items"].items() if about["value"] is not None},
        )
        for one in rows
    ]  # fmt: skip


def _figures(period: Period, months: Sequence[dict[str, Any]], days: Sequence[dict[str, Any]], sites: Sequence[Site]
             ) -> dict[str, dict[str, Decimal | None]]:  # fmt: skip
    """Index and shares of the areas, by region."""
    if not days and not months:
        return {}
    periods = water_periods.longer("month", _stored("day", days, sites), sites)
    if period.span == "year":
        stored = [*_stored("month", months, sites), *water_periods.as_stored(periods, sites)]
        periods = water_periods.longer("year", stored, sites, over=False)
    if not len(periods.readings):
        return {}
    made = list(water_periods.sections(periods, sites))
    return {one.region: _of(one.body) for one in water_periods.areas(periods, made, sites)}


def _of(body: Any) -> dict[str, Decimal | None]:
    index = body["short_index"]["value"]
    return {"index": None if index is None else Decimal(index),
            **{name: showing.number(body[name]["units"], body[name]["places"]) if body[name]["whole"] else None
               for name in ("good", "attained")}}  # fmt: skip


def _beside(until: date, regions: Sequence[str], now: dict[str, dict[str, Decimal | None]],
            then: dict[str, dict[str, Decimal | None]]) -> WaterBeside:  # fmt: skip
    figures = {
        code: {name: change(value, then.get(code, {}).get(name)) for name, value in now[code].items()}
        for code in regions
    }
    book = InForce(facts("water"), until)
    percents = changes([then.get(code, {}).get("index") for code in regions],
                       [now[code]["index"] for code in regions], book)  # fmt: skip
    known = [(code, one) for code, one in zip(regions, percents, strict=True) if one is not None]
    return WaterBeside(
        until, figures, _moved([(code, one) for code, one in known if one < 0], 1),
        _moved([(code, one) for code, one in known if one > 0], -1), tuple(f"water:{one}" for one in book.unverified),
    )  # fmt: skip


def _moved(known: list[tuple[str, Decimal]], sign: int) -> tuple[Moved, ...]:
    """The greatest change first; equal ones share a place."""
    places = ranks([one * sign for _code, one in known])
    rows = [Moved(code, place, one) for (code, one), place in zip(known, places, strict=True)]
    return tuple(sorted(rows, key=lambda one: (one.place, one.region)))
