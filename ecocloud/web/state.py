"""Whether this installation is well: what every room's health check says, for ``ecocloud check`` and for the page of
the administrators.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from ecocloud.base.jobs import enqueue
from ecocloud.base.jobs.queries import latest
from ecocloud.base.pages.speaking import is_english
from ecocloud.base.rooms import HealthCheck, all_rooms, load

JOB = "web.check"


class Line(NamedTuple):
    """A check and what it found: sentences, none when well."""

    label: str
    found: list[str]


class Known(NamedTuple):
    """The newest finished check."""

    at: datetime
    lines: list[Line]
    wrong: int  # checks with something to say


def checks() -> dict[str, HealthCheck]:
    """Every check by ``room.key``."""
    return {f"{room.name}.{check.key}": check for room in all_rooms() for check in room.checks}


def examine() -> dict[str, list[str]]:
    """Run every check: what each found."""
    return {key: load(check.run)() for key, check in checks().items()}


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
    return Known(job.finished_at, sorted(lines, key=lambda line: not line.found), sum(bool(one.found) for one in lines))
