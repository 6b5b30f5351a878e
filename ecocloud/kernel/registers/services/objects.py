"""Creating, editing, moving on, retiring objects: permission, reach, years, change and journal in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils import timezone

from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import Department, Region
from ecocloud.kernel.registers import lifecycle, values
from ecocloud.kernel.registers.definition import Transition
from ecocloud.kernel.registers.errors import StepRefused, ValueFault, ValuesRefused
from ecocloud.kernel.registers.models import ObjectVersion, RegisterObject
from ecocloud.kernel.registers.register import Register, register_of
from ecocloud.kernel.registers.services import guards, writing
from ecocloud.kernel.registers.services.writing import Draft

KEEP: Any = object()  # an argument that was left out


def ref_of(row: RegisterObject) -> Ref:
    """The reference of an object in its present version."""
    return Ref("obj", str(row.pk), version=str(row.version))


def roles_of(user: Any) -> frozenset[str]:
    """The codes of the roles the person holds today."""
    return frozenset(role.code for role in permissions.rights(user).roles)


def create(
    user: Any, register: Register, *, name: str, region: Region, given: Mapping[str, Any],
    department: Department | None = None, code: str = "", geometry: Any = None, on: date | None = None, note: str = "",
) -> RegisterObject:  # fmt: skip
    """A new object in the type's first state.

    given: by field code, as people write them; geometry: GeoJSON, WKT or (lon, lat); code: '' for the next number;
    on: the day it is in force from, default today. Raises Forbidden, ValuesRefused (with every fault), GeoError,
    Duplicate, YearLocked.
    """
    guards.within_reach(user, guards.EDIT, region, department)
    day = guards.day_of(on)
    row = RegisterObject(
        type_id=register.pk, code=writing.checked_code(code), name=writing.checked_name(name), region=region,
        department=department, state=register.definition.first_state, created_by_id=getattr(user, "pk", None),
    )  # fmt: skip
    writing.set_place(row, writing.located(geometry, register, region))
    with change(user.actor()) as tx:
        draft = _judged(user, register, Draft(row, {}, "create", note), given, {})
        guards.open_years(register, [(region.pk, day, None), (region.pk, day, year_of(register, draft))])
        writing.write(tx, user, register, [draft], day)
        tx.log("registers.object.create", ref_of(row), None, writing.facts(register, row, draft.values), note)
    return row


def year_of(register: Register, draft: Draft) -> int | None:
    """The year an object counts for with its drafted values."""
    return writing.rules.year_of(register.definition, draft.values)


def _judged(user: Any, register: Register, draft: Draft, given: Mapping[str, Any], more: Mapping[str, Any]) -> Draft:
    """The draft with given values; raises ValuesRefused with every fault."""
    draft.values, faults = values.clean(register.definition, given, draft.before)
    if not faults:
        faults = writing.judge(register, draft, more, timezone.localdate())
        faults += writing.check_references(register, [draft], user).get(0, [])
    if faults:
        raise ValuesRefused(faults, where={"对象": draft.row.code or draft.row.name})
    return draft


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What differs between two states as the journal records them."""
    names = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    return {name: before.get(name) for name in names}, {name: after.get(name) for name in names}


def edit(
    user: Any, register: Register, pk: int, *, given: Mapping[str, Any] | None = None, name: str | None = None,
    region: Region | None = None, department: Any = KEEP, geometry: Any = KEEP, version: int | None = None,
    on: date | None = None, note: str = "",
) -> RegisterObject:  # fmt: skip
    """Change an object. What is left out stays; a field given as None or '' is cleared.

    version: the version the caller read (Stale when it is no longer the newest); on: the day in force from, default
    today, never before the last change. Raises as :func:`create`; nothing is written when nothing changes.
    """
    with change(user.actor()) as tx:
        row = guards.locked_row(user, register, pk, guards.EDIT, version)
        day = guards.day_of(on, row.valid_from)
        draft = writing.draft_of(register, row, "edit", note)
        before = writing.facts(register, row, draft.before)
        old_region = row.region_id
        writing.apply_header(draft, name=name, region=region,
                             **({} if department is KEEP else {"department": department}))  # fmt: skip
        guards.within_reach(user, guards.EDIT, row.region, row.department)
        if geometry is not KEEP:
            writing.set_place(row, writing.located(geometry, register, row.region))
        not_retired(register, row)
        _judged(user, register, draft, given or {}, writing.environment(register, [row]).get(row.pk, {}))
        was, now = changed(before, writing.facts(register, row, draft.values))
        now.pop("year", None)
        if not now:
            return row
        guards.open_years(register, [(code, day, year) for code in {old_region, row.region_id}
                                     for year in (row.year, year_of(register, draft))])  # fmt: skip
        writing.write(tx, user, register, [draft], day)
        tx.log("registers.object.edit", ref_of(row), was, now, note)
    return row


def not_retired(register: Register, row: RegisterObject) -> None:
    """Raise StepRefused for an object that was taken out of the register."""
    if row.state == "retired":
        raise StepRefused("state", story(row), "对象已注销，不能修改。", "object is retired", value=row.state,
                          where={"对象": row.code}, remedy_zh="如系误注销，请新建对象并说明。")  # fmt: skip


def story(row: RegisterObject) -> list[str]:
    """The object's past steps in words: day, what was done, state."""
    register = register_of(row.type)
    states = register.definition.state_by_code
    rows = ObjectVersion.objects.filter(object=row.pk).order_by("number").defer("body", "place")
    return [f"{one.valid_from} {_action_word(register, one.action)}（{states[one.state].zh}）" for one in rows]


def _action_word(register: Register, action: str) -> str:
    own = {"create": "登记", "edit": "修改", "import": "导入", "retire": "注销", "move": "区划调整", "bulk": "批量修改"}
    step = next((one.zh for one in register.definition.transitions if one.action == action), None)
    return step or own.get(action, action)


def _seen(
    register: Register, row: RegisterObject, typed: Mapping[str, Any], more: Mapping[str, Any], day: date
) -> dict[str, Any]:
    """What the guard of a step reads."""
    return {**values.completed(register.definition, typed, day), **more, "name": row.name, "code": row.code,
            "state": row.state, "region": row.region_id, "has_place": row.place is not None,
            "year": row.year}  # fmt: skip


def possible(user: Any, register: Register, row: RegisterObject) -> list[tuple[Transition, StepRefused | None]]:
    """The steps open to the person from the object's state, each with why its guard would refuse it now."""
    found: list[tuple[Transition, StepRefused | None]] = []
    roles, today = roles_of(user), timezone.localdate()
    steps = lifecycle.open_steps(register.definition, row.state, roles)
    if not steps:
        return found
    more = writing.environment(register, [row], whole=True).get(row.pk, {})
    seen = _seen(register, row, register.values(row), more, today)
    for one in steps:
        try:
            lifecycle.step(register.definition, row.state, one.action, seen, today, (), roles)
        except StepRefused as refused:
            found.append((one, refused))
        else:
            found.append((one, None))
    return found


def transition(
    user: Any, register: Register, pk: int, action: str, *, given: Mapping[str, Any] | None = None, opinion: str = "",
    version: int | None = None, on: date | None = None,
) -> RegisterObject:  # fmt: skip
    """Take an object one step on; ``given`` values are written with the step and seen by its guard.

    Raises StepRefused (``state`` or ``guard``, with the object's story), Forbidden, ValuesRefused, YearLocked.
    """
    with change(user.actor()) as tx:
        row = guards.locked_row(user, register, pk, guards.EDIT, version)
        day = guards.day_of(on, row.valid_from)
        draft = writing.draft_of(register, row, action, opinion)
        more = writing.environment(register, [row], whole=True).get(row.pk, {})
        draft.values, faults = values.clean(register.definition, given or {}, draft.before)
        if faults:
            raise ValuesRefused(faults, where={"对象": row.code})
        seen = _seen(register, row, draft.values, more, day)
        step = lifecycle.step(register.definition, row.state, action, seen, day, story(row), roles_of(user))
        if step.opinion and not opinion.strip():
            raise StepRefused("guard", story(row), f"{step.zh}须填写意见。", f"{action} needs an opinion",
                              where={"对象": row.code}, remedy_zh="请说明理由和依据。")  # fmt: skip
        before = writing.facts(register, row, draft.before)
        row.state = step.to
        _judged(user, register, draft, given or {}, more)
        guards.open_years(register, [(row.region_id, day, year) for year in (row.year, year_of(register, draft))])
        writing.write(tx, user, register, [draft], day)
        was, now = changed(before, writing.facts(register, row, draft.values))
        tx.log("registers.object.step", ref_of(row), was, {**now, "action": action}, opinion)
    return row


def retire(user: Any, register: Register, pk: int, *, reason: str, version: int | None = None,
           on: date | None = None) -> RegisterObject:  # fmt: skip
    """Take an object out of the register; it stays readable, and its uniqueness keys are free again."""
    if not reason.strip():
        raise ValuesRefused([ValueFault("reason", "注销必须写明理由。", "retired without a reason",
                                        where={"字段": "理由"}, remedy_zh="请说明依据。")])  # fmt: skip
    with change(user.actor()) as tx:
        row = guards.locked_row(user, register, pk, guards.RETIRE, version)
        day = guards.day_of(on, row.valid_from)
        not_retired(register, row)
        guards.open_years(register, [(row.region_id, day, row.year)])
        draft = writing.draft_of(register, row, "retire", reason)
        before, row.state = row.state, "retired"
        writing.write(tx, user, register, [draft], day)
        tx.log("registers.object.retire", ref_of(row), {"state": before}, {"state": "retired"}, reason)
    return row
