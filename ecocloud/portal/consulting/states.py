"""The life of a consultation and of a comment. Pure.

A consultation: draft 未发布 -> published, whose phase follows from its days (未开始, 征集中, 答复中) -> concluded
已公布结果; or withdrawn 已撤回. A comment: waiting 待审核 -> shown 公开 or hidden 不公开 (with a reason), and back; a
shown one is answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ecocloud.portal.errors import NotNow


class State(StrEnum):
    """What people have done with a consultation."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CONCLUDED = "concluded"
    WITHDRAWN = "withdrawn"


class Phase(StrEnum):
    """Where it stands on a day."""

    DRAFT = "draft"
    COMING = "coming"
    RUNNING = "running"
    ANSWERING = "answering"
    CONCLUDED = "concluded"
    WITHDRAWN = "withdrawn"


class Showing(StrEnum):
    """Whether everybody reads a comment."""

    WAITING = "waiting"
    SHOWN = "shown"
    HIDDEN = "hidden"


class Verdict(StrEnum):
    """The answer to a comment."""

    ACCEPTED = "accepted"
    PARTLY = "partly"
    REJECTED = "rejected"


PHASES = {
    Phase.DRAFT: ("未发布", "Not published"),
    Phase.COMING: ("未开始", "Not begun"),
    Phase.RUNNING: ("征集中", "Open for comments"),
    Phase.ANSWERING: ("答复中", "Being answered"),
    Phase.CONCLUDED: ("已公布结果", "Results published"),
    Phase.WITHDRAWN: ("已撤回", "Withdrawn"),
}
SHOWINGS = {
    Showing.WAITING: ("待审核", "To be checked"),
    Showing.SHOWN: ("公开", "Public"),
    Showing.HIDDEN: ("不公开", "Not public"),
}
VERDICTS = {
    Verdict.ACCEPTED: ("采纳", "Accepted"),
    Verdict.PARTLY: ("部分采纳", "Partly accepted"),
    Verdict.REJECTED: ("不采纳", "Not accepted"),
}


@dataclass(frozen=True)
class Window:
    """A consultation: its state and the days from which to which comments are taken, both included."""

    state: State
    opens: date
    closes: date


def phase(window: Window, day: date) -> Phase:
    """Where a consultation stands on ``day``."""
    if window.state is not State.PUBLISHED:
        return Phase(window.state.value)
    if day < window.opens:
        return Phase.COMING
    return Phase.RUNNING if day <= window.closes else Phase.ANSWERING


def must_take_comments(window: Window, day: date) -> None:
    """Raise :class:`NotNow` with the days unless comments are taken on ``day``."""
    now = phase(window, day)
    if now is not Phase.RUNNING:
        if now is Phase.COMING:
            raise NotNow(f"征集自 {window.opens} 开始。", f"comments are taken from {window.opens}", value=now.value)
        raise NotNow(
            f"征集已于 {window.closes} 截止，没有提交。您写的内容在下面，可以复制后通过其他渠道反映。",
            f"the window ended on {window.closes}; nothing was sent, what you wrote is below", value=now.value,
        )  # fmt: skip


def published(window: Window, day: date) -> State:
    """The state after publishing on ``day``; raises :class:`NotNow` for another state or a window that has passed."""
    if window.state is not State.DRAFT:
        raise NotNow("已经发布过。", "already published", value=window.state.value)
    if window.closes < max(day, window.opens):
        raise NotNow(
            "截止日已过，或早于开始日。", "the last day has passed or lies before the first", value=window.closes
        )
    return State.PUBLISHED


def concluded(window: Window, day: date, unanswered: int) -> State:
    """The state after the results are published; raises :class:`NotNow` before the window ended and while a comment has
    no answer."""
    now = phase(window, day)
    if now is not Phase.ANSWERING:
        raise NotNow(f"{PHASES[now][0]}，不能公布结果。", f"not possible: {PHASES[now][1].lower()}", value=now.value)
    if unanswered:
        raise NotNow(
            f"还有 {unanswered} 条意见没有答复，不能公布结果。",
            f"{unanswered} comments have no answer",
            value=unanswered,
        )
    return State.CONCLUDED


def withdrawn(window: Window) -> State:
    """The state after withdrawing; raises :class:`NotNow` once it is concluded or withdrawn."""
    if window.state in (State.CONCLUDED, State.WITHDRAWN):
        raise NotNow("已经结束，不能撤回。", "already ended", value=window.state.value)
    return State.WITHDRAWN


def needs_answer(showing: Showing, verdict: Verdict | None) -> bool:
    """Whether a comment keeps the results back: one nobody has looked at, or a public one without an answer."""
    return showing is Showing.WAITING or (showing is Showing.SHOWN and verdict is None)


def may_answer(window: Window, showing: Showing) -> None:
    """Raise :class:`NotNow` unless the comment may be answered."""
    if window.state is not State.PUBLISHED:
        raise NotNow("结果已公布，答复不能再改。", "the results are published", value=window.state.value)
    if showing is not Showing.SHOWN:
        raise NotNow("意见还没有公开，请先审核。", "the comment is not public yet", value=showing.value)
