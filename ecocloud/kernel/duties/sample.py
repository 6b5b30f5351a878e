"""The room's part of the sample site: recurring duties of two packs, as the office would switch them on."""

from __future__ import annotations

from typing import Any

from ecocloud.kernel.duties.services import templates

_USED = (("river-outfalls", "patrol"), ("drinking-sources", "patrol"))


def load(context: Any) -> None:
    """Switch the templates on. The duties are made when all rooms are loaded: no past round asks for them."""
    office = context.shared["people"]["office"]
    for one in templates.templates():
        if (one.pack.id, one.task.code) in _USED:
            templates.start_use(office, one)
            context.say(one.task.zh)
