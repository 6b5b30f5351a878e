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
