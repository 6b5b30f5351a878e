"""Days of air: stations from the lake, counties and cities from their stations; many at once, exact."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from ecocloud.intake.monitoring.evaluation.air import hours as hourly
from ecocloud.intake.monitoring.evaluation.air.areas import area_means, facts_of
from ecocloud.intake.monitoring.evaluation.air.daily import Days, evaluate_items
from ecocloud.intake.monitoring.evaluation.air.means import Means, Reason
from ecocloud.intake.monitoring.evaluation.air.rules import POLLUTANTS, Edition, Editions
from ecocloud.intake.monitoring.evaluation.scaled import Amounts
from ecocloud.intake.monitoring.lake.reading import Readable
from ecocloud.intake.monitoring.quality.judging import Verdicts
from ecocloud.intake.monitoring.results.made import Key, Made
from ecocloud.intake.monitoring.results.reading import INTERVAL, Factor, Rows, read
from ecocloud.intake.monitoring.results.rules import AIR_AREA, AIR_POINT, rules
from ecocloud.intake.monitoring.results.sites import Site

_FACT = "air:"
UNDECIDED = Verdicts(())
ASSESSED = "results:air"  # that all stations count for areas


def factors(editions: Editions, day: date) -> dict[str, Factor]:
    """The factor codes of the pollutants."""
    found = {}
    for number, name in enumerate(POLLUTANTS):
        fact = editions.facts.in_force(f"pollutant.{name}", day)
        found[fact.text()] = Factor(number, fact.unit)
    return found


@dataclass(frozen=True)
class Hours:
    """Hours of stations on days. amounts: by pollutant (stations, days · 24); came: bool (stations, days), whether the
    lake has anything of the day.
    """

    first: date
    days: int
    amounts: dict[str, Amounts]
    came: np.ndarray


def read_hours(snapshot: Readable, sites: Sequence[Site], editions: Editions, first: date, days: int,
               verdicts: Verdicts = UNDECIDED, also: Collection[tuple[int, date]] = ()) -> Hours:  # fmt: skip
    """The hours of stations on days, as they are in the lake and as people decided about them. also: stations (by their
    place) and days that are evaluated even if nothing is left of them.
    """
    rows = read(snapshot, sites, factors(editions, first), first, days, verdicts)
    grids = {}
    for number, name in enumerate(POLLUTANTS):
        own = rows.item == number
        grid = hourly.hour_grid(rows.site[own], rows.begins[own], rows.amounts[own], count=len(sites), first=first,
                                days=days, hour_ending=False)  # fmt: skip
        grids[name] = grid.amounts
    came = _came(rows, len(sites), first, days)
    for place, day in also:
        came[place, (day - first).days] = True
    return Hours(first, days, grids, came)


def _came(rows: Rows, count: int, first: date, days: int) -> np.ndarray:
    hours, _off = hourly.hours_of(rows.begins, hour_ending=False)
    day = hours // hourly.HOURS - (first - date(1970, 1, 1)).days
    came = np.zeros((count, days), np.bool_)
    came[rows.site, day] = True
    return came


def evaluate(hours: Hours, sites: Sequence[Site], editions: Editions, under: Edition | None = None) -> Iterator[Made]:
    """The days of the stations, then those of the areas they count for; days of which nothing came are left out."""
    days = np.datetime64(hours.first, "D") + np.arange(hours.days)
    stretches = editions.slices(days) if under is None else [(under, slice(0, hours.days))]
    for edition, stretch in stretches:
        inside = slice(stretch.start * hourly.HOURS, stretch.stop * hourly.HOURS)
        cut = {name: amounts[:, inside] for name, amounts in hours.amounts.items()}
        grade, came = rules().air.grade, hours.came[:, stretch]
        items = hourly.day_items(edition, cut, grade)
        own = hourly.facts_of(edition, "daily")
        found = evaluate_items(editions, days[stretch], items, grade=grade, under=edition, facts=own)
        made: dict[tuple[int, int], Made] = {}
        for place, day in np.argwhere(came).tolist():
            made[place, day] = _point(sites[place], found, items, cut, (place, day))
        yield from made.values()
        yield from _areas(sites, editions, edition, days[stretch], items, made, own)


def _point(site: Site, found: Days, items: dict[str, Means], hours: dict[str, Amounts], at: tuple[int, int]) -> Made:
    place, day = at
    start = found.days[day].item()
    used = {name: _hours(amounts, place, day) for name, amounts in hours.items()}
    lake = {"mn": site.mn, "interval": INTERVAL, "first": start.isoformat(), "days": 1, "ending": site.ending}
    key = Key(AIR_POINT, "day", start, site.subject)
    return _made(key, site.device, site.region, site.department, found, items, at, {"hours": used},
                 {"hours": used, "grade": rules().air.grade} | site.stamped, lake=lake)  # fmt: skip


def _hours(amounts: Amounts, place: int, day: int) -> list[int | None]:
    inside = slice(day * hourly.HOURS, (day + 1) * hourly.HOURS)
    values, missing = amounts.values[place, inside].tolist(), amounts.missing[place, inside].tolist()
    return [None if gone else value for value, gone in zip(values, missing, strict=True)]


def _areas(sites: Sequence[Site], editions: Editions, edition: Edition, days: np.ndarray, items: dict[str, Means],
           made: dict[tuple[int, int], Made], own: tuple[str, ...]) -> Iterator[Made]:  # fmt: skip
    """Counties and cities: the means of the concentrations of their points, then the index."""
    facts = (*own, *facts_of(edition))
    label = (ASSESSED,) if rules().air.unverified else ()
    for code in sorted({code for site in sites for code in site.areas}):
        inside = np.array([code in site.areas for site in sites])
        members = np.flatnonzero(inside)
        numbers = np.where(inside, 0, -1)
        means = {item: area_means(edition, one, numbers, 1) for item, one in items.items()}
        found = evaluate_items(editions, days, means, grade=rules().air.grade, under=edition, facts=facts)
        for day in range(len(days)):
            parents = [made[place, day] for place in members.tolist() if (place, day) in made]
            if not parents:
                continue
            start = days[day].item()
            key = Key(AIR_AREA, "day", start, f"region:{code}")
            inputs = {"points": [[one.key.subject, one.digest] for one in parents], "due": len(members)}
            body = {"points": len(parents), "due": len(members)}
            yield _made(key, None, code, None, found, means, (0, day), body, inputs,
                        parents=tuple(one.key for one in parents), label=label)  # fmt: skip


def _made(key: Key, device: int | None, region: str, department: int | None, found: Days, items: dict[str, Means],
          at: tuple[int, int], body: dict[str, Any], inputs: Any, label: tuple[str, ...] = (),
          **more: Any) -> Made:  # fmt: skip
    indices, (place, day) = found.indices, at
    reason = Reason(int(indices.aqi_reason[at]))
    over = found.exceeded(*at)
    listed = {}
    for number, item in enumerate(indices.items):
        if item not in items:
            continue
        means, cell = items[item], (number, place, day)
        lacking = Reason(int(indices.reason[cell]))
        listed[item] = {
            "units": int(indices.units[cell]), "places": indices.decimals[number], "iaqi": int(indices.iaqi[cell]),
            "reason": "" if not lacking else lacking.name.lower(), "over": item in over,
            "mean": _exact(means, place, day),
        }  # fmt: skip
    whole = {**body, "items": listed, "computed": int(indices.computed[at]), "incomplete": bool(indices.incomplete[at])}
    has = not reason
    return Made(
        key, device, region, department, indices.editions[int(indices.edition[day])],
        int(indices.aqi[at]) if has else None, int(indices.category[at]) or None, indices.primaries(*at),
        "" if has else reason.name.lower(), whole, inputs,
        facts=(*(_FACT + one for one in indices.facts), *label), **more,
    )  # fmt: skip


def _exact(means: Means, place: int, day: int) -> list[int] | None:
    """A mean as numerator (millionths) and denominator; None where there is none."""
    if means.reason[place, day]:
        return None
    bottoms = np.broadcast_to(means.bottoms, means.tops.shape)
    return [int(means.tops[place, day]), int(bottoms[place, day])]


def months_of(first: date, last: date) -> Iterator[tuple[date, int]]:
    """Days from first to last cut at months: (first day, how many)."""
    at = first
    while at <= last:
        after = min(date(at.year + at.month // 12, at.month % 12 + 1, 1), last + timedelta(days=1))
        yield at, (after - at).days
        at = after
