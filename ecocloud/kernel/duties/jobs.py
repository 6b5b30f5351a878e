"""Background jobs of the duties room: lights every night, reminders, rounds, counts."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from ecocloud.base.jobs.registry import job, periodic
from ecocloud.kernel.duties.models import Round
from ecocloud.kernel.duties.services import counts, cycling, rounds, shine, trees
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


@periodic("duties.reminders", at="07:30", max_attempts=3, label_zh="到期提醒")
def remind_due(context: Any) -> dict[str, int]:
    """Tell units what falls due soon, what is overdue, what feedback is missing."""
    return cycling.remind_due(SYSTEM)


@job("duties.round.open", max_attempts=3, label_zh="生成调度任务")
def open_round(context: Any) -> dict[str, int]:
    """Write the owed reports of a round that was started (payload: round, user)."""
    row = Round.objects.get(pk=context.payload["round"])
    user = User.objects.get(pk=context.payload["user"])
    rounds.continue_round(user, row, progress=context.progress)
    return {"reports": row.reports.count()}


@job("duties.counts.rebuild", max_attempts=1, label_zh="重算事项计数")
def rebuild_counts(context: Any) -> dict[str, int]:
    """Recompute the rollup of counts from the seats."""
    return {"wrong": counts.rebuild_counts(SYSTEM)}


@periodic("duties.trees", every=600, max_attempts=1, label_zh="核对上级单位的席位")
def follow_organisation(context: Any) -> dict[str, int]:
    """Bring the seats of trees of units to the organisation as it is."""
    return trees.sync(SYSTEM)


# Registers the job that makes files of long lists.
from ecocloud.kernel.duties import output_job  # noqa: E402, F401
