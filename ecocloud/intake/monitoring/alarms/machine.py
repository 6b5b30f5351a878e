"""The life of one incident: a pure state machine. Events and times in, the next state out.

Two things move it: what the rules find (raised, another level, over) and what people do (acknowledge, assign, close,
call it a false alarm). It ends once it is over and somebody has seen to it, never by a person's click while it goes on,
except as a false alarm with its reason.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from ecocloud.base.errors import EcoError


class State(StrEnum):
    """Where an incident stands."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    ASSIGNED = "assigned"
    OVER = "over"
    CLOSED = "closed"
    FALSE = "false"


ENDED = frozenset({State.CLOSED, State.FALSE})
# Nobody has said that they have seen it.
UNSEEN = frozenset({State.RAISED, State.OVER})


class NotNow(EcoError):
    """The incident is in another state than the one this step starts from."""

    code = "monitoring.alarm.state"
    http_status = 409


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for one incident. acknowledge_s: until it is escalated, and from one escalation to the next.
    escalations: how often at most. forget_s: how long one that is over waits for somebody to acknowledge it."""

    acknowledge_s: int
    escalations: int
    forget_s: int


@dataclass(frozen=True, slots=True)
class Life:
    """Where an incident stands.

    active: the condition holds. level: of now, 0 when it does not hold; peak: the highest so far. raises: how often it
    came. escalations: how often nobody answered in time. deadline: when it moves on by itself.
    """

    state: State
    active: bool
    level: int
    peak: int
    raises: int = 1
    escalations: int = 0
    deadline: datetime | None = None

    @property
    def open(self) -> bool:
        """Whether something is still to come."""
        return self.state not in ENDED


@dataclass(frozen=True, slots=True)
class Found:
    """The rules find it at this level; 0: it is over."""

    level: int


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """A person has seen it."""


@dataclass(frozen=True, slots=True)
class Assign:
    """A person gives it to a unit, or takes it over into a work item."""


@dataclass(frozen=True, slots=True)
class Done:
    """What was assigned has been done."""


@dataclass(frozen=True, slots=True)
class FalseAlarm:
    """A person says that it never was one; the reason is kept by the caller."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passes."""


Event = Found | Acknowledge | Assign | Done | FalseAlarm | Tick


def begin(terms: Terms, level: int, at: datetime) -> Life:
    """A new incident at ``level``."""
    return Life(State.RAISED, True, level, level, deadline=at + timedelta(seconds=terms.acknowledge_s))


def step(terms: Terms, held: Life, event: Event, at: datetime) -> Life:
    """The next state. What the rules find of an ended incident changes nothing.

    at: when the event happened. Raises :class:`NotNow` when a person's act does not fit the state.
    """
    match event:
        case Found():
            return _found(terms, held, event.level, at)
        case Acknowledge():
            if held.state not in UNSEEN:
                raise _not_now(held, "确认")
            return _rest(held, State.ACKNOWLEDGED if held.active else State.CLOSED)
        case Assign():
            if not held.open:
                raise _not_now(held, "指派")
            return _rest(held, State.ASSIGNED)
        case Done():
            if held.state != State.ASSIGNED:
                raise _not_now(held, "办结")
            return _rest(held, State.ACKNOWLEDGED if held.active else State.CLOSED)
        case FalseAlarm():
            if not held.open:
                raise _not_now(held, "认定误报")
            return _rest(held, State.FALSE)
        case Tick():
            return held if held.deadline is None or at < held.deadline else _late(terms, held, at)


def _not_now(held: Life, act: str) -> NotNow:
    return NotNow(f"报警当前状态不能{act}。", f"an incident that is {held.state} does not take this step",
                  value=str(held.state), remedy_zh="请刷新后查看最新状态。")  # fmt: skip


def _rest(held: Life, state: State) -> Life:
    """A state in which no time runs."""
    return replace(held, state=state, deadline=None)


def _found(terms: Terms, held: Life, level: int, at: datetime) -> Life:
    if not held.open or level == held.level:
        return held
    after = replace(held, level=level, active=level > 0, peak=max(held.peak, level))
    if level == 0:
        if held.state == State.RAISED:
            return replace(after, state=State.OVER, deadline=at + timedelta(seconds=terms.forget_s))
        return _rest(after, State.CLOSED) if held.state == State.ACKNOWLEDGED else after
    wait = at + timedelta(seconds=terms.acknowledge_s)
    if held.level == 0:
        after = replace(after, raises=held.raises + 1)
        if held.state == State.OVER:
            return replace(after, state=State.RAISED, deadline=wait)
        return after
    # Worse than ever before: whoever acknowledged the lower level has not seen this one.
    if level > held.peak and held.state == State.ACKNOWLEDGED:
        return replace(after, state=State.RAISED, deadline=wait)
    return after


def _late(terms: Terms, held: Life, at: datetime) -> Life:
    if held.state == State.OVER:
        return _rest(held, State.CLOSED)
    count = held.escalations + 1
    later = at + timedelta(seconds=terms.acknowledge_s) if count < terms.escalations else None
    return replace(held, escalations=count, deadline=later)
