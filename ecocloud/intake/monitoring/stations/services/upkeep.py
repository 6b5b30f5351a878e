"""Times of calibration, maintenance, faults and standstill: entered, ended, cancelled; never deleted."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.intake.monitoring.stations.errors import AlreadyDecided, DeviceRefused
from ecocloud.intake.monitoring.stations.models import Channel, Device, Upkeep
from ecocloud.intake.monitoring.stations.services.devices import locked
from ecocloud.intake.monitoring.stations.services.late import note_days
from ecocloud.kernel.journal.services import Change, change

# A period may be announced so long ahead, and lasts at most so long.
AHEAD, LONGEST = timedelta(days=366), timedelta(days=3660)


def add_upkeep(
    user: Any, pk: int, *, kind: str, start: datetime, end: datetime | None = None, channel: Channel | None = None,
    note: str = "",
) -> Upkeep:  # fmt: skip
    """Enter a time of upkeep of a device or of one of its channels; ``end`` None while it goes on.

    What is due of the days it touches is counted anew. Raises Forbidden, DeviceRefused.
    """
    faults: dict[str, str] = {}
    if kind not in Upkeep.Kind.values:
        faults["kind"] = _("请选择校准、维护、比对监测、故障或停产停排。")
    if end is not None and end <= start:
        faults["end"] = _("结束时间应晚于开始时间。")
    if start > timezone.now() + AHEAD or (end is not None and end - start > LONGEST):
        faults["start"] = _("开始时间不应晚于一年之后，时长不超过十年。")
    if kind == Upkeep.Kind.SHUTDOWN and not note.strip():
        faults["note"] = _("停产停排须写明依据（如报备文号）。")
    if channel is not None and channel.device_id != pk:
        faults["channel"] = _("该因子不属于本设备。")
    if faults:
        raise DeviceRefused("；".join(faults.values()), f"faults in {sorted(faults)}", faults=faults)
    with change(user.actor()) as tx:
        device = locked(user, pk)
        row = Upkeep.objects.create(
            device=device, channel=channel, kind=kind, start=start, end=end, note=note.strip()[:200],
            entered_by_id=getattr(user, "pk", None),
        )  # fmt: skip
        _log(tx, "add", device, row, None)
    return row


def end_upkeep(user: Any, pk: int, at: datetime | None = None) -> Upkeep:
    """End a period that goes on, now or at ``at``."""
    with change(user.actor()) as tx:
        row, device = _locked(user, pk)
        at = at or timezone.now()
        if row.end is not None or row.cancelled_at is not None:
            raise AlreadyDecided("该时段已结束或已撤销。", f"upkeep {pk} is over", value=pk)
        if at <= row.start:
            raise DeviceRefused("结束时间应晚于开始时间。", "end before start", faults={"end": _("应晚于开始时间。")})
        before = _facts(row)
        row.end, row.changed_at = at, timezone.now()
        row.save(update_fields=["end", "changed_at"])
        _log(tx, "end", device, row, before)
    return row


def cancel_upkeep(user: Any, pk: int, opinion: str) -> Upkeep:
    """Take back what was entered by mistake; the row stays with the reason in the journal."""
    if not opinion.strip():
        raise DeviceRefused("撤销须说明理由。", "no reason given", faults={"opinion": _("请填写理由。")})
    with change(user.actor()) as tx:
        row, device = _locked(user, pk)
        if row.cancelled_at is not None:
            raise AlreadyDecided("该时段已撤销。", f"upkeep {pk} is cancelled", value=pk)
        before = _facts(row)
        row.cancelled_at = row.changed_at = timezone.now()
        row.save(update_fields=["cancelled_at", "changed_at"])
        _log(tx, "cancel", device, row, before, opinion.strip())
    return row


def _locked(user: Any, pk: int) -> tuple[Upkeep, Device]:
    found = Upkeep.objects.filter(pk=pk).values_list("device_id", flat=True).first()
    if found is None:
        raise DeviceRefused("没有这个时段。", f"no upkeep {pk}", value=pk)
    device = locked(user, found)
    return Upkeep.objects.select_for_update(of=("self",)).get(pk=pk), device


def _facts(row: Upkeep) -> dict[str, Any]:
    moments = {name: getattr(row, name) for name in ("start", "end", "cancelled_at")}
    return {"kind": row.kind, "channel": row.channel_id, "note": row.note,
            **{name: at.isoformat() if at else None for name, at in moments.items()}}  # fmt: skip


def _log(tx: Change, verb: str, device: Device, row: Upkeep, before: Any, note: str = "") -> None:
    tx.log(f"monitoring.upkeep.{verb}", f"{device.ref}#upkeep-{row.pk}", before, _facts(row), note)
    mark_stale(device, row)


def mark_stale(device: Device, row: Upkeep, now: datetime | None = None) -> None:
    """Note the days a period touches, up to today, as to be counted anew."""
    now = now or timezone.now()
    first, today = timezone.localdate(row.start), timezone.localdate(now)
    last = min(today, timezone.localdate(row.end)) if row.end is not None else today
    note_days([(device.pk, first + timedelta(days=n)) for n in range((last - first).days + 1)], now)
