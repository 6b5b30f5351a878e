"""What patrols are owed, what counts, what is missing. Pure: dates and records in, counts out.

A period of the calendar is owed when somebody answered for the object on all of its days and the rule was in force on
its first day; it is judged when it is over. So a chief who came in the middle of a month owes nothing for it. More
patrols than owed in one period never make up for another.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ecocloud.domains.chiefs.facts import Every, LevelRule, Minimums
from ecocloud.kernel.regions.terms import Term

_DAY = timedelta(days=1)
SHORT_TIME, SHORT_WAY, TOO_SOON = "short_time", "short_way", "too_soon"


@dataclass(frozen=True)
class InForce:
    """A rule from one day to another, both included; None: without end."""

    rule: LevelRule
    start: date | None = None
    end: date | None = None

    def holds(self, day: date) -> bool:
        """Whether the rule is in force on ``day``."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


@dataclass(frozen=True)
class Slot:
    """One period of the calendar with what is owed in it."""

    first: date
    last: date
    times: int
    minimums: Minimums = Minimums()


@dataclass(frozen=True)
class Record:
    """A patrol as the rule looks at it: when it began (local time), how long, how far; None where nobody said."""

    key: str
    start: datetime
    minutes: int | None = None
    metres: int | None = None


@dataclass(frozen=True)
class Judged:
    """A patrol in its period: whether it counts, and what is told of it (short time, short way, too soon)."""

    record: Record
    counts: bool
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cover:
    """What was owed and done over some periods. ``done`` counts at most what each period owes; ``records`` are all."""

    owed: int = 0
    done: int = 0
    records: int = 0
    warned: int = 0

    @property
    def missing(self) -> int:
        """How many patrols are missing."""
        return self.owed - self.done

    def __add__(self, other: Cover) -> Cover:
        return Cover(self.owed + other.owed, self.done + other.done, self.records + other.records,
                     self.warned + other.warned)  # fmt: skip


def period_of(name: str, day: date) -> tuple[date, date]:
    """The first and last day of the calendar period that ``day`` lies in. Weeks begin on Monday (GB/T 7408)."""
    if name == "week":
        first = day - timedelta(days=day.weekday())
        return first, first + timedelta(days=6)
    if name == "ten_days":
        if day.day > 20:
            return day.replace(day=21), _month_end(day)
        first = 1 if day.day <= 10 else 11
        return day.replace(day=first), day.replace(day=first + 9)
    months = {"month": 1, "quarter": 3, "half": 6, "year": 12}[name]
    begin = (day.month - 1) // months * months + 1
    return date(day.year, begin, 1), _month_end(date(day.year, begin + months - 1, 1))


def _month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - _DAY


def slots(rules: Iterable[InForce], held: Sequence[Term], first: date, last: date) -> list[Slot]:
    """The periods that end in ``[first, last]`` and are owed, in the order of days."""
    found: dict[tuple[date, date], Slot] = {}
    for one in rules:
        every = one.rule.every
        if every is None:
            continue
        begin, end = period_of(every.period, first)
        while end <= last:
            if first <= end and one.holds(begin) and held_whole(held, begin, end):
                found[begin, end] = Slot(begin, end, every.times, one.rule.minimums)
            begin, end = period_of(every.period, end + _DAY)
    return sorted(found.values(), key=lambda slot: (slot.first, slot.last))


def running(rules: Iterable[InForce], held: Sequence[Term], day: date) -> Slot | None:
    """The period that goes on ``day``: owed as far as can be said today."""
    for one in rules:
        every = one.rule.every
        if every is not None:
            begin, end = period_of(every.period, day)
            if one.holds(begin) and held_whole(held, begin, day):
                return Slot(begin, end, every.times, one.rule.minimums)
    return None


def held_whole(held: Sequence[Term], first: date, last: date) -> bool:
    """Whether on every day from ``first`` to ``last`` some term holds."""
    day = first
    for term in sorted((one for one in held if not one.empty), key=lambda one: one.start):
        if term.start <= day and (term.end is None or term.end >= day):
            if term.end is None or term.end >= last:
                return True
            day = term.end + _DAY
    return False


def judged(records: Iterable[Record], slot: Slot) -> list[Judged]:
    """The patrols of a period in the order of time, each with what is told of it and whether it counts.

    A value equal to a minimum is enough; one that nobody gave is not judged.
    """
    minimums, found, before = slot.minimums, [], None
    inside = {one.key: one for one in records if slot.first <= one.start.date() <= slot.last}
    for one in sorted(inside.values(), key=lambda record: (record.start, record.key)):
        said = []
        if minimums.minutes is not None and one.minutes is not None and one.minutes < minimums.minutes:
            said.append(SHORT_TIME)
        if minimums.metres is not None and one.metres is not None and one.metres < minimums.metres:
            said.append(SHORT_WAY)
        between = minimums.hours_between
        if between is not None and before is not None and one.start - before < timedelta(hours=between):
            said.append(TOO_SOON)
        counts = not (said and minimums.decides)
        if counts:
            before = one.start
        found.append(Judged(one, counts, tuple(said)))
    return found


def cover(records: Iterable[Record], owed: Iterable[Slot]) -> Cover:
    """What was done of what was owed."""
    given, total = list(records), Cover()
    for slot in owed:
        rows = judged(given, slot)
        done = min(slot.times, sum(one.counts for one in rows))
        total += Cover(slot.times, done, len(rows), sum(bool(one.warnings) for one in rows))
    return total


def every_words(every: Every | None) -> tuple[str, int]:
    """The period's name and the times, for words on pages; ('', 0) where nothing is owed."""
    return (every.period, every.times) if every else ("", 0)
