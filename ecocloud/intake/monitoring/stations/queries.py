"""Read models of devices and senders, limited to what a person may see."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils import timezone

from ecocloud.intake.monitoring.stations import kinds
from ecocloud.intake.monitoring.stations.errors import NoSuchDevice
from ecocloud.intake.monitoring.stations.models import Device, DeviceDay, Stranger
from ecocloud.intake.monitoring.stations.rates import Counts
from ecocloud.kernel.regions import scope
from ecocloud.kernel.regions.permissions import require

VIEW, RAW, DECIDE = "monitoring.device.view", "monitoring.raw.view", "monitoring.stranger.decide"
COUNTED = ("due", "got", "valid", "due_capture", "valid_capture")
# Days that rates of a list look back on, today included.
RECENT_DAYS = 7
# A device is late when nothing came for so many of its real-time intervals, and at least so long.
_LATE_STEPS, _LATE_LEAST = 5, timedelta(minutes=10)


def devices(viewer: Any, permission: str = VIEW) -> QuerySet[Device]:
    """The devices ``viewer`` may see; with another permission those within its reach, which may be less."""
    return scope.limit(Device.objects.all(), viewer, ["department"], "region", permission=permission)


def device_for(viewer: Any, pk: int) -> Device:
    """A device with its place, unit and state; raises NoSuchDevice outside the reach."""
    rows = devices(viewer).filter(pk=pk).select_related("region", "department", "state", "created_by")
    row = rows.first()
    if row is None:
        raise NoSuchDevice("没有这台设备，或它不在您的数据范围内。", f"no device {pk} in reach", value=pk)
    return row


def strangers(viewer: Any) -> QuerySet[Stranger]:
    """Senders in quarantine. They lie in no division yet, so the right alone decides; but one that uses the MN of a
    device of ours is seen by those alone who see that device."""
    require(viewer, DECIDE)
    if scope.reach(viewer, DECIDE).everything:
        return Stranger.objects.all()
    elsewhere = Device.objects.exclude(pk__in=devices(viewer, DECIDE).values("pk"))
    return Stranger.objects.exclude(mn__in=elsewhere.values("mn"))


def waiting(viewer: Any) -> int:
    """How many senders wait for a decision of this person."""
    return strangers(viewer).filter(state=Stranger.State.WAITING).count()


def standing(row: Device) -> str:
    """How a device stands: ``off`` (switched off), ``by_hand`` (its values come by file), ``never`` (nothing came yet),
    ``online``, ``late`` (connected but
    silent) or ``offline``."""
    state = getattr(row, "state", None)
    if not row.enabled:
        return "off"
    if state is None or state.last_packet is None:
        return "by_hand" if row.kind in kinds.by_hand() else "never"
    if not state.online:
        return "offline"
    silent = timezone.now() - state.last_packet
    return "late" if silent > max(_LATE_LEAST, _LATE_STEPS * timedelta(seconds=row.realtime_s)) else "online"


def with_counts(rows: QuerySet[Device], first: date, last: date) -> QuerySet[Device]:
    """Devices with place, unit, state and the counts of the days ``first`` to ``last``, as ``sum_due`` and so on."""
    days = DeviceDay.objects.filter(device=OuterRef("pk"), day__gte=first, day__lte=last).order_by().values("device")
    sums = {f"sum_{name}": Subquery(days.annotate(n_=Sum(name)).values("n_")) for name in COUNTED}
    return rows.select_related("region", "department", "state").annotate(**sums)


def recent() -> tuple[date, date]:
    """The first and last day that rates of a list look back on."""
    today = timezone.localdate()
    return today - timedelta(days=RECENT_DAYS - 1), today


# How a list of devices is narrowed by standing; a silent one counts as on-line, since only time tells.
STANDING = {
    "online": Q(enabled=True, state__online=True),
    "offline": Q(enabled=True, state__online=False, state__last_packet__isnull=False),
    "never": Q(enabled=True)
    & ~Q(kind__in=kinds.by_hand())
    & (Q(state__isnull=True) | Q(state__online=False, state__last_packet__isnull=True)),
    "by_hand": Q(enabled=True, kind__in=kinds.by_hand(), state__isnull=True),
    "off": Q(enabled=False),
}


def standing_counts(rows: QuerySet[Device]) -> dict[str, int]:
    """How many devices stand which way (one query)."""
    return rows.order_by().aggregate(**{word: Count("pk", filter=which) for word, which in STANDING.items()})


def totals(viewer: Any, first: date, last: date) -> dict[str, int]:
    """The counts of all devices in sight over some days (one query)."""
    days = DeviceDay.objects.filter(device__in=devices(viewer).values("pk"), day__gte=first, day__lte=last)
    found = days.order_by().aggregate(**{name: Sum(name) for name in COUNTED})
    return {name: found[name] or 0 for name in COUNTED}


def daily(viewer: Any, first: date, last: date) -> list[tuple[date, Counts]]:
    """The counts of all devices in sight day by day (one query)."""
    days = DeviceDay.objects.filter(device__in=devices(viewer).values("pk"), day__gte=first, day__lte=last)
    sums = days.order_by("day").values("day").annotate(**{f"sum_{name}": Sum(name) for name in COUNTED})
    return [(row["day"], Counts(*(row[f"sum_{name}"] for name in COUNTED))) for row in sums]
