"""What the evidence room says in an accountability file: the targets of the unit that fall due in the days."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_noop

from ecocloud.kernel.evidence import queries
from ecocloud.kernel.evidence.models import Target
from ecocloud.kernel.journal.proofs import entries_about
from ecocloud.kernel.regions.accountable import Accountable, Line, Section, Subject, proof


def _words(target: Target) -> str:
    words = queries.target_words(target)
    return f"目标 {words.zh}" if words else "目标"


def sections(subject: Subject, first: date, last: date) -> list[Section]:
    """Targets of the unit whose last day lies in the days."""
    if subject.kind != "dept":
        return []
    rows: list[Any] = list(
        Target.objects.filter(department=subject.department, status="active", end__gte=first, end__lte=last)
        .select_related("indicator", "region")
        .order_by("end", "indicator__order", "pk")
    )
    entries = dict(entries_about([f"target:{row.pk}" for row in rows]))
    lines = tuple(
        Line(f"target:{row.pk}", f"{row.indicator.zh} {row.region.name}", reverse("evidence:target", args=[row.pk]),
             row.end, _words(row), proof(entries, f"target:{row.pk}"))
        for row in rows
    )  # fmt: skip
    return [Section("targets", gettext_noop("目标"), 120, lines)]


ACCOUNTABLE = Accountable(sections)
