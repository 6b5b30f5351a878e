"""What the portal registers when a process starts: resolvers of references, and what it does when a case moves."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from ecocloud.kernel.duties.following import register_follower
from ecocloud.kernel.journal.refs import Ref, Resolved, register_resolver
from ecocloud.kernel.regions.permissions import allowed
from ecocloud.portal.consulting import queries as drafts
from ecocloud.portal.consulting.models import Comment, Consultation
from ecocloud.portal.reports import queries, services
from ecocloud.portal.reports.models import Report


def register() -> None:
    """Register ``report:ID``, ``consult:ID``, ``comment:ID``, follow the cases made of reports and know that tasks come
    from comments."""
    register_resolver("consult", _consultation)
    register_resolver("comment", _comment)
    register_follower("comment", lambda tx, user, item, at: None)
    register_resolver("report", _report)
    register_follower("report", services.item_moved)


def _report(ref: Ref, viewer: Any) -> Resolved | None:
    key = int(ref.key) if ref.key.isdecimal() and len(ref.key) < 19 else 0
    row = Report.objects.select_related("region").filter(pk=key).first()
    if row is None:
        return None
    title = f"公众反映 {row.number} {row.category_word}"
    may = allowed(viewer, queries.VIEW) and queries.reports(viewer).filter(pk=row.pk).exists()
    return Resolved(ref, title, reverse("portal:report-page", args=[row.number]), place=row.region.name, allowed=may)


def _number(ref: Ref) -> int:
    return int(ref.key) if ref.key.isdecimal() and len(ref.key) < 19 else 0


def _consultation(ref: Ref, viewer: Any) -> Resolved | None:
    row = Consultation.objects.select_related("department").filter(pk=_number(ref)).first()
    if row is None:
        return None
    may = allowed(viewer, drafts.VIEW) and drafts.consultations(viewer).filter(pk=row.pk).exists()
    address = reverse("portal:consult-page", args=[row.pk])
    return Resolved(ref, row.title, address, place=row.department.label, allowed=may)


def _comment(ref: Ref, viewer: Any) -> Resolved | None:
    row = Comment.objects.select_related("consultation").filter(pk=_number(ref)).first()
    if row is None:
        return None
    may = allowed(viewer, drafts.VIEW) and drafts.comments(viewer).filter(pk=row.pk).exists()
    title = f"{row.consultation.title} 意见 {row.number}"
    return Resolved(ref, title, reverse("portal:comment-page", args=[row.pk]), place=row.place, allowed=may)
