"""An item as its journal entries alone tell it: fields, steps, handlers. Pure: nothing of the item itself is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ecocloud.kernel.duties.parts import Kind

STEP = "duties.item."
# What an entry says of its step, not of the item: words beside the opinion; whose step it is where another person wrote
# it down (the report of a unit that the office accepts); whether it is work on the item where the table does not tell.
DETAIL, BY, HANDLING = "detail", "by", "handling"
_OF_STEP = frozenset({DETAIL, BY, HANDLING})


@dataclass(frozen=True)
class Entry:
    """One journal entry about the item: ``before`` and ``after`` are the fields it changed."""

    action: str
    actor: str
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True)
class PastStep:
    """One step of the timeline."""

    action: str
    source: str
    target: str
    actor: str
    opinion: str


@dataclass(frozen=True)
class Past:
    """What the journal tells: the fields of the item now, its steps in order, who has handled it; ``breaks`` names the
    entries whose ``before`` is not what the entries before them say."""

    fields: Mapping[str, Any]
    steps: tuple[PastStep, ...]
    handlers: frozenset[str]
    breaks: tuple[str, ...] = ()


def rebuild(entries: Iterable[Entry], kinds: Mapping[str, Kind]) -> Past:
    """The item from its entries in their order. Entries that are no step of an item are passed over."""
    fields: dict[str, Any] = {}
    steps: list[PastStep] = []
    handlers: set[str] = set()
    breaks: list[str] = []
    for number, entry in enumerate(entries, 1):
        if not entry.action.startswith(STEP):
            continue
        action, source = entry.action.removeprefix(STEP), str(fields.get("state", ""))
        for name, was in entry.before.items():
            # The light is refreshed every night for all items together.
            if name in fields and fields[name] != was and name != "light":
                breaks.append(f"{number} {action}: {name}")
        version = fields.get("version", 0)
        fields |= {name: value for name, value in entry.after.items() if name not in _OF_STEP}
        if fields.get("version") == version:
            fields["version"] = version + 1
        target = str(fields.get("state", ""))
        by = str(entry.after.get(BY) or entry.actor)
        steps.append(PastStep(action, source or target, target, by, entry.note))
        row = kinds[fields["kind"]].row(source, action) if fields.get("kind") in kinds else None
        if entry.after.get(HANDLING, row is not None and "note_handler" in row.effects):
            handlers.add(by)
    return Past(fields, tuple(steps), frozenset(handlers), tuple(breaks))
