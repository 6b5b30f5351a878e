"""Source hints of an incident from the registers and the lake: what lies upstream, or against the wind of the hours
before.

Only what the viewer may see is named.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ecocloud.intake.monitoring.alarms import hints
from ecocloud.intake.monitoring.alarms.facts import settings
from ecocloud.intake.monitoring.alarms.hints import Place, Reach, Upstream, Wind
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
    """Hints, and why there are none: ``why`` is '' or one of ``itself``, ``no_object``, ``no_stretch``, ``no_wind`` and
    ``nothing``."""

    found: tuple[Hint, ...] = ()
    more: int = 0
    why: str = ""
    wind: Wind | None = None
    stretch: str = ""


def hints_of(viewer: Any, incident: AlarmIncident) -> Hints:
    """Hints for an incident whose station stands in a register; a few questions, whatever the registers hold."""
    kind, key = incident.device.kind, incident.station.partition(":")[2]
    if kind not in (*settings().upstream_kinds, *settings().upwind_kinds):
        return Hints(why="itself")
    row = None
    if incident.station.startswith("obj:") and key.isdecimal():
        row = registers.reachable(viewer).filter(pk=int(key)).select_related("type").first()
    if row is None:
        return Hints(why="no_object")
    return _upstream(viewer, row) if kind in settings().upstream_kinds else _upwind(viewer, row, incident.first)


def _upstream(viewer: Any, row: RegisterObject) -> Hints:
    rule, placed = settings().water.stretches, {one.register_: one for one in settings().water.placed}
    rows = registers.reachable(viewer).filter(type__code=rule.register_).exclude(state="retired").order_by("pk")
    reaches = [
        Reach(f"obj:{one.pk}", one.name, _said(one, rule.water), _said(one, rule.upper), _said(one, rule.lower),
              one.region_id)
        for one in rows.only("name", "body", "region")[:_MOST_READ]
    ]  # fmt: skip
    own = placed.get(row.type.code)
    water = _said(row, own.water) if own is not None else ""
    start = hints.reach_of(reaches, water, [row.name], row.region_id) if water else None
    if start is None:
        return Hints(why="no_stretch")
    above = hints.upstream(reaches, start, settings().upstream_stretches.value)
    found = []
    others = registers.reachable(viewer).filter(type__code__in=placed).exclude(pk=row.pk).exclude(state="retired")
    for one in others.select_related("type").only("name", "body", "region", "type__code", "type__zh")[:_MOST_READ]:
        terms = placed[one.type.code]
        if all(one.body.get(field) == value for field, value in terms.only.items()):
            at = _at(reaches, above, one, terms.water)
            if at is not None:
                found.append(Hint(f"obj:{one.pk}", one.name, one.type.zh, "upstream", at.reach.name, at.steps))
    found.sort(key=lambda one: (one.steps, one.kind, one.name))
    return _shown(found, stretch=start.name)


def _said(row: RegisterObject, field: str) -> str:
    return str(row.body.get(field) or "") if field else ""


def _at(reaches: list[Reach], above: list[Upstream], row: RegisterObject, water: str) -> Upstream | None:
    """The stretch above at which an object stands: by its water, or by its division where it names none."""
    if not water:
        return next((one for one in above if one.reach.region == row.region_id), None)
    stretch = hints.reach_of(reaches, _said(row, water), [row.name], row.region_id)
    return next((one for one in above if stretch is not None and one.reach.ref == stretch.ref), None)


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
