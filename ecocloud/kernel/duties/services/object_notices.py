"""Notices of what runs out in registers and what should have been inspected: one to each unit and register a week."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from ecocloud.kernel.duties.models import Notice
from ecocloud.kernel.duties.services import escalation, notices
from ecocloud.kernel.journal.services import Actor, change
from ecocloud.kernel.registers import reminders
from ecocloud.kernel.registers.reminders import EXPIRY, Rule

KIND = "object_due"


def remind(actor: Actor, today: date | None = None) -> int:
    """Tell units what is due in their registers; a unit that was told of a register this week is not told again.

    Returns how many notices were written.
    """
    today = today or timezone.localdate()
    monday = timezone.make_aware(datetime.combine(today - timedelta(days=today.weekday()), time.min))
    found = reminders.by_unit(today, reminders.rules())
    with change(actor) as tx:
        told = Notice.objects.filter(kind=KIND, at__gte=monday, at__lt=monday + timedelta(days=7))
        known = set(told.values_list("department_id", "ref"))
        rows = [
            Notice(department_id=unit, kind=KIND, ref=f"regtype:{register}", title=f"{counts[0][0].zh}：到期与检查提醒",
                   text=_words(counts), at=escalation.moment(today))
            for (unit, register), counts in sorted(found.items()) if (unit, f"regtype:{register}") not in known
        ]  # fmt: skip
        notices.put(rows)
        if rows:
            tx.log("duties.reminders", "duties:reminders", after={"day": today, KIND: len(rows)})
    return len(rows)


def _words(counts: Sequence[tuple[Rule, int]]) -> str:
    parts = [
        f"{rule.part.zh}将到期或已过期 {n} 个" if rule.kind == EXPIRY else f"{rule.part.zh}到期或超期 {n} 个"
        for rule, n in counts
    ]
    return "；".join(parts)
