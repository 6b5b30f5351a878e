"""Workbooks of a dispatch round: one for each unit, out and back in; the 调度表 as a sheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.utils import timezone
from openpyxl.utils import get_column_letter

from ecocloud.base.sheets.book import guess_workbook
from ecocloud.base.sheets.error_file import mark_faults
from ecocloud.base.sheets.export import ExportMeta, export_workbook
from ecocloud.base.sheets.faults import CellFault
from ecocloud.base.sheets.reading import read_rows
from ecocloud.base.sheets.spec import Column, SheetSpec
from ecocloud.kernel.duties import showing
from ecocloud.kernel.duties.models import RoundReport, WorkItem
from ecocloud.kernel.duties.services import ledger
from ecocloud.kernel.duties.services.drafts import FILLABLE, Entry
from ecocloud.kernel.regions.models import Department, User

FILL_SPEC = SheetSpec(
    name="duties.round",
    title="调度填报表",
    columns=(
        Column("code", "编号", "Code", required=True, width=16, help="不要改动，按它找到任务。"),
        Column("title", "任务", "Task", width=48),
        Column("deadline", "期限", "Deadline", kind="date", width=12),
        Column("progress", "进度", "Progress", kind="percent", width=10, minimum=Decimal(0), maximum=Decimal(100)),
        Column("text", "进展情况", "Progress in words", width=60, help="本期做了什么。"),
        Column("problem", "存在问题", "Problems", width=40),
    ),
    key_columns=("code",),
    note_lines=("只填进度、进展情况、存在问题三列；没有填进展情况的行不报送。",),
    blank_means="keep",
)
SCHEDULE_SPEC = SheetSpec(
    name="duties.schedule",
    title="调度表",
    columns=(
        Column("code", "编号", width=16),
        Column("title", "任务", width=48),
        Column("lead", "牵头单位", width=18),
        Column("units", "配合单位", width=24),
        Column("state", "环节", width=10),
        Column("deadline", "期限", kind="date", width=12),
        Column("progress", "进度", kind="percent", width=9),
        Column("planned", "序时", kind="percent", width=9),
        Column("light", "亮灯", width=9),
        Column("words", "说明", width=36),
        Column("text", "进展情况", width=48),
        Column("problem", "存在问题", width=32),
        Column("source", "来源", width=36),
    ),
)


def fill_workbook(reports: Iterable[RoundReport], who: str, note: str = "") -> bytes:
    """The workbook one unit fills in."""
    rows = [
        {
            "code": report.item.code,
            "title": report.item.title,
            "deadline": report.item.deadline,
            "progress": Decimal(report.item.progress if report.progress is None else report.progress),
            "text": report.text,
            "problem": report.problem,
        }
        for report in reports
    ]
    return export_workbook(FILL_SPEC, rows, ExportMeta(who, timezone.localtime(), (), note))


@dataclass
class Returned:
    """What a filled workbook says: entries to send, rows without words, faults by row, the file with its reasons."""

    entries: list[Entry] = field(default_factory=list)
    skipped: int = 0
    faults: list[CellFault] = field(default_factory=list)
    marked: bytes = b""


def read_fill(content: bytes, reports: Sequence[RoundReport]) -> Returned:
    """Read a filled workbook against the unit's reports. Raises types of ``sheets.faults`` for an unusable file."""
    known = {report.item.code: report for report in reports}
    mapping = guess_workbook(content, FILL_SPEC)
    found = Returned()
    for row in read_rows(content, FILL_SPEC, mapping):
        found.faults.extend(row.faults)
        report = known.get(str(row.values.get("code") or ""))
        text = str(row.values.get("text") or "").strip()
        if row.faults:
            continue
        if report is None:
            fault = _unknown(row.number, str(row.values.get("code") or ""), mapping)
            found.faults.append(fault)
        elif not text or report.state not in FILLABLE:
            found.skipped += 1
        else:
            progress = row.values.get("progress")
            found.entries.append(
                Entry(
                    report, report.version, report.item.progress if progress is None else progress, text,
                    str(row.values.get("problem") or ""), dict(report.figures),
                )
            )  # fmt: skip
    if found.faults:
        by_row: dict[int, list[CellFault]] = {}
        for fault in found.faults:
            by_row.setdefault(fault.row, []).append(fault)
        found.marked = mark_faults(content, by_row, mapping)
    return found


def _unknown(number: int, code: str, mapping: Any) -> CellFault:
    index = next((column.index for column in mapping.columns if column.key == "code"), 1)
    return CellFault(
        number,
        get_column_letter(index),
        "编号",
        code,
        "本单位本期没有这个编号的任务。",
        "请用下载的填报表，不要改动编号。",
    )


def schedule_rows(items: Iterable[WorkItem], reports: dict[int, RoundReport] | None = None) -> list[dict[str, Any]]:
    """Items (with ``shown`` and prefetched units) as rows of the 调度表; ``reports`` by item add what was reported."""
    rows = []
    for item in items:
        report = (reports or {}).get(item.pk)
        shown = item.shown
        rows.append(
            {
                "code": item.code,
                "title": item.title,
                "lead": item.lead_department.label,
                "units": showing.units_text(item),
                "state": shown.state,
                "deadline": item.deadline,
                "progress": Decimal(item.progress if report is None or report.progress is None else report.progress),
                "planned": shown.planned,
                "light": shown.word,
                "words": item.light_words,
                "text": report.text if report else "",
                "problem": report.problem if report else "",
                "source": shown.source,
            }
        )
    return rows


def ledger_workbook(user: User, rows: Sequence[WorkItem], filters: Sequence[tuple[str, str]]) -> bytes:
    """The list in the columns of the ledger import, so that it comes back in; number, step and light besides."""
    names = {item.lead_department.code: item.lead_department.name for item in rows}
    values = []
    for item in rows:
        units = ledger.items.units_of(item)
        names |= {unit.code: unit.name for unit in units if isinstance(unit, Department)}
        own = {"code": item.code, "step": item.shown.state, "light": item.shown.word, "words": item.light_words}
        values.append(ledger._values(item, units) | own | {"place": item.source_place or None})
    columns = [
        replace(column, label_of=lambda code: names.get(code, code[1:]), lookup=None) if column.label_of else column
        for column in ledger._columns()
    ]
    head = Column("code", "编号", width=16)
    more = (
        Column("place", "来源位置", width=20),
        Column("step", "环节"),
        Column("light", "亮灯"),
        Column("words", "亮灯说明", width=36),
    )
    spec = SheetSpec("duties.list", "任务清单", (head, *columns, *more))
    return export_workbook(spec, values, ExportMeta(user.name, timezone.localtime(), tuple(filters)))


def schedule_workbook(rows: list[dict[str, Any]], who: str, filters: Sequence[tuple[str, str]], note: str) -> bytes:
    """The 调度表 as .xlsx."""
    return export_workbook(SCHEDULE_SPEC, rows, ExportMeta(who, timezone.localtime(), tuple(filters), note))
