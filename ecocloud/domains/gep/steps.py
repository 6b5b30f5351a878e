"""The life of a form: which step leads from which state to which, and who may take it. Pure.

填报 → 报送 → 复核 → 审定 → 锁定, with 退回 from every state between. Who filled in anything of a form neither
checks nor approves nor returns it; a locked form changes by corrections only.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ecocloud.domains.gep import access


@dataclass(frozen=True)
class Step:
    """One step: the states it is possible in with the state it leads to and the right it needs; ``foreign``: not by
    those who filled the form in; ``reason``: it has to say why.
    """

    action: str
    zh: str
    ways: dict[str, tuple[str, str]]
    foreign: bool = False
    reason: bool = False


_FILLED = access.FILL
STEPS = {
    step.action: step
    for step in (
        Step("save", "填报", dict.fromkeys(("owed", "draft", "returned"), ("draft", _FILLED))),
        Step("submit", "报送", dict.fromkeys(("owed", "draft", "returned"), ("submitted", _FILLED))),
        Step("recall", "撤回", {"submitted": ("draft", _FILLED)}),
        Step("check", "复核", {"submitted": ("checked", access.CHECK)}, foreign=True),
        Step("return", "退回", {"submitted": ("returned", access.CHECK), "checked": ("returned", access.APPROVE),
                              "approved": ("returned", access.APPROVE)}, foreign=True, reason=True),
        Step("approve", "审定", {"checked": ("approved", access.APPROVE)}, foreign=True),
        Step("lock", "锁定", {"approved": ("locked", access.APPROVE)}),
    )
}  # fmt: skip
FILLING = frozenset({"save", "submit"})
STATES = ("owed", "draft", "submitted", "checked", "returned", "approved", "locked")
OPEN = ("owed", "draft", "returned")
DONE = ("approved", "locked")


def possible(state: str, rights: Collection[str], fillers: Collection[int], person: int) -> list[str]:
    """The steps a person may take with a form in ``state``, in their order."""
    return [
        step.action
        for step in STEPS.values()
        if state in step.ways and step.ways[state][1] in rights and not (step.foreign and person in fillers)
    ]
