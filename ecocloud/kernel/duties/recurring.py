"""Cycles of recurring duties: the period a day lies in and the deadline within it. Pure; the day is given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from ecocloud.base.periods import Period

ONCE = "once"
CYCLES: dict[str, tuple[str, str]] = {
    ONCE: ("一次", "Once"),
    "month": ("每月", "Every month"),
    "quarter": ("每季度", "Every quarter"),
    "half_year": ("每半年", "Every half year"),
    "year": ("每年", "Every year"),
}


@dataclass(frozen=True)
class Turn:
    """One turn of a cycle. ``period``: as in base/periods, or ``once``; ``last`` is missing for a template without a
    cycle."""

    period: str
    first: date
    last: date | None

    @property
    def words(self) -> tuple[str, str]:
        """The period in Chinese and English; empty where there is no cycle."""
        if self.period == ONCE:
            return "", ""
        found = Period.parse(self.period)
        return found.label_zh(), found.label_en()


def turn(cycle: str, day: date) -> Turn:
    """The turn of ``cycle`` (a key of :data:`CYCLES`) that contains ``day``; raises KeyError for an unknown cycle."""
    if cycle == ONCE:
        return Turn(ONCE, day, None)
    parts = {"month": {"month": day.month}, "quarter": {"quarter": (day.month + 2) // 3},
             "half_year": {"half": (day.month + 5) // 6}, "year": {}}[cycle]  # fmt: skip
    found = Period.of(day.year, **parts)
    assert found.start is not None
    return Turn(found.edtf, found.start, found.end)


def deadline(found: Turn, due_days: int, today: date) -> date:
    """The day a duty of this turn is due: ``due_days`` days after the first day of the period.

    A duty made late in its period is not born overdue: when that day is over, it is due on the last day of the period.
    """
    due = found.first + timedelta(days=due_days)
    return due if due >= today else max(today, found.last or today)
