"""The transition-table engine: pure functions on frozen values.

A :class:`Kind` is a table (data). :class:`Facts` is what is known of one item, :class:`Attempt` what a person tries.
:func:`decide` gives a :class:`Decision` or raises a typed refusal; :func:`apply` gives the facts after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ecocloud.kernel.duties.errors import (
    EvidenceMissing,
    GuardFailed,
    OpinionMissing,
    Refused,
    UnknownAction,
    WrongPerson,
    WrongState,
)
from ecocloud.kernel.duties.guards import EFFECTS, GUARDS, NEEDS_DATA, Fault
from ecocloud.kernel.duties.parts import (
    ACTOR_ROLES,
    NEXT_LEVEL,
    OWNERS,
    SAME,
    Attempt,
    Clock,
    Decision,
    Facts,
    Kind,
    Option,
    Person,
    State,
    Step,
    Story,
    Transition,
)

__all__ = [
    "ACTOR_ROLES",
    "EFFECTS",
    "GUARDS",
    "NEXT_LEVEL",
    "OWNERS",
    "SAME",
    "Attempt",
    "Clock",
    "Decision",
    "Facts",
    "Kind",
    "Option",
    "Person",
    "State",
    "Step",
    "Story",
    "Transition",
    "apply",
    "decide",
    "holder_of",
    "options",
    "story",
    "target_of",
]


def _stands_against(row: Transition, facts: Facts, attempt: Attempt) -> Fault | None:
    for name in row.guards:
        fault = GUARDS[name](facts, attempt)
        if fault:
            return fault
    return None


def options(kind: Kind, facts: Facts, person: Person | None = None) -> tuple[Option, ...]:
    """What is possible in the present state; with ``person`` only what that person may do.

    ``blocked_zh`` names a condition that is not met (conditions on data not yet given are left out).
    """
    found = []
    for row in kind.rows(facts.state):
        if person is not None and not person.roles.intersection(row.by):
            continue
        asked = replace(row, guards=tuple(g for g in row.guards if g not in NEEDS_DATA))
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
    return Decision(row, facts.state, target_of(kind, facts, row), row.effects)


def target_of(kind: Kind, facts: Facts, row: Transition) -> str:
    """The state ``row`` leads to from ``facts``."""
    if row.target == SAME:
        return facts.state
    if row.target != NEXT_LEVEL:
        return row.target
    order = list(kind.levels)
    passed = order.index(facts.state) + 1 if facts.state in order else 0
    left = [state for state in order[passed:] if state in facts.levels]
    return left[0] if left else kind.after_levels


def holder_of(kind: Kind, state: str, lead: str, office: str, units: Mapping[str, str] | None = None) -> str:
    """The one unit that has to act in ``state``; ``units`` are those of the levels (else the office)."""
    owner = kind.states[state].owner
    if owner == "level":
        return (units or {}).get(state, office)
    return lead if owner == "lead" else office


def apply(kind: Kind, facts: Facts, decision: Decision, attempt: Attempt) -> Facts:
    """The facts after ``decision``."""
    after = replace(facts, state=decision.target)
    for name in decision.effects:
        after = EFFECTS[name](after, attempt)
    return replace(after, holder=holder_of(kind, after.state, after.lead, after.office, after.level_units))
