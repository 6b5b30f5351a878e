"""Items read from the journal, and what in the tables differs from it."""

from __future__ import annotations

import json
from typing import Any

from ecocloud.kernel.duties.kinds import all_kinds
from ecocloud.kernel.duties.models import ItemEvent, WorkItem
from ecocloud.kernel.duties.reconstruction import Entry, Past, rebuild
from ecocloud.kernel.duties.services.items import snapshot
from ecocloud.kernel.journal import chain
from ecocloud.kernel.journal.models import Entry as Row


def _read(text: str) -> dict[str, Any]:
    found = json.loads(text) if text else None
    return found if isinstance(found, dict) else {}


def past_of(pk: int) -> Past:
    """The item ``pk`` as the journal tells it."""
    rows = Row.objects.filter(ref_kind="item", ref_key=str(pk)).order_by("id")
    entries = [Entry(row.action, row.actor_id, _read(row.before), _read(row.after), row.note) for row in rows]
    return rebuild(entries, all_kinds())


def differences(item: WorkItem) -> list[str]:
    """What the tables say of ``item`` other than its journal; empty when both agree.

    The light is left out: it follows from the day and the rule, and is refreshed for all items together.
    """
    past = past_of(item.pk)
    stored = _read(chain.canonical(snapshot(item)))
    wrong = [
        f"{name}: {past.fields.get(name)!r} / {value!r}"
        for name, value in stored.items()
        if name != "light" and past.fields.get(name) != value
    ]
    events = list(ItemEvent.objects.filter(item=item).order_by("id"))
    told = [(step.action, step.source, step.target, step.actor, step.opinion) for step in past.steps]
    kept = [(e.action, e.from_state, e.to_state, e.actor_id, e.opinion) for e in events]
    wrong += [f"step {n}: {a} / {b}" for n, (a, b) in enumerate(zip(told, kept, strict=False)) if a != b]
    if len(told) != len(kept):
        wrong.append(f"{len(told)} / {len(kept)} steps")
    handlers = frozenset(event.actor_id for event in events if event.is_handling)
    if handlers != past.handlers:
        wrong.append(f"handlers: {sorted(past.handlers)} / {sorted(handlers)}")
    return [*past.breaks, *wrong]
