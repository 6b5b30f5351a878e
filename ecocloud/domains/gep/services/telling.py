"""Notices of the reporting system: to units that owe forms, before and after their deadline, and when one comes back.

Each event tells a unit once, however often it is told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from ecocloud.domains.gep import formset, steps
from ecocloud.domains.gep.models import Accounting, Form
from ecocloud.kernel.duties.models import Notice
from ecocloud.kernel.duties.services.notices import event_of, put, tell_unit
from ecocloud.kernel.journal.services import SYSTEM, change

KIND = "gep"
AHEAD_DAYS = 3  # before the deadline


def opened(row: Accounting, forms: Iterable[Form]) -> None:
    """Tell every unit which forms it owes; inside the change that opens the accounting."""
    counts: dict[int, int] = defaultdict(int)
    for form in forms:
        counts[form.department_id] += 1
    put(
        Notice(department_id=unit, kind=KIND, ref=row.ref, title=f"{row.title}：请填报 {number} 张报表",
               text=f"请于 {row.deadline} 前填报并报送。", event=event_of(row.ref, "open"))
        for unit, number in sorted(counts.items())
    )  # fmt: skip


def returned(form: Form, reason: str) -> None:
    """Tell the unit that its form came back, and why; inside the change that returns it."""
    title = f"报表已退回：{formset.forms()[form.code].zh} {form.region.name} {form.year}"
    tell_unit(form.department_id, KIND, form.ref, title, reason, event=event_of(form.ref, form.revision))


def remind_on(day: date) -> int:
    """Tell units what they still owe three days before a deadline, and once when it has passed; how many were told."""
    rows = Form.objects.filter(state__in=steps.OPEN, accounting__state=Accounting.State.OPEN,
                               deadline__lte=day + timedelta(days=AHEAD_DAYS))  # fmt: skip
    owed: dict[tuple[int, int, date], int] = defaultdict(int)
    for key in rows.values_list("accounting_id", "department_id", "deadline"):
        owed[key] += 1
    if not owed:
        return 0
    titles = dict(Accounting.objects.filter(pk__in={key[0] for key in owed}).values_list("pk", "title"))
    notices = [_reminder(titles[accounting], accounting, unit, deadline, number, deadline < day)
               for (accounting, unit, deadline), number in sorted(owed.items())]  # fmt: skip
    with change(SYSTEM) as tx:
        told = put(notices)
        if told:
            tx.log("gep.reminders", "gepacc:reminders", None, {"day": str(day), "told": told})
    return told


def _reminder(title: str, accounting: int, unit: int, deadline: date, number: int, late: bool) -> Notice:
    word = "已逾期" if late else "即将到期"
    return Notice(department_id=unit, kind=KIND, ref=f"gepacc:{accounting}", title=f"{title}：{number} 张报表{word}",
                  text=f"期限 {deadline}，请尽快报送。",
                  event=event_of("gepacc", accounting, late, deadline))  # fmt: skip
