"""Forms on the work desk: what a person has to fill in, check or approve. Counts equal the lists their links open."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from ecocloud.domains.gep import queries, steps
from ecocloud.domains.gep.access import APPROVE, CHECK, FILL
from ecocloud.domains.gep.models import Form, FormStep
from ecocloud.kernel.regions.permissions import allowed
from ecocloud.kernel.regions.scope import remembered


def todo(viewer: Any) -> QuerySet[Form]:
    """The forms that wait for this person: of his unit to fill in, sent by others to check, checked ones to approve."""
    unit = getattr(viewer, "department_id", None)
    own = Q(department=unit)
    organised = Q(accounting__office=unit)
    mine = FormStep.objects.filter(by=viewer.pk, action__in=steps.FILLING).values("form")
    wanted = Q(pk__in=[])
    if unit and allowed(viewer, FILL):
        wanted |= own & Q(state__in=steps.OPEN)
    if unit and allowed(viewer, CHECK):
        wanted |= (own | organised) & Q(state="submitted") & ~Q(pk__in=mine)
    if unit and allowed(viewer, APPROVE):
        wanted |= organised & Q(state="checked") & ~Q(pk__in=mine)
    return queries.forms(viewer).filter(wanted, accounting__state="open")


def count(viewer: Any, tab: str = "todo") -> int:
    """How many forms wait for this person."""
    return remembered(viewer, "gep.todo", lambda: todo(viewer).count())


def url(viewer: Any, tab: str = "todo") -> str:
    """The list of just these forms."""
    return reverse("gep:forms") + "?todo=1"


def rows(viewer: Any, tab: str, limit: int) -> list[dict[str, Any]]:
    """The forms that wait, those due first."""
    from ecocloud.domains.gep.reporting import showing

    found = showing.dress(todo(viewer).order_by("deadline", "pk")[:limit])
    return [
        {"title": f"{row.title} {row.region.name} {row.year}", "url": reverse("gep:form", args=[row.pk]),
         "kind": row.code, "step": str(row.get_state_display()), "unit": row.department.label, "due": row.deadline,
         "act": str(showing.STEP_WORDS[act(row.state)]), "light": row.clock, "why": why(row, viewer), "ref": row.ref}
        for row in found
    ]  # fmt: skip


def act(state: str) -> str:
    """The step that waits in a state."""
    return {"submitted": "check", "checked": "approve"}.get(state, "save")


def why(row: Form, viewer: Any) -> str:
    """Why a form waits for this person."""
    from django.utils.translation import gettext as _

    if row.state in steps.OPEN:
        return _("由您的单位填报")
    return _("由您复核") if row.state == "submitted" else _("由您审定")


def due(viewer: Any, first: date, last: date) -> dict[date, tuple[int, str]]:
    """How many forms are due on each day."""
    found: dict[date, int] = {}
    waiting = todo(viewer).filter(state__in=steps.OPEN, deadline__gte=first, deadline__lte=last)
    for day in waiting.values_list("deadline", flat=True):
        found[day] = found.get(day, 0) + 1
    return {day: (number, f"{url(viewer)}&due_from={day}&due_to={day}") for day, number in found.items()}


def late(viewer: Any) -> int:
    """How many of them are overdue."""
    from django.utils import timezone

    return todo(viewer).filter(state__in=steps.OPEN, deadline__lt=timezone.localdate()).count()
