"""Days to be counted anew, whatever their age: noted by the lake's intake and by upkeep. Not journalled."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta

from django.utils import timezone

from ecocloud.intake.monitoring.results.rules import rules
from ecocloud.intake.monitoring.stations.models import DayToCount, Device

# Younger days are counted every few minutes as they are: today and yesterday.
COUNTED_ANYWAY = 2
_AT_ONCE = 500
_NONE, _DAY = timedelta(), timedelta(days=1)


def note_late(days: Mapping[str, Collection[date]], now: datetime | None = None) -> int:
    """Values are about to come into the lake: MN -> the days (China) of their hour data; returns how many were noted.

    Days that are counted anyway and senders that are no device are passed by.
    """
    now = now or timezone.now()
    young = timezone.localdate(now) - timedelta(days=COUNTED_ANYWAY - 1)
    late = {mn: found for mn, found in days.items() if any(day <= young for day in found)}
    if not late:
        return 0
    pairs = []
    for mn, pk, own in Device.objects.filter(mn__in=late).values_list("mn", "pk", "hour_ending"):
        # Of hours stamped at their end, that of 24:00 is dated by the next day.
        touched = {day - back for day in late[mn] for back in (_NONE, _DAY)} if rules().stamp.ends(own) else late[mn]
        pairs += [(pk, day) for day in touched if day < young]
    return note_days(pairs, now)


def note_restamped(device: Device, now: datetime | None = None) -> int:
    """The stamps of a device mean something else: every day it has counts of is to be counted anew, and the days beside
    them; returns how many were noted."""
    known = set(device.days.values_list("day", flat=True))
    if not known:
        return 0
    beside = {day + by for day in known for by in (-_DAY, _NONE, _DAY)}
    last = timezone.localdate(now)
    return note_days([(device.pk, day) for day in beside if day <= last], now or timezone.now())


def note_days(pairs: Iterable[tuple[int, date]], at: datetime) -> int:
    """Note days of devices (by their number) as to be counted anew; returns how many."""
    rows = [DayToCount(device_id=device, day=day, at=at) for device, day in sorted(set(pairs))]
    DayToCount.objects.bulk_create(rows, batch_size=_AT_ONCE, update_conflicts=True, unique_fields=["device", "day"],
                                   update_fields=["at"])  # fmt: skip
    return len(rows)
