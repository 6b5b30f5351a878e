"""What the portal registers when a process starts: resolvers of references, and what it does when a case moves."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from ecocloud.kernel.duties.following import register_follower
from ecocloud.kernel.journal.refs import Ref, Resolved, register_resolver
from ecocloud.kernel.regions.permissions import allowed
from ecocloud.portal.reports import queries, services
from ecocloud.portal.reports.models import Report


def register() -> None:
    """Register ``report:ID`` and follow the cases made of reports."""
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
