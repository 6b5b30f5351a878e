"""Counts of days: what was due, came and is valid, made from the lake; can be made anew at any time. Not journalled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from ecocloud.intake.monitoring.stations import readings
from ecocloud.intake.monitoring.stations.models import Channel, Device, DeviceDay, Upkeep
from ecocloud.intake.monitoring.stations.quality import quality
from ecocloud.intake.monitoring.stations.rates import CHINA, Pause, count_day

FIELDS = ("due", "got", "valid", "due_capture", "valid_capture", "made_at")
_AT_ONCE = 500


def count_days(days: Iterable[date], now: datetime | None = None) -> int:
    """Count the days for every device that is on, from the day it was registered; returns how many counts were made."""
    now = now or timezone.now()
    devices = list(Device.objects.filter(enabled=True).only("pk", "mn", "step_minutes", "created_at").order_by("pk"))
    channels: dict[int, list[str]] = defaultdict(list)
    for device, code in Channel.objects.filter(in_use=True).order_by("device", "order").values_list("device", "code"):
        channels[device].append(code)
    made = 0
    for day in sorted(set(days)):
        made += _count(day, now, devices, channels)
    return made


def recent_days(number: int, today: date | None = None) -> list[date]:
    """The last days, today included."""
    today = today or timezone.localdate()
    return [today - timedelta(days=back) for back in range(number)]


def _count(day: date, now: datetime, devices: list[Device], channels: dict[int, list[str]]) -> int:
    rule, marks, pauses = quality().rule, readings.marks(day), _pauses(day)
    rows = []
    for device in devices:
        if timezone.localdate(device.created_at) > day and device.mn not in marks:
            continue
        came = marks.get(device.mn, {})
        arrived = {code: came.get(code, ()) for code in channels[device.pk]}
        made = count_day(day, device.step_minutes, now, arrived, pauses[device.pk], rule)
        rows.append(DeviceDay(device_id=device.pk, day=day, made_at=now, **vars(made)))
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
