"""Days to be counted anew, whatever their age: noted by the lake's intake and by upkeep. Not journalled."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta

from django.utils import timezone

from ecocloud.intake.monitoring.stations.models import DayToCount, Device

# Younger days are counted every few minutes as they are: today and yesterday.
COUNTED_ANYWAY = 2
_AT_ONCE = 500


def note_late(days: Mapping[str, Collection[date]], now: datetime | None = None) -> int:
    """Values are about to come into the lake: MN -> the days (China) of their hour data; returns how many were noted.

    Days that are counted anyway and senders that are no device are passed by.
    """
    now = now or timezone.now()
    young = timezone.localdate(now) - timedelta(days=COUNTED_ANYWAY - 1)
    late = {mn: [day for day in found if day < young] for mn, found in days.items()}
    late = {mn: found for mn, found in late.items() if found}
    if not late:
        return 0
    known = Device.objects.filter(mn__in=late).values_list("mn", "pk")
    return note_days([(pk, day) for mn, pk in known for day in late[mn]], now)


def note_days(pairs: Iterable[tuple[int, date]], at: datetime) -> int:
    """Note days of devices (by their number) as to be counted anew; returns how many."""
    rows = [DayToCount(device_id=device, day=day, at=at) for device, day in sorted(set(pairs))]
    DayToCount.objects.bulk_create(rows, batch_size=_AT_ONCE, update_conflicts=True, unique_fields=["device", "day"],
                                   update_fields=["at"])  # fmt: skip
    return len(rows)
