"""Slots: the fixed index columns of an object, derived from its body by fields declared ``index: true``.

8 numbers (scaled integers), 8 short texts, 4 dates. A field keeps its slot from version to version.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecocloud.base.errors import EcoError
from ecocloud.kernel.registers.definition import NUMERIC, FieldSpec, TypeDefinition

NUMBERS = tuple(f"n{i}" for i in range(1, 9))
TEXTS = tuple(f"t{i}" for i in range(1, 9))
DATES = tuple(f"d{i}" for i in range(1, 5))
ALL = (*NUMBERS, *TEXTS, *DATES)
TEXT_LENGTH = 120


class TooManySlots(EcoError):
    """A type declares more indexed fields than there are slots."""

    code = "registers.slots"


def family(field: FieldSpec) -> tuple[str, ...]:
    """The slots that can hold the field."""
    if field.kind in NUMERIC:
        return NUMBERS
    return DATES if field.kind == "date" else TEXTS


def assign(
    definition: TypeDefinition, before: Mapping[str, str] | None = None, renamed: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Which slot each indexed field has: field code -> slot.

    before: slots of the version before; renamed: old code -> new code. Raises :class:`TooManySlots` naming the numbers.
    """
    renamed = renamed or {}
    kept = {renamed.get(code, code): slot for code, slot in (before or {}).items()}
    wanted = [field for field in definition.fields if field.index]
    found = {field.code: kept[field.code] for field in wanted if kept.get(field.code) in family(field)}
    for field in wanted:
        if field.code in found:
            continue
        free = [slot for slot in family(field) if slot not in found.values()]
        if not free:
            same = [one.code for one in wanted if family(one) == family(field)]
            raise TooManySlots(
                f"建索引的同类字段有 {len(same)} 个，最多 {len(family(field))} 个。",
                f"{len(same)} indexed fields of one family, {len(family(field))} slots", value="、".join(same),
                where={"字段": field.code}, remedy_zh="请去掉不常用于筛选的字段的 index。",
            )  # fmt: skip
        found[field.code] = free[0]
    return found


def project(definition: TypeDefinition, assigned: Mapping[str, str], values: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in every slot for an object with these values; slots without a field or value are None."""
    row: dict[str, Any] = dict.fromkeys(ALL)
    for code, slot in assigned.items():
        value = values.get(code)
        if value is not None:
            row[slot] = as_text(value) if slot in TEXTS else value
    return row


def as_text(value: Any) -> str:
    """A value as a text slot holds it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)[:TEXT_LENGTH]
