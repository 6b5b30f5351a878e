"""The life of a report as its reporter sees it. Pure.

received 已收到 -> handling 办理中 -> done 已办结; or refused 不予受理. Everything can be taken up again: a case by its
supervisor, an answer by the reporter within a window of days and a number of times.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from ecocloud.portal.errors import NotNow


class State(StrEnum):
    """Where a report stands."""

    RECEIVED = "received"
    HANDLING = "handling"
    DONE = "done"
    REFUSED = "refused"


class Event(StrEnum):
    """What may happen to a report."""

    HAND = "hand"  # a case was made of it
    WORK = "work"  # its case is open (again)
    FINISH = "finish"  # its case was closed
    REFUSE = (
        "refuse"  # the office does not take it, with a reason; its case, if there is one, is ended without a result
    )
    REOPEN = "reopen"  # the reporter is not content
    RATE = "rate"  # the reporter says how content


ENDED = frozenset({State.DONE, State.REFUSED})
LABELS = {
    State.RECEIVED: ("已收到", "Received"),
    State.HANDLING: ("办理中", "Being handled"),
    State.DONE: ("已办结", "Completed"),
    State.REFUSED: ("不予受理", "Not taken"),
}
_MOVES = {
    (State.RECEIVED, Event.HAND): State.HANDLING,
    (State.RECEIVED, Event.REFUSE): State.REFUSED,
    (State.REFUSED, Event.HAND): State.HANDLING,
    (State.HANDLING, Event.REFUSE): State.REFUSED,
    (State.HANDLING, Event.WORK): State.HANDLING,
    (State.HANDLING, Event.FINISH): State.DONE,
    (State.DONE, Event.FINISH): State.DONE,
    (State.DONE, Event.WORK): State.HANDLING,
    (State.DONE, Event.REOPEN): State.HANDLING,
    (State.REFUSED, Event.WORK): State.HANDLING,
    (State.REFUSED, Event.REOPEN): State.RECEIVED,
    (State.DONE, Event.RATE): State.DONE,
}


@dataclass(frozen=True)
class Windows:
    """Days in which an ended report may be rated and reopened, and how often it may be reopened."""

    rate_days: int
    reopen_days: int
    reopen_times: int


@dataclass(frozen=True)
class Standing:
    """A report: its state, the day it ended, how often it was reopened by its reporter, whether it was rated since."""

    state: State = State.RECEIVED
    ended_on: date | None = None
    reopened: int = 0
    rated: bool = False


def step(now: Standing, event: Event, day: date, windows: Windows) -> Standing:
    """The report after ``event`` on ``day``; raises :class:`NotNow` with the reason."""
    target = _MOVES.get((now.state, event))
    if target is None:
        word = LABELS[now.state]
        raise NotNow(f"这件反映{word[0]}，现在不能这样做。", f"{event} is not possible: {word[1].lower()}", value=event)
    if event in (Event.REOPEN, Event.RATE):
        _within(now, event, day, windows)
    if event is Event.RATE:
        return replace(now, rated=True)
    if event is Event.FINISH and now.state is State.DONE:
        return now
    ended = target in ENDED
    again = now.reopened + (event is Event.REOPEN)
    return Standing(target, day if ended else None, again, False)


def _within(now: Standing, event: Event, day: date, windows: Windows) -> None:
    days = windows.rate_days if event is Event.RATE else windows.reopen_days
    if now.ended_on is None or not 0 <= (day - now.ended_on).days <= days:
        raise NotNow(
            f"办结已超过 {days} 天，如问题仍在，请重新反映。", f"more than {days} days after it ended", value=event
        )
    if event is Event.REOPEN and now.reopened >= windows.reopen_times:
        raise NotNow(
            f"已要求重办 {now.reopened} 次，如问题仍在，请重新反映或拨打 12345、12369。",
            f"already reopened {now.reopened} times", value=event,
        )  # fmt: skip


def may(now: Standing, event: Event, day: date, windows: Windows) -> bool:
    """Whether ``event`` is possible now."""
    try:
        step(now, event, day, windows)
    except NotNow:
        return False
    return True
