"""Definitions from YAML: every mistake named with file, line, field, value and remedy, all at once. Pure but for the
text given."""

from __future__ import annotations

from datetime import date
from difflib import get_close_matches
from typing import Any

from ecocloud.base.errors import EcoError
from ecocloud.kernel.registers import places, rules, values
from ecocloud.kernel.registers.definition import Example, TypeDefinition
from ecocloud.kernel.registers.errors import DefinitionFaults
from ecocloud.kernel.registers.source import Source, in_order

# A date inside an example or a file name never depends on the day of reading.
EXAMPLE_DAY = date(2026, 1, 1)
# What stands in for a part of a type that is missing or wrong, so that the rest can be checked.
_STAND_INS: dict[str, Any] = {
    "code": "stand_in", "zh": "名录", "en": "Register", "prefix": "ZZ", "columns": ["code"],
    "states": [{"code": "stand_in", "zh": "状态", "en": "State"}],
    "examples": [{"name": "示例一", "values": {}}, {"name": "示例二", "values": {}}],
}  # fmt: skip


def read_type(text: str, name: str, icons: frozenset[str] | None = None) -> TypeDefinition:
    """A register type from the text of ``name``; raises :class:`DefinitionFaults` with every mistake found.

    icons: the names that it may give as its icon; None: not checked.
    """
    source = Source(text, name)
    definition = check_type(source, icons)
    if source.faults or definition is None:
        raise DefinitionFaults(in_order(source.faults, [name]))
    return definition


def check_type(source: Source, icons: frozenset[str] | None = None) -> TypeDefinition | None:
    """The register type of a source, every mistake noted there; of a wrong one what holds together, None when too
    little does."""
    definition = source.model(TypeDefinition, _STAND_INS)
    if definition is None:
        return None
    found, sound = rules.judged(definition)
    for one in found:
        if one.path[0] == "states" and "transitions" in source.incomplete:
            continue  # whether a state is reached cannot be said
        source.add(one.path, one.message_zh, one.message_en, one.value, one.remedy_zh, one.remedy_en)
    source.withheld |= {one.code for one in definition.fields} - {one.code for one in sound.fields}
    if icons is not None and definition.icon not in icons:
        near = get_close_matches(definition.icon, icons, n=5, cutoff=0.3) or sorted(icons)[:5]
        source.add(("icon",), f"没有图标“{definition.icon}”。", "unknown icon", definition.icon,
                   f"相近的有：{'、'.join(near)}；全部名称见图标集。", f"Close ones: {', '.join(near)}.")  # fmt: skip
    for position, example in enumerate(sound.examples):
        _example(source, sound, position, example)
    return sound


def _example(source: Source, definition: TypeDefinition, position: int, example: Example) -> None:
    path = ("examples", position)
    if example.state and example.state not in definition.state_by_code:
        known = [one.code for one in definition.states]
        source.add((*path, "state"), f"没有状态“{example.state}”。", "unknown state", example.state,
                   f"已有的状态：{'、'.join(known)}。", f"Known states: {', '.join(known)}.")  # fmt: skip
    found, wrong = values.clean(definition, source.usable(example.values, definition.by_code))
    found = values.completed(definition, found, EXAMPLE_DAY)
    if not wrong:
        # Files and inspections are not part of an example: rules that need them are unknown, not false.
        wrong = values.judge(definition, {**found, "name": example.name}, EXAMPLE_DAY)
    for one in wrong:
        source.add((*path, "values", one.field), f"示例“{example.name}”：{one.message_zh}", one.message_en, one.value,
                   one.remedy_zh, "Correct the value of the example.")  # fmt: skip
    if "geometry" in source.withheld:
        return
    try:
        places.read(example.geometry, definition.geometry)
    except EcoError as error:
        source.add((*path, "geometry"), f"示例“{example.name}”：{error.message_zh}", error.message_en, error.value,
                   error.remedy_zh, "Correct the place of the example.")  # fmt: skip


def from_stored(stored: dict[str, Any]) -> TypeDefinition:
    """A definition as it was written down with a version (it was checked then)."""
    return TypeDefinition.model_validate(stored)
