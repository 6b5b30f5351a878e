"""A register at work: its newest definition with slots and mappings, read once for each version."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ecocloud.kernel.registers import reading, values
from ecocloud.kernel.registers.changes import Lifting, lift
from ecocloud.kernel.registers.definition import TypeDefinition
from ecocloud.kernel.registers.errors import NoSuchThing
from ecocloud.kernel.registers.models import ObjectVersion, RegisterObject, RegisterType, TypeVersion


@dataclass(frozen=True)
class Register:
    """A register type at work. ``mappings[i]`` leads from version ``i + 1`` of the definition to the next.

    ``assigned``: the slot of every indexed field, where objects are written; ``slots``: of those that can be asked by.
    They differ while slots are being built; ``keys_waiting`` are the uniqueness keys that are.
    """

    pk: int
    code: str
    version: int
    definition: TypeDefinition
    assigned: Mapping[str, str]
    slots: Mapping[str, str]
    mappings: tuple[Lifting, ...]
    keys_waiting: frozenset[str] = frozenset()

    def values(
        self, row: RegisterObject | ObjectVersion, only: Collection[str] | None = None
    ) -> dict[str, Any]:  # fmt: skip
        """The typed values of an object (or of one of its versions) under the newest definition; ``only`` of these
        fields where a page shows no others."""
        body = lift(row.body, self.mappings[row.schema - 1 :])
        if only is not None:
            body = {code: body[code] for code in only if code in body}
        return values.decode(self.definition, body)

    def readable(self, row: RegisterObject | ObjectVersion) -> dict[str, Any]:
        """Values by field, with what every object has: what expressions and filters of this room read."""
        return {
            **self.values(row), "name": row.name, "state": row.state, "year": row.year, "region": row.region_id,
                "has_place": row.place is not None,
        }  # fmt: skip


def open_register(code: str) -> Register:
    """The register with this code (one query when it is known already); raises :class:`NoSuchThing`."""
    row = RegisterType.objects.filter(code=code).first()
    if row is None:
        raise NoSuchThing(f"没有名录“{code}”。", f"no register {code!r}", value=code, remedy_zh="请先装入相应的包。")
    return register_of(row)


def register_of(row: RegisterType) -> Register:
    """The register of a type row."""
    building = row.building or {}
    waiting = frozenset(building.get("fields", ())), frozenset(building.get("keys", ()))
    return _loaded(row.pk, row.version, row.digest, *waiting)


@lru_cache(maxsize=300)
def _loaded(
    pk: int, version: int, digest: str, waiting: frozenset[str], keys_waiting: frozenset[str]
) -> Register:  # fmt: skip
    rows = list(TypeVersion.objects.filter(type=pk, number__lte=version).order_by("number"))
    newest = rows[-1]
    definition = _definition(pk, version, digest)
    mappings = tuple(Lifting.from_json(row.mapping) for row in rows[1:])
    ready = {code: slot for code, slot in newest.slots.items() if code not in waiting}
    return Register(pk, definition.code, version, definition, newest.slots, ready, mappings, keys_waiting)


@lru_cache(maxsize=300)
def _definition(pk: int, version: int, digest: str) -> TypeDefinition:
    return reading.from_stored(TypeVersion.objects.get(type=pk, number=version).definition)


def as_written(row: ObjectVersion) -> tuple[TypeDefinition, dict[str, Any]]:
    """A version of an object under the very definition it was written under: the definition and the typed values."""
    definition = _definition(row.type_id, row.schema, row.type.digest)
    return definition, values.decode(definition, row.body)
