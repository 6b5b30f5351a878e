"""Whether this installation is well: what every room's health check says, for ``ecocloud check`` and for the page of
the administrators.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.utils import timezone

from ecocloud.base.jobs import enqueue
from ecocloud.base.jobs.queries import latest
from ecocloud.base.pages.speaking import is_english
from ecocloud.base.rooms import HealthCheck, all_rooms, load

JOB = "web.check"
EVERY = timedelta(hours=1)
log = logging.getLogger(__name__)


class Line(NamedTuple):
    """A check and what it found: sentences, none when well."""

    label: str
    found: list[str]


class Known(NamedTuple):
    """The newest finished check."""

    at: datetime
    lines: list[Line]
    wrong: int  # checks with something to say
    old: bool  # the worker should have checked again since


def checks() -> dict[str, HealthCheck]:
    """Every check by ``room.key``."""
    return {f"{room.name}.{check.key}": check for room in all_rooms() for check in room.checks}


def examine() -> dict[str, list[str]]:
    """Run every check: what each found. One that breaks says so and leaves the others alone."""
    return {key: _found(check) for key, check in checks().items()}


def _found(check: HealthCheck) -> list[str]:
    try:
        return load(check.run)()
    except Exception as error:
        log.exception("check %s", check.key)
        return [f"检查未能完成：{type(error).__name__}，详见服务器日志。"]


def ask(asker: str = "") -> int:
    """Have the worker check soon; the number of the job. asker: the actor who may follow it, '' for nobody."""
    return enqueue(JOB, key=asker or "schedule", created_by=asker or "schedule").pk


def known() -> Known | None:
    """What the newest finished check found, those with something to say first; None before the first one."""
    job = latest(JOB)
    if job is None:
        return None
    found: dict[str, Any] = job.result
    lines = [
        Line(check.label_en if is_english() else check.label_zh, found.get(key, [])) for key, check in checks().items()
    ]
    old = job.finished_at < timezone.now() - 2 * EVERY
    wrong = sum(bool(one.found) for one in lines)
    return Known(job.finished_at, sorted(lines, key=lambda line: not line.found), wrong, old)
