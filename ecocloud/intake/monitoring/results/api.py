"""API of the results part: the hours of air of stations in reach, made when they are asked for."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from ecocloud.base.errors import EcoError
from ecocloud.intake.monitoring.lake import site
from ecocloud.intake.monitoring.results import hour_refs, showing
from ecocloud.intake.monitoring.results.air_hours import AirHour, evaluate_hours
from ecocloud.intake.monitoring.results.rules import AIR_POINT, rules
from ecocloud.intake.monitoring.results.sites import air_sites
from ecocloud.intake.monitoring.stations import queries
from ecocloud.intake.monitoring.stations.errors import NoSuchDevice
from ecocloud.kernel.regions.permissions import require

router = Router(tags=["monitoring"])
MOST_DAYS = 31


class BadSpan(EcoError):
    """The days asked for are none, or too many."""

    code = "monitoring.span"
    http_status = 400


class ItemOut(Schema):
    """An item of an hour: concentration as rounded, its index, or why there is none."""

    item: str
    value: str | None
    unit: str
    iaqi: int | None
    reason: str


class HourOut(Schema):
    """The air of an hour. ``start``: its first moment; ``aqi`` and ``level`` are null with ``reason``; ``facts``: what
    it rests on that is not compared with the printed text; ``ref``: the hour as it stands now.
    """

    start: datetime
    edition: str
    aqi: int | None
    level: int | None
    category: str
    primary: list[str]
    reason: str
    items: list[ItemOut]
    facts: list[str]
    ref: str


@router.get("/devices/{pk}/hours", response=list[HourOut], url_name="monitoring-air-hours")
def air_hours(request: HttpRequest, pk: int, first: date, last: date, edition: str = "", as_of: str = "") -> Any:
    """The hours of a station from ``first`` to ``last`` (at most 31 days). ``edition``: another one than that in force;
    ``as_of``: microseconds since 1970 UTC, only what had arrived by then.
    """
    require(request.user, queries.VIEW)
    row = queries.device_for(request.user, pk)
    if row.kind != rules().air.kind:
        raise NoSuchDevice("这台设备不是空气站点。", f"device {pk} is no air station", value=pk)
    days = (last - first).days + 1
    if not 1 <= days <= MOST_DAYS:
        raise BadSpan(f"一次可取 1 至 {MOST_DAYS} 天。", f"{days} days asked for", value=days,
                      remedy_zh="请调整 first 和 last。")  # fmt: skip
    moment = hour_refs.moment_of(as_of)
    found = evaluate_hours(site.snapshot(), air_sites([pk]), first, days, under=edition, as_of=moment)
    return [_out(pk, one, moment) for one in found.lines(0)]


def _out(pk: int, line: AirHour, moment: datetime | None) -> dict[str, Any]:
    items = [{"item": item, "value": None if one.units is None else str(showing.number(one.units, one.places)),
              "unit": showing.item_unit(AIR_POINT, item), "iaqi": one.iaqi, "reason": one.reason}
             for item, one in line.items.items()]  # fmt: skip
    return {"start": line.start, "edition": line.edition, "aqi": line.aqi, "level": line.level,
            "category": showing.level_word(AIR_POINT, line.level), "primary": list(line.primary),
            "reason": line.reason, "items": items, "facts": list(line.facts),
            "ref": str(hour_refs.ref_of(pk, line.start, moment))}  # fmt: skip
