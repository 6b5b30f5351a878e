"""The frozen values of the transition-table engine: kinds, facts, attempts, decisions, stories."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

SAME = "same"
# What a person can be towards an item.
ACTOR_ROLES = ("office", "lead", "cooperating", "approver", "leader", "checker", "reporter")
# Which unit holds the item in a state: the lead unit, the office that registered it, the unit of a level of close-out.
OWNERS = ("lead", "office", "level")
# As the target of a row: the next of the levels this item passes, after the last one the kind's state for that.
NEXT_LEVEL = "next_level"


@dataclass(frozen=True)
class Clock:
    """What runs while an item is in a state: the item's deadline, a number of working days, the days the policy gives
    for deciding (``decide``), the end of a suspension (``until``), or nothing (at the end). Where there is no deadline
    or policy, the ``workdays`` run."""

    by: str = "deadline"
    workdays: int = 0


@dataclass(frozen=True)
class State:
    """One state: its names, its owner, its clock, and whether it is terminal (may only be reopened).

    ``level`` is the level of close-out that checks in it; ``void`` ends an item without a result;
    ``side`` is a state most items never enter.
    """

    code: str
    label_zh: str
    label_en: str
    owner: str
    clock: Clock
    terminal: bool = False
    closed: bool = False
    level: str = ""
    void: bool = False
    side: bool = False


@dataclass(frozen=True)
class Transition:
    """One row of the table."""

    action: str
    label_zh: str
    label_en: str
    sources: tuple[str, ...]
    target: str
    by: tuple[str, ...]
    guards: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    opinion: bool = False
    evidence: bool = False
    verifies: bool = False
    consequence_zh: str = ""


@dataclass(frozen=True)
class FormField:
    """What a kind asks beside the fields of every item: a text, a long text, a day or a choice of its ``entries``."""

    code: str
    label_zh: str
    label_en: str
    kind: str = "text"
    names: tuple[str, ...] = ()
    entries: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    required: bool = False


@dataclass(frozen=True)
class Channel:
    """A way by which items of a kind come; ``levels`` are those its close-out passes."""

    code: str
    label_zh: str
    label_en: str
    levels: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Category:
    """What an item is about; ``function`` names the departments that answer for it. ``needs_photo`` only of emergencies
    and safety (``urgent``) with their ``legal_basis``."""

    code: str
    label_zh: str
    label_en: str
    function: str = ""
    names: tuple[str, ...] = ()
    urgent: str = ""
    needs_photo: bool = False
    legal_basis: str = ""


@dataclass(frozen=True)
class Kind:
    """A kind of work item: its states, its table, and what its form asks."""

    code: str
    label_zh: str
    label_en: str
    start: str
    states: Mapping[str, State]
    transitions: tuple[Transition, ...]
    roles: Mapping[str, tuple[str, str]]
    code_rule: str = ""
    after_levels: str = ""
    notice_days: int = 0
    fields: tuple[FormField, ...] = ()
    channels: tuple[Channel, ...] = ()
    categories: tuple[Category, ...] = ()

    @property
    def levels(self) -> dict[str, str]:
        """The states of the levels of close-out in their order, with their levels."""
        return {code: state.level for code, state in self.states.items() if state.level}

    @property
    def takes_case(self) -> bool:
        """Whether items of this kind carry a place, a channel and fields of their own."""
        return bool(self.fields or self.channels)

    def channel(self, code: str) -> Channel | None:
        """One channel, or None."""
        return next((row for row in self.channels if row.code == code), None)

    def category(self, code: str) -> Category | None:
        """One category, or None."""
        return next((row for row in self.categories if row.code == code), None)

    def rows(self, state: str) -> Iterator[Transition]:
        """The rows that leave (or stay in) ``state``."""
        return (row for row in self.transitions if state in row.sources)

    def row(self, state: str, action: str) -> Transition | None:
        """The one row for ``action`` in ``state``."""
        return next((row for row in self.rows(state) if row.action == action), None)

    def leads_on(self, row: Transition, state: str) -> bool:
        """Whether ``row`` brings an item on from ``state``: later in its order, no side step, no void end."""
        if row.target == NEXT_LEVEL:
            return True
        if row.target in (SAME, state) or self.states[row.target].side or self.states[row.target].void:
            return False
        order = list(self.states)
        return order.index(row.target) > order.index(state)

    def role_label(self, role: str) -> str:
        """The Chinese name of an actor role."""
        return self.roles.get(role, (role, role))[0]


@dataclass(frozen=True)
class Step:
    """A past action, as the story tells it."""

    action_zh: str
    state_zh: str
    who: str
    unit: str
    day: str
    opinion: str = ""


@dataclass(frozen=True)
class Facts:
    """What the engine knows of an item. Units and persons are keys (text)."""

    state: str
    lead: str
    office: str
    holder: str = ""
    today: date = date.min
    deadline: date | None = None
    code: str = ""
    title: str = ""
    handlers: frozenset[str] = frozenset()
    open_children: int = 0
    open_nodes: int = 0
    awaited_opinions: int = 0
    unanswered_opinions: int = 0
    open_instructions: int = 0
    extension_by: str = ""
    extension_to: date | None = None
    progress: int = 0
    history: tuple[Step, ...] = ()
    # The states of the levels this item passes, the unit of each, and who has passed one since the result was accepted.
    levels: tuple[str, ...] = ()
    level_units: Mapping[str, str] = field(default_factory=dict)
    passers: frozenset[str] = frozenset()
    # Lead units the office has decided for after a unit had declined.
    settled: frozenset[str] = frozenset()
    open_objections: int = 0
    notice_until: date | None = None
    suspended_until: date | None = None
    # The last day a deadline may be moved to by the deadline policy.
    longest: date | None = None


@dataclass(frozen=True)
class Person:
    """Who acts: identity, unit, and what they are towards this item."""

    id: str
    unit: str = ""
    roles: frozenset[str] = frozenset()
    name: str = ""


@dataclass(frozen=True)
class Attempt:
    """What a person tries: an action with its opinion, number of proofs and data."""

    action: str
    person: Person
    opinion: str = ""
    evidence: int = 0
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Decision:
    """An allowed action: the row, the state after it, the unit that then holds the item."""

    row: Transition
    source: str
    target: str
    effects: tuple[str, ...]

    @property
    def moves(self) -> bool:
        """Whether the state changes."""
        return self.source != self.target


@dataclass(frozen=True)
class Option:
    """An action that is possible in the present state: who may do it, and what still stands in its way."""

    row: Transition
    who_zh: tuple[str, ...]
    blocked_zh: str = ""
    blocked_en: str = ""
    who_en: tuple[str, ...] = ()


@dataclass(frozen=True)
class Story:
    """State, how the item came there, and what is possible now, by whom."""

    code: str
    title: str
    state_zh: str
    state: str
    holder: str
    history: tuple[Step, ...]
    options: tuple[Option, ...]

    def sentence_zh(self) -> str:
        """The story in a few Chinese sentences."""
        parts = [f"事项{self.code}现为“{self.state_zh}”。"]
        if self.history:
            last = self.history[-1]
            parts.append(f"最近一步：{last.day} {last.unit}{last.who} {last.action_zh}。")
        can = "；".join(f"{o.row.label_zh}（{'、'.join(o.who_zh)}）" for o in self.options if not o.blocked_zh)
        if can:
            parts.append(f"现在可以：{can}。")
        return "".join(parts)

    def as_dict(self) -> dict[str, Any]:
        """The story for the API."""
        return {
            "item": self.code,
            "state": self.state,
            "state_zh": self.state_zh,
            "holder": self.holder,
            "history": [vars(step) for step in self.history],
            "possible": [
                {"action": o.row.action, "label_zh": o.row.label_zh, "by": list(o.row.by), "blocked_zh": o.blocked_zh}
                for o in self.options
            ],
        }
