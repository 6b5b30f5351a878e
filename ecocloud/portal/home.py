"""What the work desk shows of this room: reports and comments that wait. Counts equal the lists they open."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ecocloud.kernel.regions.permissions import allowed
from ecocloud.kernel.regions.reasons import by_role
from ecocloud.kernel.regions.scope import remembered
from ecocloud.portal.consulting import queries as consulting
from ecocloud.portal.consulting import services as answering
from ecocloud.portal.consulting.states import Showing
from ecocloud.portal.reports import queries as reports
from ecocloud.portal.reports import services as handling
from ecocloud.portal.reports.states import State


def report_count(viewer: Any, tab: str = "todo") -> int:
    """How many reports wait for the viewer: not handed over yet, or done by the own unit without a reply."""
    if not allowed(viewer, handling.HANDLE):
        return 0
    return remembered(viewer, "portal.reports", lambda: reports.waiting(viewer).count())


def report_url(viewer: Any, tab: str = "todo") -> str:
    """The list of exactly these."""
    return f"{reverse('portal:reports')}?waiting=1"


def report_rows(viewer: Any, tab: str, limit: int) -> list[dict[str, Any]]:
    """Reports to hand over or to answer."""
    if not allowed(viewer, handling.HANDLE):
        return []
    rows = reports.waiting(viewer).select_related("region", "unit").order_by("pk")[:limit]
    return [
        _row(f"{row.category_word} · {row.region.name}", reverse("portal:report-page", args=[row.number]),
             _("公众反映"), row.state_word, row.unit, _("交办") if row.state == State.RECEIVED.value else _("公开答复"),
             report_why(viewer, row), row.ref)
        for row in rows
    ]  # fmt: skip


def comment_count(viewer: Any, tab: str = "todo") -> int:
    """How many comments wait for the viewer's unit: to be checked or answered."""
    if not allowed(viewer, answering.EDIT):
        return 0
    return remembered(viewer, "portal.comments", lambda: consulting.waiting(viewer).count())


def comment_url(viewer: Any, tab: str = "todo") -> str:
    """The list of exactly these."""
    return f"{reverse('portal:comments')}?waiting=1"


def comment_rows(viewer: Any, tab: str, limit: int) -> list[dict[str, Any]]:
    """Comments to check or to answer."""
    if not allowed(viewer, answering.EDIT):
        return []
    rows = consulting.waiting(viewer).select_related("consultation__department").order_by("pk")[:limit]
    return [
        _row(row.text[:60], reverse("portal:comment-page", args=[row.pk]), _("公众意见"), row.showing_word,
             row.consultation.department, _("审核") if row.showing == Showing.WAITING.value else _("答复"),
             _("本单位%(unit)s组织征求意见") % {"unit": row.consultation.department.label}, f"comment:{row.pk}")
        for row in rows
    ]  # fmt: skip


def report_why(viewer: Any, row: Any) -> str:
    """Why a report waits for the viewer."""
    if row.state == State.RECEIVED.value:
        return by_role(viewer, handling.HANDLE, _("受理公众反映"))
    return _("%(unit)s已办结，待公开答复") % {"unit": row.unit.label if row.unit else ""}


def _row(
    title: str, url: str, kind: str, step: str, unit: Any, act: str, why: str, ref: str
) -> dict[str, Any]:  # fmt: skip
    return {"title": title, "url": url, "kind": kind, "step": step, "unit": unit.label if unit else "", "due": None,
            "light": (), "act": act, "why": why, "ref": ref}  # fmt: skip
