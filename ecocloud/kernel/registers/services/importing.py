"""Importing workbooks into a register: rows judged in the preview, written set-based; and exporting them again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from ecocloud.base.errors import Conflict
from ecocloud.base.sheets import ExportMeta, PreviewRow, export_workbook
from ecocloud.base.sheets.compare import NEW, Asked
from ecocloud.base.sheets.registry import ImportTarget, Problem, RowsRefused
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import Department, Region
from ecocloud.kernel.registers import queries, values, workbooks
from ecocloud.kernel.registers.models import ObjectKey, RegisterObject, RegisterType
from ecocloud.kernel.registers.register import Register, open_register
from ecocloud.kernel.registers.services import guards, writing
from ecocloud.kernel.registers.services.claims import key_digest
from ecocloud.kernel.registers.services.row_judge import Judged, RowJudge, problem_of
from ecocloud.kernel.registers.services.writing import Draft

PREFIX = "register-"
_CHUNK = 500


def target(code: str) -> ImportTarget:
    """The import target of the register ``code``; raises NoSuchThing."""
    register = open_register(code)
    return ImportTarget(
        key=f"{PREFIX}{code}", title=register.definition.zh, permission=guards.EDIT,
        spec=lambda user: workbooks.spec(register, user), existing=lambda user: existing(user, register),
        apply=lambda user, rows: apply(user, register, rows), check=lambda user: RowJudge(user, register),
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
    digests = {key_digest(names, _typed(register, dict(zip(names, key, strict=True)))) for key in keys}
    found = ObjectKey.objects.filter(type=register.pk, name=unique.code, digest__in=digests).values("object")
    return rows.filter(pk__in=found).exclude(state="retired")


def apply(user: Any, register: Register, rows: Sequence[PreviewRow]) -> dict[str, int]:
    """Write the new and changed rows of a preview in the caller's transaction; every row is judged again.

    Raises RowsRefused, naming every row that cannot be written (any more), before anything is written.
    """
    _keys_are_there(register)
    judge, day = RowJudge(user, register), timezone.localdate()
    judge.regions |= Region.objects.in_bulk({row.values["region"] for row in rows if row.values.get("region")})
    judge.units |= {one.code: one for one in Department.objects.select_related("region").filter(
        code__in={row.values["department"] for row in rows if row.values.get("department")})}  # fmt: skip
    there = _locked(register, [row.key for row in rows if row.outcome == "changed"])
    if there:
        judge.know(list(there.values()))
    new = writing.fresh_rows(register, getattr(user, "pk", None))
    with change(user.actor()) as tx:
        looked, drafts, before = [], [], []
        for row in rows:
            old = there.get(row.key)
            one = judge.look(row.number, row.values, workbooks.row_of(register, old, _code(old)) if old else None)
            if old is None and row.outcome == "changed":
                one.problems.append(Problem("name", one.name, "记录在预览后已被修改。", "请重新预览后再导入。"))
            draft = writing.draft_of(register, old, "import") if old else Draft(new(), {}, "import")
            before.append(writing.facts(register, draft.row, draft.before) if old else None)
            if not one.problems:
                _set(draft, register, one, judge)
            looked.append(one)
            drafts.append(draft)
        _refuse(user, register, judge, looked, drafts, day)
        writing.write(tx, user, register, drafts, day, claims_checked=True)
        for draft, was in zip(drafts, before, strict=True):
            tx.log("registers.object.import", Ref("obj", str(draft.row.pk), version=str(draft.row.version)), was,
                   writing.facts(register, draft.row, draft.values))  # fmt: skip
    made = sum(1 for draft in drafts if draft.fresh)
    return {"created": made, "changed": len(drafts) - made}


def rows_of_codes(
    register: Register, user: Any, rows: Iterable[tuple[int, Mapping[str, Any]]]
) -> list[PreviewRow]:  # fmt: skip
    """New rows as a preview gives them, from values that are codes already and need no workbook read.

    rows: number and values by column (numbers as Decimal or int, dates, codes of choices, lists of them); what refers
    to a division, department or object may be its name, looked up within the reach of ``user``.
    Raises RowsRefused for names that are not there, or not the only one.
    """
    spec, found = workbooks.spec(register, user), []
    refused: dict[int, list[Problem]] = {}
    looked: dict[tuple[str, Any], list[str]] = {}
    for number, given in rows:
        values_ = dict.fromkeys(column.key for column in spec.columns) | given
        for column in spec.columns:
            raw = values_.get(column.key)
            if column.kind != "ref" or raw is None or column.key in workbooks.HEADER:
                continue
            if (column.key, raw) not in looked:
                looked[column.key, raw] = [one.code for one in column.lookup(str(raw))]
            codes = looked[column.key, raw]
            if len(codes) != 1:
                problem = Problem(column.key, raw, f"找到 {len(codes)} 个“{raw}”。", "请写编码，或先登记。")
                refused.setdefault(number, []).append(problem)
            values_[column.key] = codes[0] if codes else None
        found.append(PreviewRow(number, NEW, spec.key_of(values_), values_))
    if refused:
        raise RowsRefused(refused)
    return found


def _refuse(
    user: Any, register: Register, judge: RowJudge, looked: Sequence[Judged], drafts: Sequence[Draft], day: date
) -> None:
    """Raise RowsRefused with everything that stands against the rows now: also closed years, references, and what
    others have."""
    closed = guards.Closed.held(register, {(code, day, year) for one in looked for code, year in judge.touched(one)})
    for one in looked:
        judge.years(one, closed)
    good = [at for at, one in enumerate(looked) if not one.problems]
    found = writing.check_references(register, [drafts[at] for at in good], user)
    for place, faults in found.items():
        looked[good[place]].problems += [problem_of(fault) for fault in faults]
    good = [at for at in good if not looked[at].problems]
    claimed = writing.claimed(user, register, [drafts[at] for at in good],
                              lambda place: f"第 {looked[good[place]].number} 行")  # fmt: skip
    for place, several in claimed.items():
        looked[good[place]].problems += [problem_of(fault) for fault in several]
    refused = {one.number: one.problems for one in looked if one.problems}
    if refused:
        raise RowsRefused(refused)


def _code(row: RegisterObject) -> str | None:
    return row.department.code if row.department else None


def _set(draft: Draft, register: Register, one: Judged, judge: RowJudge) -> None:
    row, given = draft.row, one.given
    if draft.fresh:
        row.state = given.get("state") or register.definition.first_state
        row.code = one.code
    row.name = one.name
    if given.get("region"):
        row.region = judge.region(given["region"])
    if "department" in given:
        row.department = judge.unit(given["department"])
    rule = register.definition.geometry
    merged = {**(one.old or {}), **given}
    if draft.fresh or workbooks.place_of(rule, merged) != workbooks.place_of(rule, one.old or {}):
        writing.set_place(row, one.place)
    draft.values = one.typed


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
