"""What the room says in an accountability file: forms a unit owed in the days, sent in time, late or not at all."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop

from ecocloud.domains.gep import formset, steps
from ecocloud.domains.gep.models import Form
from ecocloud.kernel.journal.proofs import entries_about
from ecocloud.kernel.regions.accountable import Accountable, Line, Section, Subject, proof


def sections(subject: Subject, first: date, last: date) -> list[Section]:
    """The forms of the unit whose deadline lies in the days."""
    if subject.kind != "dept":
        return []
    rows: list[Any] = list(
        Form.objects.filter(department=subject.department, deadline__gte=first, deadline__lte=last)
        .select_related("region")
        .order_by("deadline", "code", "region_id", "year")
    )
    if not rows:
        return []
    entries = dict(entries_about([row.ref for row in rows]))
    lines = tuple(
        Line(row.ref, f"{formset.forms()[row.code].zh} {row.region.name} {row.year}",
             reverse("gep:form", args=[row.pk]), row.deadline, _words(row), proof(entries, row.ref))
        for row in rows
    )  # fmt: skip
    return [Section("gep_forms", gettext_noop("核算报表"), 130, lines)]


def _words(row: Form) -> str:
    sent = timezone.localdate(row.submitted_at) if row.submitted_at else None
    if sent is None:
        return "未报送"
    if row.state in steps.OPEN:
        return "已退回，尚未重新报送"
    late = (sent - row.deadline).days
    return f"{sent} 报送，逾期 {late} 天" if late > 0 else f"{sent} 按期报送"


ACCOUNTABLE = Accountable(sections)
