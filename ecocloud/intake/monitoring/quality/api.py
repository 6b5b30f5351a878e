"""API of quality flags and reviews. Limited to the caller's data scope."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from ecocloud.intake.monitoring.quality import queries, services
from ecocloud.intake.monitoring.quality.models import QualityReview
from ecocloud.kernel.regions.permissions import require

router = Router(tags=["monitoring"])
MAX_ROWS = 500


class FlagOut(Schema):
    """A doubtful value: which rule, what was compared with what (texts in the unit of the factor)."""

    device: int
    mn: str
    factor: str
    interval: str
    at: datetime
    rule: str
    values: dict[str, str]
    bound: dict[str, str]


class ReviewOut(Schema):
    """A decision about values with stamps from ``first`` to before ``last``; factor '' for all."""

    id: int
    device: int
    factor: str
    interval: str
    first: datetime
    last: datetime
    valid: bool
    reason: str
    at: datetime
    cancelled_at: datetime | None


class ReviewIn(Schema):
    """A decision to take; the reason is mandatory."""

    device: int
    factor: str = ""
    interval: str = "hour"
    first: datetime
    last: datetime
    valid: bool
    reason: str


class Wanted(Schema):
    """Which flags."""

    device: int | None = None
    rule: str = ""
    first: datetime | None = None
    last: datetime | None = None
    offset: int = 0


def _out(row: QualityReview) -> dict[str, Any]:
    names = ("factor", "interval", "first", "last", "valid", "reason", "at", "cancelled_at")
    return {name: getattr(row, name) for name in names} | {"id": row.pk, "device": row.device_id}


@router.get("/flags", url_name="monitoring-flags", response=list[FlagOut])
def flags(request: HttpRequest, wanted: Query[Wanted]) -> Any:
    """Automatic flags in reach, the newest first, at most 500."""
    require(request.user, queries.VIEW)
    rows = queries.flags(request.user).select_related("device")
    rows = rows.filter(device=wanted.device) if wanted.device is not None else rows
    rows = rows.filter(rule=wanted.rule) if wanted.rule else rows
    rows = rows.filter(at__gte=wanted.first) if wanted.first else rows
    rows = rows.filter(at__lt=wanted.last) if wanted.last else rows
    start = max(0, wanted.offset)
    names = ("factor", "interval", "at", "rule", "values", "bound")
    return [{name: getattr(row, name) for name in names} | {"device": row.device_id, "mn": row.device.mn}
            for row in rows.order_by("-at", "-pk")[start : start + MAX_ROWS]]  # fmt: skip


@router.get("/reviews", url_name="monitoring-reviews", response=list[ReviewOut])
def reviews(request: HttpRequest, device: int | None = None, offset: int = 0) -> Any:
    """Decisions in reach with those taken back, the newest first, at most 500."""
    require(request.user, queries.VIEW)
    rows = queries.reviews(request.user)
    rows = rows.filter(device=device) if device is not None else rows
    start = max(0, offset)
    return [_out(row) for row in rows.order_by("-pk")[start : start + MAX_ROWS]]


@router.post("/reviews", url_name="monitoring-reviews", response=ReviewOut)
def decide(request: HttpRequest, body: ReviewIn) -> Any:
    """Decide about values of a device."""
    device = services.device_of(request.user, body.device)
    return _out(services.review(request.user, device, factor=body.factor, interval=body.interval, first=body.first,
                                last=body.last, valid=body.valid, reason=body.reason))  # fmt: skip
