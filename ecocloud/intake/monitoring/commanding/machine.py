"""The life of one command to a device: a pure state machine. Times and events in, the next state out.

The way of a request is 9011 (taken up or refused), data, 9012 (result); of a notice 9013 (HJ 212-2017 6.2, annex C).
Two promises hold whatever arrives and however often: a command that acts on equipment is handed out once more only
when it is certain that it never went out, and every command ends, since each open state has a deadline.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from ecocloud.base.errors import EcoError
from ecocloud.intake.monitoring.hj212.building import NOTICE_ANSWER, REQUEST_ANSWER, RESULT

# QnRtn and ExeRtn for "ready" and "done" (HJ 212-2017 table 7 and the table of results).
GOOD = 1


class State(StrEnum):
    """Where a command stands."""

    PREPARED = "prepared"
    READY = "ready"
    HANDED = "handed"
    SENT = "sent"
    ACCEPTED = "accepted"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    INCOMPLETE = "incomplete"
    TIMED_OUT = "timed_out"
    UNKNOWN = "unknown"
    UNDELIVERED = "undelivered"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"


OPEN = frozenset({State.PREPARED, State.READY, State.HANDED, State.SENT, State.ACCEPTED})
# Of these nobody knows for certain what the device did: an answer that comes late still tells.
DOUBTFUL = frozenset({State.TIMED_OUT, State.UNKNOWN, State.INCOMPLETE})
# The device may have it, or has it; another command to the same device waits.
UNDER_WAY = frozenset({State.HANDED, State.SENT, State.ACCEPTED})


class Why(StrEnum):
    """Why a command is where it is, when the state alone does not say."""

    NOT_APPROVED = "not_approved"
    OFF_LINE = "off_line"
    NO_ANSWER = "no_answer"
    NO_RESULT = "no_result"
    NO_CODE = "no_code"
    NO_REPORT = "no_report"
    ANSWERED_LATE = "answered_late"
    NOT_BUILT = "not_built"


class NotNow(EcoError):
    """The command is in another state than the one this step starts from."""

    code = "monitoring.command.state"
    http_status = 409


@dataclass(frozen=True, slots=True)
class Plan:
    """What holds for one command from its start: kept with it, so that a changed table changes no command under way.

    Parameters
    ----------
    acts: it acts on equipment; then ``resends`` is 0. approval: a second person must agree.
    notice: answered by 9013. single: one packet of data is the whole answer, even when 9012 stays away.
    answer_s, execute_s, whole_s: seconds to the first answer; from there or from the last packet to the next; in all.
    resends: how often it is sent again without an answer. deliver_s, resend_s: how long it waits for the device before
    the first and before a further sending. report_s: until the gateway says whether it went out. approve_s: for a
    second person.
    """

    acts: bool
    approval: bool
    notice: bool
    single: bool
    answer_s: int
    execute_s: int
    whole_s: int
    resends: int
    deliver_s: int
    resend_s: int
    report_s: int
    approve_s: int

    def __post_init__(self) -> None:
        if self.acts and self.resends:
            raise ValueError("a command that acts on equipment is never sent again")


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a command stands.

    deadline: when it moves on by itself; None at the end. earliest: not handed out before. until: the end of all
    waiting once the device took it up. tries: how often a gateway took it. sends: how often it went out or may have.
    data: packets of data. result: the last code that was not "ready".
    """

    state: State
    deadline: datetime | None
    earliest: datetime | None = None
    until: datetime | None = None
    tries: int = 0
    sends: int = 0
    data: int = 0
    result: int | None = None
    why: Why | None = None

    @property
    def open(self) -> bool:
        """Whether something is still expected."""
        return self.state in OPEN


@dataclass(frozen=True, slots=True)
class Approve:
    """A second person agrees."""


@dataclass(frozen=True, slots=True)
class Dismiss:
    """A second person does not agree."""


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Whoever asked takes it back before it went out."""


@dataclass(frozen=True, slots=True)
class HandOut:
    """A gateway takes it to send it."""


@dataclass(frozen=True, slots=True)
class Unbuilt:
    """No packet can be made of it: its device has changed since it was asked for."""


@dataclass(frozen=True, slots=True)
class Reported:
    """A gateway says whether it went out. Not delivered means: not one byte was written."""

    delivered: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """9011, 9012 or 9013 of the device; ``code`` is QnRtn or ExeRtn, None when it has none."""

    cn: str
    code: int | None = None


@dataclass(frozen=True, slots=True)
class Data:
    """One packet of data that answers it."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passes."""


Event = Approve | Dismiss | Withdraw | HandOut | Unbuilt | Reported | Answered | Data | Tick


def begin(plan: Plan, at: datetime) -> Progress:
    """A new command: waits for a second person, or for its device."""
    if plan.approval:
        return Progress(State.PREPARED, at + timedelta(seconds=plan.approve_s))
    return Progress(State.READY, at + timedelta(seconds=plan.deliver_s))


def step(plan: Plan, held: Progress, event: Event, at: datetime) -> Progress:
    """The next state. What a device or a gateway says at the wrong moment changes nothing.

    at: when the event happened. Raises :class:`NotNow` when a person or a hand-out does not fit the state.
    """
    match event:
        case Approve():
            _must(held, State.PREPARED, "审批")
            return replace(held, state=State.READY, deadline=at + timedelta(seconds=plan.deliver_s))
        case Dismiss():
            _must(held, State.PREPARED, "审批")
            return _end(held, State.DISMISSED)
        case Withdraw():
            if held.state not in (State.PREPARED, State.READY) or held.sends:
                raise _not_now(held, "撤回")
            return _end(held, State.WITHDRAWN)
        case HandOut():
            if not may_go(held, at):
                raise _not_now(held, "下发")
            return replace(held, state=State.HANDED, tries=held.tries + 1, earliest=None, until=held.deadline,
                           deadline=at + timedelta(seconds=plan.report_s))  # fmt: skip
        case Unbuilt():
            _must(held, State.READY, "下发")
            return _end(held, State.TIMED_OUT if held.sends else State.UNDELIVERED, Why.NOT_BUILT)
        case Reported():
            return _reported(plan, held, event.delivered, at)
        case Answered():
            return _answered(plan, held, event, at)
        case Data():
            return _data(plan, held, at)
        case Tick():
            return held if held.deadline is None or at < held.deadline else _late(plan, held, at)


def may_go(held: Progress, at: datetime) -> bool:
    """Whether a gateway may take it now."""
    waited = held.earliest is None or held.earliest <= at
    return held.state == State.READY and waited and held.deadline is not None and at < held.deadline


def _must(held: Progress, state: State, act: str) -> None:
    if held.state != state:
        raise _not_now(held, act)


def _not_now(held: Progress, act: str) -> NotNow:
    return NotNow(f"指令当前状态不能{act}。", f"a command that is {held.state} does not take this step",
                  value=str(held.state), remedy_zh="请刷新后查看最新状态。")  # fmt: skip


def _end(held: Progress, state: State, why: Why | None = None, result: int | None = None) -> Progress:
    kept = held.result if result is None else result
    return replace(held, state=state, deadline=None, earliest=None, until=None, why=why, result=kept)


def _reported(plan: Plan, held: Progress, delivered: bool, at: datetime) -> Progress:
    if held.state == State.HANDED and delivered:
        return replace(held, state=State.SENT, sends=held.sends + 1, until=None,
                       deadline=at + timedelta(seconds=plan.answer_s))  # fmt: skip
    if held.state == State.HANDED:  # back to waiting; the whole wait counts from the first try
        return replace(held, state=State.READY, deadline=held.until, until=None,
                       earliest=at + timedelta(seconds=plan.answer_s))  # fmt: skip
    if held.state == State.UNKNOWN:  # the gateway speaks late: now it is known, and it ends there
        if delivered:
            return _end(held, State.TIMED_OUT, Why.NO_ANSWER)
        return replace(_end(held, State.UNDELIVERED, Why.OFF_LINE), sends=max(0, held.sends - 1))
    return held


def _went_out(held: Progress) -> bool:
    """Whether the device can know of it; an answer before the gateway's own report proves it."""
    return held.state in UNDER_WAY or held.state in DOUBTFUL or (held.state == State.READY and held.sends > 0)


def _proven(plan: Plan, held: Progress, at: datetime) -> Progress:
    return _reported(plan, held, True, at) if held.state == State.HANDED else held


def _answered(plan: Plan, held: Progress, event: Answered, at: datetime) -> Progress:
    if not _went_out(held):
        return held
    held = _proven(plan, held, at)
    late = Why.ANSWERED_LATE if held.state in DOUBTFUL else None
    if event.cn == RESULT:
        if event.code is None:
            return _end(held, State.INCOMPLETE, Why.NO_CODE)
        return _end(held, State.DONE if event.code == GOOD else State.FAILED, late, event.code)
    if event.cn == NOTICE_ANSWER:
        return _end(held, State.DONE, late) if plan.notice else held
    if event.cn != REQUEST_ANSWER or held.state in (State.ACCEPTED, State.INCOMPLETE):
        return held
    if event.code is not None and event.code != GOOD:
        return _end(held, State.REFUSED, late, event.code)
    if plan.notice:
        return _end(held, State.DONE, late)
    return held if late else _taken_up(plan, held, at)


def _taken_up(plan: Plan, held: Progress, at: datetime) -> Progress:
    until = at + timedelta(seconds=plan.whole_s)
    return replace(held, state=State.ACCEPTED, until=until, earliest=None, why=None,
                   deadline=min(until, at + timedelta(seconds=plan.execute_s)))  # fmt: skip


def _data(plan: Plan, held: Progress, at: datetime) -> Progress:
    if held.state == State.DONE:  # the last packets may come after the result
        return replace(held, data=held.data + 1)
    if not _went_out(held):
        return held
    held = replace(_proven(plan, held, at), data=held.data + 1)
    if held.state in DOUBTFUL:
        return _end(held, State.DONE if plan.single else State.INCOMPLETE, Why.ANSWERED_LATE)
    if held.state != State.ACCEPTED:
        return _taken_up(plan, held, at)
    later = at + timedelta(seconds=plan.execute_s)
    return replace(held, deadline=min(later, held.until or later))


def _late(plan: Plan, held: Progress, at: datetime) -> Progress:
    """A deadline has passed."""
    if held.state == State.PREPARED:
        return _end(held, State.UNDELIVERED, Why.NOT_APPROVED)
    if held.state == State.READY:
        if held.sends:
            return _end(held, State.TIMED_OUT, Why.NO_ANSWER)
        return _end(held, State.UNDELIVERED, Why.OFF_LINE)
    if held.state == State.HANDED:
        counted = replace(held, sends=held.sends + 1)
        return _end(counted, State.UNKNOWN, Why.NO_REPORT) if plan.acts else _again(plan, counted, at)
    if held.state == State.SENT:
        return _again(plan, held, at)
    if held.data:
        return _end(held, State.DONE if plan.single else State.INCOMPLETE, Why.NO_RESULT)
    return _end(held, State.TIMED_OUT, Why.NO_RESULT)


def _again(plan: Plan, held: Progress, at: datetime) -> Progress:
    """Send once more, while the table allows it."""
    if held.sends > plan.resends:
        return _end(held, State.TIMED_OUT, Why.NO_ANSWER)
    return replace(held, state=State.READY, deadline=at + timedelta(seconds=plan.resend_s), earliest=None, until=None)
