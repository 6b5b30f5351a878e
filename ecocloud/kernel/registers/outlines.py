"""Outlines of registers: the little that pages over all registers ask of each, without opening their definitions.

A definition with its compiled formulas takes some hundred kilobytes; two hundred of them in every web process would be
a third of its memory. The page of all registers, what is due and who refers to an object need a few words of each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F

from ecocloud.kernel.registers.definition import RETIRED, Expiry, FieldSpec, Inspection, State
from ecocloud.kernel.registers.models import RegisterType, TypeVersion


@dataclass(frozen=True)
class Outline:
    """Of a register's newest definition: what the page of all registers says of it, its states (without the built-in
    one), what falls due by it, and its indexed fields that point at objects.

    assigned: the slots of these fields, by code.
    """

    icon: str
    help: str
    help_en: str
    states: tuple[State, ...]
    expiry: Expiry | None
    expires: FieldSpec | None
    cycles: tuple[Inspection, ...]
    pointing: tuple[FieldSpec, ...]
    assigned: Mapping[str, str]

    @property
    def finals(self) -> tuple[str, ...]:
        """The codes of the states that end the way of an object, the built-in one too."""
        return tuple(one.code for one in (*self.states, RETIRED) if one.final)


_ASKED = ("type", "type__digest", "definition", "slots")
# By the key of the type: one for each register, of its newest version.
_kept: dict[int, tuple[str, Outline]] = {}


def outlines(rows: Iterable[RegisterType]) -> dict[int, Outline]:
    """The outlines of registers by their key; one query when some of them were not asked for before."""
    wanted = {row.pk: row.digest for row in rows}
    missing = [pk for pk, digest in wanted.items() if _kept.get(pk, ("",))[0] != digest]
    if missing:
        newest = TypeVersion.objects.filter(type__in=missing, number=F("type__version"))
        for pk, digest, definition, slots in newest.values_list(*_ASKED).iterator(chunk_size=8):
            _kept[pk] = (digest, _outline(definition, slots))
    return {pk: _kept[pk][1] for pk in wanted}


def ready(row: RegisterType, outline: Outline) -> dict[str, str]:
    """The slots that can be asked by: those that are not being built."""
    waiting = set((row.building or {}).get("fields", ()))
    return {code: slot for code, slot in outline.assigned.items() if code not in waiting}


def _outline(definition: Mapping[str, Any], slots: Mapping[str, str]) -> Outline:
    expiry = Expiry.model_validate(definition["expiry"]) if definition.get("expiry") else None
    fields = [
        FieldSpec.model_validate(one)
        for one in definition["fields"]
        if one["code"] in slots and (one["kind"] == "object" or expiry is not None and one["code"] == expiry.field)
    ]
    return Outline(
        definition.get("icon", "folder"), definition.get("help", ""), definition.get("help_en", ""),
        tuple(State.model_validate(one) for one in definition["states"]), expiry,
        next((one for one in fields if expiry is not None and one.code == expiry.field), None),
        tuple(Inspection.model_validate(one) for one in definition.get("inspections", ()) if one.get("every_months")),
        tuple(one for one in fields if one.kind == "object" and not one.deprecated),
        {one.code: slots[one.code] for one in fields},
    )  # fmt: skip
