"""Messages to read (待阅): to a unit or to a person; of one event everybody gets exactly one.

Every notice of the product is written by :func:`put`. An event that is told again, or told to somebody in several
roles (the unit leads and cooperates, the person is told by name and through the unit), is there once.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

from django.db.models import Q
from django.utils import timezone

from ecocloud.kernel.duties.models import ItemSeat, Notice, WorkItem
from ecocloud.kernel.duties.services import mailing
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions import permissions, scope
from ecocloud.kernel.regions.models import Department, User

VIEW = "duties.item.view"


def event_of(*parts: Any) -> str:
    """The mark of an event, 32 hexadecimal digits: the same parts are the same event."""
    return blake2b("\x00".join(str(part) for part in parts).encode(), digest_size=16).hexdigest()


def _marked(row: Notice) -> Notice:
    """A notice without an event of its own: the same words about the same thing are one event on one day."""
    row.title = row.title[:300]
    row.at = row.at or timezone.now()
    row.event = row.event or event_of(row.kind, row.ref, row.title, row.text, timezone.localdate(row.at))
    return row


def reads_for_unit(person: User) -> bool:
    """Whether notices to the unit are this person's to read: not of people who see only what is their own."""
    if person.department_id is None or not permissions.allowed(person, VIEW):
        return False
    seen = scope.reach(person, VIEW)
    return seen.everything or bool(seen.departments)


def put(rows: Iterable[Notice]) -> int:
    """Write the notices that are not there yet; returns how many. Call it inside the change they tell of."""
    fresh: dict[tuple[str, int | None, int | None], Notice] = {}
    for row in rows:
        _marked(row)
        fresh.setdefault((row.event, row.user_id, row.department_id), row)
    if not fresh:
        return 0
    events = sorted({event for event, _user, _unit in fresh})
    known = set()
    for first in range(0, len(events), 500):
        there = Notice.objects.filter(event__in=events[first : first + 500])
        known |= set(there.values_list("event", "user_id", "department_id"))
    _spare_people(fresh, known)
    wanted = [row for key, row in fresh.items() if key not in known]
    Notice.objects.bulk_create(wanted, batch_size=500, ignore_conflicts=True)
    mailing.later({row.event for row in wanted})
    return len(wanted)


def _spare_people(
    fresh: dict[tuple[str, int | None, int | None], Notice], known: set[tuple[str, int | None, int | None]]
) -> None:
    """Who reads the notice of the unit gets none by name: those to come are left out, unread ones taken back."""
    people = {user for _event, user, _unit in {*fresh, *known} if user is not None}
    if not people:
        return
    units = {(event, unit) for event, _user, unit in {*fresh, *known} if unit is not None}
    if not units:
        return
    named = User.objects.in_bulk(sorted(people))
    spared = {
        (event, user, None)
        for event, user, _unit in {*fresh, *known}
        if user in named and (event, named[user].department_id) in units and reads_for_unit(named[user])
    }
    taken_back = Q(pk__in=[])
    for key in spared:
        fresh.pop(key, None)
        if key in known:
            taken_back |= Q(event=key[0], user_id=key[1], read_at__isnull=True)
    if taken_back:
        Notice.objects.filter(taken_back).delete()


def tell_unit(
    department: Department | int, kind: str, ref: str, title: str, text: str = "", at: Any = None, event: str = ""
) -> None:
    """A notice to everybody of one unit, read once by the first who opens it."""
    unit = department if isinstance(department, int) else department.pk
    put([Notice(department_id=unit, kind=kind, ref=ref, title=title, text=text, at=at, event=event)])


def tell_person(user: User, kind: str, ref: str, title: str, text: str = "", at: Any = None, event: str = "") -> None:
    """A notice to one person."""
    put([Notice(user=user, kind=kind, ref=ref, title=title, text=text, at=at, event=event)])


def tell_cooperating(
    item: WorkItem, kind: str, title: str, text: str = "", at: Any = None, event: str = ""
) -> None:  # fmt: skip
    """A notice to every cooperating unit of an item."""
    units = ItemSeat.objects.filter(item=item, role=ItemSeat.Role.COOPERATE).values_list("department_id", flat=True)
    put(
        Notice(department_id=unit, kind=kind, ref=item.ref, title=title, text=text, at=at, event=event)
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
