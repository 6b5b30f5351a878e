"""Workbooks as documents: every visible sheet is a table, its name a paragraph in front."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ecocloud.base.errors import EcoError
from ecocloud.base.sheets.book import OWN_SHEETS, marks_of, opened, rows_of
from ecocloud.base.sheets.faults import EncryptedWorkbook, OldWorkbook
from ecocloud.base.sheets.limits import limits
from ecocloud.base.sheets.marks import Marks
from ecocloud.intake.documents.errors import BrokenContainer, EncryptedDocument, OldOfficeFormat, TooLarge, refuse
from ecocloud.intake.documents.text.linear import MAX_CELLS, Cell, Linear
from ecocloud.intake.documents.text.source import SourceText

DECIMALS = re.compile(r"^0(?:\.(0+))?(%)?(?:_.*|;.*)?$")


def load_xlsx(data: bytes, name: str) -> SourceText:
    """A .xlsx: sheets as tables; hidden sheets, rows and columns are left out, formulas are their stored results."""
    linear = Linear()
    try:
        with opened(data) as book:
            for sheet in book.worksheets:
                if sheet.sheet_state == "visible" and sheet.title not in OWN_SHEETS and hasattr(sheet, "iter_rows"):
                    _sheet(sheet, linear, name)
    except EncryptedWorkbook as error:
        raise refuse(
            EncryptedDocument, name, "工作簿设有打开密码。", "the workbook is encrypted", value="EncryptedPackage",
            remedy="请去掉密码后另存再导入。") from error  # fmt: skip
    except OldWorkbook as error:
        raise refuse(
            OldOfficeFormat, name, "这是旧版 .xls 工作簿，不能直接读取。", "the file is an old workbook", value="xls",
            remedy="请用 Excel 或 WPS 另存为 .xlsx 再导入。") from error  # fmt: skip
    except TooLarge:
        raise
    except EcoError as error:
        raise refuse(
            BrokenContainer, name, "Excel 工作簿已损坏或有危险内容，打不开。", f"xlsx cannot be opened: {error}",
            value=type(error).__name__, remedy="请用 Excel 或 WPS 打开并另存后再导入。") from error  # fmt: skip
    return linear.source(name, "xlsx")


def _sheet(sheet: Any, linear: Linear, name: str) -> None:
    """One sheet: its title, then its filled rectangle; merged areas become cells that reach over rows and columns."""
    if hasattr(sheet, "reset_dimensions"):
        sheet.reset_dimensions()
    marks = marks_of(sheet)
    columns = limits().max_columns.value
    rows: list[tuple[int, list[str]]] = []
    cells = 0
    for number, row in enumerate(rows_of(sheet, max_col=columns), 1):
        words = [] if number in marks.hidden_rows else [shown(c.value, c.number_format) for c in row]
        while words and not words[-1]:
            words.pop()
        if words:
            rows.append((number, words))
            cells += len(words)
        if cells > MAX_CELLS or len(rows) > limits().max_rows.value:
            raise refuse(
                TooLarge, name, f"工作表“{sheet.title}”太大，不是一份文件。", "the sheet is above the limit",
                value=len(rows), remedy="请只保留任务或指标所在的行后再导入。")  # fmt: skip
    if rows:
        linear.paragraph(sheet.title)
        linear.table(_cells(rows, marks), f"工作表“{sheet.title}”")


def _cells(rows: list[tuple[int, list[str]]], marks: Marks) -> list[list[Cell]]:
    """Rows of cells without hidden columns and blank rows; merges counted in the rows and columns that are left."""
    width = max(len(words) for _, words in rows)
    shown_columns = [c for c in range(1, width + 1) if c not in marks.hidden_columns]
    kept = {number for number, _ in rows}
    areas = {(top, left): (bottom, right) for top, left, bottom, right in marks.merges}
    covered: set[tuple[int, int]] = set()
    for (top, left), (bottom, right) in areas.items():
        if (bottom - top + 1) * (right - left + 1) <= MAX_CELLS:
            covered |= {(r, c) for r in kept if top <= r <= bottom for c in range(left, min(right, width) + 1)}
            covered.discard((top, left))
    out = []
    for number, words in rows:
        row = []
        for c in shown_columns:
            if (number, c) in covered:
                continue
            bottom, right = areas.get((number, c), (number, c))
            high = sum(number <= r <= bottom for r in kept) if bottom > number else 1
            wide = sum(c <= k <= right for k in shown_columns) if right > c else 1
            row.append(Cell(words[c - 1] if c <= len(words) else "", high, max(wide, 1)))
        out.append(row)
    return out


def shown(value: Any, number_format: str = "") -> str:
    """A cell's value as a reader of the sheet sees it, as far as numbers, shares and dates go."""
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value).upper()
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d") if not (value.hour or value.minute) else value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float):
        return _number(value, number_format or "")
    return re.sub(r"\s+", " ", str(value)).strip()


def _number(value: float, number_format: str) -> str:
    form = DECIMALS.match(number_format)
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not exact.is_finite():
        return ""
    share = "%" in number_format
    exact = exact * 100 if share else exact
    if form and isinstance(value, float):
        digits = len(form.group(1) or "")
        if round(exact, digits) != round(exact, 12):  # the sheet shows fewer digits than it holds: keep what it holds
            digits = min(12, max(0, -round(exact, 12).normalize().as_tuple().exponent))
        exact = round(exact, digits)
    else:
        exact = round(exact, 12).normalize() if isinstance(value, float) else exact
    return format(exact, "f") + ("%" if share else "")
