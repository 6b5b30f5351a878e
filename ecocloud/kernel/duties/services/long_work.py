"""Opening a round and the year rollover: at once while few items are concerned, as a job with progress otherwise."""

from __future__ import annotations

from datetime import date

from ecocloud.base.jobs.models import Job
from ecocloud.base.jobs.services import enqueue
from ecocloud.kernel.duties.models import Round
from ecocloud.kernel.duties.services import rollover, rounds
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions.models import User

# With more items than this the work is done by a job.
LONG = 500
ROUND_JOB, YEAR_JOB = "duties.round.open", "duties.year.rollover"


def open_round(
    user: User, *, period: str, due: date, title: str = "", cycle: str | None = None
) -> tuple[Round, Job | None]:
    """The round, open; or still opening, with the job that writes its reports. Raises as :func:`rounds.open_round`."""
    with change(user.actor()):
        row = rounds.begin_round(user, period=period, due=due, title=title, cycle=cycle)
        if rounds.due_count(row) > LONG:
            payload = {"round": row.pk, "user": user.pk}
            return row, enqueue(ROUND_JOB, payload, key=f"round:{row.pk}", created_by=user.actor().id)
    return rounds.continue_round(user, row), None


def roll_over(user: User, year: int, choices: dict[int, str], *, opinion: str) -> rollover.Outcome | Job:
    """The outcome of the rollover; or the job that does it. ``choices`` as for :func:`rollover.preview`."""
    if sum(rollover.proposed(user, year).values()) <= LONG:
        return rollover.roll_over(user, year, choices, opinion=opinion)
    payload = {"user": user.pk, "year": year, "choices": {str(pk): what for pk, what in choices.items()}}
    with change(user.actor()) as tx:
        job = enqueue(YEAR_JOB, payload | {"opinion": opinion}, key=f"year:{year}", created_by=user.actor().id)
        tx.log("duties.year.rollover", f"year:{year}", after={"job": job.pk, "choices": len(choices)}, note=opinion)
    return job
