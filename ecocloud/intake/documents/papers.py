"""Tables of a document and comparisons of two as files: .xlsx and .docx after GB/T 9704. Pure.

Every row carries its sentence and its place; in a .docx the place is a numbered source in the appendix.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from ecocloud.base.officedocs import GbDocument, Run, Source
from ecocloud.base.sheets.export import ExportMeta, export_workbook
from ecocloud.base.sheets.spec import Column, SheetSpec
from ecocloud.intake.documents.breakdown import TargetRow, TaskRow
from ecocloud.intake.documents.comparison import Comparison, TargetPair, TaskPair
from ecocloud.intake.documents.findings_facts import comparison_facts
from ecocloud.intake.documents.stated import Amount, Stated

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FORMS = {"xlsx": XLSX, "docx": DOCX}
_BAD_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')

TASKS = SheetSpec(
    "documents.breakdown", "任务分解表",
    (
        Column("number", "序号", kind="int", width=6), Column("path", "条目", width=10),
        Column("heading", "所属部分", width=22), Column("title", "任务", width=32),
        Column("lead", "牵头（责任）单位", width=22), Column("helpers", "配合单位", width=26),
        Column("due", "完成期限", width=12), Column("due_words", "期限原文", width=16),
        Column("targets", "目标", width=28), Column("sentence", "原文", width=60, max_len=32000),
        Column("place", "原文位置", width=18), Column("ref", "出处", width=20), Column("state", "确认情况", width=10),
    ),
)  # fmt: skip
TARGETS = SheetSpec(
    "documents.targets", "目标指标表",
    (
        Column("number", "序号", kind="int", width=6), Column("indicator", "指标", width=28),
        Column("code", "指标编号", width=18), Column("bound", "要求", width=8), Column("value", "目标值", width=12),
        Column("unit", "单位", width=10), Column("direction", "方向", width=8), Column("period", "时段", width=12),
        Column("region", "区域", width=12), Column("sentence", "原文", width=50, max_len=32000),
        Column("place", "原文位置", width=18), Column("ref", "出处", width=20), Column("state", "确认情况", width=10),
    ),
)  # fmt: skip
COMPARED = SheetSpec(
    "documents.comparison", "文件比对表",
    (
        Column("number", "序号", kind="int", width=6), Column("kind", "类别", width=8),
        Column("state", "结果", width=8),
        Column("left", "左侧文件", width=34), Column("left_place", "左侧位置", width=14),
        Column("left_sentence", "左侧原文", width=50, max_len=32000), Column("right", "右侧文件", width=34),
        Column("right_place", "右侧位置", width=14), Column("right_sentence", "右侧原文", width=50, max_len=32000),
        Column("difference", "差异", width=18), Column("direction", "方向", width=8),
    ),
)  # fmt: skip
SPECS = {"tasks": TASKS, "targets": TARGETS}


@dataclass(frozen=True)
class Paper:
    """A made file: bytes, name, media type, number of rows."""

    content: bytes
    name: str
    kind: str
    rows: int


@dataclass(frozen=True)
class Head:
    """What a paper says about itself: title and number of the document, which records, who made it and when."""

    title: str
    source: str
    scope: str
    by: str = ""
    at: datetime | None = None


def file_name(text: str) -> str:
    """A name that every file system takes."""
    return _BAD_IN_NAMES.sub("_", text).strip(" .")[:120] or "file"


def table(which: str, form: str, rows: Sequence[TaskRow] | Sequence[TargetRow], head: Head) -> Paper:
    """任务分解表 (``which`` "tasks") or 目标指标表 ("targets") as ``form`` xlsx or docx; one line for each row."""
    spec = SPECS[which]
    name = file_name(f"{head.title} {spec.title}") + f".{form}"
    if form == "xlsx":
        content = export_workbook(spec, [_cells(row, spec) for row in rows], _meta(head))
    else:
        content = (_task_paper if which == "tasks" else _target_paper)(rows, head)
    return Paper(content, name, FORMS[form], len(rows))


def _cells(row: Any, spec: SheetSpec) -> dict[str, Any]:
    values = asdict(row)
    return {column.key: values[column.key] for column in spec.columns}


def _meta(head: Head) -> ExportMeta:
    return ExportMeta(head.by, head.at, (("文件", head.title), ("范围", head.scope)), head.source)


def _opened(kind: str, head: Head, rows: int) -> GbDocument:
    document = GbDocument(f"{head.title}\n{kind}", landscape=True, author=head.by or "生态云")
    at = f"，{head.at:%Y年%-m月%-d日}生成" if head.at else ""
    document.paragraph(f"范围：{head.scope}；共{rows}条{at}。每条所注数字为来源清单中的原文位置。")
    return document


def _place(words: str, row: Any, head: Head) -> Run:
    return Run(words, source=Source(head.title, row.place, row.ref))


def _task_paper(rows: Sequence[TaskRow], head: Head) -> bytes:
    document = _opened(TASKS.title, head, len(rows))
    cells = [
        [row.number, row.title, row.lead or "—", row.helpers or "—", row.due or "—", row.targets or "—",
         _place(row.sentence, row, head)]
        for row in rows
    ]  # fmt: skip
    names = ["序号", "任务", "牵头（责任）单位", "配合单位", "完成期限", "目标", "原文"]
    document.table(names, cells, widths=[10, 36, 28, 30, 27, 30, 80])
    return document.to_bytes()


def _target_paper(rows: Sequence[TargetRow], head: Head) -> bytes:
    document = _opened(TARGETS.title, head, len(rows))
    cells = [
        [row.number, row.indicator, row.bound, row.value, row.unit or "—", row.direction, row.period or "—",
         row.region or "—", _place(row.sentence, row, head)]
        for row in rows
    ]  # fmt: skip
    names = ["序号", "指标", "要求", "目标值", "单位", "方向", "时段", "区域", "原文"]
    document.table(names, cells, widths=[10, 46, 16, 20, 20, 14, 20, 22, 70])
    return document.to_bytes()


# -- comparisons -------------------------------------------------------------------------------------------------------


def comparison_rows(made: Comparison, places: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The comparison as flat rows: tasks first, then targets. ``places`` gives for "left" and "right" a callable that
    words a span."""
    rows: list[dict[str, Any]] = []
    for pair in made.tasks:
        rows.append(_task_cells(pair, made, places) | {"number": len(rows) + 1})
    for pair in made.targets:
        rows.append(_target_cells(pair, made, places) | {"number": len(rows) + 1})
    return rows


def state_words(state: str, mode: str = "year", *, english: bool = False) -> str:
    """保留, 调整, 新增, 取消, 加严, 放宽, 持平; below a higher plan 缺口, 已落实, 严于上级, 宽于上级 and so on."""
    labels = comparison_facts().labels_en if english else comparison_facts().labels_zh
    return labels.get(f"{state}_level", labels[state]) if mode == "level" else labels[state]


def _task_cells(pair: TaskPair, made: Comparison, places: Mapping[str, Any]) -> dict[str, Any]:
    state = "gap" if pair.state == "dropped" and made.mode == "level" else pair.state
    cells: dict[str, Any] = {"kind": "任务", "state": state_words(state, made.mode), "direction": ""}
    for side, task in (("left", pair.left), ("right", pair.right)):
        cells[side] = str(task["title"]) if task else ""
        cells[f"{side}_place"] = places[side](task["start"], task["end"]) if task else ""
        cells[f"{side}_sentence"] = str(task["quote"]) if task else ""
    near = f"相近：{pair.near['title']}" if pair.near else ""
    return cells | {"difference": "、".join(pair.differences) or near}


def _target_cells(pair: TargetPair, made: Comparison, places: Mapping[str, Any]) -> dict[str, Any]:
    state = state_words(pair.state, made.mode)
    cells: dict[str, Any] = {"kind": "目标", "state": state, "difference": pair.difference}
    for side, amount in (("left", pair.left), ("right", pair.right)):
        cells[side] = target_words(amount)
        cells[f"{side}_place"] = places[side](amount.first, amount.last) if amount else ""
        cells[f"{side}_sentence"] = amount.words if amount else ""
    return cells | {"direction": {"up": "正向", "down": "逆向"}.get(pair.good, "—")}


def target_words(amount: Amount | None) -> str:
    """Name, bound and value of a target."""
    if amount is None:
        return ""
    bound = "≥" if "lower_bound" in amount.tags else "≤" if "upper_bound" in amount.tags else ""
    return f"{amount.name} {bound}{amount.printed}"


def compared(form: str, made: Comparison, places: Mapping[str, Any], head: Head) -> Paper:
    """The comparison as a file: .xlsx with all rows, or .docx with the gaps or changes first."""
    rows = comparison_rows(made, places)
    name = file_name(f"{head.title} 比对表") + f".{form}"
    if form == "xlsx":
        return Paper(export_workbook(COMPARED, rows, _meta(head)), name, XLSX, len(rows))
    return Paper(_comparison_paper(made, rows, head), name, DOCX, len(rows))


def _comparison_paper(made: Comparison, rows: Sequence[Mapping[str, Any]], head: Head) -> bytes:
    document = GbDocument(f"{head.title}\n比对表", landscape=True, author=head.by or "生态云")
    left, right = made.left.title, made.right.title
    document.paragraph(f"左侧：《{left}》；右侧：《{right}》。{head.scope}。")
    document.paragraph(f"{counts_words(made)}。")
    titles = {"任务": "缺口清单和任务对照" if made.mode == "level" else "任务对照", "目标": "目标对照"}
    for kind, title in titles.items():
        part = [row for row in rows if row["kind"] == kind]
        if not part:
            continue
        document.heading(title, 1)
        cells = [
            [n, row["state"], _side(row, "left", made.left), _side(row, "right", made.right), row["difference"] or "—"]
            for n, row in enumerate(_ordered(part), 1)
        ]
        document.table(["序号", "结果", "左侧文件", "右侧文件", "差异"], cells, widths=[10, 16, 90, 90, 32])
    return document.to_bytes()


def _ordered(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    last = {state_words(state, mode): 2 for state in ("kept", "same") for mode in ("year", "level")}
    return sorted(rows, key=lambda row: last.get(row["state"], -1 if row["state"] == state_words("gap") else 0))


def _side(row: Mapping[str, Any], side: str, stated: Stated) -> Run | str:
    if not row[side]:
        return "—"
    sentence = row[f"{side}_sentence"]
    words = f"{row[side]}：“{sentence}”" if row["kind"] == "目标" else sentence
    return Run(words, source=Source(stated.title, row[f"{side}_place"]))


def counts_words(made: Comparison) -> str:
    """任务：调整3项，新增2项 ...; 目标：加严1项 ..."""
    parts = []
    for label, kind, states in (
        ("任务", "tasks", ("kept", "changed", "new", "dropped")),
        ("目标", "targets", ("raised", "lowered", "changed_value", "same", "new", "dropped")),
    ):
        numbers = {state: made.counts[f"{kind}_{state}"] for state in states}
        gaps = kind == "tasks" and made.mode == "level"
        named = {state: state_words("gap" if gaps and state == "dropped" else state, made.mode) for state in states}
        parts.append(f"{label}：" + ("，".join(f"{named[state]}{n}项" for state, n in numbers.items() if n) or "无"))
    return "；".join(parts)
