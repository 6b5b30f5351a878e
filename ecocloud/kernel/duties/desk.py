"""The numbers of the desk. Several are read by one query and kept for the request; each equals the list it opens."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from django.db.models import Count, Q, Sum
from django.utils import timezone

from ecocloud.kernel.duties import queries
from ecocloud.kernel.duties.models import ItemCount, ItemSeat
from ecocloud.kernel.regions import permissions, scope
from ecocloud.kernel.regions.kept import kept
from ecocloud.kernel.regions.models import User

# Days ahead that are read together with what is overdue.
_AHEAD = 13
# What others do shows in the numbers by day within these seconds.
KEEP_SECONDS = 60


def todo_count(viewer: User) -> int:
    """How many rows :func:`queries.todo` has; counted once for each request."""
    return scope.remembered(viewer, "duties.todo", lambda: _todo_count(viewer))


def _todo_count(viewer: User) -> int:
    """Of a unit that only handles from the rollup: the holder of an item in these states is its lead unit."""
    may = permissions.rights(viewer).permissions
    units, named = queries.seated(viewer), queries.asked(viewer)
    if (
        queries.HANDLE not in may
        or queries.MANAGE in may
        or queries.APPROVE in may
        or queries.CHECK in may
        or not units
        or named is None
    ):
        return queries.todo(viewer).count()
    states = queries.states_of("lead")
    held = sum(_held(viewer)[ItemSeat.Role.LEAD, state] for state in states)
    if not named:
        return held
    besides = queries.visible(viewer).filter(pk__in=named).exclude(lead_department_id__in=units, state__in=states)
    return held + besides.count()


def copied_count(viewer: User) -> int:
    """How many rows :func:`queries.copied` has; from the rollup (a unit has one seat on an item)."""
    return sum(_held(viewer)[ItemSeat.Role.COOPERATE, state] for state in queries.open_states())


def _held(viewer: User) -> Counter[tuple[str, str]]:
    """Items of the viewer's unit by its role and their state, from the rollup."""

    def read() -> Counter[tuple[str, str]]:
        rows = ItemCount.objects.filter(department_id__in=queries.seated(viewer), role__in=ItemSeat.Role.values)
        found = rows.order_by().values_list("role", "state").annotate(n=Sum("count"))
        return Counter({(role, state): n for role, state, n in found})

    return scope.remembered(viewer, "duties.held", read)


def warned(viewer: User) -> dict[str, int]:
    """How many rows :func:`queries.warnings` has, by light."""
    return scope.remembered(viewer, "duties.warned", lambda: queries.tab_counts(viewer, queries.WARNED, "light"))


def coming_by_day(viewer: User, first: date, last: date) -> dict[date, int]:
    """How many open items have their deadline on each day from ``first`` to ``last``."""
    return {day: n for day, n in _by_due(viewer, last).items() if day >= first}


def overdue_count(viewer: User) -> int:
    """How many rows :func:`queries.overdue` has."""
    return sum(_overdue(viewer).values())


def longest_overdue(viewer: User) -> date | None:
    """The earliest deadline among :func:`queries.overdue`."""
    return min(_overdue(viewer), default=None)


def _overdue(viewer: User) -> dict[date, int]:
    today = timezone.localdate()
    return {day: n for day, n in _by_due(viewer, today + timedelta(days=_AHEAD)).items() if day < today}


def _by_due(viewer: User, last: date) -> dict[date, int]:
    """Open items by deadline up to ``last``; one unit's from the index of its seats. The days of the desk are kept."""

    def read() -> dict[date, int]:
        view = queries.view_of(viewer)
        rows = view.seats() if view.single else queries.visible(viewer)
        rows = rows.filter(state__in=queries.open_states(), light_rank__in=queries.OPEN_RANKS, due__lte=last)
        return dict(rows.order_by().values_list("due").annotate(n=Count("pk")))

    name = f"duties.by_due:{last}"
    if last != timezone.localdate() + timedelta(days=_AHEAD):
        return scope.remembered(viewer, name, read)
    return scope.remembered(viewer, name, lambda: kept(viewer, "duties.by_due", read, KEEP_SECONDS))


def notices_by_kind(viewer: User) -> dict[str, tuple[int, int]]:
    """Notices of the viewer by kind: how many, and how many of them unread."""

    def read() -> dict[str, tuple[int, int]]:
        unread = Count("pk", filter=Q(read_at__isnull=True))
        rows = queries.notices_for(viewer).order_by().values_list("kind").annotate(n=Count("pk"), fresh=unread)
        return {kind: (n, fresh) for kind, n, fresh in rows}

    return scope.remembered(viewer, "duties.notices", read)


def urged_count(viewer: User) -> int:
    """How many rows :func:`queries.urged` has."""
    return sum(n for kind, (n, _fresh) in notices_by_kind(viewer).items() if kind in queries.URGING)


def unread_by_kind(viewer: User) -> Counter[str]:
    """Unread notices by kind."""
    return Counter({kind: fresh for kind, (_n, fresh) in notices_by_kind(viewer).items() if fresh})
