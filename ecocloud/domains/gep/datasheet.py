"""The sheet of values: a row for each region, year, datum and part. One form of it for workbooks of a site, of the
command line, and for CSV files. Pure.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from openpyxl import Workbook

from ecocloud.base.sheets import Choice, Column, SheetSpec
from ecocloud.base.units import UnitError, convert, parse_unit
from ecocloud.domains.gep import checking, facts, gathering
from ecocloud.domains.gep.errors import GepError
from ecocloud.domains.gep.facts import InputFact

ALL = "全部"
_MOST_BYTES = 5 * 2**20
_SHOULD_BE = {"region": "全部", "ecosystem": "生态系统类型代码，如 11", "object": "湖泊、水库或客源地名称"}


def known() -> dict[str, InputFact]:
    """Everything a sheet can hold: the data of accounts and the statistics, by code."""
    return {**facts.load().inputs, **facts.load().statistics}


def spec(name: str, regions: Sequence[Choice], years: tuple[int, int], data: Iterable[InputFact]) -> SheetSpec:
    """The sheet for these regions (any name where there are none), years (first, last) and data."""
    offered = tuple(Choice(fact.code, f"{fact.zh}（{fact.unit}）", (fact.zh,)) for fact in data)
    return SheetSpec(
        name=name, title="核算数据",
        columns=(
            Column("region", "地区", kind="choice" if regions else "text", choices=tuple(regions), width=18,
                   synonyms=("zone",)),
            Column("year", "年度", kind="int", minimum=years[0], maximum=years[1], width=8),
            Column("datum", "数据项", kind="choice", choices=offered, width=36, synonyms=("datum",)),
            Column("part", "部分", kind="ref", lookup=_part, label_of=_part_label, width=16,
                   help="生态系统类型代码或名称；湖泊、水库、客源地名称；按地区填的写“全部”。",
                   synonyms=("生态系统类型", "名称", "part")),
            Column("value", "数值", kind="decimal", max_decimals=12, width=16, synonyms=("value",)),
            Column("unit", "单位", width=12, max_len=30, help="不填按数据项的单位；填其他单位自动换算。"),
            Column("source", "数据来源", width=30, max_len=200, one_line=True),
            Column("note", "说明", width=30, max_len=300, one_line=True, help="超出常见范围或变化较大时写明原因。"),
        ),
        key_columns=("region", "year", "datum", "part"),
        note_lines=("没有填数值的行不导入；已报送的报表须先撤回或退回才能导入。",), blank_means="keep",
    )  # fmt: skip


def _part(text: str) -> list[Choice]:
    """A part as written: a class by code or name, all, or the name of a thing."""
    plain = "".join(text.split())
    for code, one in facts.load().classes.items():
        if plain in (code, one.zh, f"{code}{one.zh}"):
            return [Choice(code, one.zh)]
    return [Choice(plain)] if plain and not any(sign in "、，,；;'" for sign in plain) else []


def _part_label(code: str) -> str:
    found = facts.load().classes.get(code)
    return found.zh if found else ""


def blank(region: str, year: int, fact: InputFact) -> dict[str, Any]:
    """The row in which a value is to be filled in."""
    whole = fact.scope == "region" or (fact.scope == "ecosystem" and not gathering.is_amount(fact))
    part = ALL if whole else ("11" if fact.scope == "ecosystem" else "（填写名称）")
    return {"region": region, "year": year, "datum": fact.code, "part": part, "value": None, "unit": fact.unit,
            "source": None, "note": None}  # fmt: skip


def part_of(written: str) -> str:
    """A part as the rules know it: '' for the region as a whole."""
    return "" if written == ALL else written


def should_be(fact: InputFact, part: str) -> str:
    """What the part of a datum should be when it is not ``part``; '' when it is right."""
    return "" if checking.fits(facts.load(), fact, part) else _SHOULD_BE[fact.scope]


def in_unit(value: Decimal, unit: str, fact: InputFact, where: dict[str, Any]) -> tuple[Decimal, str]:
    """A value in the unit of its datum, and the words as given where it was converted. Raises :class:`GepError`."""
    if not unit or unit == fact.unit:
        return value, ""
    try:
        if parse_unit(unit).dimension != parse_unit(fact.unit).dimension:
            raise UnitError("单位不同类。", "another dimension")
        return convert(value, unit, fact.unit), f"{value} {unit}"[:60]
    except UnitError as error:
        raise GepError(f"单位“{unit}”不能换算为“{fact.unit}”。", f"{fact.code}: {unit} is not {fact.unit}",
                       where=where | {"字段": "单位"}, value=unit,
                       remedy_zh=f"请换算为“{fact.unit}”后填写。") from error  # fmt: skip


def text_of(content: bytes) -> str:
    """The text of a CSV file in UTF-8 or GB18030. Raises :class:`GepError` for another encoding or no text."""
    if len(content) > _MOST_BYTES:
        raise GepError("文件太大。", f"{len(content)} bytes", remedy_zh=f"CSV 文件不超过 {_MOST_BYTES // 2**20} MB。")
    text = _decoded(content, "utf-8-sig") or _decoded(content, "gb18030")
    if not text or "\x00" in text:
        raise GepError("看不出文件的编码。", "neither UTF-8 nor GB18030", where={"字段": "文件"},
                       remedy_zh="请另存为 UTF-8 或 GB18030（ANSI）编码的 CSV，或使用 Excel 模板。")  # fmt: skip
    return text


def workbook_of_csv(content: bytes) -> io.BytesIO:
    """A CSV file as a workbook of texts, which the import reads like any other. Raises as :func:`text_of`."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("数据")
    for row in csv.reader(io.StringIO(text_of(content))):
        sheet.append([one.strip() for one in row])
    stream = io.BytesIO()
    book.save(stream)
    stream.seek(0)
    return stream


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return ""
