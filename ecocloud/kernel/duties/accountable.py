"""What the duties room says in an accountability file: duties assigned, done, late, sent back, reopened; problems;
supervision letters; instructions. Counts of duties, never of what somebody did on a screen; no ranking."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop

from ecocloud.kernel.duties import queries
from ecocloud.kernel.duties.models import Instruction, ItemEvent, WorkItem
from ecocloud.kernel.journal.proofs import entries_about
from ecocloud.kernel.regions.accountable import Accountable, Line, Section, Subject, proof

PROBLEMS, LETTER = ("problem", "case"), "letter"
# Steps that send a result back to the lead unit.
_BACK, _AGAIN = ("return", "uphold"), ("reopen",)


def _at(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _span(first: date, last: date) -> tuple[datetime, datetime]:
    return _at(first), _at(last + timedelta(days=1))


def _acted(subject: Subject, first: date, last: date) -> Q:
    """The steps of those who held the post, each on the days he held it."""
    wanted = Q(pk__in=[])
    for actor, start, end in subject.actors:
        since, until = _span(max(first, start), min(last, end))
        wanted |= Q(actor_id=actor, at__gte=since, at__lt=until)
    return wanted


def items_of(subject: Subject, first: date, last: date) -> QuerySet[WorkItem]:
    """The items of the file: those the unit leads, or those on which the post acted in the days."""
    if subject.kind == "dept":
        return WorkItem.objects.filter(lead_department=subject.department)
    if subject.kind == "post":
        steps = ItemEvent.objects.filter(_acted(subject, first, last), department=subject.department)
        return WorkItem.objects.filter(pk__in=steps.values("item_id"))
    return WorkItem.objects.none()


def _line(item: WorkItem, day: date | None, words: str, entries: tuple[int, ...]) -> Line:
    url = reverse("duties:item", args=[item.pk])
    return Line(item.ref, f"{item.code} {item.title}", url, day, words, entries)


def _local(at: datetime | None) -> date | None:
    return timezone.localdate(at) if at else None


def _result(item: WorkItem, last: date) -> str:
    """How an item stood at the end of the days: done, done late, late, void or open."""
    closed = _local(item.closed_at)
    if closed is not None and closed <= last:
        if item.state in queries.void_states():
            return "void"
        return "done_late" if item.deadline is not None and closed > item.deadline else "done"
    return "late" if item.deadline is not None and item.deadline < min(last, timezone.localdate()) else "open"


_WORDS = {
    "done": "按期办结", "done_late": "逾期办结", "late": "逾期未结", "open": "在办", "void": "终止",
}  # fmt: skip


def _words(item: WorkItem, what: str) -> str:
    due = f"，期限 {item.deadline}" if item.deadline else "，无期限"
    closed = f"，{_local(item.closed_at)} 办结" if what in ("done", "done_late") else ""
    return f"{_WORDS[what]}{due}{closed}"


def _steps(items: Sequence[WorkItem], actions: Iterable[str], first: date, last: date) -> list[tuple[WorkItem, Any]]:
    since, until = _span(first, last)
    by_pk = {item.pk: item for item in items}
    rows = ItemEvent.objects.filter(item__in=list(by_pk), action__in=list(actions), at__gte=since, at__lt=until)
    # Sent back to work; a unit that returns what it was given is not sent back itself.
    return [(by_pk[row.item_id], row) for row in rows.order_by("at", "pk") if row.from_state != "issued"]


def sections(subject: Subject, first: date, last: date) -> list[Section]:
    """The sections of the room for a unit or a post from ``first`` to ``last``, both included."""
    if subject.kind not in ("dept", "post"):
        return []
    since, until = _span(first, last)
    touched = Q(started_on__gte=first, started_on__lte=last) | Q(closed_at__gte=since, closed_at__lt=until)
    touched |= Q(started_on__lte=last, closed_at__isnull=True) | Q(started_on__lte=last, closed_at__gte=since)
    rows = list(items_of(subject, first, last).filter(touched, started_on__lte=last).order_by("started_on", "pk"))
    entries = dict(entries_about([item.ref for item in rows]))
    assigned = [item for item in rows if first <= item.started_on]
    told = {item.pk: _result(item, last) for item in rows}
    closed_now = [item for item in rows if told[item.pk] in ("done", "done_late") and item.closed_at >= since]
    duties = [item for item in assigned if item.kind != LETTER]

    def listed(some: Iterable[WorkItem], *actions: str) -> tuple[Line, ...]:
        return tuple(
            _line(item, _local(item.closed_at) or item.started_on, _words(item, told[item.pk]),
                  proof(entries, item.ref, *actions))
            for item in some
        )  # fmt: skip

    closing = ("accept", "close_out", "complete", "confirm", "close", "accept_level")
    on_time = [item for item in closed_now if told[item.pk] == "done"]
    late = [item for item in closed_now if told[item.pk] == "done_late"]
    late += [item for item in rows if told[item.pk] == "late"]
    back = _steps(rows, _BACK, first, last)
    again = _steps(rows, _AGAIN, first, last)
    problems = [item for item in duties if item.kind in PROBLEMS]
    solved = [item for item in closed_now if item.kind in PROBLEMS]
    letters = [item for item in assigned if item.kind == LETTER]
    return [
        Section("assigned", gettext_noop("承担任务"), 10, listed(duties, "create", "issue")),
        Section("on_time", gettext_noop("按期办结"), 20, listed(on_time, *closing)),
        Section("late", gettext_noop("逾期"), 30, listed(late, *closing)),
        Section("returned", gettext_noop("退回"), 40, _stepped(back, entries)),
        Section("reopened", gettext_noop("重新打开"), 50, _stepped(again, entries)),
        Section("found", gettext_noop("承接问题"), 60, listed(problems, "create", "dispatch", "issue")),
        Section("solved", gettext_noop("问题销号"), 70, listed(solved, *closing)),
        Section("letters", gettext_noop("督办函"), 100, listed(letters, "create", "send")),
        Section("instructions", gettext_noop("批示"), 110, _instructions(subject, rows, entries, first, last)),
    ]


def _stepped(steps: Iterable[tuple[WorkItem, Any]], entries: dict[str, list[tuple[int, str]]]) -> tuple[Line, ...]:
    """One line for each step; its proof is the entry of the same number among the item's entries of that action."""
    seen: dict[tuple[int, str], int] = {}
    found = []
    for item, step in steps:
        place = seen[item.pk, step.action] = seen.get((item.pk, step.action), -1) + 1
        rows = [pk for pk, action in entries.get(item.ref, []) if action.rpartition(".")[2] == step.action]
        own = tuple(rows[place : place + 1]) or proof(entries, item.ref, step.action)
        found.append(_line(item, timezone.localdate(step.at), f"{step.action_zh}：{step.opinion}"[:120], own))
    return tuple(found)


def _instructions(
    subject: Subject, items: Sequence[WorkItem], entries: dict[str, list[tuple[int, str]]], first: date, last: date
) -> tuple[Line, ...]:
    """Instructions to the unit, or those the post has written."""
    since, until = _span(first, last)
    rows = Instruction.objects.filter(at__gte=since, at__lt=until).select_related("item").order_by("at", "pk")
    if subject.kind == "dept":
        rows = rows.filter(item__lead_department=subject.department)
    else:
        wanted = Q(pk__in=[])
        for actor, start, end in subject.actors:
            begin, stop = _span(max(first, start), min(last, end))
            wanted |= Q(leader=int(actor.partition(":")[2]), at__gte=begin, at__lt=stop)
        rows = rows.filter(wanted)
    rows = list(rows)
    more = {row.item.ref for row in rows} - set(entries)
    entries = entries | dict(entries_about(more))
    return tuple(
        _line(row.item, timezone.localdate(row.at), "已回复" if row.replied_at else "待回复",
              proof(entries, row.item.ref, "instruct"))
        for row in rows
    )  # fmt: skip


ACCOUNTABLE = Accountable(sections)
