"""A rule tried on past data, and the course of values around an incident: read from the lake, nothing is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.utils import timezone

from ecocloud.intake.monitoring.alarms import engine
from ecocloud.intake.monitoring.alarms.conditions import FOREVER, Setting
from ecocloud.intake.monitoring.alarms.document import RuleDocument
from ecocloud.intake.monitoring.alarms.engine import Episode, Row
from ecocloud.intake.monitoring.alarms.limits import own_limits
from ecocloud.intake.monitoring.alarms.running import load_rows, period, setting_of, stamped_at_end
from ecocloud.intake.monitoring.alarms.taking import moment, station_of
from ecocloud.intake.monitoring.lake import site
from ecocloud.intake.monitoring.lake.reading import Wanted, value_columns
from ecocloud.intake.monitoring.quality import queries as quality
from ecocloud.intake.monitoring.stations import kinds
from ecocloud.intake.monitoring.stations import queries as stations
from ecocloud.intake.monitoring.stations.models import Device, Upkeep
from ecocloud.kernel.regions.models import Region

MOST_DEVICES, MOST_SHOWN = 30, 100
MOST_SECONDS = 8.0  # a page waits for it
DAYS = (1, 3, 7, 30)
# Real-time and minute data are many: they are tried on fewer days.
_MOST_DAYS = {"rtd": 1, "minute": 3, "hour": 30, "day": 366}


@dataclass(frozen=True)
class Tried:
    """What a rule would have found. devices: looked at; more: left out since there are too many or the time was over;
    days: looked back. found: the newest episodes with device and factor; total: how many there are. incidents: how many
    they make, at how many stations: what overlaps at a station is one, as while an incident is open.
    """

    devices: int
    more: int
    days: int
    found: tuple[tuple[Device, str, Episode], ...]
    total: int
    incidents: int
    stations: int


def try_on(viewer: Any, rule: RuleDocument, region: Region, days: int, now: datetime | None = None) -> Tried:
    """What a rule would have found in the last days on the devices in sight that it is for, at most 30 of them and
    as many as the time allows."""
    until = monotonic() + MOST_SECONDS
    now = now or timezone.now()
    days = max(1, min(days, _MOST_DAYS[rule.interval]))
    rows = stations.devices(viewer).filter(enabled=True).exclude(kind__in=kinds.by_hand()).order_by("name", "pk")
    rows = rows.filter(kind__in=rule.kinds) if rule.kinds else rows
    rows = rows.filter(mn__in=rule.devices) if rule.devices else rows
    every = [row for row in rows.prefetch_related("channels") if region.contains(row.region_id)]
    devices, first = every[:MOST_DEVICES], now - timedelta(days=days)
    upkeep: dict[int, list[Upkeep]] = defaultdict(list)
    for row in Upkeep.objects.filter(device__in=devices, cancelled_at__isnull=True).select_related("channel"):
        upkeep[row.device_id].append(row)
    values: dict[tuple[str, str], list[Row]] = defaultdict(list)
    told = quality.verdicts([row.pk for row in devices], rule.interval, first, now)
    load_rows(values, told, rule.interval, first - timedelta(days=1), now, [row.mn for row in devices])
    limits = own_limits(((rule, row.pk) for row in devices), first - timedelta(days=1), now)
    found, done = [], 0
    for device in devices:
        if monotonic() > until and done:
            break
        done += 1
        mine = values[rule.interval, device.mn]
        codes = tuple(one.code for one in device.channels.all() if one.in_use)
        for factor in rule.subjects(codes):
            setting = setting_of(rule, device, factor, upkeep[device.pk], limits)
            found += [(device, factor, one) for one in _episodes(rule, device, setting, mine, first, now)]
    found.sort(key=lambda row: (-row[2].start, row[0].pk, row[1]))
    spans: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for device, _factor, one in found:
        spans[station_of(device)].append((one.start, FOREVER if one.end is None else one.end))
    incidents = sum(_apart(rows) for rows in spans.values())
    return Tried(done, len(every) - done, days, tuple(found[:MOST_SHOWN]), len(found), incidents, len(spans))


def _apart(spans: Sequence[tuple[int, int]]) -> int:
    """How many stretches of time are left when those that overlap are one."""
    count, reached = 0, None
    for start, end in sorted(spans):
        if reached is None or start > reached:
            count += 1
        reached = end if reached is None else max(reached, end)
    return count


def _episodes(
    rule: RuleDocument, device: Device, setting: Setting, rows: Sequence[Row], first: datetime, now: datetime
) -> list[Episode]:
    length, _step = period(rule.interval, device)
    moments = engine.moments(rows, length=length, hour_ending=stamped_at_end(rule.interval, device),
                             flags=rule.flags, pauses=setting.pauses)  # fmt: skip
    begun = int(max(first, device.created_at).timestamp())
    steps, _memory = engine.run(rule, setting, moments, engine.fresh(begun), int(now.timestamp()))
    return engine.episodes(steps)


@dataclass(frozen=True)
class Point:
    """A value of a course; None where nothing came. at: its stamp."""

    at: datetime
    value: float | None


def course(device: Device, factor: str, interval: str, first: datetime, last: datetime) -> list[Point]:
    """The values of a factor between two moments, one for each step of its data, gaps as None; real-time data as they
    came."""
    one, other = value_columns(interval)
    table = site.snapshot(5.0).current(Wanted(interval, first, last, (device.mn,), (factor,)), ("time", one, other))
    values = {row["time"]: row[one] if row[one] is not None else row[other] for row in table.to_pylist()}
    length, step = period(interval, device)
    if not length:
        return [Point(at, values[at]) for at in sorted(values)]
    at = int(first.timestamp()) // step * step + step
    points = {}
    while at < last.timestamp():
        points[moment(at)] = None
        at += step
    if values and points:
        # Stamps lie on the hours of China: four-hourly ones need not lie on the grid of 1970.
        shift = (int(min(values).timestamp()) - int(min(points).timestamp())) % step
        points = {begin + timedelta(seconds=shift): None for begin in points}
    return [Point(begin, value) for begin, value in sorted((points | values).items())]
