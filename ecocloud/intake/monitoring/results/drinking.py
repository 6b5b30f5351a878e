"""Drinking-water sources: months by the samples that came by file or API (table 1 to 3 of GB 3838), years by their
months, counties and cities by their sources. Pure but for the reading of the lake."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from ecocloud.intake.monitoring.evaluation.facts import Facts, facts
from ecocloud.intake.monitoring.evaluation.in_force import InForce
from ecocloud.intake.monitoring.evaluation.rounding import divide_half_even
from ecocloud.intake.monitoring.evaluation.scaled import Amounts
from ecocloud.intake.monitoring.evaluation.water.readings import Readings, Use, uses
from ecocloud.intake.monitoring.evaluation.water.sections import Multiples
from ecocloud.intake.monitoring.evaluation.water.sources import (
    SourceVerdicts,
    judge_sources,
    source_rates,
    source_standard,
)
from ecocloud.intake.monitoring.evaluation.water.standard import Standard, standard_on
from ecocloud.intake.monitoring.lake.reading import Snapshot, Wanted
from ecocloud.intake.monitoring.quality.judging import Verdicts
from ecocloud.intake.monitoring.results.made import Key, Made
from ecocloud.intake.monitoring.results.reading import COLUMNS, Factor, bounds, rows_of
from ecocloud.intake.monitoring.results.rules import SOURCE_AREA, WATER_SOURCE, Period, rules
from ecocloud.intake.monitoring.results.sites import Source
from ecocloud.intake.monitoring.results.water_periods import share_of

INTERVAL = "day"  # a sample is the value of its day
_FACT, _RULE = "water:", "results:drinking"
MEETS, FAILS = 1, 2
_MOST = 20  # items that exceed and are listed on a result


@dataclass(frozen=True)
class Tables:
    """Tables 1 to 3 on a day. listed: what is judged, all of it; monthly: what has to be measured every month; codes:
    factor code to item and how many of the sent unit make one of the item's; book: the facts, with what was read.
    """

    standard: Standard
    listed: tuple[str, ...]
    monthly: tuple[str, ...]
    codes: Mapping[str, tuple[str, int]]
    book: InForce


def tables(day: date, source: Facts | None = None) -> Tables:
    """The tables in force."""
    source = source or facts("water")
    book = InForce(source, day)
    plain = standard_on(day, source)
    standard, listed = source_standard(plain, book, every_specific=True)
    _same, monthly = source_standard(plain, book)
    codes = {code: found for code, found in plain.codes.items() if found[0] in listed}
    for key, fact in book.under("source_code").items():
        codes |= {code: (key, int(many)) for code, many in fact.mapping().items()}
    # What HJ 212 has no code for comes under its place in the table.
    codes |= {key: (key, 1) for key in listed if key not in {item for item, _many in codes.values()}}
    return Tables(standard, listed, monthly, codes, book)


def months(snapshot: Snapshot, sites: Sequence[Source], period: Period, verdicts: Verdicts,
           source: Facts | None = None) -> Iterator[Made]:  # fmt: skip
    """The month of each source of which anything came: an item is the mean of its samples."""
    if not sites:
        return
    known = tables(period.start, source)
    items = list(known.standard.items)
    factors = {code: Factor(items.index(key), known.standard.items[key].unit, many)
               for code, (key, many) in known.codes.items()}  # fmt: skip
    days = (period.after - period.start).days
    begin, end = bounds(period.start, days, False)
    wanted = Wanted(INTERVAL, begin, end, tuple(one.mn for one in sites), tuple(factors))
    rows = rows_of(snapshot.current(wanted, COLUMNS), sites, factors, verdicts, interval=INTERVAL)
    present = sorted({int(one) for one in rows.item})
    places = sorted({int(one) for one in rows.site})
    if not places:
        return
    readings, counts = _means(rows, present, places, items, sites, period, known)
    values: dict[int, dict[str, list]] = defaultdict(lambda: defaultdict(list))
    for site, item, at, number, gone in zip(
        rows.site.tolist(), rows.item.tolist(), rows.stamps.tolist(), rows.amounts.values.tolist(),
        rows.amounts.missing.tolist(), strict=True,
    ):  # fmt: skip
        values[site][items[item]].append([at, None if gone else number])
    found = judge_sources(readings, known.standard, known.listed, known.book)
    label = (_RULE,) if rules().drinking.unverified else ()
    unverified = dict.fromkeys((*known.standard.unverified, *known.book.unverified, *found.unverified))
    facts_ = (*(_FACT + one for one in unverified), *label)
    for row, place in enumerate(places):
        yield _month(sites[place], period, known, (readings, counts, found), row, dict(values[place]), facts_)


def _means(rows: Any, present: list[int], places: list[int], items: list[str], sites: Sequence[Source], period: Period,
           known: Tables) -> tuple[Readings, np.ndarray]:  # fmt: skip
    """The mean of the samples of each item (rows: sources), of those that can have been measured; and how many."""
    names = tuple(items[one] for one in present)
    lake = np.array([sites[place].lake for place in places], np.bool_)
    row, column = np.searchsorted(places, rows.site), np.searchsorted(present, rows.item)
    single = Readings((), rows.amounts, lake[row], np.full(len(rows), period.start, "datetime64[D]"))
    used = np.zeros(len(rows), np.bool_)
    for number, name in enumerate(names):
        own = np.flatnonzero(column == number)
        part = Readings((name,), Amounts(rows.amounts.values[own, None], rows.amounts.missing[own, None]),
                        single.lake[own], single.days[own])  # fmt: skip
        used[own] = uses(part, known.standard)[:, 0] == Use.USED
    shape = (len(places), len(names))
    sums, counts = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    np.add.at(sums, (row, column), np.where(used, rows.amounts.values, 0))
    np.add.at(counts, (row, column), used)
    amounts = Amounts(np.where(counts > 0, divide_half_even(sums, np.maximum(counts, 1)), 0), counts == 0)
    return Readings(names, amounts, lake, np.full(len(places), period.start, "datetime64[D]")), counts


def _month(site: Source, period: Period, known: Tables, made: tuple[Readings, np.ndarray, SourceVerdicts], row: int,
           values: dict[str, list], facts_: tuple[str, ...]) -> Made:  # fmt: skip
    readings, counts, found = made
    items: dict[str, Any] = {}
    for column, key in enumerate(readings.items):
        gone, multiple = bool(readings.amounts.missing[row, column]), found.multiples
        items[key] = {
            "value": None if gone else int(readings.amounts.values[row, column]), "count": int(counts[row, column]),
            "over": bool(found.over[row, column]), "limit": _limit(known.standard, key, site.lake),
            "multiple": int(multiple.units[row, column]) if multiple.known[row, column] else None,
        }  # fmt: skip
    lacking = [key for key in known.monthly if found.lacking[row, known.listed.index(key)]]
    judged = bool(found.judged[row]) and not site.ground
    over = tuple(key for key in known.listed if key in items and items[key]["over"]) if judged else ()
    body = {"items": items, "lacking": lacking, "due": len(known.monthly), "intake": site.intake, "lake": site.lake,
            "judged": judged, "counts": site.counts, "values": values}  # fmt: skip
    inputs = {"values": values, "lake": site.lake, "ground": site.ground, "intake": site.intake, "counts": site.counts}
    lake = {"mn": site.mn, "interval": INTERVAL, "first": period.start.isoformat(),
            "days": (period.after - period.start).days, "ending": False}  # fmt: skip
    meets = not over if judged else None
    reason = "" if judged else "groundwater" if site.ground else "no_items"
    return Made(
        Key(WATER_SOURCE, "month", period.start, site.subject), site.device, site.region, site.department,
        known.standard.edition, len(over) if judged else None, _level(meets), over[:_MOST], reason, body,
        inputs, None, meets,
        lake=lake, facts=facts_,
    )  # fmt: skip


def _level(meets: bool | None) -> int | None:
    return None if meets is None else MEETS if meets else FAILS


def _limit(standard: Standard, key: str, lake: bool) -> list[int]:
    """The limit a source is held against in millionths; both ends of a range."""
    item = standard.items[key]
    limits = item.limits(lake)
    return list(limits) if item.kind == "range" else [limits[rules().drinking.limit_class - 1]] if limits else []


@dataclass(frozen=True)
class Stored:
    """A source's month as it is kept."""

    key: Key
    region: str
    department: int | None
    device: int | None
    edition: str
    meets: bool | None
    items: tuple[str, ...]
    intake: int | None
    counts: bool
    outcome: str
    facts: tuple[str, ...]


def years(stored: Sequence[Stored], period: Period) -> Iterator[Made]:
    """The year of each source: it attains when every month that was judged does."""
    by_subject: dict[str, list[Stored]] = defaultdict(list)
    for one in stored:
        by_subject[one.key.subject].append(one)
    for subject, own in sorted(by_subject.items()):
        own = sorted(own, key=lambda one: one.key)
        judged = [one for one in own if one.meets is not None]
        meets = all(one.meets for one in judged) if judged else None
        over = tuple(dict.fromkeys(item for one in judged for item in one.items))
        body = {"months": len(judged), "met": sum(one.meets is True for one in judged), "intake": own[-1].intake,
                "judged": bool(judged), "counts": own[-1].counts}  # fmt: skip
        newest = own[-1]
        yield Made(
            Key(WATER_SOURCE, "year", period.start, subject), newest.device, newest.region, newest.department,
            newest.edition, body["months"] - body["met"] if judged else None, _level(meets), over[:_MOST],
            "" if judged else "no_items", body, {"months": [[str(one.key.start), one.outcome] for one in own]}, None,
            meets, tuple(one.key for one in own), facts=_union(own),
        )  # fmt: skip


def _union(own: Sequence[Stored]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fact for one in own for fact in one.facts))


def areas(stored: Sequence[Stored], period: Period, within: Mapping[str, Sequence[str]], source: Facts | None = None
          ) -> Iterator[Made]:  # fmt: skip
    """Counties and cities: the rate by number and by volume, of all months of the sources that count.

    within: the areas of a source, by its subject. The volume is the year's intake of the register, the same for each
    month: it only weighs the sources.
    """
    book = InForce(source or facts("water"), period.start)
    for code in sorted({code for one in stored for code in within.get(one.key.subject, ())}):
        own = sorted((one for one in stored if one.counts and code in within.get(one.key.subject, ())),
                     key=lambda one: one.key)  # fmt: skip
        if not own:
            continue
        rates = source_rates(_verdicts(own), _intakes(own), np.zeros(len(own), np.int64), 1, book)
        judged = int(rates.by_count.whole[0])
        body = {"attained": share_of(rates.by_count), "volume": share_of(rates.by_volume),
                "sources": len({one.key.subject for one in own}), "without": int(rates.without[0])}  # fmt: skip
        known = dict.fromkeys((*_union(own), *(_FACT + one for one in rates.unverified)))
        yield Made(
            Key(SOURCE_AREA, period.span, period.start, f"region:{code}"), None, code, None, own[-1].edition,
            int(rates.by_count.units[0]) if judged else None, None,
            tuple(dict.fromkeys(item for one in own for item in one.items))[:_MOST], "" if judged else "no_items", body,
            {"sources": [[one.key.subject, str(one.key.start), one.outcome] for one in own]},
            parents=tuple(one.key for one in own), facts=tuple(known),
        )  # fmt: skip


def _verdicts(own: Sequence[Stored]) -> SourceVerdicts:
    judged = np.array([one.meets is not None for one in own], np.bool_)
    meets = np.array([one.meets is True for one in own], np.bool_)
    none = np.zeros((len(own), 0), np.bool_)
    return SourceVerdicts((), (), judged, meets, none, Multiples(np.zeros((len(own), 0), np.int64), none, 0), none, ())


def _intakes(own: Sequence[Stored]) -> Amounts:
    return Amounts(np.array([one.intake or 0 for one in own], np.int64),
                   np.array([one.intake is None for one in own], np.bool_))  # fmt: skip
