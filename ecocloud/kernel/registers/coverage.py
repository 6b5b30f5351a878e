"""Where the items of a system's data live in a pack, in words: what ``coverage`` of its description says. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ecocloud.kernel.registers.definition import TypeDefinition
from ecocloud.kernel.registers.pack_definition import PackDefinition
from ecocloud.kernel.registers.showing import pick, pick_words
from ecocloud.kernel.registers.systems import items


@dataclass(frozen=True)
class Covered:
    """One item of a system's data: the words for it, where it lives, or why it is missing."""

    system: str
    side: str
    item: str
    where: tuple[str, ...]
    missing: str


def covered(pack: PackDefinition, definitions: Mapping[str, TypeDefinition]) -> list[Covered]:
    """Every item of the data of the systems of a pack, as its description says, in the language of the page.

    definitions: the types of the pack by code. An item that the list of systems has no Chinese words for keeps its own.
    """
    words = {(code, one.side, one.en): one.zh for code in pack.systems for one in items().get(code, ())}
    return [
        Covered(
            one.system, one.side, pick_words(words.get((one.system, one.side, one.item)) or one.item, one.item),
            tuple(dict.fromkeys(_where(word, pack, definitions) for word in one.by)),
            pick_words(one.missing, one.missing_en),
        )
        for one in pack.coverage
    ]  # fmt: skip


def _where(word: str, pack: PackDefinition, definitions: Mapping[str, TypeDefinition]) -> str:
    kind, _, rest = word.rpartition(":")
    listed = {"figure": pack.figures, "task": pack.tasks}.get(kind)
    if listed is not None:
        return next((pick(one) for one in listed if one.code == rest), rest)
    if kind == "indicator":
        figure = next((one.figure for one in pack.indicators if one.code == rest), "")
        return next((pick(one) for one in pack.figures if one.code == figure), rest)
    code, _, part = rest.partition(".")
    definition = definitions.get(code)
    if definition is None:
        return rest
    parts = {"state": definition.states, "inspection": definition.inspections}.get(kind, definition.fields)
    return next((pick(one) for one in parts if one.code == part), part) if part else pick(definition)
