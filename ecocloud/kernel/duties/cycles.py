"""Feedback cycles: periods and the day on which feedback is owed. Pure functions; the calendar is given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Protocol

import yaml
from pydantic import BaseModel, ConfigDict, Field

_DATA = Path(__file__).parent / "data" / "cycles.yaml"


class AddsWorkdays(Protocol):
    """What is needed of a work calendar."""

    def add_workdays(self, day: date, count: int) -> date:
        """The ``count``-th working day after ``day``."""
        ...


class Cycle(BaseModel):
    """A feedback cycle: its length and the working day after the period by which feedback is owed."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    label_zh: str
    label_en: str
    months: int = Field(ge=0)
    weeks: int = Field(ge=0)
    due_workday: int = Field(ge=0)


@dataclass(frozen=True)
class Turn:
    """One period of a cycle: its text form (EDTF; weeks as a range of days), first and last day, and the due day."""

    period: str
    first: date
    last: date
    due: date


@cache
def all_cycles() -> dict[str, Cycle]:
    """Every cycle by code."""
    data = yaml.safe_load(_DATA.read_text("utf-8"))
    return {code: Cycle.model_validate(raw) for code, raw in data["cycles"].items()}


def _month_start(index: int) -> date:
    return date(index // 12, index % 12 + 1, 1)


def period_of(code: str, day: date) -> tuple[str, date, date] | None:
    """The period of the cycle that contains ``day``: text, first and last day. ``None`` for no periods."""
    cycle = all_cycles()[code]
    if cycle.weeks:
        first = day - timedelta(days=day.weekday())
        last = first + timedelta(days=7 * cycle.weeks - 1)
        return f"{first}/{last}", first, last
    if not cycle.months:
        return None
    index = day.year * 12 + (day.month - 1) // cycle.months * cycle.months
    first, last = _month_start(index), _month_start(index + cycle.months) - timedelta(days=1)
    if cycle.months == 1:
        text = f"{first:%Y-%m}"
    elif cycle.months == 3:
        text = f"{first.year}Q{(first.month + 2) // 3}"
    else:
        text = f"{first}/{last}"
    return text, first, last


def turns(code: str, start: date, end: date, calendar: AddsWorkdays) -> list[Turn]:
    """The periods that overlap ``start``..``end`` (both included) with their due days, in order."""
    found: list[Turn] = []
    day = start
    while day <= end:
        period = period_of(code, day)
        if period is None:
            return []
        text, first, last = period
        found.append(Turn(text, first, last, calendar.add_workdays(last, all_cycles()[code].due_workday)))
        day = last + timedelta(days=1)
    return found
