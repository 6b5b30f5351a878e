"""The work desk: counters and to-do tabs gathered from the rooms' descriptors."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from django.http import HttpRequest
from django.utils import timezone

from ecocloud.base.calendar import WorkCalendar
from ecocloud.base.rooms import TodoSource, all_rooms, load
from ecocloud.kernel.regions import permissions

TABS = ("todo", "done", "started", "copied", "urged")
DAYS_SHOWN = 14


def _sources(user, tab: str) -> Iterator[TodoSource]:
    for room in all_rooms():
        for source in room.todos:
            if tab in source.tabs and permissions.allowed(user, source.permission):
                yield source


def todo_total(request: HttpRequest) -> int:
    """How many things wait for this person; counted once for each request."""
    if not hasattr(request, "_todo_total"):
        request._todo_total = sum(load(source.count)(request.user, "todo") for source in _sources(request.user, "todo"))
    return request._todo_total


def tab_counts(user) -> dict[str, int]:
    """``{tab: rows}`` for the tabs of the home page."""
    return {tab: sum(load(source.count)(user, tab) for source in _sources(user, tab)) for tab in TABS}


def rows(user, tab: str, limit: int) -> list[dict]:
    """The most urgent rows of a tab over all rooms, by due date; rows without one come last."""
    found = [row for source in _sources(user, tab) for row in load(source.rows)(user, tab, limit)]
    return sorted(found, key=lambda row: row.get("due") or date.max)[:limit]


def counters(user) -> list[dict]:
    """The counts at the head of the page; each opens a list of that many rows."""
    lines = sorted((counter for room in all_rooms() for counter in room.counters), key=lambda counter: counter.order)
    return [
        {"counter": line, "count": load(line.count)(user), "url": load(line.url)(user)}
        for line in lines
        if permissions.allowed(user, line.permission)
    ]


def coming_days(due: dict[date, int]) -> list[dict]:
    """The next fourteen days with their kind (workday, weekend, holiday, make-up) and what falls due on them."""
    calendar = WorkCalendar.load()
    today = timezone.localdate()
    days = [today + timedelta(days=offset) for offset in range(DAYS_SHOWN)]
    return [{"day": day, "kind": calendar.day_kind(day), "due": due.get(day, 0), "today": day == today} for day in days]
