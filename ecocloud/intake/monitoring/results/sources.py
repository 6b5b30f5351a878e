"""What a result was made of, as references: rows of the lake as they stood then, results of shorter periods."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from ecocloud.intake.monitoring.evaluation.air.hours import HOURS, hours_of
from ecocloud.intake.monitoring.evaluation.air.rules import POLLUTANTS, editions
from ecocloud.intake.monitoring.evaluation.water.standard import standard_on
from ecocloud.intake.monitoring.lake import schema, site
from ecocloud.intake.monitoring.lake.reading import Wanted
from ecocloud.intake.monitoring.lake.refs import ref_of
from ecocloud.intake.monitoring.results import air_days, drinking, emission_days, reading, water_periods
from ecocloud.intake.monitoring.results.models import Result
from ecocloud.intake.monitoring.results.rules import EMISSION, WATER_SOURCE, rules
from ecocloud.intake.monitoring.results.showing import is_water
from ecocloud.kernel.journal.refs import Ref

_SHOWN = 400


def lake_refs(row: Result) -> dict[tuple[str, int], Ref]:
    """Of a day of a station, outlet or section: the row of the lake behind each value, by item and place (the hour from
    0; sections: the stamp in µs since 1970 UTC): the newest version that had come when the result was made. Items of
    outlets are factor codes.
    """
    about = row.sources.get("lake")
    if not about:
        return {}
    first = date.fromisoformat(about["first"])
    items = _items(row, first)
    begin, end = reading.bounds(first, about["days"], ending(row))
    wanted = Wanted(about["interval"], begin, end, (about["mn"],), tuple(items))
    water, late = is_water(row.kind), ending(row)
    ordered = sorted(value_refs(wanted, row.made_at).items(), key=lambda pair: int(pair[1].version))
    return {(items[factor], stamp if water else _hour(stamp, late)): ref for (factor, stamp), ref in ordered}


def value_refs(wanted: Wanted, moment: datetime) -> dict[tuple[str, int], Ref]:
    """The rows of the lake behind the values of one device, by factor and stamp (µs since 1970 UTC): of each the newest
    version that had come at a moment, the first one where none had.
    """
    table = site.snapshot().versions(wanted)
    by_time: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
    for one in table.select(["mn", "cn", "factor", "time", "version"]).to_pylist():
        by_time[one["factor"], schema.micro(one["time"])].append(one)
    found = {}
    for place, versions in by_time.items():
        there = [one for one in versions if one["version"] <= moment] or versions[:1]
        found[place] = ref_of(max(there, key=lambda one: one["version"]))
    return found


def ending(row: Result) -> bool:
    """Whether the stamps of the values it was made of are the ends of their hours, as that stood when it was made."""
    return bool(row.sources.get("lake", {}).get("ending", rules().stamp.hour_ending))


def _hour(stamp: int, late: bool) -> int:
    hours, _off = hours_of([stamp], hour_ending=late)
    return int(hours[0]) % HOURS


def _items(row: Result, first: date) -> Mapping[str, str]:
    """The item each factor code is."""
    if row.kind == EMISSION:
        return {code: code for code in emission_days.codes()}
    if row.kind == WATER_SOURCE:
        return {code: key for code, (key, _many) in drinking.tables(first).codes.items()}
    if is_water(row.kind):
        return {code: key for code, (key, _many) in water_periods.codes(standard_on(first)).items()}
    return {code: POLLUTANTS[factor.item] for code, factor in air_days.factors(editions(), first).items()}


def parents(row: Result) -> list[Result]:
    """The results a result was made of, in the versions used then (one query)."""
    listed = [pk for pk, _version in row.sources.get("results", [])][:_SHOWN]
    rows = Result.objects.filter(pk__in=listed).select_related("device", "region").order_by("start", "subject")
    return list(rows)


def refs(row: Result) -> list[Ref]:
    """Everything a result was made of."""
    made_of = [Ref("eval", str(pk), version=str(version)) for pk, version in row.sources.get("results", [])]
    return made_of + list(lake_refs(row).values())
