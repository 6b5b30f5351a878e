"""后台任务: an outbox of jobs with leases, checkpoints, cancellation and schedules.

``from ecocloud.base.jobs import enqueue, job, periodic, run_worker``; names that need Django's models load on use.
"""

from importlib import import_module
from typing import Any

from ecocloud.base.jobs.registry import UnknownJob, job, job_names, periodic

_LATER = {
    "enqueue": "services",
    "cancel": "services",
    "run_worker": "worker",
    "drain": "worker",
    "job_status": "queries",
    "stuck": "queries",
    "JobContext": "context",
    "JobFailed": "context",
    "JobCancelled": "context",
    "LeaseLost": "context",
}

__all__ = ["UnknownJob", "job", "job_names", "periodic", *_LATER]


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(f"ecocloud.base.jobs.{_LATER[name]}"), name)
    raise AttributeError(name)
