"""Writing the queue: enqueue, cancel, claim, schedules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from ecocloud.base.jobs.models import Job, ScheduleState, State
from ecocloud.base.jobs.registry import job_type, schedules


def enqueue(
    name: str,
    payload: dict[str, Any] | None = None,
    *,
    key: str | None = None,
    run_after: datetime | None = None,
    created_by: str = "",
) -> Job:
    """Put a job into the queue, as part of the caller's transaction.

    With a ``key`` the job of that name and key that is already queued is returned instead of a second one; it is
    locked until the caller's transaction ends, so that it runs after the caller's change is visible.
    ``run_after`` (aware) postpones it. ``created_by`` is the actor's id. Raises :class:`UnknownJob`.
    """
    kind = job_type(name)
    with transaction.atomic():
        if key is not None and (queued := _queued(name, key)):
            return queued
        fresh = Job(
            name=name,
            payload=payload or {},
            key=key,
            max_attempts=kind.max_attempts,
            run_after=run_after or timezone.now(),
            created_by=created_by[:80],
        )
        try:
            with transaction.atomic():
                fresh.save(force_insert=True)
        except IntegrityError:
            queued = _queued(name, key) if key is not None else None
            if queued is None:
                raise
            return queued
    return fresh


def _queued(name: str, key: str) -> Job | None:
    return Job.objects.select_for_update().filter(name=name, key=key, state=State.QUEUED).first()


def cancel(job_id: int) -> bool:
    """Cancel a queued job at once, ask a running one to stop; False when it had finished already."""
    now = timezone.now()
    stopped = Job.objects.filter(pk=job_id, state=State.QUEUED).update(
        state=State.CANCELLED, finished_at=now, updated_at=now
    )
    asked = stopped or Job.objects.filter(pk=job_id, state=State.RUNNING).update(cancel_asked=True, updated_at=now)
    return bool(asked)


def claimable(now: datetime, names: Sequence[str]) -> QuerySet[Job]:
    """Jobs a worker may take now: due and queued, or running with a lease that ran out.

    A queued job waits while another one of its name and key runs, even if that one's worker died.
    """
    same = Job.objects.filter(state=State.RUNNING, name=OuterRef("name"), key=OuterRef("key"))
    due = Q(state=State.QUEUED, run_after__lte=now) & ~Exists(same)
    lapsed = Q(state=State.RUNNING, lease_until__lt=now)
    return Job.objects.filter(due | lapsed, name__in=list(names)).order_by("run_after", "pk")


def claim(worker: str, lease: timedelta, names: Sequence[str]) -> Job | None:
    """Take the next job with a lease; None when nothing is due.

    The look is a plain read; the claim is one conditional UPDATE, so two workers never take the same run.
    """
    now = timezone.now()
    candidates = list(claimable(now, names).values_list("pk", "state", "claim")[:8])
    for pk, state, number in candidates:
        with transaction.atomic():
            rows = Job.objects.filter(pk=pk, state=state, claim=number)
            if connection.features.has_select_for_update_skip_locked:
                rows = Job.objects.filter(
                    pk__in=list(rows.select_for_update(skip_locked=True).values_list("pk", flat=True))
                )
            rows = rows.filter(state=state, claim=number)
            if state == State.RUNNING:
                rows = rows.filter(lease_until__lt=now)
            changed = rows.update(
                state=State.RUNNING,
                worker=worker,
                carrier=None,
                lease_until=now + lease,
                claim=F("claim") + 1,
                attempts=F("attempts") + 1,
                started_at=now,
                updated_at=now,
            )
            if changed:
                return Job.objects.get(pk=pk)
    return None


def enqueue_due_schedules(now: datetime | None = None) -> int:
    """Enqueue every schedule whose slot came since the last one; each slot once, whoever looks first."""
    now = now or timezone.now()
    known = dict(ScheduleState.objects.values_list("name", "last_slot"))
    count = 0
    for entry in schedules():
        slot = entry.schedule.last_slot(now)
        if entry.name not in known:
            # A schedule seen for the first time starts with its next slot.
            ScheduleState.objects.get_or_create(name=entry.name, defaults={"last_slot": slot})
            continue
        if known[entry.name] >= slot:
            continue
        with transaction.atomic():
            mine = ScheduleState.objects.filter(name=entry.name, last_slot__lt=slot).update(last_slot=slot)
            if mine:
                enqueue(entry.name, entry.payload, key="schedule", created_by="schedule")
                count += 1
    return count
