"""What a running job holds in its hands."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from ecocloud.base.errors import EcoError
from ecocloud.base.jobs.models import Job, State


class JobStopped(BaseException):
    """The job must end now; not an ``Exception``, so that a broad ``except`` in a job does not swallow it."""


class JobCancelled(JobStopped):
    """Somebody cancelled the job."""


class WorkerStopping(JobStopped):
    """The worker is ending in order; the job goes on from its checkpoint in another worker."""


class LeaseLost(JobStopped):
    """Another worker took the job over; what this transaction did is rolled back."""


class JobFailed(EcoError):
    """The job cannot succeed, however often it is tried."""

    code = "jobs.failed"


class JobContext:
    """The running job: its payload and checkpoint, progress, cancellation, fenced writes."""

    def __init__(self, job: Job, *, stopping: Callable[[], bool] = lambda: False, interval: float = 1.0) -> None:
        self.job_id = job.pk
        self.name = job.name
        self.payload: dict[str, Any] = job.payload
        self.checkpoint: Any = job.checkpoint
        self.attempt = job.attempts
        self.created_by = job.created_by
        self._finish_called = False
        self._claim = job.claim
        self._worker = job.worker
        self._stopping = stopping
        self._interval = interval
        self._progress_at = self._look_at = float("-inf")
        self._cancelled = False
        self._waiting: dict[str, Any] = {}

    def mine(self):
        """The job's row as long as this claim holds: every write goes through it (fence)."""
        return Job.objects.filter(pk=self.job_id, state=State.RUNNING, claim=self._claim)

    def progress(self, done: int, total: int | None = None, text: str = "") -> None:
        """Say how far the job is; written at most once a second (the last word is written at the end)."""
        self._waiting = {"done": done, "total": total, "text": text[:200]}
        now = time.monotonic()
        if now - self._progress_at >= self._interval:
            self._progress_at = now
            self._flush()

    def cancelled(self) -> bool:
        """Whether somebody asked to cancel; looks at the database at most once a second."""
        now = time.monotonic()
        if not self._cancelled and now - self._look_at >= self._interval:
            self._look_at = now
            asked = self.mine().values_list("cancel_asked", flat=True).first()
            if asked is None:
                raise LeaseLost(self.job_id)
            self._cancelled = asked
        return self._cancelled

    def check(self) -> None:
        """Stop here when the job was cancelled or the worker is ending. Call between steps, outside transactions."""
        if self.cancelled():
            raise JobCancelled(self.job_id)
        if self._stopping():
            raise WorkerStopping(self.job_id)

    def save(self, checkpoint: Any) -> None:
        """Write the checkpoint; inside the transaction of the effect both happen or neither.

        Raises :class:`LeaseLost` when the claim was lost, so that the caller's transaction is rolled back.
        """
        changed = self.mine().update(checkpoint=checkpoint, updated_at=timezone.now(), **self._waiting)
        if not changed:
            raise LeaseLost(self.job_id)
        self._waiting = {}
        self.checkpoint = checkpoint

    def finish(self, result: Any = None) -> None:
        """Mark the job done; called inside the transaction of its only effect it makes that happen exactly once."""
        now = timezone.now()
        with transaction.atomic():
            changed = self.mine().update(
                state=State.DONE,
                result=result,
                error="",
                lease_until=None,
                finished_at=now,
                updated_at=now,
                **self._waiting,
            )
            if not changed:
                raise LeaseLost(self.job_id)
            self._passengers().update(state=State.DONE, lease_until=None, finished_at=now, updated_at=now)
        self._waiting = {}
        self._finish_called = True

    def ended(self) -> bool:
        """Whether :meth:`finish` was called and its transaction was not rolled back."""
        return self._finish_called and not self.mine().exists()

    def absorb(self, limit: int = 500) -> list[dict[str, Any]]:
        """Take over other queued jobs of this name and give their payloads; they end with this job.

        If this job is retried or its worker dies they run on their own.
        """
        now = timezone.now()
        with transaction.atomic():
            lease = self.mine().values_list("lease_until", flat=True).first()
            if lease is None:
                raise LeaseLost(self.job_id)
            ids = list(
                Job.objects.filter(name=self.name, key=None, state=State.QUEUED, run_after__lte=now, cancel_asked=False)
                .order_by("pk")
                .values_list("pk", flat=True)[:limit]
            )
            Job.objects.filter(pk__in=ids, state=State.QUEUED).update(
                state=State.RUNNING,
                worker=self._worker,
                carrier=self.job_id,
                lease_until=lease,
                claim=F("claim") + 1,
                started_at=now,
                updated_at=now,
            )
            taken = self._passengers().filter(pk__in=ids)
            return list(taken.order_by("pk").values_list("payload", flat=True))

    def _passengers(self):
        return Job.objects.filter(carrier=self.job_id, state=State.RUNNING, worker=self._worker)

    def release_passengers(self) -> None:
        """Put absorbed jobs back into the queue."""
        self._passengers().update(state=State.QUEUED, carrier=None, worker="", lease_until=None)

    def renew(self, until) -> bool:
        """Renew the lease; False when the claim was lost."""
        self._passengers().update(lease_until=until)
        return bool(self.mine().update(lease_until=until))

    def _flush(self) -> None:
        if self._waiting and not self.mine().update(updated_at=timezone.now(), **self._waiting):
            raise LeaseLost(self.job_id)
        self._waiting = {}
