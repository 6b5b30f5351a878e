"""When units are reminded and when the level above is told. Pure functions; the calendar is given."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Literal, Protocol

import yaml
from pydantic import BaseModel, ConfigDict, Field

_DATA = Path(__file__).parent / "data" / "reminders.yaml"


class Workdays(Protocol):
    """What is needed of a work calendar."""

    def add_workdays(self, day: date, n: int) -> date:
        """The ``n``-th working day after ``day``, before it for a negative ``n``."""
        ...

    def workdays_between(self, a: date, b: date) -> int:
        """Working days after ``a`` up to and including ``b``."""
        ...


class Days(BaseModel):
    """A number of days with its unit and where it comes from."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    value: int = Field(gt=0)
    unit: Literal["日", "工作日"]
    valid_from: date
    citation: str
    mark: str


class Reminders(BaseModel):
    """``ahead``: before a deadline. ``again``: between two reminders. ``round_ahead``: before a round is due.
    ``escalate``: after the due day, then the level above is told. ``overdue``: after the deadline of an item, likewise.
    ``supervise``: after the deadline, then a supervision letter is drafted."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    ahead: Days
    again: Days
    round_ahead: Days
    escalate: Days
    overdue: Days
    supervise: Days


@cache
def settings() -> Reminders:
    """The days of this package."""
    return Reminders.model_validate(yaml.safe_load(_DATA.read_text("utf-8"))["reminders"])


def late_turn(due: date, today: date) -> bool:
    """Whether ``today`` is the first day after ``due``, or whole intervals after that day."""
    late = (today - due).days
    return late > 0 and (late - 1) % settings().again.value == 0


def round_phase(due: date, today: date, calendar: Workdays) -> date | None:
    """The first day of the present phase of reminders of a round: shortly before ``due``, or the interval after it in
    which ``today`` lies. ``None`` while it is too early. One reminder belongs to each phase."""
    if today > due:
        whole = ((today - due).days - 1) // settings().again.value
        return due + timedelta(days=1 + whole * settings().again.value)
    first = calendar.add_workdays(due, -settings().round_ahead.value)
    return first if today >= first else None


def to_escalate(due: date, today: date, calendar: Workdays) -> bool:
    """Whether so much time has passed since ``due`` that the level above is told."""
    return today > due and calendar.workdays_between(due, today) >= settings().escalate.value


def to_raise(deadline: date | None, today: date, calendar: Workdays) -> bool:
    """Whether an item is overdue for so long that the level above is told."""
    return _late_by(deadline, today, calendar, settings().overdue.value)


def to_supervise(deadline: date | None, today: date, calendar: Workdays) -> bool:
    """Whether an item is overdue for so long that a supervision letter is drafted."""
    return _late_by(deadline, today, calendar, settings().supervise.value)


def _late_by(deadline: date | None, today: date, calendar: Workdays, days: int) -> bool:
    return deadline is not None and today > deadline and calendar.workdays_between(deadline, today) >= days
