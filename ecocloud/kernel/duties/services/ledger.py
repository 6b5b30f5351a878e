"""Workbooks in: the office's existing ledger, and dispatch reports of units that do not sign in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.utils import timezone

from ecocloud.base.errors import EcoError
from ecocloud.base.sheets.compare import NEW, PreviewRow
from ecocloud.base.sheets.registry import ImportTarget
from ecocloud.base.sheets.spec import Choice, Column, SheetSpec
from ecocloud.kernel.duties import cycles, queries
from ecocloud.kernel.duties.errors import Invalid
from ecocloud.kernel.duties.kinds import all_kinds
from ecocloud.kernel.duties.models import ItemEvent, RoundReport, WorkItem
from ecocloud.kernel.duties.reconstruction import HANDLING
from ecocloud.kernel.duties.services import items, loop, rounds
from ecocloud.kernel.journal.services import Change, change
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import Department, User
from ecocloud.kernel.regions.resolution import AMBIGUOUS, GROUP, MATCHED, Directory, UnitMatch

IMPORT = "duties.ledger.import"
_GROUP = "~"  # a code that stands for a wording of many units
_STATES = {"registered": "立项", "in_progress": "推进"}
_CHUNK = 200
_MEMO = "_duties_directory"


def _directory(user: User) -> Directory:
    """The directory of the user's region, built once for an import (kept on the user object of the request)."""
    known = getattr(user, _MEMO, None)
    if known is None:
        known = Directory(user.department.region, timezone.localdate())
        setattr(user, _MEMO, known)
    return known


def _require_unit(user: User) -> None:
    if user.department_id is None:
        raise Invalid(
            "您的账号未挂单位，不能导入台账。", f"user {user.pk} has no department", remedy_zh="请联系系统管理员。"
        )


def _choices(match: UnitMatch) -> list[Choice]:
    if match.status == MATCHED:
        return [Choice(match.department.code, match.department.name)]
    if match.status == AMBIGUOUS:
        return [Choice(one.department.code, one.department.name) for one in match.candidates]
    return []


def look_up(user: User, column: str, text: str) -> Sequence[Choice]:
    """The departments a wording or code may mean; a group of units is one choice for cooperating units only."""
    known = Department.objects.filter(code=text).first()
    if known is not None:
        return [Choice(known.code, known.name)]
    if text.startswith(_GROUP):
        return [Choice(text, text[1:])] if column == "units" else []
    match = _directory(user).resolve(text)
    if column == "units" and match.status == GROUP:
        return [Choice(f"{_GROUP}{''.join(text.split())}", "")]
    return _choices(match)


def label_of(code: str) -> str:
    """The name that belongs to a unit's code in a workbook."""
    if code.startswith(_GROUP):
        return code[1:]
    return Department.objects.filter(code=code).values_list("name", flat=True).first() or ""


def _columns() -> tuple[Column, ...]:
    kinds = tuple(Choice(k.code, k.label_zh) for k in all_kinds().values())
    turns = tuple(Choice(code, c.label_zh) for code, c in cycles.all_cycles().items())
    return (
        Column("title", "任务", "Task", max_len=300, width=48,
               synonyms=("任务名称", "事项", "工作任务", "重点任务", "工作内容", "督办事项", "主要任务", "目标任务")),
        Column("lead", "牵头单位", "Lead unit", kind="ref", label_of=label_of, width=24,
               synonyms=("责任单位", "牵头部门", "主办单位", "承办单位"), help="一个单位；写全称、简称或代码"),
        Column("units", "配合单位", "Cooperating units", kind="ref", multiple=True, label_of=label_of, width=32,
               synonyms=("配合部门", "协办单位", "参与单位"), help="多个单位用顿号隔开"),
        Column("deadline", "期限", "Deadline", kind="date",
               synonyms=("完成时限", "完成时间", "时限", "办结时限", "完成期限")),
        Column("progress", "进度", "Progress", kind="percent", unit="%", minimum=Decimal(0), maximum=Decimal(100),
               synonyms=("完成率", "完成进度")),
        Column("text", "进展情况", "Progress report", max_len=4000, width=48,
               synonyms=("进展", "工作进展", "落实情况", "完成情况")),
        Column("state", "状态", "State", kind="choice", choices=tuple(Choice(c, w) for c, w in _STATES.items()),
               synonyms=("办理状态",), help="空白为立项；已在办的填推进"),
        Column("kind", "类型", "Kind", kind="choice", choices=kinds, synonyms=("事项类型",), help="空白为督办任务"),
        Column("cycle", "反馈周期", "Feedback cycle", kind="choice", choices=turns, synonyms=("报送周期", "调度频次")),
        Column("body", "内容", "Body", max_len=8000, width=48, synonyms=("具体内容", "工作要求", "备注")),
        Column("source", "来源文件", "Source", max_len=300, width=32, synonyms=("文件依据", "任务来源", "依据")),
    )  # fmt: skip


def ledger_spec(user: User) -> SheetSpec:
    """The office's ledger: a row is known by task and lead unit, so that importing twice adds nothing."""
    _require_unit(user)
    return SheetSpec(
        "duties.ledger", "督办台账", _columns(), ("title", "lead"),
        ("每行一项任务，牵头单位只写一个。", "配合单位可写多个，也可写“各乡镇（街道）”一类合称。"), blank_means="keep",
    )  # fmt: skip


def codes_of_units(units: Iterable[Any]) -> tuple[str, ...]:
    """Cooperating units as a workbook writes them: codes, and wordings of groups."""
    return tuple(
        f"{_GROUP}{''.join(u.text.split())}" if isinstance(u, items.Group)
        else u.code if isinstance(u, Department) else f"{_GROUP}{''.join(u.split())}"
        for u in units
    )  # fmt: skip


def _values(item: WorkItem, units: list[Any]) -> dict[str, Any]:
    coded = codes_of_units(units)
    return {
        "title": item.title, "lead": item.lead_department.code, "units": coded or None, "deadline": item.deadline,
        "progress": item.progress, "text": None, "state": item.state if item.state in _STATES else None,
        "kind": item.kind, "cycle": item.cycle, "body": item.body or None, "source": item.source_title or None,
    }  # fmt: skip


def _current(user: User) -> list[WorkItem]:
    year = timezone.localdate().year
    rows = queries.visible(user).filter(year__in=(year, year - 1), state__in=queries.open_states())
    return list(rows.select_related("lead_department").prefetch_related("units__department").order_by("id"))


def ledger_existing(user: User) -> dict[tuple, dict[str, Any]]:
    """The open items of this year and the last, by task and lead unit."""
    found: dict[tuple, dict[str, Any]] = {}
    for item in _current(user):
        values = _values(item, items.units_of(item))
        found.setdefault((item.title, item.lead_department.code), values)
    return found


def units_of_codes(user: User, codes: Sequence[str] | None) -> list[Any]:
    """The departments and groups that :func:`codes_of_units` wrote."""
    units: list[Any] = []
    known = {d.code: d for d in Department.objects.filter(code__in=[c for c in codes or () if c[:1] != _GROUP])}
    for code in codes or ():
        if code.startswith(_GROUP):
            match = _directory(user).resolve(code[1:])
            members = match.departments if match.status == GROUP and match.exact else ()
            units.append(items.Group(code[1:], tuple(members)))
        elif code in known:
            units.append(known[code])
    return units


def _draft(user: User, row: PreviewRow, leads: dict[str, Department]) -> items.Draft:
    values = row.values
    progress = values.get("progress") or Decimal(0)
    state = values.get("state") or ("in_progress" if progress or values.get("text") else "")
    return items.Draft(
        title=values["title"], lead=leads[values["lead"]], kind=values.get("kind") or "task",
        body=values.get("body") or "",
        deadline=values.get("deadline"), cycle=values.get("cycle") or "none",
        units=units_of_codes(user, values.get("units")),
        source_title=values.get("source") or "", state="" if state == "registered" else state, progress=progress,
    )  # fmt: skip


def ledger_apply(user: User, rows: Sequence[PreviewRow]) -> dict[str, int]:
    """Write new and changed rows in the caller's transaction, new ones set by set."""
    permissions.require(user, IMPORT)
    fresh = [row for row in rows if row.outcome == NEW]
    changed = [row for row in rows if row.outcome != NEW]
    leads = {d.code: d for d in Department.objects.filter(code__in={row.values["lead"] for row in fresh})}
    with change(user.actor()) as tx:
        for first in range(0, len(fresh), _CHUNK):
            part = fresh[first : first + _CHUNK]
            made = items.make_many(tx, user, [_draft(user, row, leads) for row in part])
            _first_words(
                tx, user, [(i, row.values["text"]) for i, row in zip(made, part, strict=True) if row.values.get("text")]
            )
        known = {(i.title, i.lead_department.code): i for i in reversed(_current(user))}
        for row in changed:
            _correct(user, known[row.key], row)
    return {"created": len(fresh), "changed": len(changed)}


def _first_words(tx: Change, user: User, told: list[tuple[WorkItem, str]]) -> None:
    """The progress report of new items as a step of its own, set by set."""
    steps = [items.step(i, user, "progress", "导入进展", i.state, i.state, opinion=text) for i, text in told]
    ItemEvent.objects.bulk_create(steps, batch_size=200)
    WorkItem.objects.filter(pk__in=[item.pk for item, _ in told]).update(version=F("version") + 1)
    for item, text in told:
        tx.log("duties.item.progress", item.ref, after={"progress": item.progress, HANDLING: False}, note=text)


def _correct(user: User, item: WorkItem, row: PreviewRow) -> None:
    names = {diff.key: diff.after for diff in row.diffs}
    fields: dict[str, Any] = {name: names[name] or "" for name in ("body", "cycle") if name in names}
    if "deadline" in names:
        fields["deadline"] = names["deadline"]
    if "source" in names:
        fields["source_title"] = names["source"] or ""
    if "units" in names:
        fields["units"] = units_of_codes(user, names["units"])
    if fields:
        item = loop.act(user, item, "change", opinion="导入台账更正", **fields)
    if "progress" in names or "text" in names:
        rounds.note_progress(user, item, names.get("progress"), names.get("text") or "导入台账更正")


def round_spec(user: User) -> SheetSpec:
    """A unit's dispatch reports: filled off line, brought in by the office or by the unit."""
    return SheetSpec(
        "duties.round", "调度填报表",
        (
            Column("round", "调度编号", "Round", kind="int"),
            Column("code", "事项编号", "Code", max_len=40),
            Column("title", "任务", "Task", max_len=300, width=48, help="仅供对照，不读取"),
            Column("lead", "牵头单位", "Lead unit", max_len=120, width=24, help="仅供对照，不读取"),
            Column("deadline", "期限", "Deadline", kind="date", help="仅供对照，不读取"),
            Column("progress", "进度", "Progress", kind="percent", unit="%", minimum=Decimal(0), maximum=Decimal(100)),
            Column("text", "进展情况", "Progress report", max_len=4000, width=48),
            Column("problem", "存在问题", "Problem", max_len=4000, width=32),
        ),
        ("round", "code"), ("填写进度、进展情况、存在问题三列，其余各列请勿改动。",), blank_means="keep",
    )  # fmt: skip


def _fillable(user: User) -> Any:
    rows = RoundReport.objects.filter(round__state="open").exclude(state__in=("accepted", "locked"))
    if not permissions.allowed(user, rounds.ROUND_MANAGE):
        rows = rows.filter(department_id=user.department_id)
    return rows.select_related("round", "item", "department")


def round_rows(user: User, round_id: int, department_id: int | None = None) -> list[dict[str, Any]]:
    """The rows of one round (of one unit) for the workbook that goes out."""
    rows = _fillable(user).filter(round_id=round_id)
    if department_id is not None:
        rows = rows.filter(department_id=department_id)
    return [_report_values(report) for report in rows.order_by("department_id", "item_id")]


def _report_values(report: RoundReport) -> dict[str, Any]:
    return {
        "round": report.round_id, "code": report.item.code, "title": report.item.title,
        "lead": report.department.name, "deadline": report.item.deadline, "progress": report.progress,
        "text": report.text or None, "problem": report.problem or None,
    }  # fmt: skip


def round_existing(user: User) -> dict[tuple, dict[str, Any]]:
    """The reports of open rounds that may still be filled, by round and code."""
    return {(r.round_id, r.item.code): _report_values(r) for r in _fillable(user)}


def round_apply(user: User, rows: Sequence[PreviewRow]) -> dict[str, int]:
    """Fill the reports; a row of an unknown round or item is refused by name."""
    permissions.require(user, rounds.ROUND_FILL)
    known = {(r.round_id, r.item.code): r for r in _fillable(user)}
    filled = 0
    with change(user.actor()):
        for row in rows:
            report = known.get(row.key)
            if report is None:
                raise Invalid(
                    f"没有待填的事项 {row.values.get('code')}。", "no such report", where={"行": row.number},
                    value=row.values.get("code"), remedy_zh="请使用系统导出的填报表。",
                )  # fmt: skip
            if not {diff.key for diff in row.diffs} & {"progress", "text", "problem"}:
                continue
            try:
                rounds.fill(
                    user, report, progress=row.values.get("progress", report.progress),
                    text=row.values.get("text") or report.text, problem=row.values.get("problem") or report.problem,
                    figures=report.figures,
                )  # fmt: skip
            except EcoError as error:
                error.where = {"行": row.number} | error.where
                raise
            filled += 1
    return {"filled": filled}


def targets() -> tuple[ImportTarget, ...]:
    """What can be imported into this room."""
    return (
        ImportTarget("duties.ledger", "督办台账", IMPORT, ledger_spec, ledger_existing, ledger_apply, look_up,
                     "duties:ledger"),
        ImportTarget("duties.round", "调度填报表", rounds.ROUND_FILL, round_spec, round_existing, round_apply, None,
                     "duties:rounds"),
    )  # fmt: skip
