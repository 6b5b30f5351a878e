"""Public panels: air and surface water of the division the site serves, for everybody.

Only stations of ambient air and sections of surface water, counties and cities; nothing of enterprises, no person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from ecocloud.intake.monitoring.lake import schema
from ecocloud.intake.monitoring.results import showing
from ecocloud.intake.monitoring.results.air_hours import AirHour, newest
from ecocloud.intake.monitoring.results.models import Result
from ecocloud.intake.monitoring.results.rules import (
    AIR_AREA,
    WATER_AREA,
    WATER_SECTION,
    Period,
    Span,
    period_of,
    rules,
)
from ecocloud.intake.monitoring.results.sites import air_sites
from ecocloud.kernel.regions.models import Region


def air(region: Region) -> dict[str, Any] | None:
    """The hour and yesterday of the division and its counties, good days of the year; None without any of them."""
    now = timezone.now()
    today = now.astimezone(schema.BEIJING).date()
    oldest = now - timedelta(hours=rules().live.stale_hours)
    hours = {code: line for code, line in newest(air_sites(), today).areas().items()
             if region.contains(code) and line.start >= oldest}  # fmt: skip
    days = _current(region, AIR_AREA, "day", today - timedelta(days=1))
    years = _current(region, AIR_AREA, "year", period_of("year", today).start)
    codes = sorted({*hours, *days, *years})
    if not codes:
        return None
    names = dict(Region.objects.filter(pk__in=codes).values_list("pk", "name"))
    lines = [_air_line(names[code], hours.get(code), days.get(code), years.get(code)) for code in codes]
    facts = dict.fromkeys(name for one in (*hours.values(), *days.values(), *years.values()) for name in one.facts)
    named = (one.edition for one in (*hours.values(), *days.values(), *years.values()))
    used = dict.fromkeys(edition for several in named for edition in several.split(","))
    return {"lines": lines, "hour": max((one.start for one in hours.values()), default=None),
            "day": today - timedelta(days=1), "year": today.year,
            "to_date": max((row.body["to_date"] or "" for row in years.values()), default=""),
            "editions": [showing.edition_word(AIR_AREA, one) for one in used],
            "labels": showing.labels(facts)}  # fmt: skip


def _air_line(name: str, hour: AirHour | None, day: Result | None, year: Result | None) -> dict[str, Any]:
    found: dict[str, Any] = {"name": name}
    if hour is not None:
        found["now"] = {"aqi": hour.aqi, "level": showing.level_word(AIR_AREA, hour.level),
                        "badge": showing.colour_class(AIR_AREA, hour.level), "why": showing.reason_word(hour.reason),
                        "primary": showing.items_words(AIR_AREA, hour.primary)}  # fmt: skip
    if day is not None:
        found["day"] = {"aqi": day.value, "level": showing.level_word(AIR_AREA, day.level), "final": day.final,
                        "badge": showing.colour_class(AIR_AREA, day.level), "why": showing.reason_word(day.reason),
                        "primary": showing.items_words(AIR_AREA, day.items)}  # fmt: skip
    if year is not None:
        found["good"] = showing.share_words(year.body["good"])
    return found


def water(region: Region) -> dict[str, Any] | None:
    """The newest month of sections: class against target, and the shares of the division; None without one."""
    own = Result.objects.filter(_inside(region), kind=WATER_SECTION, span="month", current=True, asked="")
    start = own.order_by("-start").values_list("start", flat=True).first()
    if start is None:
        return None
    rows = list(own.filter(start=start).select_related("device", "region").order_by("device__name", "pk"))
    area = _current(region, WATER_AREA, "month", start).get(region.pk)
    facts = dict.fromkeys(name for row in rows for name in row.facts)
    return {"month": Period("month", start).text, "final": all(row.final for row in rows),
            "sections": [_section(row) for row in rows], "shares": _shares(area),
            "editions": list(dict.fromkeys(showing.edition_word(WATER_SECTION, row.edition) for row in rows)),
            "labels": showing.labels(facts)}  # fmt: skip


def _section(row: Result) -> dict[str, Any]:
    return {"name": row.device.name, "region": row.region.name, "meets": row.meets,
            "level": showing.level_word(WATER_SECTION, row.level), "why": showing.reason_word(row.reason),
            "badge": showing.colour_class(WATER_SECTION, row.level),
            "target": showing.level_word(WATER_SECTION, row.target),
            "items": showing.items_words(WATER_SECTION, row.items)}  # fmt: skip


def _shares(area: Result | None) -> Mapping[str, str]:
    if area is None:
        return {}
    return {name: showing.share_words(area.body[name]) for name in ("good", "attained", "worst")}


def _inside(region: Region) -> Q:
    first, after = region.span
    return Q(region__gte=first, region__lt=after)


def _current(region: Region, kind: str, span: Span, start: date) -> dict[str, Result]:
    """The results of the division and those within it, by code (one query)."""
    rows: Iterable[Result] = Result.objects.filter(_inside(region), kind=kind, span=span, start=start, current=True,
                                                   asked="")  # fmt: skip
    return {row.region_id: row for row in rows}
