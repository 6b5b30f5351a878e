"""Importing workbooks into a register: rows judged in the preview, written set-based; and exporting them again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from ecocloud.base.errors import Conflict, EcoError
from ecocloud.base.sheets import ExportMeta, PreviewRow, export_workbook
from ecocloud.base.sheets.compare import Asked
from ecocloud.base.sheets.registry import ImportTarget, Problem
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import Department, Region
from ecocloud.kernel.registers import places, queries, values, workbooks
from ecocloud.kernel.registers.errors import ValueFault, ValuesRefused
from ecocloud.kernel.registers.models import ObjectKey, RegisterObject, RegisterType
from ecocloud.kernel.registers.register import Register, open_register
from ecocloud.kernel.registers.services import guards, writing
from ecocloud.kernel.registers.services.objects import checked_code
from ecocloud.kernel.registers.services.writing import Draft

PREFIX = "register-"
_CHUNK = 500


def target(code: str) -> ImportTarget:
    """The import target of the register ``code``; raises NoSuchThing."""
    register = open_register(code)
    return ImportTarget(
        key=f"{PREFIX}{code}", title=register.definition.zh, permission=guards.EDIT,
        spec=lambda user: workbooks.spec(register, user), existing=lambda user: existing(user, register),
        apply=lambda user, rows: apply(user, register, rows), check=lambda user: Judge(user, register),
        in_chunks=True,
    )  # fmt: skip


def keys() -> list[str]:
    """The codes of all registers."""
    return list(RegisterType.objects.order_by("code").values_list("code", flat=True))


def existing(user: Any, register: Register) -> Asked:
    """The objects the user may see, as workbook rows by their key; retired ones do not count."""
    _keys_are_there(register)
    spec = workbooks.spec(register)

    def find(keys: Sequence[tuple]) -> dict[tuple, dict[str, Any]]:
        rows = _of_keys(register, queries.objects(user, register), keys).order_by("pk")
        return {spec.key_of(row): row for row in workbooks.rows_of(register, rows)}

    return Asked(find)


def _keys_are_there(register: Register) -> None:
    """Raise Conflict while the keys that tell rows apart are being built: an object without one would be doubled."""
    if register.keys_waiting:
        raise Conflict(f"“{register.definition.zh}”正在按新的唯一性要求整理，暂时不能导入。", "keys are being built",
                       remedy_zh="请稍后再导入。")  # fmt: skip


def _of_keys(
    register: Register, rows: QuerySet[RegisterObject], keys: Sequence[tuple]
) -> QuerySet[RegisterObject]:  # fmt: skip
    """Those of ``rows`` that may have one of ``keys`` (workbook values of the key columns), without retired ones."""
    names = workbooks.key_columns(register)
    unique = next((one for one in register.definition.unique if one.fields == names), None)
    if unique is None:
        return rows.filter(type=register.pk, name__in={key[0] for key in keys}).exclude(state="retired")
    digests = {writing.key_digest(names, _typed(register, dict(zip(names, key, strict=True)))) for key in keys}
    found = ObjectKey.objects.filter(type=register.pk, name=unique.code, digest__in=digests).values("object")
    return rows.filter(pk__in=found).exclude(state="retired")


@dataclass(frozen=True)
class Judged:
    """A workbook row as it would be written, and what is wrong with it."""

    typed: dict[str, Any]
    place: places.Place | None
    problems: list[Problem]


class Judge:
    """Judges rows one by one; what is asked of the database is remembered."""

    def __init__(self, user: Any, register: Register) -> None:
        self.user, self.register = user, register
        self.today = timezone.localdate()
        self.may_take_over = permissions.allowed(user, guards.TAKE_OVER)
        self.reached: dict[tuple, str] = {}
        self.regions: dict[str, Region] = {}
        self.units: dict[str, Department] = {}

    def __call__(self, row: Mapping[str, Any], old: Mapping[str, Any] | None) -> list[Problem]:
        """What is wrong with a row beside its cells: rules over fields, state, place, reach."""
        return self.look(row, old).problems

    def look(self, row: Mapping[str, Any], old: Mapping[str, Any] | None) -> Judged:
        """A row read, completed and judged; ``old``: the object it changes, as a workbook row."""
        register, merged = self.register, row if old is None else {**old, **row}
        problems = [Problem(*one) for one in self._header(row, old)]
        before = workbooks.given_of(register, old or {})
        typed, faults = values.clean(register.definition, workbooks.given_of(register, merged), before)
        typed = values.completed(register.definition, typed, self.today)
        place = workbooks.place_of(merged)
        seen = {**typed, "name": merged.get("name"), "region": merged.get("region"), "has_place": place is not None,
                "state": merged.get("state") or register.definition.first_state}  # fmt: skip
        faults += values.judge(register.definition, seen, self.today)
        rule, found = register.definition.geometry, None
        if rule.required and rule.kind != "point" and old is None:
            problems.append(Problem("name", merged.get("name"), "本名录的对象须有图形。", "请在系统中逐个登记并标图。"))
        try:
            if rule.kind == "point":
                found = places.read(place, rule)
        except EcoError as error:
            problems.append(Problem("lon", place, error.message_zh, error.remedy_zh))
        problems += [Problem(one.field, one.value, one.message_zh, one.remedy_zh) for one in faults]
        return Judged(typed, found, problems)

    def _header(self, row: Mapping[str, Any], old: Mapping[str, Any] | None) -> list[tuple[str, Any, str, str]]:
        found = []
        state, first = row.get("state"), self.register.definition.first_state
        if old is not None and state and state != old["state"]:
            found.append(("state", state, "状态不能用导入改变。", "请在系统中办理流转，或删去本列。"))
        if old is None and state and state != first and not self.may_take_over:
            found.append(("state", state, "您不能直接登记此状态。", "请留空，或由有“导入既有台账”权限的人员导入。"))
        if old is not None and row.get("code") and row["code"] != old["code"]:
            found.append(("code", row["code"], f"与已有对象 {old['code']} 的编码不同。", "编码不能改变。"))
        pairs = {(one["region"], one.get("department")) for one in (row, old or row) if "region" in one}
        for region, department in pairs:
            refusal = self._reach(region, department)
            if refusal:
                found.append(("region", region, refusal, ""))
        return found

    def _reach(self, region: str, department: str | None) -> str:
        if (region, department) not in self.reached:
            unit = self.units.get(department) if department else None
            if department and unit is None:
                unit = Department.objects.select_related("region").filter(code=department).first()
            place = self.regions.get(region) or Region.objects.get(pk=region)
            try:
                guards.within_reach(self.user, guards.EDIT, place, unit)
                self.reached[region, department] = ""
            except EcoError as error:
                self.reached[region, department] = error.message_zh
        return self.reached[region, department]


def apply(user: Any, register: Register, rows: Sequence[PreviewRow]) -> dict[str, int]:
    """Write the new and changed rows of a preview in the caller's transaction; every row is judged again."""
    permissions.require(user, guards.EDIT)
    _keys_are_there(register)
    judge, day = Judge(user, register), timezone.localdate()
    regions = Region.objects.in_bulk({row.values["region"] for row in rows if row.values.get("region")})
    units = {one.code: one for one in Department.objects.select_related("region").filter(
        code__in={row.values["department"] for row in rows if row.values.get("department")})}  # fmt: skip
    judge.regions, judge.units = regions, units
    there = _locked(register, [row.key for row in rows if row.outcome == "changed"])
    new = writing.fresh_rows(register, getattr(user, "pk", None))
    drafts, before = [], []
    with change(user.actor()) as tx:
        for row in rows:
            old = there.get(row.key)
            judged = judge.look(row.values, workbooks.row_of(register, old, _code(old)) if old else None)
            if judged.problems:
                raise ValuesRefused(
                    [ValueFault(one.key, one.reason, "row refused", value=one.value, remedy_zh=one.remedy)
                     for one in judged.problems], where={"行": row.number})  # fmt: skip
            draft = writing.draft_of(register, old, "import") if old else Draft(new(), {}, "import")
            before.append(writing.facts(register, draft.row, draft.before) if old else None)
            _set(draft, register, row.values, judged, regions, units)
            drafts.append(draft)
        _check(user, register, drafts, rows)
        guards.open_years(register, {
            (code, day, writing.rules.year_of(register.definition, draft.values))
            for draft in drafts for code in {draft.row.region_id,
                draft.was.region_id if draft.was else draft.row.region_id}
        })  # fmt: skip
        writing.write(tx, user, register, drafts, day)
        for draft, was in zip(drafts, before, strict=True):
            tx.log("registers.object.import", Ref("obj", str(draft.row.pk), version=str(draft.row.version)), was,
                   writing.facts(register, draft.row, draft.values))  # fmt: skip
    made = sum(1 for draft in drafts if draft.fresh)
    return {"created": made, "changed": len(drafts) - made}


def _code(row: RegisterObject) -> str | None:
    return row.department.code if row.department else None


def _set(draft: Draft, register: Register, given: Mapping[str, Any], judged: Judged, regions: Mapping[str, Region],
         units: Mapping[str, Department]) -> None:  # fmt: skip
    row = draft.row
    if draft.fresh:
        row.state = given.get("state") or register.definition.first_state
        row.code = checked_code(given.get("code") or "")
    writing.apply_header(draft, name=given.get("name"), region=regions.get(given.get("region")))
    if "department" in given:
        row.department = units.get(given["department"])
    if register.definition.geometry.kind == "point" and {"lon", "lat"} & given.keys():
        writing.set_place(row, judged.place)
    draft.values = judged.typed


def _check(user: Any, register: Register, drafts: Sequence[Draft], rows: Sequence[PreviewRow]) -> None:
    for position, faults in writing.check_references(register, drafts, user).items():
        raise ValuesRefused(faults, where={"行": rows[position].number})


def _locked(register: Register, keys: Sequence[tuple]) -> dict[tuple, RegisterObject]:
    """The objects behind changed rows, locked, by their key."""
    spec, wanted = workbooks.spec(register), set(keys)
    found: dict[tuple, RegisterObject] = {}
    base = RegisterObject.objects.select_for_update(of=("self",)).select_related("region", "department__region")
    for first in range(0, len(keys), _CHUNK):
        for row in _of_keys(register, base.filter(type=register.pk), keys[first : first + _CHUNK]).order_by("pk"):
            key = spec.key_of(workbooks.row_of(register, row, _code(row)))
            if key in wanted:
                found[key] = row
    return found


def _typed(register: Register, given: Mapping[str, Any]) -> dict[str, Any]:
    typed, _ = values.clean(register.definition, workbooks.given_of(register, given))
    return {**typed, "name": given.get("name")}


def export(user: Any, register: Register, wanted: Mapping[str, Any] | None = None, *, order: str = "code") -> bytes:
    """The objects the user may see, filtered as on the list, as a workbook that imports again without a change.

    The export is journalled. Raises Forbidden, FilterRefused.
    """
    permissions.require(user, queries.VIEW)
    rows = queries.filtered(queries.objects(user, register), register, wanted or {}, order=order)
    said = tuple((name, str(value)) for name, value in (wanted or {}).items())
    meta = ExportMeta(by=str(getattr(user, "name", "")), at=timezone.localtime().replace(tzinfo=None), filters=said)
    content = export_workbook(workbooks.named(workbooks.spec(register)), workbooks.rows_of(register, rows), meta)
    with change(user.actor()) as tx:
        tx.log("registers.export", Ref("regtype", register.code), None, {"filters": dict(said)})
    return content
