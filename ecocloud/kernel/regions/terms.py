"""Terms of office: who held something from which day to which. Pure; both days of a term belong to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ecocloud.base.errors import EcoError

DAY = timedelta(days=1)


class TermFault(EcoError):
    """A term cannot stand beside the others."""

    code = "regions.term"


@dataclass(frozen=True)
class Term:
    """From ``start`` to ``end``, both included; ``end`` None: still going on. ``key`` says whose it is."""

    start: date
    end: date | None = None
    key: str = ""

    def holds(self, day: date) -> bool:
        """Whether ``day`` lies in the term."""
        return self.start <= day and (self.end is None or day <= self.end)

    @property
    def empty(self) -> bool:
        """A term that never held: ended before its first day."""
        return self.end is not None and self.end < self.start


@dataclass(frozen=True)
class Stretch:
    """Days between two terms that nobody held (``vacant``), or that two held (``double``)."""

    kind: str
    start: date
    end: date | None


def current(terms: Iterable[Term], day: date) -> Term | None:
    """The term that holds on ``day``; where two do, the one that began later."""
    return max((one for one in terms if one.holds(day)), key=lambda one: (one.start, one.key), default=None)


def stretches(terms: Iterable[Term]) -> list[Stretch]:
    """Gaps and overlaps between the first term's beginning and the last one's end, in the order of days."""
    ordered = sorted((one for one in terms if not one.empty), key=lambda one: (one.start, one.end or date.max))
    found: list[Stretch] = []
    reached: date | None = None  # the last day somebody held
    for number, one in enumerate(ordered):
        last = one.end or date.max
        if number and reached is not None:
            if one.start <= reached:
                end = min(reached, last)
                found.append(Stretch("double", one.start, None if end == date.max else end))
            elif one.start > reached + DAY:
                found.append(Stretch("vacant", reached + DAY, one.start - DAY))
        reached = last if reached is None else max(reached, last)
    return found


def appended(terms: Sequence[Term], start: date, end: date | None = None, key: str = "") -> tuple[list[Term], Term]:
    """The terms after somebody takes over on ``start``: the one going on ends the day before.

    Returns the changed terms and the new one. Raises :class:`TermFault` when ``start`` does not lie behind the
    beginning of the term it ends, or when a later term is already there: nothing of the past is rewritten.
    """
    if end is not None and end < start:
        raise TermFault("任期的结束日期早于开始日期。", "the term ends before it begins", value=end,
                        remedy_zh=f"结束日期不应早于 {start}。")  # fmt: skip
    standing = [one for one in terms if not one.empty]
    later = [one for one in standing if one.start >= start]
    if later:
        raise TermFault(
            f"已有从 {later[0].start} 起的任期。", f"a term begins on {later[0].start}", value=start,
            remedy_zh=f"新任期应晚于 {max(one.start for one in later)}。",
        )  # fmt: skip
    closed = [Term(one.start, start - DAY, one.key) if one.end is None or one.end >= start else one for one in standing]
    fresh = Term(start, end, key)
    return [*closed, fresh], fresh
