"""Which functions are jobs and which of them run by the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import import_module
from typing import Any

from ecocloud.base.errors import EcoError
from ecocloud.base.jobs.schedule import Schedule


@dataclass(frozen=True)
class JobType:
    """A registered job. ``backoff`` is the first pause before a retry in seconds; ``long``: it may last for hours, so
    a worker of its own takes it.
    """

    name: str
    run: Callable[[Any], Any]
    max_attempts: int
    backoff: float
    label_zh: str
    long: bool = False


@dataclass(frozen=True)
class Periodic:
    """A job with its schedule."""

    name: str
    schedule: Schedule
    payload: dict[str, Any] = field(default_factory=dict)


class UnknownJob(EcoError):
    """No room registered a job of that name."""

    code = "jobs.unknown"
    http_status = 500


_types: dict[str, JobType] = {}
_periodic: dict[str, Periodic] = {}
_offered: dict[str, None] = {}  # in their order; a thread may take one while another looks


def offer(module: str) -> None:
    """Name a module that registers jobs. It is imported when a job of it is asked for: what a worker needs for its
    work (calculation, documents, a lake) is no load for a process that serves pages.
    """
    _offered.setdefault(module)


def _take(module: str) -> None:
    import_module(module)
    _offered.pop(module, None)


def job(
    name: str, *, max_attempts: int = 3, backoff: float = 10.0, label_zh: str = "", long: bool = False
) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    """Register ``function(context) -> result`` as the job ``name``; the result must be JSON or None."""

    def register(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        known = _types.get(name)
        if known is not None and (known.run.__module__, known.run.__qualname__) != (
            function.__module__,
            function.__qualname__,
        ):
            raise ValueError(f"job {name} is registered twice")
        _types[name] = JobType(name, function, max_attempts, backoff, label_zh or name, long)
        return function

    return register


def periodic(
    name: str,
    *,
    every: timedelta | float | None = None,
    at: str = "",
    weekday: int = 0,
    day: int = 0,
    payload: dict[str, Any] | None = None,
    max_attempts: int = 1,
    label_zh: str = "",
) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    """Register a job and its schedule: ``every`` (timedelta or seconds) or ``at`` (local ``HH:MM``)."""
    interval = timedelta(seconds=every) if isinstance(every, int | float) else every
    schedule = Schedule(every=interval, at=at, weekday=weekday, day=day)

    def register(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        _periodic[name] = Periodic(name, schedule, payload or {})
        return job(name, max_attempts=max_attempts, label_zh=label_zh)(function)

    return register


def job_type(name: str) -> JobType:
    """The registered job; raises :class:`UnknownJob`."""
    room = name.split(".")[0]
    for module in sorted(_offered, key=lambda one: room not in one.split(".")):
        if name in _types:
            break
        _take(module)
    if name not in _types:
        raise UnknownJob(f"没有名为“{name}”的后台任务。", f"unknown job {name}", value=name)
    return _types[name]


def job_names(*, long: bool | None = None) -> tuple[str, ...]:
    """The names of all registered jobs, or only of those that are ``long`` or are not."""
    _take_all()
    return tuple(name for name, kind in _types.items() if long is None or kind.long == long)


def schedules() -> tuple[Periodic, ...]:
    """All registered schedules."""
    _take_all()
    return tuple(_periodic.values())


def _take_all() -> None:
    for module in tuple(_offered):
        _take(module)
