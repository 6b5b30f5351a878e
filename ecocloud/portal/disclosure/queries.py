"""Read models of disclosure: publications, lists with what is due, notices of rectification."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone

from ecocloud.kernel.duties.models import WorkItem
from ecocloud.kernel.regions import scope
from ecocloud.portal.disclosure.facts import ListFact, due_after, lists
from ecocloud.portal.disclosure.models import Publication
from ecocloud.portal.errors import NoSuchReport

VIEW = "portal.open.view"
_NOTICE = ("problem", "published")


class NoSuchPublication(NoSuchReport):
    """There is no such publication."""

    code = "portal.no_publication"


@dataclass(frozen=True)
class Line:
    """A list: how much is in it, when the last came, when the next is due, whether it is late."""

    fact: ListFact
    count: int
    last: date | None
    due: date | None
    late: bool


def public() -> QuerySet[Publication]:
    """What everybody may read."""
    return Publication.objects.filter(withdrawn_at__isnull=True, published_on__lte=timezone.localdate())


def publications(viewer: Any) -> QuerySet[Publication]:
    """The publications ``viewer`` may see as staff."""
    return scope.limit(Publication.objects.all(), viewer, ["department"], permission=VIEW)


def publication_for(viewer: Any, pk: int) -> Publication:
    """One of those; raises :class:`NoSuchPublication`."""
    row = publications(viewer).select_related("department").filter(pk=pk).first()
    if row is None:
        raise NoSuchPublication("没有这项公开信息，或它不在您的数据范围内。", f"no publication {pk} in reach", value=pk)
    return row


def overview(day: date | None = None) -> list[Line]:
    """Every list, in the order of the data. Late: the period in which something was due has passed without it."""
    day = day or timezone.localdate()
    rows = public().order_by().values("listed").annotate(n=Count("pk"), last=Max("published_on"))
    found = {row["listed"]: row for row in rows}
    shown = []
    for fact in lists().values():
        row = found.get(fact.code, {"n": 0, "last": None})
        due = due_after(fact.every, row["last"], day)
        after = due_after(fact.every, due, day) if due else None
        late = due is not None and after is not None and row["last"] is not None and day >= after
        shown.append(Line(fact, row["n"], row["last"], due, late))
    return shown


def notices(day: date | None = None) -> QuerySet[WorkItem]:
    """Results of rectification that are open to everybody today."""
    kind, state = _NOTICE
    day = day or timezone.localdate()
    rows = WorkItem.objects.filter(Q(case__notice_until__isnull=True) | Q(case__notice_until__gte=day))
    return rows.filter(kind=kind, state=state).select_related("case", "lead_department", "region")
