"""What alarms register when a process starts: resolvers of references, and what they do when a work item moves."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ecocloud.intake.monitoring.alarms import linking, queries
from ecocloud.intake.monitoring.alarms.models import AlarmIncident, AlarmRule
from ecocloud.intake.monitoring.quality import queries as quality
from ecocloud.intake.monitoring.quality.models import QualityReview
from ecocloud.kernel.duties.following import register_follower
from ecocloud.kernel.journal.refs import Ref, Resolved, register_resolver
from ecocloud.kernel.regions.permissions import allowed


def register() -> None:
    """Register ``alarm:ID``, ``alarmrule:ID``, ``review:ID``, and follow the work items made of incidents."""
    register_resolver("alarm", _alarm)
    register_resolver("alarmrule", _rule)
    register_resolver("review", _review)
    register_follower("alarm", linking.item_moved)


def _number(ref: Ref) -> int:
    return int(ref.key) if ref.key.isdecimal() and len(ref.key) < 19 else 0


def _alarm(ref: Ref, viewer: Any) -> Resolved | None:
    row = AlarmIncident.objects.select_related("device").filter(pk=_number(ref)).first()
    if row is None:
        return None
    seen = viewer is not None and allowed(viewer, queries.VIEW)
    if not seen or not queries.incidents(viewer).filter(pk=row.pk).exists():
        return Resolved(ref, _("报警（不在您的数据范围内）"), allowed=False)
    return Resolved(ref, f"{row.device.name} {row.title}", reverse("monitoring:alarm", args=[row.pk]),
                    place=row.get_state_display())  # fmt: skip


def _rule(ref: Ref, viewer: Any) -> Resolved | None:
    row = AlarmRule.objects.filter(pk=_number(ref)).first()
    if row is None:
        return None
    if viewer is None or not allowed(viewer, queries.VIEW):
        return Resolved(ref, _("报警规则"), allowed=False)
    return Resolved(ref, row.name, reverse("monitoring:alarm-rule", args=[row.pk]))


def _review(ref: Ref, viewer: Any) -> Resolved | None:
    row = QualityReview.objects.select_related("device").filter(pk=_number(ref)).first()
    if row is None:
        return None
    seen = viewer is not None and allowed(viewer, quality.VIEW)
    if not seen or not quality.reviews(viewer).filter(pk=row.pk).exists():
        return Resolved(ref, _("人工审核（不在您的数据范围内）"), allowed=False)
    return Resolved(ref, row.device.name, f"{reverse('monitoring:reviews')}?device={row.device_id}", excerpt=row.reason)
