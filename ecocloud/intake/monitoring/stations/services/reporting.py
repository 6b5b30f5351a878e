"""What gateways report: how devices stand and who knocked. Not journalled: it repeats every few seconds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from ecocloud.base import bulk
from ecocloud.intake.monitoring.stations.models import Device, DeviceState, Stranger

SAMPLE_BYTES = 2048
_FIELDS = ("gateway", "peer", "online", "connected", "last_packet", "last_data_time", "packets", "rejected",
           "duplicates", "clock_drift_s", "reported_at")  # fmt: skip


def take_report(gateway: str, seen: Iterable[Any], strangers: Iterable[Any]) -> None:
    """Keep a report of a gateway (``Seen`` and ``Stranger`` of ``gateway.backstage``), in one transaction.

    Counts are added; a later time wins; a device that moved to another gateway is not set off-line by the one it left.
    """
    now = timezone.now()
    by_mn = {one.mn: one for one in seen}
    with transaction.atomic():
        _states(gateway, by_mn, now)
        for one in strangers:
            _stranger(one)


def _states(gateway: str, by_mn: dict[str, Any], now: Any) -> None:
    if not by_mn:
        return
    pks = dict(Device.objects.filter(mn__in=by_mn).values_list("mn", "pk"))
    held = {row.device_id: row for row in DeviceState.objects.select_for_update().filter(device__in=pks.values())}
    rows = []
    for mn, pk in pks.items():
        told, row = by_mn[mn], held.get(pk) or DeviceState(device_id=pk, gateway=gateway)
        if told.online or row.gateway == gateway or not row.online:
            row.gateway, row.online, row.peer = gateway, told.online, told.peer or row.peer
            row.connected = told.connected or row.connected
        row.last_packet = _later(row.last_packet, told.last_packet)
        row.last_data_time = _later(row.last_data_time, told.last_data_time)
        row.packets += told.packets
        row.rejected += told.rejected
        row.duplicates += told.duplicates
        if told.clock_drift_s is not None:
            row.clock_drift_s = told.clock_drift_s
        row.reported_at = now
        rows.append(row)
    bulk.insert([row for row in rows if row.pk is None])
    known = [row for row in rows if row.pk is not None]
    if known:
        DeviceState.objects.bulk_update(known, _FIELDS, batch_size=200)


def _later(first: Any, second: Any) -> Any:
    return max((at for at in (first, second) if at is not None), default=None)


def _stranger(told: Any) -> None:
    # Senders choose their names. PostgreSQL takes no NUL, and one such name would hold up the reports of all devices.
    mn, reason = told.mn[:40].replace("\0", "\ufffd"), told.reason[:20]
    row = Stranger.objects.select_for_update(of=("self",)).filter(mn=mn, reason=reason).first()
    if row is None:
        row = Stranger(mn=mn, reason=reason, first=told.first, last=told.last)
    elif row.state == Stranger.State.ADMITTED and told.last > (row.decided_at or told.last):
        # It was admitted, and is a stranger again: switched off, or with another password.
        row.state, row.decided_by, row.decided_at = Stranger.State.WAITING, None, None
    row.peer, row.last = told.peer[:64], max(row.last, told.last)
    row.first = min(row.first, told.first)
    row.packets += told.packets
    row.sample = told.sample[:SAMPLE_BYTES] or row.sample
    row.save()
