"""How much of what was due came, and how much of it is valid. Pure: times and flags in, counts and rates out.

A period is named by its start (HJ 212: DataTime of hour data is the start) and counted from midnight of China. It is
due when it has ended; one that a time of upkeep touches, if only in part, is taken out as the rule says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")
_TENTH = Decimal("0.1")


@dataclass(frozen=True)
class Pause:
    """A time of upkeep ``[start, end)``; ``end`` None while it goes on. channel: '' for all of the device."""

    kind: str
    start: datetime
    end: datetime | None = None
    channel: str = ""

    def touches(self, start: datetime, end: datetime) -> bool:
        """Whether it has a moment in common with ``[start, end)``."""
        return self.start < end and (self.end is None or self.end > start)


@dataclass(frozen=True)
class Rule:
    """Which flags count as valid, which kinds of pauses take periods out of what is due and of what is captured."""

    valid_flags: frozenset[str]
    not_due: frozenset[str]
    no_capture: frozenset[str]


@dataclass(frozen=True)
class Counts:
    """Periods due, received of those, valid of those; due and valid without upkeep."""

    due: int = 0
    got: int = 0
    valid: int = 0
    due_capture: int = 0
    valid_capture: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


@dataclass(frozen=True)
class Rates:
    """Percentages with one decimal (half to even, GB/T 8170); None where nothing was due, or nothing came."""

    transfer: Decimal | None
    validity: Decimal | None
    effective: Decimal | None
    capture: Decimal | None


def periods(day: date, step_minutes: int, until: datetime) -> list[datetime]:
    """The starts of the periods of ``day`` (China) that have ended by ``until``."""
    first = datetime.combine(day, time(), CHINA)
    step = timedelta(minutes=step_minutes)
    found = []
    at = first
    while at < first + timedelta(days=1) and at + step <= until:
        found.append(at)
        at += step
    return found


def period_of(at: datetime, step_minutes: int) -> datetime:
    """The start of the period that ``at`` lies in."""
    local = at.astimezone(CHINA)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    step = timedelta(minutes=step_minutes)
    return midnight + (local - midnight) // step * step


def count_day(
    day: date, step_minutes: int, until: datetime, arrived: Mapping[str, Iterable[tuple[datetime, str]]],
    pauses: Collection[Pause], rule: Rule,
) -> Counts:  # fmt: skip
    """The counts of one device on one day.

    Parameters
    ----------
    arrived: for each channel in use, even if nothing came, the times and flags of its values. Several values of a
        period count once; it is valid when the last of them is. until: now, or the end of the day.
    """
    step = timedelta(minutes=step_minutes)
    starts = periods(day, step_minutes, until)
    total = Counts()
    for channel, values in arrived.items():
        flags = {period_of(at, step_minutes): flag for at, flag in values}
        own = [one for one in pauses if one.channel in ("", channel)]
        for start in starts:
            touching = {one.kind for one in own if one.touches(start, start + step)}
            if touching & rule.not_due:
                continue
            came = start in flags
            valid = came and flags[start] in rule.valid_flags
            captured = not touching & rule.no_capture
            total += Counts(1, int(came), int(valid), int(captured), int(captured and valid))
    return total


def rates(counts: Counts) -> Rates:
    """The rates of counts of any length of time."""
    return Rates(
        _share(counts.got, counts.due), _share(counts.valid, counts.got), _share(counts.valid, counts.due),
        _share(counts.valid_capture, counts.due_capture),
    )  # fmt: skip


def _share(part: int, whole: int) -> Decimal | None:
    if not whole:
        return None
    return (Decimal(100 * part) / Decimal(whole)).quantize(_TENTH, ROUND_HALF_EVEN)
