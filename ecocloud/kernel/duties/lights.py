"""Lights: green, yellow, red, closed, none, each with its cause in words. Pure functions.

The calendar is given by the caller: anything with ``workdays_between(a, b)``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Protocol

import yaml
from pydantic import BaseModel, ConfigDict, Field

RED, YELLOW, GREEN, NONE, CLOSED = "red", "yellow", "green", "none", "closed"
# Lists show what is late first.
RANKS = {RED: 1, YELLOW: 2, GREEN: 3, NONE: 4, CLOSED: 5}
LABELS = {
    RED: ("逾期/滞后", "Late"),
    YELLOW: ("临期/偏慢", "Near or slow"),
    GREEN: ("正常", "On track"),
    NONE: ("无期限", "No deadline"),
    CLOSED: ("已办结", "Closed"),
}
_DATA = Path(__file__).parent / "data" / "lights.yaml"


class Workdays(Protocol):
    """What is needed of a work calendar."""

    def workdays_between(self, start: date, end: date) -> int:
        """Working days after ``start`` up to and including ``end``; negative when ``end`` is earlier."""
        ...


@dataclass(frozen=True)
class Rule:
    """A light rule: ``near_workdays`` in working days, gaps in percentage points, ``grace_share`` in % of time."""

    near_workdays: int
    yellow_gap: Decimal
    red_gap: Decimal
    grace_share: Decimal = Decimal(0)
    version: int = 0
    kind: str = "*"


@dataclass(frozen=True)
class Light:
    """A light with its cause: ``words`` is the sentence people read."""

    code: str
    words: str
    words_en: str = ""
    planned: Decimal | None = None

    @property
    def rank(self) -> int:
        """The light's place in lists, red first."""
        return RANKS[self.code]


class _Number(BaseModel):
    model_config = ConfigDict(extra="forbid")
    value: Decimal = Field(ge=0)
    unit: str


class _RuleData(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: str
    version: int
    valid_from: date
    citation: str
    mark: str
    near_workdays: _Number
    yellow_gap: _Number
    red_gap: _Number
    grace_share: _Number


@cache
def default_rule() -> Rule:
    """The rule of a fresh installation."""
    data = _RuleData.model_validate(yaml.safe_load(_DATA.read_text("utf-8"))["rules"][0])
    return Rule(
        int(data.near_workdays.value),
        data.yellow_gap.value,
        data.red_gap.value,
        data.grace_share.value,
        data.version,
        data.kind,
    )


def planned_progress(start: date, deadline: date, today: date) -> Decimal:
    """序时进度 in percent: the share of the days from ``start`` to ``deadline`` that has passed, one decimal."""
    total = (deadline - start).days
    passed = (today - start).days
    if total <= 0:
        return Decimal(100) if today >= deadline else Decimal(0)
    share = Decimal(100 * passed) / Decimal(total)
    return min(Decimal(100), max(Decimal(0), share)).quantize(Decimal("0.1"), ROUND_HALF_UP)


def plain(value: Decimal) -> str:
    """A number without trailing zeros: 82, 9.5."""
    text = format(value.normalize(), "f")
    return "0" if text in ("-0", "") else text


def light(
    *,
    deadline: date | None,
    start: date,
    today: date,
    progress: Decimal,
    rule: Rule,
    calendar: Workdays,
    closed_on: date | None = None,
    reported: bool = False,
    paused_until: date | None = None,
) -> Light:
    """The light of an item.

    ``progress`` in percent; ``closed_on`` is the day of completion; ``reported`` means that the result lies with the
    office, so nearness of the deadline is no longer the lead unit's matter. A day equal to the deadline is not overdue.
    While the clock stands (``paused_until``) the light is that of the day on which it runs again: with ``deadline`` and
    ``start`` moved by the days it stands, so it neither turns nor counts days.
    """
    if paused_until is not None and closed_on is None:
        then = light(
            deadline=deadline, start=start, today=paused_until, progress=progress, rule=rule, calendar=calendar,
            reported=reported,
        )  # fmt: skip
        words = f"挂起至 {paused_until}，计时暂停；恢复时{then.words}"
        return Light(then.code, words, f"suspended until {paused_until}, then: {then.words_en}", then.planned)
    if closed_on is not None:
        return _closed(deadline, closed_on)
    actual = plain(progress)
    if deadline is None:
        return Light(NONE, f"没有完成期限；实际 {actual}%", f"no deadline; actual {actual}%")
    planned = planned_progress(start, deadline, today)
    compare = f"实际 {actual}%，序时 {plain(planned)}%"
    compare_en = f"actual {actual}%, planned {plain(planned)}%"
    if today > deadline:
        days = (today - deadline).days
        return Light(RED, f"逾期 {days} 天；{compare}", f"{days} days overdue; {compare_en}", planned)
    days, work = (deadline - today).days, calendar.workdays_between(today, deadline)
    left = "今天到期" if days == 0 else f"距期限 {days} 天（{work} 个工作日）"
    left_en = "due today" if days == 0 else f"{days} days left ({work} working days)"
    gap = planned - progress if planned >= rule.grace_share else Decimal(0)
    if reported:
        code = GREEN
        left, left_en = f"已反馈待审核，{left}", f"reported, under review, {left_en}"
    elif gap >= rule.red_gap:
        code = RED
    elif gap >= rule.yellow_gap or (work <= rule.near_workdays and progress < 100):
        code = YELLOW
    else:
        code = GREEN
    return Light(code, f"{left}；{compare}", f"{left_en}; {compare_en}", planned)


def _closed(deadline: date | None, closed_on: date) -> Light:
    day = closed_on.isoformat()
    if deadline is None:
        return Light(CLOSED, f"{day} 办结", f"closed {day}")
    late = (closed_on - deadline).days
    if late > 0:
        return Light(CLOSED, f"{day} 办结，超期限 {late} 天", f"closed {day}, {late} days late")
    return Light(CLOSED, f"{day} 按期办结", f"closed {day}, on time")
