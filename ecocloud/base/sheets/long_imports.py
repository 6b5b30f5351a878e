"""Imports too large for a page: staged and written by jobs, in chunks, each chunk its own short transaction.

What a chunk wrote stays written. After a kill the next attempt goes on behind the last chunk; a row that cannot be
written any more (its record changed after the preview, say) is refused by itself and goes into the error file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from ecocloud.base import jobs
from ecocloud.base.sheets import registry, services, writing
from ecocloud.base.sheets.compare import CHANGED, NEW, WRONG, PreviewRow
from ecocloud.base.sheets.limits import limits
from ecocloud.base.sheets.models import ImportBatch

STAGE_JOB, COMMIT_JOB = "sheets.stage", "sheets.commit"
Status = ImportBatch.Status
Step = Callable[[int, int], None]


def is_large(batch: ImportBatch) -> bool:
    """Whether the batch is staged by a job, and written by one where its target allows chunks."""
    return batch.size > limits().direct_rows.value


def stage_later(user: Any, batch: ImportBatch) -> jobs.Job:
    """Stage the batch by a job with progress; returns the job."""
    services.own(user, batch)
    with transaction.atomic():
        services.lock(batch, Status.UPLOADED, Status.STAGING, Status.PREVIEWED)
        return _enqueue(STAGE_JOB, user, batch)


def commit_later(user: Any, batch: ImportBatch, *, skip_errors: bool = False) -> jobs.Job:
    """Write the rows of a preview by a job, chunk after chunk; again for a batch that stopped half-way.

    Raises ``ErrorsRemain``, ``NothingToDo``, ``Conflict`` as the commit in one transaction does; returns the job.
    """
    services.own(user, batch)
    if batch.status == Status.PREVIEWED:
        services.worth_writing(batch, skip_errors)
    with transaction.atomic():
        locked = services.lock(batch, Status.PREVIEWED, Status.COMMITTING)
        if locked.status == Status.PREVIEWED:
            locked.status, locked.written, locked.skipped_errors = Status.COMMITTING, 0, bool(locked.wrong)
            locked.save()
        return _enqueue(COMMIT_JOB, user, locked)


def write_on(
    user: Any, batch: ImportBatch, step: Step = lambda rows, last: None, between: Callable[[], None] = lambda: None,
) -> ImportBatch:  # fmt: skip
    """Write what a batch that is being written has left; when nothing is, mark it as written.

    ``step(how many rows, number of the last)`` runs inside the transaction of a chunk, ``between()`` outside of all.
    """
    target = services.own(user, batch)
    spec = target.spec(user)
    while True:
        between()
        left = services.staged_rows(batch, (NEW, CHANGED), after=batch.written, most=limits().commit_chunk_rows.value)
        if not left:
            break
        _write(user, target, spec, batch, left, step)
        batch.refresh_from_db()
    with transaction.atomic():
        locked = services.lock(batch, Status.COMMITTING)
        locked.status, locked.finished_at = Status.COMMITTED, timezone.now()
        locked.save()
        registry.announce(user, "sheets.commit", locked)
    batch.refresh_from_db()
    return batch


def stop(user: Any, batch: ImportBatch) -> ImportBatch:
    """Leave it at what was written; the rows that were not are refused, so that the error file holds them."""
    services.own(user, batch)
    with transaction.atomic():
        locked = services.lock(batch, Status.COMMITTING)
        if locked.job:
            jobs.cancel(locked.job)
        rows = locked.rows.filter(number__gt=locked.written)
        for outcome in (NEW, CHANGED):
            gone = rows.filter(outcome=outcome).update(outcome=WRONG)
            setattr(locked, outcome, getattr(locked, outcome) - gone)
            locked.wrong += gone
        locked.status, locked.finished_at = Status.COMMITTED, timezone.now()
        locked.save()
        registry.announce(user, "sheets.commit", locked)
    batch.refresh_from_db()
    return batch


def _enqueue(name: str, user: Any, batch: ImportBatch) -> jobs.Job:
    who = user.actor().id if hasattr(user, "actor") else str(user.pk)
    job = jobs.enqueue(name, {"batch": batch.pk, "user": user.pk}, key=f"import:{batch.pk}", created_by=who)
    ImportBatch.objects.filter(pk=batch.pk).update(job=job.pk)
    return job


def _write(
    user: Any, target: registry.ImportTarget, spec: Any, batch: ImportBatch, rows: Sequence[PreviewRow],
    step: Step,
) -> None:  # fmt: skip
    """Write a chunk without the rows that are refused."""
    with transaction.atomic():
        locked = services.lock(batch, Status.COMMITTING)
        done = writing.write(user, target, spec, rows, whole=False)
        writing.add(locked.result, done.result)
        writing.mark(locked, rows, done.refused, spec)
        locked.skipped_errors = bool(locked.wrong)
        locked.written = rows[-1].number
        locked.save()
        step(len(rows), locked.written)
