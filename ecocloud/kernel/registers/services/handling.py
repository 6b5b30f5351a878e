"""Runs what a definition names for a change or a step, after its objects are written and in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from ecocloud.kernel.journal.services import Change
from ecocloud.kernel.registers import handlers
from ecocloud.kernel.registers.handlers import Event, Moved
from ecocloud.kernel.registers.register import Register

if TYPE_CHECKING:
    from ecocloud.kernel.registers.services.writing import Draft


def after(tx: Change, user: Any, register: Register, drafts: Sequence[Draft], day: date) -> None:
    """Call the handlers of every step taken, then those of every change; what they raise undoes the change."""
    definition = register.definition
    steps = [step for step in definition.transitions if step.on_transition]
    if not steps and not definition.on_change:
        return
    moved = [
        Moved(draft.row, dict(draft.before), dict(draft.values), draft.action, draft.was.state if draft.was else "",
              draft.note)
        for draft in drafts
    ]  # fmt: skip
    for step in steps:
        took = tuple(one for one in moved if one.action == step.action and one.from_state in step.sources)
        handlers.run(step.on_transition, Event(tx, user, register, day, took))
    handlers.run(definition.on_change, Event(tx, user, register, day, tuple(moved)))
