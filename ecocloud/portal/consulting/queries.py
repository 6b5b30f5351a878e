"""Read models of consultations: those of staff in reach, those of everybody, what waits for an answer."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from ecocloud.kernel.regions import scope
from ecocloud.portal.consulting.models import Comment, Consultation
from ecocloud.portal.consulting.states import Showing, State
from ecocloud.portal.errors import NoSuchReport

VIEW = "portal.consult.view"
WAITS = Q(showing=Showing.WAITING.value) | Q(showing=Showing.SHOWN.value, verdict__isnull=True)


class NoSuchConsultation(NoSuchReport):
    """There is no such consultation, or not within this person's reach."""

    code = "portal.no_consultation"


def consultations(viewer: Any, permission: str = VIEW) -> QuerySet[Consultation]:
    """The consultations ``viewer`` may see."""
    return scope.limit(Consultation.objects.all(), viewer, ["department"], "region", permission=permission)


def with_counts(rows: QuerySet[Consultation]) -> QuerySet[Consultation]:
    """With ``taken``, the number of comments, and ``waiting``, those that need somebody."""
    waits = Q(comments__showing=Showing.WAITING.value)
    waits |= Q(comments__showing=Showing.SHOWN.value, comments__verdict__isnull=True)
    return rows.annotate(taken=Count("comments"), waiting=Count("comments", filter=waits))


def consultation_for(viewer: Any, pk: int) -> Consultation:
    """One consultation; raises :class:`NoSuchConsultation` outside the reach."""
    row = consultations(viewer).select_related("department", "region").filter(pk=pk).first()
    if row is None:
        raise NoSuchConsultation(
            "没有这项征求意见，或它不在您的数据范围内。", f"no consultation {pk} in reach", value=pk
        )
    return row


def public() -> QuerySet[Consultation]:
    """What everybody may read: everything that was published and has begun or will begin; withdrawn ones with their
    reason, unless they were never published."""
    seen = [State.PUBLISHED.value, State.CONCLUDED.value]
    return Consultation.objects.filter(Q(state__in=seen) | Q(state=State.WITHDRAWN.value, comments__isnull=False)
                                       ).distinct().select_related("department")  # fmt: skip


def public_consultation(pk: int) -> Consultation:
    """One of those; raises :class:`NoSuchConsultation`."""
    row = public().filter(pk=pk).first()
    if row is None:
        raise NoSuchConsultation("没有这项征求意见。", f"no public consultation {pk}", value=pk)
    return row


def running() -> QuerySet[Consultation]:
    """Those that take comments today."""
    day = timezone.localdate()
    return Consultation.objects.filter(state=State.PUBLISHED.value, opens__lte=day, closes__gte=day)


def comments(viewer: Any) -> QuerySet[Comment]:
    """The comments on consultations in sight."""
    return Comment.objects.filter(consultation__in=consultations(viewer).values("pk"))


def comment_for(viewer: Any, pk: int) -> Comment:
    """One comment; raises :class:`NoSuchConsultation` outside the reach."""
    row = comments(viewer).select_related("consultation__department").filter(pk=pk).first()
    if row is None:
        raise NoSuchConsultation("没有这条意见，或它不在您的数据范围内。", f"no comment {pk} in reach", value=pk)
    return row


def unanswered(row: Consultation) -> QuerySet[Comment]:
    """Comments that keep the results back."""
    return row.comments.filter(WAITS)


def waiting(viewer: Any) -> QuerySet[Comment]:
    """Comments on running or ended consultations of the viewer's own unit that need somebody."""
    return comments(viewer).filter(WAITS, consultation__state=State.PUBLISHED.value,
                                   consultation__department=viewer.department_id)  # fmt: skip
