"""The transition-table engine: pure functions on frozen values.

A :class:`Kind` is a table (data). :class:`Facts` is what is known of one item, :class:`Attempt` what a person tries.
:func:`decide` gives a :class:`Decision` or raises a typed refusal; :func:`apply` gives the facts after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from ecocloud.kernel.duties.errors import (
    EvidenceMissing,
    GuardFailed,
    OpinionMissing,
    Refused,
    UnknownAction,
    WrongPerson,
    WrongState,
)

SAME = "same"
# What a person can be towards an item.
ACTOR_ROLES = ("office", "lead", "cooperating", "approver", "leader")
# Which unit holds the item in a state: the lead unit, or the office that registered it.
OWNERS = ("lead", "office")


@dataclass(frozen=True)
class Clock:
    """What runs while an item is in a state: the item's deadline, a number of working days, or nothing (at the end)."""

    by: str = "deadline"
    workdays: int = 0


@dataclass(frozen=True)
class State:
    """One state: its names, its owner, its clock, and whether it is terminal (may only be reopened)."""

    code: str
    label_zh: str
    label_en: str
    owner: str
    clock: Clock
    terminal: bool = False
    closed: bool = False


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
class Kind:
    """A kind of work item: its states and its table."""

    code: str
    label_zh: str
    label_en: str
    start: str
    states: Mapping[str, State]
    transitions: tuple[Transition, ...]
    roles: Mapping[str, tuple[str, str]]
    code_rule: str = ""

    def rows(self, state: str) -> Iterator[Transition]:
        """The rows that leave (or stay in) ``state``."""
        return (row for row in self.transitions if state in row.sources)

    def row(self, state: str, action: str) -> Transition | None:
        """The one row for ``action`` in ``state``."""
        return next((row for row in self.rows(state) if row.action == action), None)

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


# A guard answers what is wrong, as (Chinese sentence, English sentence, what would be right), or None.
Fault = tuple[str, str, str]
Guard = Callable[[Facts, Attempt], "Fault | None"]


def _not_handler(facts: Facts, attempt: Attempt) -> Fault | None:
    if attempt.person.id in facts.handlers:
        return "审核人不能是办理人。", "the verifier must not be the handler", "请由未办理此事项的人员审核。"
    return None


def _children_closed(facts: Facts, attempt: Attempt) -> Fault | None:
    if facts.open_children:
        return (
            f"还有 {facts.open_children} 个子任务未办结。",
            f"{facts.open_children} sub-tasks are still open",
            "请先办结或终止子任务。",
        )
    return None


def _nodes_done(facts: Facts, attempt: Attempt) -> Fault | None:
    if facts.open_nodes:
        return (
            f"还有 {facts.open_nodes} 个节点未完成。",
            f"{facts.open_nodes} nodes are not done",
            "请先填报节点完成日期。",
        )
    return None


def _opinions_answered(facts: Facts, attempt: Attempt) -> Fault | None:
    if facts.unanswered_opinions:
        return (
            f"还有 {facts.unanswered_opinions} 条部门意见未答复。",
            f"{facts.unanswered_opinions} opinions are not answered",
            "请逐条填写采纳、部分采纳或不采纳及理由。",
        )
    return None


def _opinion_awaited(facts: Facts, attempt: Attempt) -> Fault | None:
    if attempt.data.get("awaited", 1) < 1:
        return (
            "没有向贵单位征求意见，或意见已提交。",
            "no opinion of this unit is awaited",
            "如需补充请与交办单位联系。",
        )
    return None


def _has_deadline(facts: Facts, attempt: Attempt) -> Fault | None:
    if facts.deadline is None:
        return "此事项没有完成期限。", "the item has no deadline", "请先填写期限。"
    return None


def _later_deadline(facts: Facts, attempt: Attempt) -> Fault | None:
    wanted = attempt.data.get("deadline")
    if not isinstance(wanted, date):
        return "没有填写新的期限。", "no new deadline given", "请填写新的完成日期。"
    if facts.deadline is not None and wanted <= facts.deadline:
        return (
            f"新期限 {wanted} 不晚于现期限 {facts.deadline}。",
            f"new deadline {wanted} is not after {facts.deadline}",
            "延期日期应晚于现期限；提前请用“变更”。",
        )
    if wanted < facts.today:
        return f"新期限 {wanted} 已经过去。", f"new deadline {wanted} is in the past", "请填写今天或以后的日期。"
    return None


def _no_extension(facts: Facts, attempt: Attempt) -> Fault | None:
    if facts.extension_by:
        return "已有一份延期申请待批。", "an extension is already pending", "请等待批复或先撤回。"
    return None


def _extension_pending(facts: Facts, attempt: Attempt) -> Fault | None:
    if not facts.extension_by:
        return "没有待批的延期申请。", "no extension is pending", "请由牵头单位先提出申请。"
    return None


def _not_requester(facts: Facts, attempt: Attempt) -> Fault | None:
    if facts.extension_by and attempt.person.id == facts.extension_by:
        return "申请人不能批准自己的延期。", "the requester cannot approve the extension", "请由其他审批人批准。"
    return None


def _other_unit(facts: Facts, attempt: Attempt) -> Fault | None:
    unit = attempt.data.get("lead")
    if not unit:
        return "没有指定新的牵头单位。", "no new lead unit given", "请选择一个单位。"
    if str(unit) == facts.lead:
        return "新的牵头单位与现牵头单位相同。", "the new lead unit is the present one", "请选择另一个单位。"
    return None


def _instruction_open(facts: Facts, attempt: Attempt) -> Fault | None:
    if not facts.open_instructions:
        return "没有待回复的批示。", "no instruction awaits a reply", "无需回复。"
    return None


GUARDS: dict[str, Guard] = {
    "not_handler": _not_handler,
    "children_closed": _children_closed,
    "nodes_done": _nodes_done,
    "opinions_answered": _opinions_answered,
    "opinion_awaited": _opinion_awaited,
    "has_deadline": _has_deadline,
    "later_deadline": _later_deadline,
    "no_extension": _no_extension,
    "extension_pending": _extension_pending,
    "not_requester": _not_requester,
    "other_unit": _other_unit,
    "instruction_open": _instruction_open,
}

# Effects on the facts. The services know the same names and do the same to the tables.
Effect = Callable[[Facts, Attempt], Facts]


def _drop_extension(facts: Facts, attempt: Attempt) -> Facts:
    return replace(facts, extension_by="", extension_to=None)


EFFECTS: dict[str, Effect] = {
    "note_handler": lambda f, a: replace(f, handlers=f.handlers | {a.person.id}),
    "set_lead": lambda f, a: replace(f, lead=str(a.data["lead"])),
    "change_fields": lambda f, a: replace(f, deadline=a.data.get("deadline", f.deadline)),
    "ask_opinions": lambda f, a: replace(f, awaited_opinions=f.awaited_opinions + len(a.data.get("units", ()))),
    "take_opinion": lambda f, a: replace(
        f, awaited_opinions=max(0, f.awaited_opinions - 1), unanswered_opinions=f.unanswered_opinions + 1
    ),
    "answer_opinion": lambda f, a: replace(f, unanswered_opinions=max(0, f.unanswered_opinions - 1)),
    "request_extension": lambda f, a: replace(f, extension_by=a.person.id, extension_to=a.data["deadline"]),
    "grant_extension": lambda f, a: replace(_drop_extension(f, a), deadline=f.extension_to),
    "drop_extension": _drop_extension,
    "write_instruction": lambda f, a: replace(f, open_instructions=f.open_instructions + 1),
    "reply_instruction": lambda f, a: replace(f, open_instructions=f.open_instructions - 1),
    "add_children": lambda f, a: replace(f, open_children=f.open_children + len(a.data.get("children", ()))),
    "add_nodes": lambda f, a: replace(f, open_nodes=f.open_nodes + len(a.data.get("nodes", ()))),
    "finish_node": lambda f, a: replace(f, open_nodes=max(0, f.open_nodes - 1)),
    "note_progress": lambda f, a: replace(f, progress=a.data.get("progress", f.progress)),
    "full_progress": lambda f, a: replace(f, progress=100),
    "start_clock": lambda f, a: f,
    "stop_clock": lambda f, a: f,
    "notify_lead": lambda f, a: f,
    "notify_units": lambda f, a: f,
    "notify_office": lambda f, a: f,
    "attach": lambda f, a: f,
    "fill_object": lambda f, a: f,
}


def _stands_against(row: Transition, facts: Facts, attempt: Attempt) -> Fault | None:
    for name in row.guards:
        fault = GUARDS[name](facts, attempt)
        if fault:
            return fault
    return None


_NEEDS_DATA = frozenset({"later_deadline", "other_unit"})


def options(kind: Kind, facts: Facts, person: Person | None = None) -> tuple[Option, ...]:
    """What is possible in the present state; with ``person`` only what that person may do.

    ``blocked_zh`` names a condition that is not met (conditions on data not yet given are left out).
    """
    found = []
    for row in kind.rows(facts.state):
        if person is not None and not person.roles.intersection(row.by):
            continue
        asked = replace(row, guards=tuple(g for g in row.guards if g not in _NEEDS_DATA))
        fault = _stands_against(asked, facts, Attempt(row.action, person or Person("")))
        who = tuple(kind.role_label(role) for role in row.by)
        who_en = tuple(kind.roles[role][1] for role in row.by)
        found.append(Option(row, who, fault[0] if fault else "", fault[1] if fault else "", who_en))
    return tuple(found)


def story(kind: Kind, facts: Facts) -> Story:
    """The item's story."""
    return Story(
        facts.code,
        facts.title,
        kind.states[facts.state].label_zh,
        facts.state,
        facts.holder,
        facts.history,
        options(kind, facts),
    )


def _refuse(
    error: type[Refused], kind: Kind, facts: Facts, attempt: Attempt, zh: str, en: str, remedy: str = ""
) -> Refused:
    told = story(kind, facts)
    where = {"事项": facts.code} if facts.code else {}
    return error(zh, en, story=told, where=where, value=attempt.action, remedy_zh=remedy or told.sentence_zh())


def _require_complete(kind: Kind, facts: Facts, attempt: Attempt, row: Transition) -> None:
    """Opinion, proof and guards of a row that fits state and person."""
    if row.opinion and not attempt.opinion.strip():
        raise _refuse(
            OpinionMissing,
            kind,
            facts,
            attempt,
            f"“{row.label_zh}”必须写明意见。",
            f"{attempt.action} needs an opinion",
            "请填写意见。",
        )
    if row.evidence and attempt.evidence < 1:
        raise _refuse(
            EvidenceMissing,
            kind,
            facts,
            attempt,
            f"“{row.label_zh}”必须附佐证材料。",
            f"{attempt.action} needs a proof",
            "请上传附件或引用来源。",
        )
    fault = _stands_against(row, facts, attempt)
    if fault:
        raise _refuse(GuardFailed, kind, facts, attempt, *fault)


def decide(kind: Kind, facts: Facts, attempt: Attempt) -> Decision:
    """Whether ``attempt`` is allowed on ``facts``; checked in the order action, state, person, opinion, proof, guards.

    Raises UnknownAction, WrongState, WrongPerson, OpinionMissing, EvidenceMissing or GuardFailed.
    """
    rows = [row for row in kind.transitions if row.action == attempt.action]
    state = kind.states[facts.state]
    if not rows:
        raise _refuse(
            UnknownAction,
            kind,
            facts,
            attempt,
            f"“{kind.label_zh}”没有“{attempt.action}”这个动作。",
            f"kind {kind.code} has no action {attempt.action}",
        )
    row = kind.row(facts.state, attempt.action)
    label = rows[0].label_zh
    if row is None:
        allowed = "、".join(kind.states[s].label_zh for r in rows for s in r.sources)
        raise _refuse(
            WrongState,
            kind,
            facts,
            attempt,
            f"“{state.label_zh}”状态下不能“{label}”，只有{allowed}时可以。",
            f"{attempt.action} is not possible from {facts.state}",
        )
    if not attempt.person.roles.intersection(row.by):
        who = "、".join(kind.role_label(role) for role in row.by)
        raise _refuse(
            WrongPerson,
            kind,
            facts,
            attempt,
            f"“{row.label_zh}”应由{who}办理，您不是。",
            f"{attempt.action} is for {', '.join(row.by)}; not by {attempt.person.id}",
        )
    _require_complete(kind, facts, attempt, row)
    target = facts.state if row.target == SAME else row.target
    return Decision(row, facts.state, target, row.effects)


def holder_of(kind: Kind, state: str, lead: str, office: str) -> str:
    """The one unit that has to act in ``state``."""
    return lead if kind.states[state].owner == "lead" else office


def apply(kind: Kind, facts: Facts, decision: Decision, attempt: Attempt) -> Facts:
    """The facts after ``decision``."""
    after = replace(facts, state=decision.target)
    for name in decision.effects:
        after = EFFECTS[name](after, attempt)
    return replace(after, holder=holder_of(kind, after.state, after.lead, after.office))
