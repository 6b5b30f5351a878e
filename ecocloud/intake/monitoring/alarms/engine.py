"""The evaluation of one rule on one device and factor: moments in, transitions out. Pure.

``run`` folds moments in the order of their time. Running over some moments and then over the rest from the memory kept
gives what running over all at once gives. Order of arrival does not matter either: what comes within the allowed
lateness is put into its place, and the run is made again from the memory before it.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

from ecocloud.intake.monitoring.alarms.conditions import (
    FOREVER,
    Memory,
    Moment,
    Pause,
    Setting,
    deadline,
    evaluate,
    reasons,
)
from ecocloud.intake.monitoring.alarms.document import (
    Condition,
    Flat,
    Group,
    Limit,
    NoData,
    Rate,
    RuleDocument,
    Window,
    walk,
)

BEIJING = timezone(timedelta(hours=8))


class Row(NamedTuple):
    """A value of a factor. stamp: as sent, seconds since 1970 UTC; value: 10^-6 of the unit, None where there is no
    number; flag: of the sender. counts: False where people or the sender's flag say that it does not."""

    stamp: int
    factor: str
    value: int | None
    flag: str = ""
    counts: bool = True


@dataclass(frozen=True)
class Transition:
    """The level changed at ``at``. because: what speaks for it, see ``conditions.reasons``; [] where it ended."""

    at: int
    level: int
    because: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True)
class Episode:
    """One time above level 0. peak: its highest level. end: None while it goes on."""

    start: int
    level: int
    peak: int
    because: tuple[dict[str, str], ...]
    end: int | None = None


def moments(
    rows: Iterable[Row], *, length: int, hour_ending: bool, flags: Sequence[str], pauses: Sequence[Pause] = ()
) -> list[Moment]:
    """Rows as moments in order. length: of a period of the data, seconds (0 for real-time values).

    hour_ending: whether a stamp is the end of its period; HJ 212 sends its beginning.
    """
    by_time: dict[int, list[Row]] = {}
    for row in rows:
        by_time.setdefault(row.stamp if hour_ending else row.stamp + length, []).append(row)
    found = []
    for at in sorted(by_time):
        values, came = {}, set()
        whole = _resting(pauses, at - length, at, "")
        for row in by_time[at]:
            came.add(row.factor)
            rests = whole or _resting(pauses, at - length, at, row.factor)
            if row.value is not None and row.counts and row.flag in flags and not rests:
                values[row.factor] = row.value
        found.append(Moment(at, values, frozenset(came)))
    return found


def _resting(pauses: Sequence[Pause], first: int, last: int, factor: str) -> bool:
    """Whether upkeep touches a period, or the moment ``last`` where it has no length."""
    return any(
        pause.factor in ("", factor) and pause.end > first and (pause.start < last or first == last == pause.start)
        for pause in pauses
    )


def fresh(begun: int) -> Memory:
    """The memory at the beginning. begun: moments after it are looked at, and values are expected from then on."""
    return {"begun": begun, "at": begun}


def run(
    rule: RuleDocument, setting: Setting, rows: Sequence[Moment], memory: Memory, until: int
) -> tuple[list[Transition], Memory]:
    """The transitions at moments after the memory's last and up to ``until``, and the memory then.

    rows: moments in order; those not after the memory's last one are passed over (they came too late), and so are those
    after ``until``.
    """
    memory = copy.deepcopy(memory)
    found: list[Transition] = []
    last = memory["at"]
    for moment in rows:
        if moment.at <= last or moment.at > until:
            continue
        _silent(rule, setting, memory, moment.at - 1, found)
        _step(rule, setting, moment, memory, found)
        last = moment.at
    _silent(rule, setting, memory, until, found)
    memory["at"] = max(until, last)
    return found, memory


def due(rule: RuleDocument, setting: Setting, memory: Memory) -> int | None:
    """When silence alone would change something next, seconds since 1970 UTC; None where it cannot."""
    found = (deadline(one, path, setting, memory) for path, one in _silences(rule))
    return min((at for at in found if memory.get("told", -FOREVER) < at < FOREVER), default=None)


def _silent(rule: RuleDocument, setting: Setting, memory: Memory, until: int, found: list[Transition]) -> None:
    """The moments at which nothing had come for too long, up to ``until``."""
    while (at := due(rule, setting, memory)) is not None and at <= until:
        memory["told"] = at
        _step(rule, setting, Moment(at, {}), memory, found)


def _silences(rule: RuleDocument) -> list[tuple[str, NoData]]:
    found: list[tuple[str, NoData]] = []

    def look(condition: Any, path: str) -> None:
        if isinstance(condition, NoData):
            found.append((path, condition))
        elif isinstance(condition, Group):
            for n, part in enumerate(condition.of):
                look(part, f"{path}.{'all' if condition.every else 'any'}.{n}")

    for grade in rule.grades:
        if any(isinstance(one, NoData) for one in walk(grade.when)):
            look(grade.when, f"g{grade.level}")
    return found


def _step(rule: RuleDocument, setting: Setting, moment: Moment, memory: Memory, found: list[Transition]) -> None:
    in_force = not rule.windows or any(_inside(window, moment.at) for window in rule.windows)
    level, because = 0, []
    for grade in rule.grades:
        path = f"g{grade.level}"
        answer = evaluate(grade.when, path, moment, setting, memory)
        on, calm = memory.get(f"{path}!", [False, 0])
        if not in_force:
            on, calm = False, 0
        elif answer:
            on, calm = True, 0
            because = reasons(grade.when, moment, setting, path, memory) or because
        elif answer is False and on and _told(grade.when, moment, setting):
            calm += 1
            on = calm < grade.calm
        memory[f"{path}!"] = [on, calm if on else 0]
        level = grade.level if on else level
    if level != memory.get("level", 0):
        memory["level"] = level
        found.append(Transition(moment.at, level, tuple(because) if level else ()))


def _told(condition: Condition, moment: Moment, setting: Setting) -> bool:
    """Whether a moment says anything of a condition: one value of those it speaks of; any where it waits for data. Only
    such a moment counts as a good one.
    """
    named = {setting.of(one.factor) for one in walk(condition) if isinstance(one, Limit | Rate | Flat)}
    return not named or not named.isdisjoint(moment.values)


def _inside(window: Window, at: int) -> bool:
    """Whether a moment lies in a window; the end of a period belongs to the minute before it."""
    local = datetime.fromtimestamp(at - 1, BEIJING)
    minute = local.hour * 60 + local.minute
    day = local
    if window.first < window.last:
        fits = window.first <= minute < window.last
    else:
        fits = minute >= window.first or minute < window.last
        if minute < window.last:
            day = local - timedelta(days=1)  # a night belongs to the day it begins on
    return (
        fits and (not window.months or day.month in window.months)
        and (not window.weekdays or day.isoweekday() in window.weekdays)
    )  # fmt: skip


def episodes(transitions: Iterable[Transition], open_one: Episode | None = None) -> list[Episode]:
    """Transitions as times above level 0. open_one: the one that was going on before them."""
    found: list[Episode] = []
    current = open_one
    for one in transitions:
        if one.level == 0:
            if current is not None:
                found.append(replace(current, level=0, end=one.at))
            current = None
        elif current is None:
            current = Episode(one.at, one.level, one.level, one.because)
        else:
            current = replace(current, level=one.level, peak=max(current.peak, one.level),
                              because=one.because or current.because)  # fmt: skip
    return found if current is None else [*found, current]


@dataclass(frozen=True)
class Standing:
    """How far a rule has got on one device and factor: the memory at ``memory["at"]``, before which nothing changes any
    more, and the episode that was going on then."""

    memory: Memory
    open_one: Episode | None = None


@dataclass(frozen=True)
class Progress:
    """What ``advance`` found. episodes: the one that was going on at the standing before, and those after it. standing:
    to go on from. due: when silence alone changes something next."""

    episodes: tuple[Episode, ...]
    standing: Standing
    due: int | None


def advance(
    rule: RuleDocument, setting: Setting, rows: Sequence[Moment], standing: Standing, clock: int, lateness: int
) -> Progress:
    """Evaluate up to ``clock``; what lies more than ``lateness`` seconds back is settled and kept in the standing.

    rows: every moment after ``standing.memory["at"]`` as it is known now. Called again with more or other moments not
    older than that, it finds what it would have found had they been there from the beginning.
    """
    first, settled = run(rule, setting, rows, standing.memory, max(standing.memory["at"], clock - lateness))
    later, memory = run(rule, setting, rows, settled, clock)
    before = episodes(first, standing.open_one)
    open_one = before[-1] if before and before[-1].end is None else None
    found = episodes([*first, *later], standing.open_one)
    return Progress(tuple(found), Standing(settled, open_one), due(rule, setting, memory))
