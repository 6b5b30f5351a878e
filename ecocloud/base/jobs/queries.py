"""Reading the queue for pages and checks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext

from ecocloud.base.jobs.models import FINISHED, Job, State
from ecocloud.base.jobs.registry import UnknownJob, job_type


@dataclass(frozen=True)
class JobStatus:
    """A job as a page shows it. ``percent`` is 0 to 100, None while the total is unknown."""

    id: int
    name: str
    label: str
    state: str
    state_label: str
    done: int
    total: int | None
    percent: int | None
    text: str
    error: str
    result: Any
    finished: bool
    cancel_asked: bool
    created_by: str
    created_at: datetime
    finished_at: datetime | None


def job_status(job_id: int) -> JobStatus | None:
    """The job ready for a page, or None when there is none (finished jobs are cleared away after a time)."""
    job = Job.objects.filter(pk=job_id).first()
    if job is None:
        return None
    percent = min(100, job.done * 100 // job.total) if job.total else None
    finished = job.state in FINISHED
    return JobStatus(
        id=job.pk,
        name=job.name,
        label=label_of(job.name),
        state=job.state,
        state_label=gettext(State(job.state).label),
        done=job.done,
        total=job.total,
        percent=100 if job.state == State.DONE else percent,
        text=job.text,
        error=job.error if finished else "",
        result=job.result,
        finished=finished,
        cancel_asked=job.cancel_asked,
        created_by=job.created_by,
        created_at=job.created_at,
        finished_at=job.finished_at,
    )


def latest(name: str) -> Job | None:
    """The newest job of this name that is done, with its result."""
    return Job.objects.filter(name=name, state=State.DONE).order_by("-finished_at").first()


def failed_lately(limit: int) -> list[Job]:
    """The newest jobs that failed."""
    return list(Job.objects.filter(state=State.FAILED).order_by("-finished_at")[:limit])


def label_of(name: str) -> str:
    """What a job is called on pages."""
    try:
        return gettext(job_type(name).label_zh)
    except UnknownJob:
        return name


def stuck(minutes: int = 10) -> list[str]:
    """Sentences for ``ecocloud check``: jobs that wait too long, jobs that failed in the last day."""
    now = timezone.now()
    found = []
    waiting = Job.objects.filter(state=State.QUEUED, run_after__lt=now - timedelta(minutes=minutes)).count()
    if waiting:
        found.append(f"有 {waiting} 个后台任务等待超过 {minutes} 分钟，请确认后台进程在运行（ecocloud worker）。")
    failed = Job.objects.filter(state=State.FAILED, finished_at__gt=now - timedelta(days=1)).count()
    if failed:
        found.append(f"最近一天有 {failed} 个后台任务失败。")
    return found
