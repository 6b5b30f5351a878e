"""Objects follow when divisions or departments are merged or split."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions.models import Department, Region
from ecocloud.kernel.registers.errors import ValueFault, ValuesRefused
from ecocloud.kernel.registers.models import RegisterObject
from ecocloud.kernel.registers.register import Register
from ecocloud.kernel.registers.services import guards, writing

Chooser = Callable[[RegisterObject], Region | None]


def move(
    user: Any, register: Register, source: Region, target: Region | Mapping[int, Region] | Chooser, *,
    departments: Mapping[int, Department] | None = None, on: date | None = None, note: str,
) -> list[int]:  # fmt: skip
    """Move the objects of exactly ``source`` to the divisions that follow it; returns the keys of those moved.

    target: one division (a merger), or for a split the division of each object: by key, or by a function of the object
    (None leaves it as it is). departments: the department that follows another, by the old one's key. Histories and
    codes stay.
    note: the document that ordered it; mandatory.
    """
    if not note.strip():
        raise ValuesRefused([ValueFault("note", "区划调整必须写明依据。", "moved without a basis",
                                        remedy_zh="请填写文号。")])  # fmt: skip
    guards.within_reach(user, guards.MOVE, source, None)
    day = guards.day_of(on)
    choose = _chooser(target)
    heirs = departments or {}
    with change(user.actor()) as tx:
        rows = RegisterObject.objects.select_for_update(of=("self",)).select_related("department", "region")
        drafts = []
        for row in rows.filter(type=register.pk, region=source).order_by("pk"):
            to = choose(row)
            heir = heirs.get(row.department_id)
            if to is None or (to.pk == row.region_id and heir is None):
                continue
            guards.day_of(day, row.valid_from)
            draft = writing.draft_of(register, row, "move", note)
            row.region = to
            row.department = heir or row.department
            drafts.append(draft)
        places = {draft.row.region.pk: draft.row.region for draft in drafts}
        for region in places.values():
            guards.within_reach(user, guards.MOVE, region, None)
        guards.open_years(register, [
            (code, day, draft.row.year) for draft in drafts for code in (source.pk, draft.row.region_id)
        ])  # fmt: skip
        writing.write(tx, user, register, drafts, day)
        for draft in drafts:
            tx.log("registers.object.move", Ref("obj", str(draft.row.pk), version=str(draft.row.version)),
                   {"region": source.pk, "department": draft.was.department_id},
                   {"region": draft.row.region_id, "department": draft.row.department_id}, note)  # fmt: skip
    return [draft.row.pk for draft in drafts]


def _chooser(target: Region | Mapping[int, Region] | Chooser) -> Chooser:
    if isinstance(target, Region):
        return lambda row: target
    if isinstance(target, Mapping):
        return lambda row: target.get(row.pk)
    return target
