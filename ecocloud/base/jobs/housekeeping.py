"""Clearing finished jobs away."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from ecocloud.base.jobs.models import Job, State
from ecocloud.base.jobs.registry import periodic

KEEP_DONE = timedelta(days=3)
KEEP_FAILED = timedelta(days=90)
_BATCH = 1000


@periodic("jobs.clear", at="03:20", label_zh="清理已完成的后台任务")
def clear(context) -> dict[str, int]:
    """Delete done and cancelled jobs after three days, failed ones after ninety; in small transactions."""
    now, count = timezone.now(), 0
    for states, keep in (((State.DONE, State.CANCELLED), KEEP_DONE), ((State.FAILED,), KEEP_FAILED)):
        while True:
            context.check()
            old = Job.objects.filter(state__in=states, finished_at__lt=now - keep).values_list("pk", flat=True)[:_BATCH]
            ids = list(old)
            if not ids:
                break
            count += Job.objects.filter(pk__in=ids).delete()[0]
    return {"deleted": count}
