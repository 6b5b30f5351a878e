"""Source hints of an incident from the registers and the lake: what lies upstream, or against the wind of the hours
before.

Only what the viewer may see is named.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ecocloud.intake.monitoring.alarms import hints
from ecocloud.intake.monitoring.alarms.facts import settings
from ecocloud.intake.monitoring.alarms.hints import Place, Reach, Wind
from ecocloud.intake.monitoring.alarms.models import AlarmIncident
from ecocloud.intake.monitoring.lake import site
from ecocloud.intake.monitoring.lake.reading import Wanted, value_columns
from ecocloud.intake.monitoring.stations.models import Channel
from ecocloud.kernel.registers import queries as registers
from ecocloud.kernel.registers.models import RegisterObject

MOST_SHOWN, _MOST_READ = 12, 3000


@dataclass(frozen=True)
class Hint:
    """One place it may come from. how: ``upstream`` (``steps`` stretches above, at stretch ``by``) or ``upwind``
    (``distance`` km away)."""

    ref: str
    name: str
    kind: str
    how: str
    by: str = ""
    steps: int = 0
    distance: float = 0.0


@dataclass(frozen=True)
class Hints:
    """Hints, and why there are none: ``why`` is '' or ``no_object``, ``no_stretch``, ``no_wind``, ``nothing``."""

    found: tuple[Hint, ...] = ()
    more: int = 0
    why: str = ""
    wind: Wind | None = None
    stretch: str = ""


@dataclass
class _Site:
    row: RegisterObject
    water: str = ""
    names: list[str] = field(default_factory=list)


def hints_of(viewer: Any, incident: AlarmIncident) -> Hints:
    """Hints for an incident whose station stands in a register; a few questions, whatever the registers hold."""
    key = incident.station.partition(":")[2]
    if not incident.station.startswith("obj:") or not key.isdecimal():
        return Hints(why="no_object")
    row = registers.reachable(viewer).filter(pk=int(key)).select_related("type").first()
    if row is None:
        return Hints(why="no_object")
    placed = {one.register_: one.water for one in settings().water.placed}
    if row.type.code in placed:
        return _upstream(viewer, row, placed)
    return _upwind(viewer, row, incident.first)


def _upstream(viewer: Any, row: RegisterObject, placed: dict[str, str]) -> Hints:
    rule = settings().water.stretches
    rows = registers.reachable(viewer).filter(type__code=rule.register_).exclude(state="retired").order_by("pk")
    reaches = [
        Reach(f"obj:{one.pk}", one.name, str(one.body.get(rule.water) or ""), str(one.body.get(rule.upper) or ""),
              str(one.body.get(rule.lower) or ""))
        for one in rows.only("name", "body")[:_MOST_READ]
    ]  # fmt: skip
    water = str(row.body.get(placed[row.type.code]) or "") if placed[row.type.code] else ""
    start = hints.reach_of(reaches, water, [row.name]) if water else None
    if start is None:
        return Hints(why="no_stretch")
    above = hints.upstream(reaches, start, settings().upstream_stretches.value)
    steps = {one.reach.ref: one.steps for one in above}
    others = registers.reachable(viewer).filter(type__code__in=placed).exclude(pk=row.pk).exclude(state="retired")
    found = []
    for one in others.select_related("type").only("name", "body", "type__code", "type__zh")[:_MOST_READ]:
        said = str(one.body.get(placed[one.type.code]) or "") if placed[one.type.code] else ""
        at = hints.reach_of(reaches, said, [one.name]) if said else None
        if at is not None and at.ref in steps:
            found.append(Hint(f"obj:{one.pk}", one.name, one.type.zh, "upstream", at.name, steps[at.ref]))
    found.sort(key=lambda one: (one.steps, one.kind, one.name))
    return _shown(found, stretch=start.name)


def _upwind(viewer: Any, row: RegisterObject, at: datetime) -> Hints:
    if row.west is None:
        return Hints(why="no_object")
    wind = _wind(row, at)
    if wind is None:
        return Hints(why="no_wind")
    rows = registers.reachable(viewer).filter(type__code__in=settings().air, west__isnull=False).exclude(pk=row.pk)
    rows = rows.exclude(state="retired").select_related("type")
    places = [
        Place(f"obj:{one.pk}", one.name, one.type.zh, (one.west + one.east) / 2, (one.south + one.north) / 2)
        for one in rows.only("name", "west", "east", "south", "north", "type__zh")[:_MOST_READ]
    ]  # fmt: skip
    here = (row.west + row.east) / 2, (row.south + row.north) / 2
    found = [Hint(one.place.ref, one.place.name, one.place.kind, "upwind", distance=one.distance)
             for one in hints.upwind(here, wind, places, settings().upwind_distance.value)]  # fmt: skip
    return _shown(found, wind=wind)


def _shown(found: list[Hint], **more: Any) -> Hints:
    return Hints(tuple(found[:MOST_SHOWN]), max(0, len(found) - MOST_SHOWN), "" if found else "nothing", **more)


def _wind(row: RegisterObject, at: datetime) -> Wind | None:
    """The mean wind before an incident, of the nearest device that measures it."""
    codes = settings().wind.direction.value, settings().wind.speed.value
    channels = Channel.objects.filter(
        code=codes[0], in_use=True, device__enabled=True, device__object_ref__startswith="obj:"
    )
    devices = dict(channels.values_list("device__object_ref", "device__mn"))
    boxes = RegisterObject.objects.filter(pk__in=[int(ref[4:]) for ref in devices], west__isnull=False)
    near = sorted(
        (hints.apart((row.west, row.south), (west, south))[0], pk)
        for pk, west, south in boxes.values_list("pk", "west", "south")
    )
    if not near or near[0][0] > settings().upwind_distance.value:
        return None
    one, other = value_columns("hour")
    wanted = Wanted(
        "hour", at - timedelta(hours=settings().upwind_hours.value), at, (devices[f"obj:{near[0][1]}"],), codes
    )
    values: dict[datetime, dict[str, float]] = {}
    for found in site.snapshot(5.0).current(wanted, ("factor", "time", one, other)).to_pylist():
        value = found[one] if found[one] is not None else found[other]
        if value is not None:
            values.setdefault(found["time"], {})[found["factor"]] = value
    return hints.mean_wind([(both[codes[0]], both[codes[1]]) for both in values.values() if set(codes) <= set(both)])
