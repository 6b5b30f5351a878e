"""Hours of air (HJ 633 实时报) 小时空气质量: indices of stations made when they are asked for, never stored.

24 rows a day for each station would be the largest table of the installation, and each would say again what the lake
keeps with all its versions. An hour is computed from the lake as it stood at a moment, so that ``air_hour:…@MOMENT``
gives what was seen then; live pages read the table of newest values in its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from ecocloud.intake.monitoring.evaluation.air.areas import area_means
from ecocloud.intake.monitoring.evaluation.air.areas import facts_of as area_facts
from ecocloud.intake.monitoring.evaluation.air.hours import HOURS, facts_of, hour_items, hours_of
from ecocloud.intake.monitoring.evaluation.air.index import Indices, indices, joined
from ecocloud.intake.monitoring.evaluation.air.means import Means, Reason
from ecocloud.intake.monitoring.evaluation.air.rules import POLLUTANTS, Edition, editions
from ecocloud.intake.monitoring.evaluation.scaled import Amounts
from ecocloud.intake.monitoring.lake import schema
from ecocloud.intake.monitoring.lake.models import Latest
from ecocloud.intake.monitoring.lake.reading import Readable, Snapshot
from ecocloud.intake.monitoring.quality.queries import verdicts
from ecocloud.intake.monitoring.results import reading
from ecocloud.intake.monitoring.results.air_days import ASSESSED, factors, read_hours
from ecocloud.intake.monitoring.results.rules import rules
from ecocloud.intake.monitoring.results.sites import Site

KIND = "air_hour"
_EPOCH = datetime(1970, 1, 1, tzinfo=schema.BEIJING)
_AT_ONE_HOUR = "_1h"


@dataclass(frozen=True)
class Item:
    """An item of an hour. units, places: its concentration as rounded; None with the reason why there is none."""

    units: int | None
    places: int
    iaqi: int | None
    reason: str


@dataclass(frozen=True)
class AirHour:
    """The index of one hour of a station or area. start: its first moment; aqi, level: None with ``reason``; computed:
    from the items there are; primary: pollutants; facts: unverified ones it rests on, ``air:hour.negative``.
    """

    start: datetime
    edition: str
    aqi: int | None
    level: int | None
    reason: str
    computed: int | None
    primary: tuple[str, ...]
    items: Mapping[str, Item]
    facts: tuple[str, ...]

    @property
    def key(self) -> str:
        """The hour in ten digits, Beijing time: ``2026030508``."""
        return f"{self.start:%Y%m%d%H}"


@dataclass(frozen=True)
class Hours:
    """Hours of stations. indices: (stations, hours from 00:00 of ``first`` on); came: whether the hour has any
    value that counts; amounts: by pollutant, those of the days before too that running means need (``lead`` hours).
    """

    first: date
    indices: Indices
    came: np.ndarray
    amounts: Mapping[str, Amounts]
    lead: int

    def lines(self, place: int) -> Iterator[AirHour]:
        """The hours of a station that have a value, the oldest first."""
        begin = _number(self.first)
        for hour in np.flatnonzero(self.came[place]).tolist():
            yield _line(self.indices, (place, hour), begin + hour)


def start_of(hour: int) -> datetime:
    """The first moment of an hour given in hours since 1970-01-01 00:00 Beijing time."""
    return _EPOCH + timedelta(hours=hour)


def _number(day: date) -> int:
    return (day - _EPOCH.date()).days * HOURS


def evaluate_hours(snapshot: Snapshot, sites: Sequence[Site], first: date, days: int, *, under: str = "",
                   as_of: datetime | None = None) -> Hours:  # fmt: skip
    """The hours of stations on days, each by the edition in force in it. under: another edition in its place; as_of:
    by the values that had arrived and the decisions that stood at a moment; what the stamps of a device mean is always
    as it is registered now. Raises NoFact before the first edition.
    """
    book = editions()
    named = book.named(under) if under else None
    every = np.datetime64(first, "D") + np.arange(days)
    stretches = [(named, slice(0, days))] if named else book.slices(every)
    ahead = max((_lead_days(edition) for edition, _stretch in stretches), default=0)
    begin = first - timedelta(days=ahead)
    source: Readable = snapshot if as_of is None else snapshot.as_it_stood(as_of)
    span = reading.both_bounds(begin, days + ahead)
    decided = verdicts([one.device for one in sites], reading.INTERVAL, *span, as_of=as_of)
    amounts = read_hours(source, sites, book, begin, days + ahead, decided).amounts
    lead, parts = ahead * HOURS, []
    for edition, stretch in stretches:
        inside = slice(lead + stretch.start * HOURS, lead + stretch.stop * HOURS)
        before = {name: one[:, : inside.stop] for name, one in amounts.items()}
        items = {name: means[:, inside] for name, means in hour_items(edition, before).items()}
        parts.append(indices(edition, "hourly", items, facts=facts_of(edition, "hourly")))
    came = np.zeros((len(sites), days * HOURS), np.bool_)
    for one in amounts.values():
        came |= ~one.missing[:, lead:]
    return Hours(first, joined(parts), came, amounts, lead)


def _lead_days(edition: Edition) -> int:
    """Days before the first one that running means of the edition's items reach into."""
    return int(any(not item.endswith(_AT_ONE_HOUR) for item in edition.items("hourly")))


def _line(found: Indices, at: tuple[int, ...], hour: int, label: tuple[str, ...] = ()) -> AirHour:
    reason = Reason(int(found.aqi_reason[at]))
    items = {}
    for number, item in enumerate(found.items):
        lacking = Reason(int(found.reason[(number, *at)]))
        if lacking != Reason.NOT_AN_ITEM:
            items[item] = Item(
                None if lacking in (Reason.MISSING, Reason.TOO_FEW_HOURS) else int(found.units[(number, *at)]),
                found.decimals[number], None if lacking else int(found.iaqi[(number, *at)]), _word(lacking),
            )  # fmt: skip
    return AirHour(
        start_of(hour), found.editions[int(found.edition[at[-1]])], None if reason else int(found.aqi[at]),
        int(found.category[at]) or None, _word(reason), int(found.computed[at]) or None, found.primaries(*at), items,
        (*(f"air:{one}" for one in found.facts), *label),
    )  # fmt: skip


def _word(reason: Reason) -> str:
    return reason.name.lower() if reason else ""


# --- the newest hour ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Newest:
    """The newest hour of each station. hours: as of :func:`start_of`, -1 where nothing came; amounts: by pollutant,
    (stations, 1).
    """

    sites: Sequence[Site]
    hours: np.ndarray
    amounts: Mapping[str, Amounts]

    def areas(self) -> dict[str, AirHour]:
        """Counties and cities by the hour that most of their stations have (the newer one of two), made of the means
        of their concentrations; stations with another hour count as missing. Nothing by editions with running means.
        """
        found = {}
        for code in sorted({code for site in self.sites for code in site.areas}):
            members = np.array([code in site.areas for site in self.sites])
            there, counts = np.unique(self.hours[members & (self.hours >= 0)], return_counts=True)
            if not len(there):
                continue
            hour = int(there[np.flatnonzero(counts == counts.max())[-1]])
            edition = editions().on(start_of(hour).date())
            if _lead_days(edition):
                continue
            items = self._items(edition, members, self.hours == hour)
            numbers = np.zeros(int(members.sum()), np.int64)
            means = {item: area_means(edition, one, numbers, 1) for item, one in items.items()}
            facts = (*facts_of(edition, "hourly"), *area_facts(edition))
            label = (ASSESSED,) if rules().air.unverified else ()
            found[code] = _line(indices(edition, "hourly", means, facts=facts), (0, 0), hour, label)
        return found

    def _items(self, edition: Edition, which: np.ndarray, counts: np.ndarray) -> dict[str, Means]:
        own = {name: Amounts(np.where(counts[:, None], one.values, 0), one.missing | ~counts[:, None])[which]
               for name, one in self.amounts.items()}  # fmt: skip
        return hour_items(edition, own)

    def lines(self, snapshot: Snapshot | None = None) -> dict[int, AirHour]:
        """By device. snapshot: for editions whose hours need running means; without it those stations are left out."""
        found: dict[int, AirHour] = {}
        book = editions()
        known = [book.on(start_of(int(hour)).date()) if hour >= 0 else None for hour in self.hours]
        for edition in book.all:
            which = np.array([one is edition for one in known], np.bool_)
            if not which.any():
                continue
            if _lead_days(edition):
                found |= self._from_lake(snapshot, np.flatnonzero(which)) if snapshot else {}
                continue
            items = self._items(edition, which, self.hours >= 0)
            made = indices(edition, "hourly", items, facts=facts_of(edition, "hourly"))
            for number, place in enumerate(np.flatnonzero(which).tolist()):
                found[self.sites[place].device] = _line(made, (number, 0), int(self.hours[place]))
        return found

    def _from_lake(self, snapshot: Snapshot, places: np.ndarray) -> dict[int, AirHour]:
        days = {start_of(int(self.hours[place])).date() for place in places}
        sites = [self.sites[place] for place in places.tolist()]
        found = {}
        for day in sorted(days):
            hours = evaluate_hours(snapshot, sites, day, 1)
            for number, site in enumerate(sites):
                for line in hours.lines(number):
                    found[site.device] = line
        return found


def newest(sites: Sequence[Site], today: date) -> Newest:
    """The newest hour of each station by the table of newest values and by what people decided (two queries). today:
    the day whose factor codes count.
    """
    codes = factors(editions(), today)
    rows = _latest(sites, codes)
    moment = pa.timestamp("us", "UTC")
    kinds = {"mn": pa.string(), "factor": pa.string(), "time": moment, "avg": pa.float64(), "flag": pa.string(),
             "version": moment}  # fmt: skip
    columns = {name: pa.array([row[n] for row in rows], kind) for n, (name, kind) in enumerate(kinds.items())}
    table = pa.table(columns | {"rtd": pa.nulls(len(rows), pa.float64())})
    decided = verdicts([one.device for one in sites], reading.INTERVAL, min((row[2] for row in rows), default=None),
                       max((row[2] for row in rows), default=_EPOCH) + schema.MICROSECOND)  # fmt: skip
    read = reading.rows_of(table, sites, codes, decided)
    hours, off = hours_of(read.begins, hour_ending=False)
    best = np.full(len(sites), -1, np.int64)
    np.maximum.at(best, read.site[~off], hours[~off])
    inside = ~off & (hours == best[read.site]) & ~read.amounts.missing
    amounts = {}
    for number, name in enumerate(POLLUTANTS):
        own = inside & (read.item == number)
        values, missing = np.zeros((len(sites), 1), np.int64), np.ones((len(sites), 1), np.bool_)
        values[read.site[own], 0], missing[read.site[own], 0] = read.amounts.values[own], False
        amounts[name] = Amounts(values, missing)
    return Newest(sites, best, amounts)


def _latest(sites: Sequence[Site], codes: Mapping[str, Any]) -> list[tuple]:
    rows = Latest.objects.filter(interval=reading.INTERVAL, mn__in=[one.mn for one in sites], factor__in=list(codes))
    return list(rows.values_list("mn", "factor", "time", "value", "flag", "version"))
