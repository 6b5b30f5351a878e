"""What people decide about values 人工审核: permission, decision and journal in one transaction; nothing is deleted."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.intake.monitoring.alarms.document import INTERVALS
from ecocloud.intake.monitoring.alarms.models import AlarmState
from ecocloud.intake.monitoring.quality import queries
from ecocloud.intake.monitoring.quality.errors import AlreadyTakenBack, NoSuchReview, ReviewRefused
from ecocloud.intake.monitoring.quality.models import QualityReview
from ecocloud.intake.monitoring.stations import queries as stations
from ecocloud.intake.monitoring.stations.models import Device
from ecocloud.kernel.evidence.guards import within_reach
from ecocloud.kernel.journal.services import change

REVIEW = "monitoring.quality.review"
LONGEST, MOST_REASON = timedelta(days=366), 200


def review(
    user: Any, device: Device, *, factor: str = "", interval: str, first: datetime, last: datetime, valid: bool,
    reason: str,
) -> QualityReview:  # fmt: skip
    """Decide that the values of a device with stamps from ``first`` to before ``last`` are valid, or are not.

    factor: '' for all. reason: mandatory. A later decision stands over this one. Raises Forbidden outside the person's
    reach, ReviewRefused with the fault of every field.
    """
    within_reach(user, REVIEW, device.region, device.department)
    faults = {}
    if interval not in INTERVALS:
        faults["interval"] = _("请选择实时、分钟、小时或日数据。")
    if last <= first:
        faults["last"] = _("止时应晚于起时。")
    elif last - first > LONGEST:
        faults["last"] = _("一次审核的时段不超过一年。")
    elif first > timezone.now():
        faults["first"] = _("不能审核将来的数据。")
    if factor and not device.channels.filter(code=factor).exists():
        faults["factor"] = _("该设备没有这个监测因子。")
    if not reason.strip():
        faults["reason"] = _("请写明理由。")
    elif len(reason.strip()) > MOST_REASON:
        faults["reason"] = _("理由不超过 %(n)s 字。") % {"n": MOST_REASON}
    if faults:
        raise ReviewRefused(faults)
    with change(user.actor()) as tx:
        row = QualityReview.objects.create(
            device=device, factor=factor, interval=interval, first=first, last=last, valid=valid,
            reason=reason.strip(), by=user,
        )  # fmt: skip
        tx.log("monitoring.review.decide", row.ref, None, facts(row), row.reason)
        _look_again(device)
    return row


def take_back(user: Any, pk: int, *, reason: str) -> QualityReview:
    """Take a decision back: the one before it counts again. The reason is mandatory and stands in the journal."""
    seen = queries.reviews(user).filter(pk=pk).select_related("device__region", "device__department").first()
    if seen is None:
        raise NoSuchReview("没有这条审核记录，或它不在您的数据范围内。", f"no review {pk} in reach", value=pk)
    within_reach(user, REVIEW, seen.device.region, seen.device.department)
    if not reason.strip():
        raise ReviewRefused({"reason": _("请写明理由。")})
    with change(user.actor()) as tx:
        row = QualityReview.objects.select_for_update(of=("self",)).get(pk=pk)
        if row.cancelled_at is not None:
            raise AlreadyTakenBack("这条审核已撤回。", f"review {pk} is taken back", value=pk)
        row.cancelled_by, row.cancelled_at = user, timezone.now()
        row.save(update_fields=["cancelled_by", "cancelled_at"])
        tx.log("monitoring.review.cancel", row.ref, facts(row), {"cancelled": True}, reason.strip()[:MOST_REASON])
        _look_again(seen.device)
    return row


def device_of(user: Any, pk: int) -> Device:
    """A device the person may review; raises NoSuchDevice outside the reach."""
    return stations.device_for(user, pk)


def facts(row: QualityReview) -> dict[str, Any]:
    """A decision for the journal."""
    return {"device": row.device_id, "factor": row.factor, "interval": row.interval, "first": row.first.isoformat(),
            "last": row.last.isoformat(), "valid": row.valid}  # fmt: skip


def _look_again(device: Device) -> None:
    """Alarm rules look at the device in their next run."""
    AlarmState.objects.filter(device=device).update(due=timezone.now())
