"""Counts of days: what was due, came and is valid, made from the lake; can be made anew at any time. Not journalled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from ecocloud.intake.monitoring.results.rules import rules
from ecocloud.intake.monitoring.stations import kinds, readings
from ecocloud.intake.monitoring.stations.models import Channel, DayToCount, Device, DeviceDay, Upkeep
from ecocloud.intake.monitoring.stations.quality import quality
from ecocloud.intake.monitoring.stations.rates import CHINA, Pause, count_day

FIELDS = ("due", "got", "valid", "due_capture", "valid_capture", "made_at")
_AT_ONCE = 500
# What is noted as to be counted comes into the lake within moments; it is counted when so much time has passed.
SETTLED = timedelta(minutes=10)
# Days of devices that one run makes anew; the rest waits for the next.
MOST_LATE = 5000


def count_days(days: Iterable[date], now: datetime | None = None) -> int:
    """Count the days for every device that is on, from the day it was registered; returns how many counts were made."""
    now = now or timezone.now()
    devices = list(_devices().filter(enabled=True))
    channels = _channels(None)
    return sum(_count(day, now, devices, channels, None) for day in sorted(set(days)))


def count_noted(now: datetime | None = None, settled: timedelta = SETTLED) -> int:
    """Count the days of devices that are noted as to be made anew, the oldest notes first, also of devices that are
    off; returns how many counts were made. A note is taken back once its day is counted, unless it was noted again.

    A day whose values have come to the end of their retention keeps the counts it has.
    """
    now = now or timezone.now()
    notes = list(DayToCount.objects.filter(at__lte=now - settled).order_by("at", "pk")[:MOST_LATE])
    kept, by_day = _kept_since(now), defaultdict(list)
    for one in notes:
        by_day[one.day].append(one)
    devices = {one.pk: one for one in _devices().filter(pk__in={one.device_id for one in notes})}
    channels = _channels(list(devices))
    made = 0
    for day, these in sorted(by_day.items()):
        if kept is None or day >= kept:
            some = [devices[one.device_id] for one in these if one.device_id in devices]
            made += _count(day, now, some, channels, [one.mn for one in some])
        for one in these:
            DayToCount.objects.filter(pk=one.pk, at=one.at).delete()
    return made


def _devices() -> Any:
    return (
        Device.objects.exclude(kind__in=kinds.by_hand())
        .only("pk", "mn", "step_minutes", "hour_ending", "created_at")
        .order_by("pk")
    )


def _channels(devices: Sequence[int] | None) -> dict[int, list[str]]:
    """The codes in use by device; devices: None for all."""
    rows = Channel.objects.filter(in_use=True).order_by("device", "order")
    if devices is not None:
        rows = rows.filter(device__in=devices)
    found: dict[int, list[str]] = defaultdict(list)
    for device, code in rows.values_list("device", "code"):
        found[device].append(code)
    return found


def _kept_since(now: datetime) -> date | None:
    """The first day whose values the lake still has whole; None when nothing ends. Hour data end month by month."""
    if settings.LAKE_DAYS <= 0:
        return None
    return timezone.localdate(now - timedelta(days=settings.LAKE_DAYS)).replace(day=1)


def recent_days(number: int, today: date | None = None) -> list[date]:
    """The last days, today included."""
    today = today or timezone.localdate()
    return [today - timedelta(days=back) for back in range(number)]


def _count(
    day: date, now: datetime, devices: Sequence[Device], channels: dict[int, list[str]], mns: Sequence[str] | None
) -> int:
    """Count one day of the devices. mns: the devices whose marks are read, None for all."""
    rule, pauses = quality().rule, _pauses(day)
    ending = {one.mn for one in devices if rules().stamp.ends(one.hour_ending)}
    marks = readings.marks(day, mns, ending)
    rows, gone = [], []
    for device in devices:
        if timezone.localdate(device.created_at) > day and device.mn not in marks:
            gone.append(device.pk)
            continue
        came = marks.get(device.mn, {})
        arrived = {code: came.get(code, ()) for code in channels[device.pk]}
        made = count_day(day, device.step_minutes, now, arrived, pauses[device.pk], rule)
        rows.append(DeviceDay(device_id=device.pk, day=day, made_at=now, **vars(made)))
    if gone and mns is not None:  # its values belong to another day since its stamps mean something else
        DeviceDay.objects.filter(day=day, device__in=gone).delete()
    for start in range(0, len(rows), _AT_ONCE):
        with transaction.atomic():
            DeviceDay.objects.bulk_create(rows[start : start + _AT_ONCE], update_conflicts=True,
                                          unique_fields=["device", "day"], update_fields=list(FIELDS))  # fmt: skip
    return len(rows)


def _pauses(day: date) -> dict[int, list[Pause]]:
    """The times of upkeep that touch a day, by device."""
    first = datetime(day.year, day.month, day.day, tzinfo=CHINA)
    last = first + timedelta(days=1)
    found: dict[int, list[Pause]] = defaultdict(list)
    rows = Upkeep.objects.filter(cancelled_at__isnull=True, start__lt=last).exclude(end__lte=first)
    for row in rows.select_related("channel").order_by("pk"):
        channel = row.channel.code if row.channel else ""
        found[row.device_id].append(Pause(row.kind, row.start, row.end, channel))
    return found
