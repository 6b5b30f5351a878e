"""The daily report and the monthly bulletin: official papers (GB/T 9704) and workbooks whose every figure names its
result. Written in Chinese, as papers are."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from openpyxl import Workbook

from ecocloud.base.officedocs import GbDocument, Run, Source
from ecocloud.base.pages.exports import safe_text
from ecocloud.intake.monitoring.results import emission_lists, emission_showing, lists, queries, showing
from ecocloud.intake.monitoring.results.models import Result
from ecocloud.intake.monitoring.results.rules import (
    AIR_AREA,
    AIR_POINT,
    EMISSION,
    WATER_AREA,
    WATER_SECTION,
    Period,
    period_of,
)


@dataclass(frozen=True)
class Cell:
    """A figure or word of a table and the result it is of."""

    text: str
    row: Result


@dataclass(frozen=True)
class Part:
    """A table under a heading. note: what is said when it has no rows."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str


@dataclass(frozen=True)
class Bulletin:
    """A paper before it is written. facts: what is not yet compared with the printed text."""

    title: str
    issuer: str
    day: date
    parts: tuple[Part, ...]
    facts: tuple[str, ...]


def daily(viewer: Any, day: date) -> Bulletin:
    """The report of one day: areas and stations by AQI, sections by class, outlets above a limit (five queries)."""
    period = period_of("day", day)
    outlets = _rows(viewer, EMISSION, period)
    above = [row for row in outlets if row.meets is False]
    areas, points, sections = (_rows(viewer, kind, period) for kind in (AIR_AREA, AIR_POINT, WATER_SECTION))
    parts = (
        Part("区县空气质量", _AIR_DAY, tuple(_air_day(row) for row in areas), "当日没有区县空气质量评价结果。"),
        Part("空气站点", _AIR_DAY, tuple(_air_day(row) for row in points), "当日没有空气站点评价结果。"),
        Part("水质断面", _SECTION, tuple(_section(row) for row in sections), "当日没有断面评价结果。"),
        Part("排口超标", _OUTLET_DAY, tuple(_outlet_day(row) for row in above),
             "当日参与判定的排口没有超标。" if outlets else "当日没有排口评价结果。"),
    )  # fmt: skip
    title = f"环境质量日报（{day.year}年{day.month}月{day.day}日）"
    return Bulletin(title, _issuer(viewer), day, parts, _facts([*areas, *points, *sections, *above]))


def monthly(viewer: Any, period: Period) -> Bulletin:
    """The bulletin of a month (or year): counties by composite index and by water index, sections against targets,
    outlets by days above a limit with what they discharged.
    """
    kinds = (AIR_AREA, WATER_AREA, WATER_SECTION, EMISSION)
    air, water, sections, outlets = (_rows(viewer, kind, period) for kind in kinds)
    outlets.sort(key=lambda row: -(row.value or 0))
    at = {kind: lists.ranked(queries.current(viewer, kind, period.span).filter(start=period.start,
          region__level="county")).places for kind in (AIR_AREA, WATER_AREA)}  # fmt: skip
    air = sorted(lists.dressed_areas(air, at[AIR_AREA]), key=_order)
    water = sorted(lists.dressed_areas(water, at[WATER_AREA]), key=_order)
    parts = (
        Part("空气质量", _AIR, tuple(_air(row) for row in air), "本期没有空气质量评价结果。"),
        Part("地表水质量", _WATER, tuple(_water(row) for row in water), "本期没有地表水评价结果。"),
        Part("断面水质", _SECTION, tuple(_section(row) for row in sections), "本期没有断面评价结果。"),
        Part("排口排放", _OUTLET, tuple(_outlet(row) for row in outlets), "本期没有排口评价结果。"),
    )
    words = f"{period.start.year}年" + (f"{period.start.month}月" if period.span == "month" else "")
    kind = "月报" if period.span == "month" else "年报"
    known = _facts([*air, *water, *sections, *outlets])
    return Bulletin(f"环境质量{kind}（{words}）", _issuer(viewer), period.after, parts, known)


def docx(paper: Bulletin) -> bytes:
    """The paper as a .docx; each figure has the number of its result in the list of sources."""
    doc = GbDocument(paper.title, author=paper.issuer)
    for part in paper.parts:
        doc.heading(part.title, 1)
        if part.rows:
            doc.table(part.heads, [_runs(part.heads, row) for row in part.rows])
        else:
            doc.paragraph(part.note)
    if paper.facts:
        doc.heading("说明", 1)
        doc.paragraph("以下评价依据待核对原文：" + "；".join(paper.facts) + "。")
    doc.signature(paper.issuer, paper.day)
    return doc.to_bytes()


def xlsx(paper: Bulletin) -> bytes:
    """The tables as a workbook, a sheet for each; the last column names the result of the row."""
    book = Workbook(write_only=True)
    for part in paper.parts:
        sheet = book.create_sheet(part.title)
        sheet.append([*part.heads, "评价结果"])
        for row in part.rows:
            sheet.append([*(safe_text(cell.text) for cell in row), row[0].row.ref])
    notes = book.create_sheet("说明")
    for line in (paper.title, paper.issuer, *(f"待核对原文：{one}" for one in paper.facts)):
        notes.append([safe_text(line)])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


_AIR_DAY = ("对象", "AQI", "级别", "首要污染物", "说明")
_AIR = ("名次", "区划", "综合指数", "优良天数比例（%）", "PM2.5（μg/m³）", "PM10（μg/m³）", "首要污染物")
_WATER = ("名次", "区划", "水质指数", "断面数", "Ⅰ～Ⅲ类（%）", "达标率（%）", "水质状况")
_NONE = "—"
# Columns of names and of what follows from the figure beside them.
_WORDS = frozenset({"对象", "排口", "区划", "断面", "级别", "首要污染物", "定类项目", "目标", "是否达标", "说明"})
_OUTLET_DAY = ("排口", "结论", "超标项目（倍数）", "超标时段", "排放量（kg）")
_OUTLET = ("排口", "超标天数", "参与判定天数", "超标项目", "排放量（kg）")
_SECTION = ("断面", "类别", "目标", "是否达标", "定类项目")


def _rows(viewer: Any, kind: str, period: Period) -> list[Result]:
    rows = queries.current(viewer, kind, period.span).filter(start=period.start).select_related("device", "region")
    return list(rows.order_by("region", "subject"))


def _order(row: Result) -> tuple:
    return row.region.level != "county", row.place is None, row.place or 0, row.region_id


def _air_day(row: Result) -> tuple[Cell, ...]:
    value = "" if row.value is None else str(row.value)
    return _cells(row, showing.subject_name(row), value, showing.level_word(row.kind, row.level),
                  showing.items_words(row.kind, row.items), showing.reason_word(row.reason) or _open(row))  # fmt: skip


def _air(row: Any) -> tuple[Cell, ...]:
    return _cells(row, row.place if row.region.level == "county" else "", row.region.name, row.index, row.good,
                  row.pm25, row.pm10, row.items_word)  # fmt: skip


def _water(row: Any) -> tuple[Cell, ...]:
    return _cells(row, row.place if row.region.level == "county" else "", row.region.name, row.index, row.sections,
                  row.good, row.attained, row.level_word)  # fmt: skip


def _section(row: Result) -> tuple[Cell, ...]:
    meets = "" if row.meets is None else "达标" if row.meets else "未达标"
    return _cells(row, showing.subject_name(row), showing.level_word(row.kind, row.level) or
                  showing.reason_word(row.reason), showing.level_word(WATER_SECTION, row.target), meets,
                  showing.items_words(row.kind, row.items))  # fmt: skip


def _outlet_day(row: Result) -> tuple[Cell, ...]:
    return _cells(row, showing.subject_name(row), showing.level_word(row.kind, row.level),
                  emission_showing.over_words(row), emission_lists.over_hours(row),
                  emission_lists.kilograms(row))  # fmt: skip


def _outlet(row: Result) -> tuple[Cell, ...]:
    judged = row.body["judged_days"]
    return _cells(row, showing.subject_name(row), row.body["over_days"] if judged else "", judged,
                  showing.items_words(row.kind, row.items), emission_lists.kilograms(row))  # fmt: skip


def _cells(row: Result, *texts: Any) -> tuple[Cell, ...]:
    return tuple(Cell(_NONE if text in (None, "") else str(text), row) for text in texts)


def _open(row: Result) -> str:
    return "" if row.final else "当日未结束"


def _runs(heads: Sequence[str], row: Sequence[Cell]) -> list[Any]:
    """A row's figures and classes with their source; names and words stand without."""
    return [cell.text if head in _WORDS or cell.text == _NONE else _cited(cell)
            for head, cell in zip(heads, row, strict=True)]  # fmt: skip


def _cited(cell: Cell) -> Run:
    row = cell.row
    return Run(cell.text, source=Source(showing.title(row), f"第{row.version}版", row.ref))


def _facts(rows: Sequence[Result]) -> tuple[str, ...]:
    names = dict.fromkeys(name for row in rows for name in row.facts)
    return tuple(one.text for one in showing.labels(names))


def _issuer(viewer: Any) -> str:
    return viewer.department.name if viewer.department_id else viewer.name
