"""What the page of moves between divisions shows: which objects would move, of which register and department."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions.models import Department, Region
from ecocloud.kernel.registers import services, showing
from ecocloud.kernel.registers.models import RegisterObject, RegisterType
from ecocloud.kernel.registers.register import register_of
from ecocloud.kernel.registers.services import guards

PICKED_ONE_BY_ONE = 500


@dataclass
class Plan:
    """A move as it is asked for: whole registers, or the ticked objects only (``picked``)."""

    source: Region
    target: Region
    on: date | None
    note: str
    register: str = ""
    picked: frozenset[int] | None = None
    heirs: dict[int, Department] = field(default_factory=dict)


@dataclass(frozen=True)
class Group:
    """The objects of one register in the source division."""

    type: RegisterType
    name: str
    rows: Sequence[RegisterObject]


def groups(user: Any, plan: Plan) -> list[Group]:
    """The objects of exactly the source division by register; needs the right to move and both divisions in reach."""
    for region in (plan.source, plan.target):
        guards.within_reach(user, guards.MOVE, region, None)
    rows = RegisterObject.objects.filter(region=plan.source).select_related("type", "department")
    if plan.register:
        rows = rows.filter(type__code=plan.register)
    found: dict[int, list[RegisterObject]] = {}
    for row in rows.defer("body", "place").order_by("type__code", "code"):
        definition = register_of(row.type).definition
        row.light = showing.light(definition.state_by_code[row.state])
        row.goes = plan.picked is None or row.pk in plan.picked
        found.setdefault(row.type_id, []).append(row)
    return [Group(many[0].type, showing.pick(many[0].type), many) for many in found.values()]


def owners(found: Sequence[Group]) -> list[Department]:
    """The departments that own objects there, each of which may have an heir."""
    return sorted({row.department for one in found for row in one.rows if row.department_id}, key=lambda unit: unit.pk)


def going(found: Sequence[Group]) -> list[int]:
    """The keys of the objects that would move."""
    return [row.pk for one in found for row in one.rows if row.goes]


def stamp(plan: Plan, keys: Sequence[int]) -> str:
    """What a preview showed, in short: only that is written."""
    heirs = {str(old): new.pk for old, new in plan.heirs.items()}
    whole = [plan.source.pk, plan.target.pk, str(plan.on), plan.note, plan.register, list(keys), heirs]
    return hashlib.sha256(json.dumps(whole, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:32]


def write(user: Any, plan: Plan, found: Sequence[Group]) -> int:
    """Move them, all registers in one transaction; returns how many moved."""
    count = 0
    with change(user.actor()):
        for one in found:
            targets: Mapping[int, Region] = {row.pk: plan.target for row in one.rows if row.goes}
            moved = services.move(user, register_of(one.type), plan.source, targets, departments=plan.heirs,
                                  on=plan.on, note=plan.note)  # fmt: skip
            count += len(moved)
    return count
