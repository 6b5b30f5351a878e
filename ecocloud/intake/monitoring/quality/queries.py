"""What is asked about the quality of values: flags, decisions, verdicts for those who evaluate."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from ecocloud.intake.monitoring.quality.judging import Decision, Verdicts
from ecocloud.intake.monitoring.quality.models import QualityFlag, QualityReview
from ecocloud.kernel.regions import scope

VIEW = "monitoring.device.view"


def flags(viewer: Any) -> QuerySet[QualityFlag]:
    """The automatic flags of devices ``viewer`` may see."""
    return scope.limit(QualityFlag.objects.all(), viewer, ["device__department"], "device__region", permission=VIEW)


def reviews(viewer: Any) -> QuerySet[QualityReview]:
    """The decisions about devices ``viewer`` may see, with those taken back."""
    return scope.limit(QualityReview.objects.all(), viewer, ["device__department"], "device__region", permission=VIEW)


def verdicts(
    devices: Collection[int] | None = None, interval: str | None = None, first: datetime | None = None,
    last: datetime | None = None, as_of: datetime | None = None,
) -> Verdicts:  # fmt: skip
    """What people decided about values, for those who evaluate them (one query).

    devices: primary keys; None for all. interval: of the data; None for all. first, last: only decisions that touch
    stamps from ``first`` to before ``last``. as_of: those that stood at that moment. ``Verdicts.mask(mn, factor,
    interval, stamps)`` says for stamps in seconds since 1970 UTC whether a value is valid (1), invalid (2) or was not
    decided on (0).
    """
    counts = Q(cancelled_at__isnull=True)
    if as_of is not None:
        counts = Q(at__lte=as_of) & (counts | Q(cancelled_at__gt=as_of))
    rows = QualityReview.objects.filter(counts)
    if devices is not None:
        rows = rows.filter(device__in=devices)
    if interval is not None:
        rows = rows.filter(interval=interval)
    if first is not None:
        rows = rows.filter(last__gt=first)
    if last is not None:
        rows = rows.filter(first__lt=last)
    fields = ("pk", "device__mn", "factor", "interval", "first", "last", "valid")
    return Verdicts(
        Decision(pk, mn, factor, kind, _seconds(begin), _seconds(end), valid)
        for pk, mn, factor, kind, begin, end, valid in rows.order_by("pk").values_list(*fields)
    )


def _seconds(at: datetime) -> int:
    """A bound in whole seconds, a part of a second rounded up: stamps are whole seconds."""
    return -int(-at.timestamp() // 1)
