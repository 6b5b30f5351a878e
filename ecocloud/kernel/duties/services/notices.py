"""Messages to read (待阅): to a unit or to a person."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from ecocloud.kernel.duties.models import ItemSeat, Notice, WorkItem
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions.models import Department, User


def tell_unit(department: Department | int, kind: str, ref: str, title: str, text: str = "", at: object = None) -> None:
    """A notice to everybody of one unit, read once by the first who opens it."""
    unit = department if isinstance(department, int) else department.pk
    Notice.objects.create(department_id=unit, kind=kind, ref=ref, title=title[:300], text=text, at=at or timezone.now())


def tell_person(user: User, kind: str, ref: str, title: str, text: str = "", at: object = None) -> None:
    """A notice to one person."""
    Notice.objects.create(user=user, kind=kind, ref=ref, title=title[:300], text=text, at=at or timezone.now())


def tell_cooperating(item: WorkItem, kind: str, title: str, text: str = "", at: object = None) -> None:
    """A notice to every cooperating unit of an item."""
    units = ItemSeat.objects.filter(item=item, role=ItemSeat.Role.COOPERATE).values_list("department_id", flat=True)
    Notice.objects.bulk_create(
        Notice(department_id=unit, kind=kind, ref=item.ref, title=title[:300], text=text, at=at or timezone.now())
        for unit in sorted(units)
    )


def mark_read(user: User, notices: Iterable[int]) -> int:
    """Mark the person's own or the unit's notices as read; returns how many were unread."""
    from ecocloud.kernel.duties.queries import notices_for

    with change(user.actor()) as tx:
        ids = list(notices_for(user).filter(pk__in=list(notices), read_at__isnull=True).values_list("pk", flat=True))
        done = Notice.objects.filter(pk__in=ids, read_at__isnull=True).update(read_at=timezone.now(), read_by=user)
        if done:
            tx.log("duties.notice.read", f"user:{user.pk}", after={"notices": ids})
    return done
