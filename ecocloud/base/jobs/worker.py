"""The worker: claim, run, renew the lease, end or retry."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Sequence
from datetime import timedelta

from django.db import DatabaseError, IntegrityError, OperationalError, close_old_connections, connection, transaction
from django.utils import timezone

from ecocloud.base.errors import Conflict, EcoError
from ecocloud.base.jobs import services
from ecocloud.base.jobs.context import JobCancelled, JobContext, LeaseLost, WorkerStopping
from ecocloud.base.jobs.models import Job, State
from ecocloud.base.jobs.registry import job_names, job_type
from ecocloud.base.jobs.schedule import pause_before_retry

log = logging.getLogger(__name__)
LEASE_SECONDS = 60.0
SCHEDULE_SECONDS = 5.0


def worker_name() -> str:
    """A name no other worker has: host, process, random tail."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


def run_worker(
    stop_event: threading.Event | None = None,
    once: bool = False,
    *,
    names: Sequence[str] | None = None,
    lease: float = LEASE_SECONDS,
    poll: float = 1.0,
) -> int:
    """Run jobs until ``stop_event`` is set; with ``once`` until nothing is due. Returns how many runs ended.

    ``names`` restricts to these jobs (default: all registered); ``lease`` and ``poll`` are seconds. Any number of
    workers may run on any number of machines.
    """
    stop = stop_event or threading.Event()
    me, count, looked = worker_name(), 0, float("-inf")
    while not stop.is_set():
        close_old_connections()
        try:
            if not once and time.monotonic() - looked >= SCHEDULE_SECONDS:
                looked = time.monotonic()
                services.enqueue_due_schedules()
            claimed = services.claim(me, timedelta(seconds=lease), names or job_names())
        except OperationalError as error:
            log.warning("queue not reachable: %s", error)
            stop.wait(poll)
            continue
        if claimed is None:
            if once:
                return count
            stop.wait(poll)
            continue
        _run(claimed, stop, lease, heartbeat=True)
        count += 1
    return count


def drain(names: Sequence[str] | None = None, limit: int = 1000) -> int:
    """Run what is due in the calling thread and transaction, without heartbeat; returns how many runs ended."""
    me, count, stop = worker_name(), 0, threading.Event()
    while count < limit:
        claimed = services.claim(me, timedelta(hours=1), names or job_names())
        if claimed is None:
            break
        _run(claimed, stop, 3600, heartbeat=False)
        count += 1
    return count


def _run(job: Job, stop: threading.Event, lease: float, *, heartbeat: bool) -> None:
    context = JobContext(job, stopping=stop.is_set)
    if job.attempts > job.max_attempts:
        _end(context, State.FAILED, "后台进程多次中断，任务未完成。")
        return
    pulse = threading.Event()
    thread = threading.Thread(target=_renew, args=(context, pulse, lease), daemon=True) if heartbeat else None
    if thread:
        thread.start()
    try:
        _call(job, context)
    except (DatabaseError, LeaseLost) as error:
        # The end could not be written: the lease runs out and another worker goes on from the checkpoint.
        log.warning("job %s %s not ended: %r", job.pk, job.name, error)
    finally:
        pulse.set()
        if thread:
            thread.join()


def _call(job: Job, context: JobContext) -> None:
    try:
        if job.cancel_asked:
            raise JobCancelled(job.pk)
        result = job_type(job.name).run(context)
        if not context.ended():
            context.finish(result)
    except JobCancelled:
        _end(context, State.CANCELLED, "")
    except WorkerStopping:
        _hand_back(job, context)
    except LeaseLost:
        log.warning("job %s %s was taken over", job.pk, job.name)
    except Exception as error:  # a job may raise anything; the worker goes on
        log.exception("job %s %s attempt %s failed", job.pk, job.name, job.attempts)
        _fail(job, context, error)


def _fail(job: Job, context: JobContext, error: Exception) -> None:
    wrong_input = isinstance(error, EcoError) and not isinstance(error, Conflict) and error.http_status < 500
    sentence = error.sentence_zh() if isinstance(error, EcoError) else f"内部错误：{type(error).__name__}: {error}"
    if wrong_input or job.attempts >= job.max_attempts:
        _end(context, State.FAILED, sentence)
        return
    later = timezone.now() + pause_before_retry(job.attempts, job_type(job.name).backoff)
    context.release_passengers()
    try:
        with transaction.atomic():
            context.mine().update(
                state=State.QUEUED,
                run_after=later,
                lease_until=None,
                worker="",
                error=sentence,
                updated_at=timezone.now(),
            )
    except IntegrityError:
        # A newer job of the same key waits already and does the same work.
        _end(context, State.CANCELLED, sentence)


def _hand_back(job: Job, context: JobContext) -> None:
    """Give the job to the next worker at once; an orderly end is no attempt."""
    context.release_passengers()
    now = timezone.now()
    context.mine().update(
        lease_until=now - timedelta(seconds=1), attempts=max(0, job.attempts - 1), worker="", updated_at=now
    )


def _end(context: JobContext, state: str, sentence: str) -> None:
    now = timezone.now()
    context.release_passengers()
    context.mine().update(state=state, error=sentence, lease_until=None, finished_at=now, updated_at=now)


def _renew(context: JobContext, pulse: threading.Event, lease: float) -> None:
    try:
        while not pulse.wait(lease / 3):
            try:
                if not context.renew(timezone.now() + timedelta(seconds=lease)):
                    return
            except OperationalError as error:
                log.warning("lease of job %s not renewed: %s", context.job_id, error)
    finally:
        connection.close()
