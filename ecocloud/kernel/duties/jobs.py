"""Background jobs of the duties room: lights every night, reminders, rounds, counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from ecocloud.base.jobs.registry import job, periodic
from ecocloud.kernel.duties.models import Round
from ecocloud.kernel.duties.services import (
    counts,
    cycling,
    escalation,
    long_work,
    mailing,
    rollover,
    rounds,
    shine,
    trees,
)
from ecocloud.kernel.journal.services import SYSTEM
from ecocloud.kernel.regions.models import User


@periodic("duties.lights", at="00:20", max_attempts=3, label_zh="刷新亮灯")
def refresh_lights(context: Any) -> dict[str, int]:
    """Bring the lights of open items to today; goes on from its checkpoint."""
    start = (context.checkpoint or {}).get("after", 0)

    def stop(last: int) -> bool:
        with transaction.atomic():
            context.save({"after": last})
        context.check()
        return False

    turned = shine.refresh_lights(SYSTEM, after=start, progress=context.progress, stop=stop)
    return {"turned": turned}


def _stepping(context: Any) -> Callable[[int, int], None]:
    """Says how far the work is and stops between two steps when it was cancelled."""

    def step(done: int, total: int) -> None:
        context.progress(done, total)
        context.check()

    return step


@periodic("duties.reminders", at="07:30", max_attempts=3, label_zh="到期提醒")
def remind_due(context: Any) -> dict[str, int]:
    """Tell units what falls due soon, what is overdue, what feedback is missing; goes on from its checkpoint on the
    day it was begun for, anew on another day."""
    begun = context.checkpoint or {}
    if begun.get("day") != timezone.localdate().isoformat():
        begun = {}
    return cycling.remind_due(SYSTEM, checkpoint=begun, save=context.save, step=_stepping(context))


@periodic("duties.rounds.remind", at="07:40", max_attempts=3, label_zh="调度催报")
def remind_rounds(context: Any) -> dict[str, int]:
    """Remind units of reports they owe; tell the level above when they are long overdue."""
    return escalation.remind_rounds(SYSTEM)


@job(long_work.ROUND_JOB, max_attempts=3, label_zh="生成调度任务")
def open_round(context: Any) -> dict[str, Any]:
    """Write the owed reports of a round that was started (payload: round, user)."""
    row = Round.objects.get(pk=context.payload["round"])
    user = User.objects.get(pk=context.payload["user"])
    rounds.continue_round(user, row, progress=_stepping(context))
    return {"reports": row.reports.count(), "url": reverse("duties:round", args=[row.pk]), "page": True}


@job(long_work.YEAR_JOB, max_attempts=3, label_zh="年度结转")
def roll_over(context: Any) -> dict[str, Any]:
    """Carry over, close and renew the items of a year (payload: user, year, choices, opinion); repeatable."""
    told, user = context.payload, User.objects.get(pk=context.payload["user"])
    choices = {int(pk): what for pk, what in told["choices"].items()}
    found = rollover.roll_over(user, told["year"], choices, opinion=told["opinion"], progress=_stepping(context))
    url = f"{reverse('duties:year')}?year={told['year']}"
    return {"done": dict(found.done), "refused": found.refused[:100], "url": url, "page": True}


@job(mailing.JOB, max_attempts=6, backoff=60.0, label_zh="发送提醒邮件")
def mail_notices(context: Any) -> dict[str, int]:
    """Send notices as mails (payload: events); those that fail are tried again."""
    return mailing.send(context)


@job("duties.counts.rebuild", max_attempts=1, label_zh="重算事项计数")
def rebuild_counts(context: Any) -> dict[str, int]:
    """Recompute the rollup of counts from the seats."""
    return {"wrong": counts.rebuild_counts(SYSTEM)}


@periodic("duties.trees", every=600, max_attempts=1, label_zh="核对上级单位的席位")
def follow_organisation(context: Any) -> dict[str, int]:
    """Bring the seats of trees of units to the organisation as it is."""
    return trees.sync(SYSTEM)


# Registers the jobs that make files of long lists and recurring duties.
from ecocloud.kernel.duties import output_job, template_jobs  # noqa: E402, F401
