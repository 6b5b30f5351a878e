"""Reminders by the clock: deadlines coming up, overdue items, missed feedback, states held too long."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from ecocloud.kernel.duties import cycles, queries, reminding
from ecocloud.kernel.duties.models import ItemEvent, Notice, WorkItem
from ecocloud.kernel.duties.services import escalation, notices, shine, supervising
from ecocloud.kernel.journal.services import Actor, change

_CHUNK = 500


@lru_cache(maxsize=4096)
def _last_due(cycle: str, started_on: date, today: date) -> cycles.Turn | None:
    """The same for all items of one cycle that began on one day."""
    turns = cycles.turns(cycle, started_on, today, shine.calendar())
    over = [turn for turn in turns if turn.due < today and turn.last >= started_on]
    return over[-1] if over else None


def feedback_due(item: WorkItem, today: date) -> cycles.Turn | None:
    """The last period of the item's cycle whose feedback was due before ``today`` and that began after the item did;
    none while the item's clock stands."""
    if item.cycle == "none" or item.paused_until(today):
        return None
    return _last_due(item.cycle, item.started_on, today)


def missed_feedback(items: list[WorkItem], today: date) -> dict[int, cycles.Turn]:
    """The items whose last due feedback is missing: id to the period."""
    wanted = {item.pk: turn for item in items if (turn := feedback_due(item, today))}
    last: dict[int, date] = {}
    handled = ItemEvent.objects.filter(item_id__in=wanted, is_handling=True).order_by().values_list("item_id", "at")
    for pk, at in handled:
        day = timezone.localdate(at)
        last[pk] = max(day, last.get(pk, day))
    return {pk: turn for pk, turn in wanted.items() if pk not in last or last[pk] < turn.first}


def _why(item: WorkItem, today: date, soon: date, missed: dict[int, cycles.Turn]) -> tuple[str, str] | None:
    if item.paused_until(today):
        return None
    if item.deadline is not None:
        if reminding.late_turn(item.deadline, today):
            return "overdue", f"已逾期 {(today - item.deadline).days} 天"
        if item.deadline == soon and today <= item.deadline:
            return "remind", f"{item.deadline} 到期"
    turn = missed.get(item.pk)
    if turn is not None and reminding.late_turn(turn.due, today):
        return "feedback", f"{turn.period} 的进展未报送，应于 {turn.due} 前报送"
    if item.act_by is not None and item.act_by != item.deadline and reminding.late_turn(item.act_by, today):
        return "remind", f"“{item.state_zh}”超过办理时限 {item.act_by}"
    return None


def _concerned(today: date, soon: date) -> QuerySet[WorkItem]:
    """Open items about which there may be something to say: a deadline that is over or near, an act that is late, or a
    cycle of feedback."""
    told = Q(due__lt=today) | Q(due=soon) | Q(act_by__lt=today) | ~Q(cycle="none")
    rows = WorkItem.objects.filter(told, state__in=queries.open_states()).defer("body", "source_title")
    return rows.select_related("lead_department", "created_by").order_by("pk")


def remind_due(
    actor: Actor,
    today: date | None = None,
    *,
    checkpoint: Mapping[str, Any] | None = None,
    save: Callable[[dict[str, Any]], None] = lambda checkpoint: None,
    step: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, int]:
    """Write the day's reminders: to the holder; when overdue also to the office; feedback that is missing for long also
    to the leaders one level up. Harmless when repeated on the same day.

    The items are read part by part; what a part gives and ``save(checkpoint)`` are one transaction. ``step`` is called
    between the parts and may raise to end the work; with the ``checkpoint`` saved last it goes on where it was, on the
    day it was begun for. Returns how many were told, by kind, from the beginning.
    """
    begun = dict(checkpoint or {})
    today = date.fromisoformat(begun["day"]) if begun else today or timezone.localdate()
    soon = shine.calendar().add_workdays(today, reminding.settings().ahead.value)
    ladder = escalation.Ladder.read()
    told: Counter[str] = Counter(begun.get("told", {}))
    after, done = begun.get("after", 0), begun.get("done", 0)
    waiting = _concerned(today, soon)
    total = done + waiting.filter(pk__gt=after).count()
    while chunk := list(waiting.filter(pk__gt=after)[:_CHUNK]):
        after, done = chunk[-1].pk, done + len(chunk)
        with change(actor):
            told.update(_remind_part(actor, chunk, ladder, today, soon))
            save({"day": today.isoformat(), "after": after, "done": done, "told": dict(told)})
        step(done, total)
    return {kind: n for kind, n in told.items() if n}


def _remind_part(
    actor: Actor, chunk: list[WorkItem], ladder: escalation.Ladder, today: date, soon: date
) -> Counter[str]:
    missed = missed_feedback([item for item in chunk if item.state_row.owner == "lead"], today)
    found = [(item, why) for item in chunk if (why := _why(item, today, soon, missed))]
    told: Counter[str] = Counter(_tell(actor, found, today) if found else {})
    told[escalation.KIND] += escalation.escalate_missed(actor, missed, chunk, ladder, today)
    told[escalation.KIND] += escalation.escalate_overdue(actor, chunk, ladder, today)
    told[supervising.KIND] += supervising.supervise_overdue(chunk, today)
    return told


def _tell(actor: Actor, found: list[tuple[WorkItem, tuple[str, str]]], today: date) -> dict[str, int]:
    told: dict[str, int] = defaultdict(int)
    day = timezone.make_aware(datetime.combine(today, time.min))
    refs = [item.ref for item, _ in found]
    with change(actor) as tx:
        there = Notice.objects.filter(ref__in=refs, at__gte=day, at__lt=day + timedelta(days=1))
        known = set(there.values_list("ref", "kind", "department_id"))
        rows: list[Notice] = []
        for item, (kind, text) in found:
            units: dict[int, Any] = {item.current_department_id: None}
            if kind == "overdue":
                units[item.office_department_id] = None
            for unit in units:
                if (item.ref, kind, unit) not in known:
                    rows.append(
                        Notice(department_id=unit, kind=kind, ref=item.ref, title=item.title, text=text,
                               at=escalation.moment(today))
                    )  # fmt: skip
                    told[kind] += 1
        notices.put(rows)
        if rows:
            tx.log("duties.reminders", "duties:reminders", after={"day": today} | dict(sorted(told.items())))
    return told
