"""Days, months and years of water: sections from the lake, counties and cities from their sections; exact."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from ecocloud.intake.monitoring.evaluation.facts import Facts, facts
from ecocloud.intake.monitoring.evaluation.in_force import InForce, spans
from ecocloud.intake.monitoring.evaluation.rounding import divide_half_even
from ecocloud.intake.monitoring.evaluation.scaled import Amounts
from ecocloud.intake.monitoring.evaluation.shares import Shares
from ecocloud.intake.monitoring.evaluation.water.basins import basin_pollutants, grades, ratios
from ecocloud.intake.monitoring.evaluation.water.classes import REASONS, Classes, classify
from ecocloud.intake.monitoring.evaluation.water.means import PeriodMeans, month_means, to_date_means, year_means
from ecocloud.intake.monitoring.evaluation.water.ranking import CityIndex, city_indices
from ecocloud.intake.monitoring.evaluation.water.readings import Readings, Use, uses
from ecocloud.intake.monitoring.evaluation.water.sections import attain, main_pollutants
from ecocloud.intake.monitoring.evaluation.water.standard import Standard, lake_codes, standard_of, standard_on
from ecocloud.intake.monitoring.lake.reading import Snapshot
from ecocloud.intake.monitoring.quality.judging import Verdicts
from ecocloud.intake.monitoring.results.made import Key, Made
from ecocloud.intake.monitoring.results.reading import INTERVAL, Factor, Rows, begins_of, read
from ecocloud.intake.monitoring.results.rules import WATER_AREA, WATER_SECTION, Span, rules
from ecocloud.intake.monitoring.results.sites import Site

_FACT = "water:"
UNDECIDED = Verdicts(())
MEANS = "results:water"  # that a month is the mean of its days
_DAY = 86_400_000_000
_EAST = 8 * 3_600_000_000


@dataclass(frozen=True)
class Periods:
    """Means of sections over periods of one span. sites: number of the site of each row; starts: first days; counts:
    int64 (rows, items), how many values (days, months) each mean is made of; parents: what the rows are made of.
    """

    span: Span
    readings: Readings
    sites: np.ndarray
    starts: np.ndarray
    counts: np.ndarray
    parents: list[tuple[Key, ...]]
    inputs: list[Any]


def codes(standard: Standard, source: Facts | None = None) -> dict[str, tuple[str, int]]:
    """The item of each factor code, and how many of the sent unit make one of the item's."""
    return {**standard.codes, **lake_codes(InForce(source or facts("water"), standard.day))}


def factors(standard: Standard, source: Facts | None = None) -> dict[str, Factor]:
    """The factor codes of the items."""
    items = list(standard.items)
    return {code: Factor(items.index(key), standard.items[key].unit, many)
            for code, (key, many) in codes(standard, source).items()}  # fmt: skip


def read_days(snapshot: Snapshot, sites: Sequence[Site], first: date, days: int, verdicts: Verdicts = UNDECIDED,
              source: Facts | None = None, also: Collection[tuple[int, date]] = ()) -> Periods:  # fmt: skip
    """The means of days of sections: of the values that can have been measured and nobody has found invalid. also:
    sections (by their place) and days that are evaluated even if nothing is left of them.
    """
    source = source or facts("water")
    standard = standard_on(first, source)
    rows = read(snapshot, sites, factors(standard, source), first, days, verdicts)
    readings, own = _readings(rows, sites, standard)
    used = uses(readings, standard) == Use.USED
    day = (begins_of(own[1], np.array([one.ending for one in sites], np.bool_)[own[0]]) + _EAST) // _DAY
    kept = np.array([(place, np.datetime64(one, "D").astype(int)) for place, one in also], np.int64).reshape(-1, 2)
    pairs, place = np.unique(np.append(np.stack([own[0], day]), kept.T, axis=1), axis=1, return_inverse=True)
    place = place.reshape(-1)[: len(day)]
    shape = (pairs.shape[1], len(readings.items))
    sums, counts, came = (np.zeros(shape, np.int64) for _ in range(3))
    np.add.at(sums, place, np.where(used, readings.amounts.values, 0))
    np.add.at(counts, place, used)
    np.add.at(came, place, own[2])
    least = rules().water.day_least
    amounts = Amounts(np.where(counts >= least, divide_half_even(sums, np.maximum(counts, 1)), 0), counts < least)
    starts = pairs[1].astype("datetime64[D]")
    lake = np.array([one.lake for one in sites], np.bool_)[pairs[0]]
    inputs = _day_inputs(readings, own, place, pairs.shape[1])
    return Periods("day", Readings(readings.items, amounts, lake, starts), pairs[0], starts, counts,
                   [()] * pairs.shape[1], inputs)  # fmt: skip


def _readings(rows: Rows, sites: Sequence[Site], standard: Standard) -> tuple[Readings, tuple]:
    """One reading for each site and moment with the items that came; and of each its site, stamp and what came."""
    present = np.unique(rows.item)
    items = tuple(list(standard.items)[one] for one in present.tolist())
    pairs, place = np.unique(np.stack([rows.site, rows.stamps]), axis=1, return_inverse=True)
    place, column = place.reshape(-1), np.searchsorted(present, rows.item)
    shape = (pairs.shape[1], len(items))
    values, missing, came = np.zeros(shape, np.int64), np.ones(shape, np.bool_), np.zeros(shape, np.bool_)
    values[place, column], missing[place, column] = rows.amounts.values, rows.amounts.missing
    came[place, column] = True
    lake = np.array([one.lake for one in sites], np.bool_)[pairs[0]]
    days = ((pairs[1] + _EAST) // _DAY).astype("datetime64[D]")
    return Readings(items, Amounts(values, missing), lake, days), (pairs[0], pairs[1], came)


def _day_inputs(readings: Readings, own: tuple, place: np.ndarray, number: int) -> list[Any]:
    """Of each day its values by item and moment (µs), None where one does not count."""
    found: list[dict[str, list]] = [defaultdict(list) for _ in range(number)]
    for row, column in np.argwhere(own[2]).tolist():
        gone = readings.amounts.missing[row, column]
        value = None if gone else int(readings.amounts.values[row, column])
        found[place[row]][readings.items[column]].append([int(own[1][row]), value])
    return [dict(one) for one in found]


def sections(periods: Periods, sites: Sequence[Site], under: str | None = None, source: Facts | None = None
             ) -> Iterator[Made]:  # fmt: skip
    """Classes of sections for periods, beside their targets."""
    source = source or facts("water")
    last = periods.readings.days
    for day, rows in [(None, np.arange(len(last)))] if under else spans(source, last):
        standard = standard_of(under, source) if under else standard_on(day, source)
        yield from _sections(_part(periods, rows), sites, standard, source, under)


def _sections(periods: Periods, sites: Sequence[Site], standard: Standard, source: Facts, under: str | None
              ) -> Iterator[Made]:  # fmt: skip
    readings, book = periods.readings, InForce(source, standard.day)
    classes = classify(readings, edition=under, source=source)
    own = [sites[place].target(start.item().year) for place, start in zip(periods.sites, periods.starts, strict=True)]
    targets = np.array([target for target, _year in own], np.int64)
    attained = attain(readings, classes, targets, standard, book)
    main = main_pollutants(readings, classes, standard, book)
    label = (MEANS,) if rules().water.unverified else ()
    known = (*(_FACT + one for one in dict.fromkeys((*classes.unverified, *book.unverified))), *label)
    for row, place in enumerate(periods.sites.tolist()):
        site, start = sites[place], periods.starts[row].item()
        judged, value = bool(attained.judged[row]), int(classes.overall[row])
        body = {
            "items": _items(periods, classes, attained, row), "main": list(main.of(row)), "lake": site.lake,
            "by_saturation": bool(classes.by_saturation[row]), "target_year": own[row][1],
        }  # fmt: skip
        inputs = {"values": periods.inputs[row], "lake": site.lake, "target": list(own[row])}
        if periods.span == "day":
            inputs |= site.stamped
        if periods.span == "day":
            body["values"] = periods.inputs[row]
        lake = {"mn": site.mn, "interval": INTERVAL, "first": start.isoformat(), "days": 1, "ending": site.ending}
        yield Made(
            Key(WATER_SECTION, periods.span, start, site.subject), site.device, site.region, site.department,
            standard.edition, value or None, value or None, classes.deciding_items(row),
            REASONS[int(classes.reason[row])], body, inputs, own[row][0] or None,
            bool(attained.meets[row]) if judged else None, periods.parents[row],
            lake if periods.span == "day" else {}, known,
        )  # fmt: skip


def _items(periods: Periods, classes: Classes, attained: Any, row: int) -> dict[str, Any]:
    readings, found = periods.readings, {}
    for column, key in enumerate(readings.items):
        if not periods.counts[row, column] and classes.use[row, column] == Use.MISSING:
            continue
        multiple = attained.multiples
        found[key] = {
            "value": None if readings.amounts.missing[row, column] else int(readings.amounts.values[row, column]),
            "count": int(periods.counts[row, column]), "class": int(classes.item_class[row, column]),
            "over": bool(attained.over[row, column]),
            "multiple": int(multiple.units[row, column]) if multiple.known[row, column] else None,
        }  # fmt: skip
    return found


def _part(periods: Periods, rows: np.ndarray) -> Periods:
    chosen = rows.tolist()
    return Periods(periods.span, periods.readings[rows], periods.sites[rows], periods.starts[rows],
                   periods.counts[rows], [periods.parents[one] for one in chosen],
                   [periods.inputs[one] for one in chosen])  # fmt: skip


@dataclass(frozen=True)
class Stored:
    """A section's result of a shorter period as it is kept. site: number; amounts: by item, in millionths."""

    key: Key
    site: int
    digest: str
    amounts: Mapping[str, int]


def longer(span: Span, stored: Sequence[Stored], sites: Sequence[Site], *, over: bool = True,
           source: Facts | None = None) -> Periods:  # fmt: skip
    """Means of months from days, or of years from months. over: the year is; until then it is the mean to date."""
    source = source or facts("water")
    items = tuple(sorted({key for one in stored for key in one.amounts}))
    values = np.array([[one.amounts.get(key, 0) for key in items] for one in stored], np.int64).reshape(-1, len(items))
    missing = np.array([[key not in one.amounts for key in items] for one in stored], np.bool_).reshape(-1, len(items))
    place = np.array([one.site for one in stored], np.int64)
    days = np.array([one.key.start for one in stored], "datetime64[D]")
    lake = np.array([one.lake for one in sites], np.bool_)[place]
    readings = Readings(items, Amounts(values, missing), lake, days)
    means = month_means(readings, np.where(missing, np.int8(Use.MISSING), np.int8(Use.USED)), place)
    if span == "year" and len(stored):
        book = InForce(source, days.max().item())
        means = year_means(means, book) if over else to_date_means(means, int(means.periods.max()))
    return _periods(span, means, stored)


def as_stored(periods: Periods, sites: Sequence[Site]) -> list[Stored]:
    """Periods that were just made, as if they had been kept."""
    amounts = periods.readings.amounts
    return [
        Stored(Key(WATER_SECTION, periods.span, periods.starts[row].item(), sites[place].subject), place, "",
               {key: int(amounts.values[row, column]) for column, key in enumerate(periods.readings.items)
                if not amounts.missing[row, column]})
        for row, place in enumerate(periods.sites.tolist())
    ]  # fmt: skip


def _periods(span: Span, means: PeriodMeans, stored: Sequence[Stored]) -> Periods:
    first = _first_days(span, means.periods)
    made_of: dict[tuple[int, date], list[Stored]] = defaultdict(list)
    for one in stored:
        start = one.key.start.replace(day=1) if span == "month" else one.key.start.replace(month=1, day=1)
        made_of[one.site, start].append(one)
    listed = [sorted(made_of[site, start.item()], key=lambda one: one.key)
              for site, start in zip(means.sections.tolist(), first, strict=True)]  # fmt: skip
    return Periods(
        span, means.readings, means.sections, first, means.counts,
        [tuple(one.key for one in own) for own in listed],
        [[[one.key.start.isoformat(), one.digest] for one in own] for own in listed],
    )  # fmt: skip


def _first_days(span: Span, periods: np.ndarray) -> np.ndarray:
    months = periods * (12 if span == "year" else 1) - 1970 * 12
    return months.astype("datetime64[M]").astype("datetime64[D]")


def areas(periods: Periods, made: Sequence[Made], sites: Sequence[Site], under: str | None = None,
          source: Facts | None = None) -> Iterator[Made]:  # fmt: skip
    """Counties and cities for the periods of sections: shares of classes, attainment, grade, main pollutants, index.

    made: the sections' results of the periods, in their order.
    """
    source = source or facts("water")
    by_key = {one.key: one for one in made}
    for start in np.unique(periods.starts):
        rows = np.flatnonzero(periods.starts == start)
        for code in sorted({code for place in periods.sites[rows] for code in sites[place].areas}):
            own = np.array([row for row in rows if code in sites[periods.sites[row]].areas], np.int64)
            part = _part(periods, own)
            keys = [Key(WATER_SECTION, periods.span, start.item(), sites[place].subject) for place in part.sites]
            yield _area(code, part, [by_key[key] for key in keys], under, source)


def _area(code: str, part: Periods, made: list[Made], under: str | None, source: Facts) -> Made:
    day = part.readings.days.max().item()
    standard = standard_of(under, source) if under else standard_on(day, source)
    book, groups = InForce(source, standard.day), np.zeros(len(made), np.int64)
    classes = classify(part.readings, edition=under, source=source)
    targets = np.array([one.target or 0 for one in made], np.int64)
    shares = ratios(classes.overall, targets, groups, 1, book)
    graded = grades(part.readings, classes, groups, 1, book, source)
    main = basin_pollutants(classes, groups, 1, standard, book)[0]
    index = city_indices(part.readings, classes.use, groups, 1, standard, book)[0]
    short = city_indices(part.readings, classes.use, groups, 1, standard, book, rules().water.index_items)[0]
    grade = int(graded.grade[0])
    body = {
        "sections": len(made), "classes": shares.classes[0].tolist(), "without_class": int(shares.without_class[0]),
        "good": share_of(shares.good), "worst": share_of(shares.worst), "attained": share_of(shares.attained),
        "by_shares": bool(graded.by_shares[0]), "main": [[key, share_of(share)] for key, share in main],
        "index": _index(index), "short_index": _index(short),
    }  # fmt: skip
    inputs = {"sections": [[one.key.subject, one.digest, one.outcome] for one in made]}
    label = (MEANS,) if rules().water.unverified else ()
    known = (*(_FACT + one for one in dict.fromkeys((*classes.unverified, *book.unverified))), *label)
    key = Key(WATER_AREA, part.span, part.starts[0].item(), f"region:{code}")
    value = None if short.value is None else int(short.value.scaleb(-int(short.value.as_tuple().exponent)))
    return Made(key, None, code, None, standard.edition, value, grade or None, tuple(one for one, _s in main),
                "" if grade else "no_items", body, inputs, parents=tuple(one.key for one in made),
                facts=known)  # fmt: skip


def share_of(share: Shares) -> dict[str, int | None]:
    """A share as part, whole and percent in units of the last place."""
    whole = int(share.whole[0])
    return {"part": int(share.part[0]), "whole": whole, "units": int(share.units[0]) if whole else None,
            "places": share.decimals}  # fmt: skip


def _index(index: CityIndex) -> dict[str, Any]:
    """The index of a city with what it is added up from: each term as numerator and denominator."""
    terms = {body: {key: [one.numerator, one.denominator] for key, one in own.items()}
             for body, own in index.terms.items()}  # fmt: skip
    return {"value": None if index.value is None else str(index.value), "sections": index.sections,
            "points": index.points, "terms": terms, "missing": [list(one) for one in index.missing]}  # fmt: skip
