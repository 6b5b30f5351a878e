"""Read models of reports: the desk, what staff may see, what everybody may read, what lies near."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from ecocloud.kernel.duties import likeness
from ecocloud.kernel.regions import scope
from ecocloud.portal.errors import NoSuchReport
from ecocloud.portal.facts import categories
from ecocloud.portal.reports.models import Report, ReportDesk
from ecocloud.portal.reports.states import State

VIEW = "portal.report.view"
_MOST_NEAR = 200
_KIND = "case"


def desk() -> ReportDesk | None:
    """Who takes reports; None until somebody has opened them."""
    return ReportDesk.objects.select_related("office__region", "person__department").filter(pk=1).first()


def reports(viewer: Any, permission: str = VIEW) -> QuerySet[Report]:
    """The reports ``viewer`` may see: those their units handle, and those without a unit in their divisions."""
    return scope.limit(Report.objects.all(), viewer, ["unit"], "region", permission=permission)


def report_for(viewer: Any, number: str) -> Report:
    """One report; raises :class:`NoSuchReport` outside the reach."""
    row = reports(viewer).filter(number=number).select_related("region", "unit").first()
    if row is None:
        raise NoSuchReport(
            "没有这件反映，或它不在您的数据范围内。", f"no report {number[:16]} in reach", value=number[:16]
        )
    return row


def public_report(number: str) -> Report:
    """One report for everybody; raises :class:`NoSuchReport`."""
    plain = "".join(sign for sign in number if sign.isascii() and sign.isdigit())[:16]
    row = Report.objects.filter(number=plain).select_related("region", "unit").first() if plain else None
    if row is None:
        raise NoSuchReport("没有这个查询编号。", f"no report of the number {plain}", value=plain,
                           remedy_zh="编号为 11 位数字，请核对后重新输入。")  # fmt: skip
    return row


@dataclass(frozen=True)
class Near:
    """An open report near a place: how far in metres, how many days ago."""

    report: Report
    metres: int
    days: int


def near(category: str, lon: float, lat: float, day: date | None = None) -> list[Near]:
    """Open reports that may be about the same thing, the nearest first, by the rules of the duties room."""
    found = categories().get(category)
    if found is None:
        return []
    west, south, east, north = likeness.box(_KIND, found.case, lon, lat)
    rows = Report.objects.filter(lat__gte=south, lat__lte=north, lon__gte=west, lon__lte=east, category=category)
    rows = rows.filter(state__in=[State.RECEIVED.value, State.HANDLING.value]).select_related("region")
    kept = {row.pk: row for row in rows.order_by("-pk")[:_MOST_NEAR]}
    one = likeness.Report(0, day or timezone.localdate(), found.case, lon, lat)
    others = [
        likeness.Report(pk, timezone.localdate(row.created_at), found.case, row.lon, row.lat)
        for pk, row in kept.items()
    ]
    return [Near(kept[o.key], alike.metres, alike.days) for o, alike in likeness.like(_KIND, one, others)]


def unrouted(viewer: Any) -> QuerySet[Report]:
    """Reports nobody handles yet."""
    return reports(viewer).filter(state=State.RECEIVED.value)


def unanswered(viewer: Any) -> QuerySet[Report]:
    """Reports of the viewer's unit that are done and have no reply."""
    return reports(viewer).filter(state=State.DONE.value, reply="", unit=viewer.department_id)


def waiting(viewer: Any) -> QuerySet[Report]:
    """What somebody should do something about: not yet handed over, or done without a reply by the own unit."""
    mine = Q(state=State.RECEIVED.value) | Q(state=State.DONE.value, reply="", unit=viewer.department_id)
    return reports(viewer).filter(mine)
