"""Read models of results, limited to what a person may see."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from ecocloud.base.errors import EcoError
from ecocloud.intake.monitoring.results.models import Result
from ecocloud.kernel.regions import scope

VIEW = "monitoring.device.view"


class NoSuchResult(EcoError):
    """The result does not exist or lies outside the person's reach."""

    code = "monitoring.no-result"
    http_status = 404


def results(viewer: Any) -> QuerySet[Result]:
    """The results ``viewer`` may see, of every version: those of devices by their unit, those of areas by place."""
    return scope.limit(Result.objects.all(), viewer, ["department"], "region", permission=VIEW)


def current(viewer: Any, kind: str, span: str, asked: str = "") -> QuerySet[Result]:
    """The versions that count, of one kind and span."""
    return results(viewer).filter(kind=kind, span=span, current=True, asked=asked)


def result_for(viewer: Any, pk: int) -> Result:
    """A version with what it is about; raises NoSuchResult outside of the reach."""
    row = results(viewer).filter(pk=pk).select_related("device", "region", "department").first()
    if row is None:
        raise NoSuchResult("没有这个评价结果，或它不在您的数据范围内。", f"no result {pk} in reach", value=pk)
    return row


def versions(row: Result) -> list[Result]:
    """Every version of what a result is about, the newest first."""
    rows = Result.objects.filter(subject=row.subject, kind=row.kind, span=row.span, start=row.start, asked=row.asked)
    return list(rows.order_by("-version").defer("body"))
