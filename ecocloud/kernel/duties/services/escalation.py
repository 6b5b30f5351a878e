"""Reminders of dispatch rounds (催报) by the clock, and what is told one level up when a report is still missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time

from django.db.models import Count, Max
from django.utils import timezone

from ecocloud.kernel.duties import cycles, reminding
from ecocloud.kernel.duties.models import Notice, Round, RoundReport, WorkItem
from ecocloud.kernel.duties.services import notices, shine, standing
from ecocloud.kernel.journal.services import Actor, Change, change
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import Department, User

KIND = "escalate"
_OWING = (RoundReport.State.OWED, RoundReport.State.RETURNED)
_NAMED = 20


def moment(day: date) -> datetime:
    """The time of a notice written for ``day``: now when that is today, else the morning of that day."""
    if day == timezone.localdate():
        return timezone.now()
    return timezone.make_aware(datetime.combine(day, time(7, 30)))


@dataclass
class Ladder:
    """Who stands one level above a unit."""

    leaders: dict[int, list[User]] = field(default_factory=dict)
    parents: dict[int, int | None] = field(default_factory=dict)

    @classmethod
    def read(cls) -> Ladder:
        """The people who may write instructions, by unit, and the tree of units: two queries and the rights."""
        found: dict[int, list[User]] = defaultdict(list)
        rows = User.objects.filter(
            is_active=True, department__isnull=False, grants__role__permissions__code=standing.INSTRUCT
        )
        for user in rows.distinct().order_by("pk"):
            if permissions.allowed(user, standing.INSTRUCT) and permissions.allowed(user, standing.VIEW):
                found[user.department_id].append(user)
        return cls(dict(found), dict(Department.objects.order_by().values_list("id", "parent_id")))

    def above(self, unit: int, office: int | None) -> list[User]:
        """The leaders of the nearest unit above ``unit`` that has any; else those of the office, or above it."""
        for start in (self.parents.get(unit), office):
            seen: set[int] = set()
            at = start
            while at is not None and at not in seen:
                if at in self.leaders:
                    return self.leaders[at]
                seen.add(at)
                at = self.parents.get(at)
        return []


def _write(tx: Change, rows: Iterable[Notice]) -> int:
    """Write the notices that are not there yet: the same words about the same thing go to a reader once."""
    rows = list(rows)
    there = Notice.objects.filter(kind=KIND, ref__in={row.ref for row in rows})
    known = set(there.values_list("ref", "user_id", "department_id", "text"))
    fresh = [row for row in rows if (row.ref, row.user_id, row.department_id, row.text) not in known]
    return notices.put(fresh)


def _notices(ladder: Ladder, unit: int, office: int | None, ref: str, title: str, text: str, day: date) -> list[Notice]:
    """One notice for each leader above; to the office where there is none."""
    told = {"kind": KIND, "ref": ref, "title": title[:300], "text": text, "at": moment(day)}
    people = ladder.above(unit, office)
    if people:
        return [Notice(user=user, **told) for user in people]
    return [Notice(department_id=office, **told)] if office else []


def escalate_missed(
    actor: Actor, found: Mapping[int, cycles.Turn], rows: Iterable[WorkItem], ladder: Ladder, today: date
) -> int:
    """Tell the level above which items' feedback is still missing; once for each item and period."""
    rows_told: list[Notice] = []
    for item in rows:
        turn = found.get(item.pk)
        if turn is None or not reminding.to_escalate(turn.due, today, shine.calendar()):
            continue
        text = f"{item.lead_department.label} {turn.period} 的进展应于 {turn.due} 前报送，催办后仍未报送。"
        rows_told += _notices(
            ladder, item.lead_department_id, item.office_department_id, item.ref, f"逾期未报：{item.title}", text, today
        )
    if not rows_told:
        return 0
    with change(actor) as tx:
        told = _write(tx, rows_told)
        if told:
            tx.log("duties.reminders.escalate", "duties:reminders", after={"day": today, "notices": told})
    return told


def escalate_overdue(actor: Actor, rows: Iterable[WorkItem], ladder: Ladder, today: date) -> int:
    """Tell the level above which items are overdue at their lead unit; once for each item and deadline."""
    rows_told: list[Notice] = []
    for item in rows:
        if item.state_row.owner != "lead" or item.paused_until(today):
            continue
        if not reminding.to_raise(item.deadline, today, shine.calendar()):
            continue
        text = f"{item.lead_department.label} 应于 {item.deadline} 前完成，催办后仍未完成。"
        rows_told += _notices(
            ladder, item.lead_department_id, item.office_department_id, item.ref, f"逾期未办：{item.title}", text, today
        )
    if not rows_told:
        return 0
    with change(actor) as tx:
        told = _write(tx, rows_told)
        if told:
            tx.log("duties.reminders.escalate", "duties:reminders", after={"day": today, "notices": told})
    return told


def remind_rounds(actor: Actor, today: date | None = None) -> dict[str, int]:
    """Remind the units that owe reports of open rounds shortly before and weekly after the due day, and tell the level
    above when they are long overdue. Harmless when repeated. Returns how many were told, by kind."""
    today = today or timezone.localdate()
    told: dict[str, int] = defaultdict(int)
    ladder: Ladder | None = None
    for row in Round.objects.filter(state=Round.State.OPEN).select_related("created_by").order_by("pk"):
        phase = reminding.round_phase(row.due, today, shine.calendar())
        if phase is None:
            continue
        if reminding.to_escalate(row.due, today, shine.calendar()):
            ladder = ladder or Ladder.read()
        with change(actor) as tx:
            row = Round.objects.select_for_update(of=("self",)).select_related("created_by").get(pk=row.pk)
            if row.state != Round.State.OPEN:
                continue
            reminded = _remind(tx, row, phase, today)
            raised = _raise(tx, row, ladder, today) if ladder else 0
            for kind, count in (("remind", reminded), (KIND, raised)):
                if count:
                    told[kind] += count
    return dict(told)


def _remind(tx: Change, row: Round, phase: date, today: date) -> int:
    owing = RoundReport.objects.filter(round=row, state__in=_OWING).order_by()
    lines = owing.values_list("department_id").annotate(n=Count("pk"), told=Max("reminded_at"))
    late = [(unit, n) for unit, n, at in lines.order_by("department_id")
            if at is None or timezone.localdate(at) < phase]  # fmt: skip
    if not late:
        return 0
    word = f"已过期限 {row.due:%Y-%m-%d}，请尽快报送。" if today > row.due else f"{row.due:%Y-%m-%d} 前报送。"
    notices.put(
        Notice(department_id=unit, kind="remind", ref=f"round:{row.pk}", title=row.title, text=f"应报 {n} 项，{word}",
               at=moment(today))
        for unit, n in late
    )  # fmt: skip
    owing.filter(department_id__in=[unit for unit, _ in late]).update(reminded_at=moment(today))
    tx.log("duties.round.remind", f"round:{row.pk}", after={"units": len(late), "day": today})
    return len(late)


def _raise(tx: Change, row: Round, ladder: Ladder, today: date) -> int:
    if not reminding.to_escalate(row.due, today, shine.calendar()):
        return 0
    owing = RoundReport.objects.filter(round=row, state__in=_OWING)
    units = Department.objects.filter(pk__in=owing.order_by().values("department_id")).order_by("order", "id")
    office = row.created_by.department_id
    by_reader: dict[tuple[int | None, int | None], list[str]] = defaultdict(list)
    for unit in units:
        for one in _notices(ladder, unit.pk, office, f"round:{row.pk}", "", "", today):
            by_reader[one.user_id, one.department_id].append(unit.label)
    # One notice for each reader and round, whatever changes in it later.
    there = Notice.objects.filter(kind=KIND, ref=f"round:{row.pk}").values_list("user_id", "department_id")
    rows = [
        Notice(user_id=user, department_id=unit, kind=KIND, ref=f"round:{row.pk}", title=f"逾期未报：{row.title}"[:300],
               text=_words(row, names), at=moment(today))
        for (user, unit), names in by_reader.items()
        if (user, unit) not in set(there)
    ]  # fmt: skip
    notices.put(rows)
    if rows:
        tx.log("duties.round.escalate", f"round:{row.pk}", after={"notices": len(rows), "day": today})
    return len(rows)


def _words(row: Round, names: list[str]) -> str:
    more = f"等 {len(names)} 个单位" if len(names) > _NAMED else ""
    return f"应于 {row.due:%Y-%m-%d} 前报送，催报后仍未报齐：{'、'.join(names[:_NAMED])}{more}。"
