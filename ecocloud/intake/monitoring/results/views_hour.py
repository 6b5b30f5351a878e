"""The page of one hour of an air station: what came out, under which edition, the values and where they lie. Thin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.base.pages.charts import Chart, Limit, Series
from ecocloud.intake.monitoring.evaluation.air.hours import HOURS
from ecocloud.intake.monitoring.evaluation.air.rules import POLLUTANTS, editions
from ecocloud.intake.monitoring.lake import schema, site
from ecocloud.intake.monitoring.lake.reading import Wanted
from ecocloud.intake.monitoring.results import hour_refs, showing, sources
from ecocloud.intake.monitoring.results.air_days import factors
from ecocloud.intake.monitoring.results.air_hours import AirHour, Hours, evaluate_hours
from ecocloud.intake.monitoring.results.reading import INTERVAL
from ecocloud.intake.monitoring.results.rules import AIR_POINT, rules
from ecocloud.intake.monitoring.results.sites import Site, air_sites
from ecocloud.intake.monitoring.stations import queries
from ecocloud.intake.monitoring.stations.errors import NoSuchDevice
from ecocloud.intake.monitoring.stations.models import Device

_HOUR = timedelta(hours=1)


def hour_page(request: HttpRequest, pk: int, hour: str) -> HttpResponse:
    """``?as_of=``: the moment (µs since 1970 UTC) whose values count; now by default."""
    device = queries.device_for(request.user, pk)
    start = hour_refs.hour_of(hour)
    if start is None or device.kind != rules().air.kind:
        raise NoSuchDevice("没有这个小时的空气质量。", f"no hour {hour!r} of device {pk}", value=hour)
    return render(request, "monitoring/air_hour.html", context(device, start, request.GET.get("as_of", "")))


def context(device: Device, start: datetime, as_of: str) -> dict[str, Any]:
    """What the page shows; three questions to the database and two to the lake."""
    moment = hour_refs.moment_of(as_of) or timezone.now()
    sites = air_sites([device.pk])
    found = evaluate_hours(site.snapshot(), sites, start.date(), 1, as_of=moment)
    line = next((one for one in found.lines(0) if one.start == start), None)
    shown = dressed(device, line) if line else None
    return {"device": device, "start": start, "end": start + _HOUR, "moment": moment, "then": bool(as_of),
            "line": shown, "values": _values(found, sites[0], start, moment) if line else None,
            "labels": showing.labels(line.facts) if line else [], "ending": sites[0].ending,
            "ref": str(hour_refs.ref_of(device.pk, start, moment)),
            "before": f"{start - _HOUR:%Y%m%d%H}", "after": f"{start + _HOUR:%Y%m%d%H}"}  # fmt: skip


def dressed(device: Device, line: AirHour) -> dict[str, Any]:
    """An hour with its words and colours."""
    items = [
        {"name": showing.hour_item_name(item), "unit": showing.item_unit(AIR_POINT, item), "iaqi": one.iaqi,
         "value": showing.number(one.units, one.places), "why": showing.reason_word(one.reason),
         "deciding": item.partition("_")[0] in line.primary}
        for item, one in line.items.items()
    ]  # fmt: skip
    return {"start": line.start, "hour": line.key, "aqi": line.aqi, "level": showing.level_word(AIR_POINT, line.level),
            "badge": showing.colour_class(AIR_POINT, line.level), "why": showing.reason_word(line.reason),
            "computed": line.computed, "primary": showing.items_words(AIR_POINT, line.primary), "items": items,
            "edition": showing.edition_word(AIR_POINT, line.edition),
            "url": reverse("monitoring:air-hour", args=[device.pk, line.key])}  # fmt: skip


def _values(found: Hours, station: Site, start: datetime, moment: datetime) -> dict[str, Any]:
    """The values the hour was made of: its own, and the hours before it where the edition takes running means."""
    here = int((start - datetime.combine(found.first, datetime.min.time(), schema.BEIJING)) / _HOUR) + found.lead
    first = max(0, here - HOURS + 1) if found.lead else here
    late = _HOUR if station.ending else timedelta()
    codes = {POLLUTANTS[factor.item]: code for code, factor in factors(editions(), found.first).items()}
    begin = start - (here - first) * _HOUR + late
    wanted = Wanted(INTERVAL, begin, start + late + _HOUR, (station.mn,), tuple(codes.values()))
    refs = sources.value_refs(wanted, moment)
    lines = []
    for place in range(here, first - 1, -1):
        at = start - (here - place) * _HOUR
        stamp = schema.micro(at + late)
        cells = []
        for name in POLLUTANTS:
            value, ref = found.amounts[name].number(0, place), refs.get((codes[name], stamp))
            text = "" if value is None else str(showing.plain(int(found.amounts[name].values[0, place])))
            cells.append({"text": text, "ref": str(ref) if ref else ""})
        lines.append((f"{at:%m-%d %H:%M}–{at + _HOUR:%H:%M}", cells))
    heads = [{"name": showing.item_name(AIR_POINT, one), "unit": showing.item_unit(AIR_POINT, one)}
             for one in POLLUTANTS]  # fmt: skip
    return {"heads": heads, "lines": lines}


@dataclass(frozen=True)
class Course:
    """The last day of a station by hours: rows with the newest first, and the chart."""

    rows: list[dict[str, Any]]
    chart: Chart | None
    edition: str
    labels: list[showing.Label]


def course(device: Device, now: datetime) -> Course | None:
    """The 24 hours before ``now`` that anything came of; None where nothing did (one question to the lake)."""
    today = now.astimezone(schema.BEIJING)
    sites = air_sites([device.pk])
    first = (today - timedelta(days=1)).date()
    found = evaluate_hours(site.snapshot(), sites, first, 2)
    lines = [one for one in found.lines(0) if now - timedelta(hours=HOURS + 1) < one.start <= now]
    if not lines:
        return None
    rows = [dressed(device, one) for one in reversed(lines)]
    return Course(rows, _chart(lines), rows[0]["edition"], showing.labels(lines[-1].facts))


def _chart(lines: list[AirHour]) -> Chart | None:
    """The AQI by hours; hours without one are gaps."""
    if not any(one.aqi is not None for one in lines):
        return None
    by_start = {one.start: one.aqi for one in lines}
    count = int((lines[-1].start - lines[0].start) / _HOUR) + 1
    every = [lines[0].start + n * _HOUR for n in range(count)]
    good = showing.categories()[1]
    return Chart("line", "AQI", [f"{at:%H:%M}" for at in every], [Series("AQI", [by_start.get(at) for at in every])],
                 limits=[Limit(showing.level_word(AIR_POINT, good.level), good.most)],
                 category_label=_("小时"))  # fmt: skip
