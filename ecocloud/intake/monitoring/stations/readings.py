"""What the pages of devices read of measurements: newest values, a day's course, where values came from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from ecocloud.intake.monitoring.lake import schema, site
from ecocloud.intake.monitoring.lake.models import Latest
from ecocloud.intake.monitoring.lake.reading import Wanted
from ecocloud.intake.monitoring.stations.rates import period_of

HOUR, REALTIME = "hour", "rtd"
# Packets are looked for so far back.
_PACKETS_BACK = timedelta(hours=24)
_DAY = timedelta(days=1)
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Newest:
    """The newest value of a factor, as it was sent."""

    at: datetime
    text: str
    flag: str
    ref: str


@dataclass(frozen=True)
class Point:
    """A period of a day's course; value None where nothing came."""

    at: datetime
    value: float | None
    flag: str = ""


@dataclass(frozen=True)
class Packet:
    """A packet in the raw journal that gave values."""

    at: datetime
    cn: str
    gateway: str
    sequence: int
    received: datetime


def latest(mns: Collection[str]) -> dict[str, dict[str, Newest]]:
    """The newest values of devices, of whatever interval: MN -> factor -> value (one query)."""
    found: dict[str, dict[str, Newest]] = defaultdict(dict)
    for row in Latest.objects.filter(mn__in=mns).order_by("time", "version"):
        ref = f"raw:{row.gateway}/{row.sequence}"
        found[row.mn][row.factor] = Newest(row.time, row.text or "", row.flag or "", ref)
    return dict(found)


def last_day(mn: str, factor: str, step: timedelta) -> list[Point]:
    """The last 24 hours of a factor from the hour data, one point for each period of ``step``; the present one last,
    once it has a value."""
    minutes = int(step.total_seconds() // 60)
    now = period_of(timezone.now(), minutes)
    first = now - _DAY + step
    rows = _current(HOUR, first, now + step, [mn], [factor], ("time", "rtd", "avg", "flag"))
    by_period = {period_of(row["time"], minutes): row for row in rows}
    points = []
    at = first
    while at <= now:
        row = by_period.get(at)
        points.append(Point(at, _value(row), row["flag"] or "") if row else Point(at, None))
        at += step
    if points and points[-1].value is None:
        points.pop()  # the present period has not ended
    return points


def packets(mn: str, most: int) -> list[Packet]:
    """The newest packets of a device that gave values in the last 24 hours, newest first."""
    now = timezone.now()
    found: dict[tuple[str, int], Packet] = {}
    for interval in (REALTIME, HOUR):
        columns = ("time", "cn", "gateway", "sequence", "version")
        for row in _current(interval, now - _PACKETS_BACK, now + timedelta(hours=1), [mn], None, columns):
            place = row["gateway"], row["sequence"]
            found[place] = Packet(row["time"], row["cn"], *place, row["version"])
    return sorted(found.values(), key=lambda one: one.received, reverse=True)[:most]


def marks(
    day: date, mns: Sequence[str] | None = None, ending: Collection[str] = ()
) -> dict[str, dict[str, list[tuple[datetime, str]]]]:
    """Times and flags of the hour data of a day (China): MN -> factor -> pairs in their order. mns: None for all.

    ending: devices that stamp a period with its end; of these a moment within the period is given, the last.
    """
    found: dict[str, dict[str, list[tuple[datetime, str]]]] = defaultdict(lambda: defaultdict(list))
    first, last = schema.day_bounds(day)
    until = last + _INSTANT if ending else last
    for row in _current(HOUR, first, until, mns, None, ("mn", "factor", "time", "flag"), seconds=None):
        at = row["time"] - _INSTANT if row["mn"] in ending else row["time"]
        if first <= at < last:
            found[row["mn"]][row["factor"]].append((at, row["flag"] or ""))
    for factors in found.values():
        for pairs in factors.values():
            pairs.sort()
    return found


def _value(row: dict[str, Any]) -> float | None:
    return row["avg"] if row["avg"] is not None else row["rtd"]


def _current(
    interval: str, first: datetime, last: datetime, mns: Sequence[str] | None, factors: Sequence[str] | None,
    columns: Sequence[str], seconds: float | None = 5.0,
) -> list[dict[str, Any]]:  # fmt: skip
    wanted = Wanted(interval, first, last, tuple(mns) if mns is not None else None, tuple(factors) if factors else None)
    return site.snapshot(seconds).current(wanted, columns).to_pylist()
