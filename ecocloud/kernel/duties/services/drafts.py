"""Reports of a dispatch round as one form: kept as a draft, or sent for all rows at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ecocloud.kernel.duties.errors import Invalid
from ecocloud.kernel.duties.models import RoundReport
from ecocloud.kernel.duties.services import rounds
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import User

FILLABLE = (RoundReport.State.OWED, RoundReport.State.RETURNED, RoundReport.State.SUBMITTED)


@dataclass(frozen=True)
class Entry:
    """What a unit wrote for one report; ``progress`` in percent or None."""

    report: RoundReport
    version: int
    progress: Any = None
    text: str = ""
    problem: str = ""
    figures: dict[str, str] = field(default_factory=dict)


def _save(user: User, entry: Entry) -> RoundReport:
    fresh = rounds._report_locked(entry.report, entry.version)
    rounds.answers_for(user, fresh)
    if fresh.state not in (RoundReport.State.OWED, RoundReport.State.RETURNED):
        return fresh
    fresh.progress = None if entry.progress in (None, "") else rounds._percent(entry.progress)
    fresh.text, fresh.problem, fresh.figures = entry.text, entry.problem, dict(entry.figures)
    fresh.version += 1
    fresh.save()
    return fresh


def save_drafts(user: User, entries: Sequence[Entry]) -> int:
    """Keep what was typed without sending it; all rows or none. Returns how many were kept.

    Raises Forbidden, Stale, Invalid, WrongReportState.
    """
    permissions.require(user, rounds.ROUND_FILL)
    if not entries:
        return 0
    with change(user.actor()) as tx:
        kept = [_save(user, entry) for entry in sorted(entries, key=lambda one: one.report.pk)]
        tx.log("duties.report.draft", f"round:{kept[0].round_id}", after={"reports": [row.pk for row in kept]})
    return len(kept)


def send(user: User, entries: Sequence[Entry]) -> int:
    """Send the rows; all of them or none. Returns how many were sent. Raises as :func:`rounds.fill` does."""
    permissions.require(user, rounds.ROUND_FILL)
    if not entries:
        raise Invalid("没有要报送的事项。", "nothing to send", remedy_zh="请至少填写一项。")
    with change(user.actor()):
        for entry in sorted(entries, key=lambda one: one.report.pk):
            rounds.fill(
                user, entry.report, progress=entry.progress, text=entry.text, problem=entry.problem,
                figures=entry.figures, version=entry.version,
            )  # fmt: skip
    return len(entries)
