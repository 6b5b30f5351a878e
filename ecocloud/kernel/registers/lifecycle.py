"""Steps between states: one table walk with guards. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from ecocloud.base.errors import Forbidden
from ecocloud.kernel.registers import rules
from ecocloud.kernel.registers.definition import Transition, TypeDefinition
from ecocloud.kernel.registers.errors import NoSuchThing, StepRefused


def step(
    definition: TypeDefinition, state: str, action: str, environment: Mapping[str, Any], today: date,
    story: Sequence[str], roles: Collection[str],
) -> Transition:  # fmt: skip
    """The transition ``action`` for an object in ``state``.

    environment: values the guard reads; story: past steps in words, kept in a refusal; roles: codes the person holds.
    Raises NoSuchThing (no such action), StepRefused (``state``: not from here; ``guard``: condition not met), Forbidden
    (not by this person): in this order.
    """
    found = next((one for one in definition.transitions if one.action == action), None)
    if found is None:
        known = "、".join(one.action for one in definition.transitions)
        raise NoSuchThing(
            f"没有动作“{action}”。", f"no action {action!r}", value=action, remedy_zh=f"可用的动作：{known}。"
        )
    here = definition.state_by_code[state]
    if state not in found.sources:
        words = "、".join(definition.state_by_code[code].zh for code in found.sources)
        raise StepRefused(
            "state", list(story), f"当前状态为“{here.zh}”，不能{found.zh}。", f"{action} is not possible from {state}",
            value=state, remedy_zh=f"须先到“{words}”。",
        )  # fmt: skip
    if found.by and not set(found.by) & set(roles):
        raise Forbidden(
            f"“{found.zh}”不由您办理。", f"{action} is for the roles {', '.join(found.by)}", code="registers.role",
            value=action, remedy_zh="请由有相应角色的人员办理。",
        )  # fmt: skip
    guard = rules.compiled(definition).guards.get(action)
    if guard is not None and guard(environment, today) is not True:
        raise StepRefused("guard", list(story), found.refusal_zh, found.refusal_en, value=found.guard,
                          where={"动作": found.zh})  # fmt: skip
    return found


def open_steps(definition: TypeDefinition, state: str, roles: Collection[str]) -> list[Transition]:
    """The transitions that may be tried from ``state`` by a person with ``roles``."""
    return [one for one in definition.transitions if state in one.sources and (not one.by or set(one.by) & set(roles))]


def steps_of(definition: TypeDefinition, state: str, been: Collection[str]) -> tuple[list[str], list[str]]:
    """The states before and after ``state`` that the row of steps of an object in it shows.

    Before: those no way to ``state`` goes round, and those of ``been``, the states the object has been in. After: those
    no way from ``state`` to the goal goes round, also when the object has been there and was sent back. Side states and
    steps that may be left out are shown of no object that never was in them.
    """
    after = _unavoidable(definition, state, _goal(definition))[1:]
    known = {*_unavoidable(definition, definition.first_state, state), *been} - {state, *after}
    return [one.code for one in definition.states if one.code in known], after


def _goal(definition: TypeDefinition) -> str:
    """Where the way leads, of the states neither bad nor muted: the last good one, else the last end, else the last."""
    usual = [one for one in definition.states if one.tone not in ("bad", "muted")] or list(definition.states)
    for fits in (lambda one: one.tone == "good", lambda one: one.final, lambda one: True):
        found = [one.code for one in usual if fits(one)]
        if found:
            return found[-1]
    return definition.first_state


def _unavoidable(definition: TypeDefinition, start: str, end: str) -> list[str]:
    """The states on every way from ``start`` to ``end`` in their order, with both; empty where no way leads."""
    way = _way(definition, start, end)
    return [one for one in way if one in (start, end) or not _way(definition, start, end, without=one)]


def _way(definition: TypeDefinition, start: str, end: str, without: str = "") -> list[str]:
    """A shortest way between two states that does not touch ``without``; empty where there is none."""
    ways, seen = [[start]], {start, without}
    for way in ways:
        if way[-1] == end:
            return way
        for one in definition.transitions:
            if way[-1] in one.sources and one.to not in seen:
                seen.add(one.to)
                ways.append([*way, one.to])
    return []
