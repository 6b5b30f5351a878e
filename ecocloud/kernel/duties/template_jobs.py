"""Background jobs between registers and duties: recurring duties by clock and on request, notices of what is due."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from ecocloud.base.jobs.registry import job, periodic
from ecocloud.kernel.duties.services import object_notices, templates
from ecocloud.kernel.journal.services import SYSTEM
from ecocloud.kernel.regions.models import User


def _step(context: Any, done: int, total: int) -> None:
    context.progress(done, total)
    context.check()


@periodic("duties.templates", at="05:30", max_attempts=3, label_zh="生成循环任务")
def make_due(context: Any) -> dict[str, int]:
    """Make the missing duties of every template in use; what an interrupted run made is not made again."""
    return templates.run_all(SYSTEM, step=lambda done, total: _step(context, done, total))


@job(templates.RUN_JOB, max_attempts=3, label_zh="生成循环任务")
def make_one(context: Any) -> dict[str, Any]:
    """Make the missing duties of one template (payload: user, pack, task)."""
    told = context.payload
    user = User.objects.get(pk=told["user"])
    found = templates.open_template(told["pack"], told["task"])
    done = templates.run(user, found, progress=lambda n, total: _step(context, n, total))
    url = reverse("duties:template", args=[told["pack"], told["task"]])
    return {"made": done.made, "there": done.there, "url": url, "page": True}


@periodic("duties.objects.remind", at="07:20", max_attempts=3, label_zh="名录到期与检查提醒")
def remind_of_objects(context: Any) -> dict[str, int]:
    """Tell units once a week what runs out in their registers and what should have been inspected."""
    return {"told": object_notices.remind(SYSTEM)}
