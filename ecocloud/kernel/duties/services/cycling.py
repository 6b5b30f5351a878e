"""Reminders by the clock: deadlines coming up, overdue items, missed feedback, states held too long."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from ecocloud.kernel.duties import cycles, queries, reminding
from ecocloud.kernel.duties.models import ItemEvent, Notice, WorkItem
from ecocloud.kernel.duties.services import escalation, shine, supervising
from ecocloud.kernel.journal.services import Actor, change

_CHUNK = 500


def feedback_due(item: WorkItem, today: date) -> cycles.Turn | None:
    """The last period of the item's cycle whose feedback was due before ``today`` and that began after the item did."""
    if item.cycle == "none":
        return None
    turns = cycles.turns(item.cycle, item.started_on, today, shine.calendar())
    over = [turn for turn in turns if turn.due < today and turn.last >= item.started_on]
    return over[-1] if over else None


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


def remind_due(actor: Actor, today: date | None = None) -> dict[str, int]:
    """Write the day's reminders: to the holder; when overdue also to the office; feedback that is missing for long also
    to the leaders one level up. Harmless when repeated."""
    today = today or timezone.localdate()
    soon = shine.calendar().add_workdays(today, reminding.settings().ahead.value)
    ladder = escalation.Ladder.read()
    told: dict[str, int] = defaultdict(int)
    after = 0
    while True:
        rows = WorkItem.objects.filter(state__in=queries.open_states(), pk__gt=after)
        rows = rows.select_related("lead_department").order_by("pk")
        chunk = list(rows[:_CHUNK])
        if not chunk:
            return dict(told)
        after = chunk[-1].pk
        missed = missed_feedback([item for item in chunk if item.state_row.owner == "lead"], today)
        found = [(item, why) for item in chunk if (why := _why(item, today, soon, missed))]
        for kind, n in _tell(actor, found, today).items():
            told[kind] += n
        raised = escalation.escalate_missed(actor, missed, chunk, ladder, today)
        raised += escalation.escalate_overdue(actor, chunk, ladder, today)
        if raised:
            told[escalation.KIND] += raised
        drafted = supervising.supervise_overdue(chunk, today)
        if drafted:
            told[supervising.KIND] += drafted


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
        Notice.objects.bulk_create(rows, batch_size=500)
        if rows:
            tx.log("duties.reminders", "duties:reminders", after={"day": today} | dict(sorted(told.items())))
    return told
