"""Read models of devices and senders, limited to what a person may see."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from ecocloud.intake.monitoring.stations.errors import NoSuchDevice
from ecocloud.intake.monitoring.stations.models import Device, Stranger
from ecocloud.kernel.regions import scope
from ecocloud.kernel.regions.permissions import require

VIEW, RAW = "monitoring.device.view", "monitoring.raw.view"
# A device is late when nothing came for so many of its real-time intervals, and at least so long.
_LATE_STEPS, _LATE_LEAST = 5, timedelta(minutes=10)


def devices(viewer: Any) -> QuerySet[Device]:
    """The devices ``viewer`` may see."""
    return scope.limit(Device.objects.all(), viewer, ["department"], "region", permission=VIEW)


def device_for(viewer: Any, pk: int) -> Device:
    """A device with its place, unit and state; raises NoSuchDevice outside the reach."""
    rows = devices(viewer).filter(pk=pk).select_related("region", "department", "state", "created_by")
    row = rows.first()
    if row is None:
        raise NoSuchDevice("没有这台设备，或它不在您的数据范围内。", f"no device {pk} in reach", value=pk)
    return row


def strangers(viewer: Any) -> QuerySet[Stranger]:
    """Senders in quarantine: they lie in no division yet, so the right alone decides."""
    require(viewer, "monitoring.stranger.decide")
    return Stranger.objects.all()


def waiting() -> int:
    """How many senders wait for a decision."""
    return Stranger.objects.filter(state=Stranger.State.WAITING).count()


def standing(row: Device) -> str:
    """How a device stands: ``off`` (switched off), ``never`` (nothing came yet), ``online``, ``late`` (connected but
    silent) or ``offline``."""
    state = getattr(row, "state", None)
    if not row.enabled:
        return "off"
    if state is None or state.last_packet is None:
        return "never"
    if not state.online:
        return "offline"
    silent = timezone.now() - state.last_packet
    return "late" if silent > max(_LATE_LEAST, _LATE_STEPS * timedelta(seconds=row.realtime_s)) else "online"
