"""Rows to a workbook, streamed; importing the result gives the same rows."""

from __future__ import annotations

import io
from collections.abc import Iterable
from collections.abc import Mapping as Mapped
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter

from ecocloud.base.sheets import guard
from ecocloud.base.sheets.book import META_SHEET
from ecocloud.base.sheets.cells import CUT_MARK
from ecocloud.base.sheets.limits import limits
from ecocloud.base.sheets.numbers import EXACT_DIGITS
from ecocloud.base.sheets.spec import Column, SheetSpec
from ecocloud.base.sheets.template import head_style, sheet_title

FIRST_EXCEL_DAY = date(1900, 3, 1)  # before it, Excel and this calendar disagree


@dataclass(frozen=True)
class ExportMeta:
    """Who exported what: shown on the last sheet. ``at`` in local time; ``filters`` as people read them."""

    by: str = ""
    at: datetime | None = None
    filters: tuple[tuple[str, str], ...] = ()
    note: str = ""


def export_workbook(spec: SheetSpec, rows: Iterable[Mapped[str, Any]], meta: ExportMeta | None = None) -> bytes:
    """Rows (values by column key, types as in the room's README) as an .xlsx file in memory."""
    out = io.BytesIO()
    write_export(out, spec, rows, meta)
    return out.getvalue()


def write_export(
    out: BinaryIO, spec: SheetSpec, rows: Iterable[Mapped[str, Any]], meta: ExportMeta | None = None
) -> int:
    """Write rows to a stream without holding them in memory; returns how many."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(sheet_title(spec))
    for index, column in enumerate(spec.columns, 1):
        sheet.column_dimensions[get_column_letter(index)].width = column.width
    sheet.freeze_panes = "A2"
    head = []
    for column in spec.columns:
        cell = WriteOnlyCell(sheet, column.header)
        head_style(cell, spec.needed(column))
        head.append(cell)
    sheet.append(head)
    count = cut = 0
    for row in rows:
        cells = []
        for column in spec.columns:
            cell, shortened = _cell(sheet, column, row.get(column.key))
            cells.append(cell)
            cut += shortened
        sheet.append(cells)
        count += 1
    _meta(book, spec, meta or ExportMeta(), count, cut)
    book.save(out)
    return count


def _cell(sheet: Any, column: Column, value: Any) -> tuple[Any, bool]:
    if value is None or value == "" or value == ():
        return None, False
    match column.kind:
        case "decimal" | "int":
            return _number(sheet, value), False
        case "percent":
            return _percent(sheet, value), False
        case "date":
            return _date(sheet, value), False
        case "choice" | "ref":
            codes = value if isinstance(value, tuple | list) else (value,)
            return _text(sheet, "；".join(code_text(column, str(code)) for code in codes), column)
        case _:
            return _text(sheet, str(value), column)


def code_text(column: Column, code: str) -> str:
    """A code with its name beside it, as far as the column knows it."""
    if code in column.by_code:
        label = column.by_code[code].label
    else:
        label = column.label_of(code) if column.label_of else ""
    if column.multiple:
        label = "".join("·" if sign in "、，,；;\n" else sign for sign in label)
    label = " ".join(label.split())
    return f"{code} {label}" if label else code


def _text(sheet: Any, text: str, column: Column) -> tuple[Any, bool]:
    quoted = guard.escape(guard.quote(text))
    cut = len(quoted) > limits().max_cell_text.value
    if cut:
        quoted = quoted[: limits().max_cell_text.value - len(CUT_MARK)] + CUT_MARK
    cell = WriteOnlyCell(sheet, quoted)
    cell.data_type = "s"
    cell.number_format = "@"
    return cell, cut


def _number(sheet: Any, value: Any) -> Any:
    number = Decimal(value) if not isinstance(value, float) else Decimal(format(value, ".15g"))
    digits = number.normalize().as_tuple()
    if len(digits.digits) > EXACT_DIGITS:
        return _plain_text(sheet, format(number, "f"))
    decimals = max(0, -int(digits.exponent))
    cell = WriteOnlyCell(sheet, int(number) if decimals == 0 else float(number))
    cell.number_format = "#,##0" + (f".{'0' * decimals}" if decimals else "")
    return cell


def _percent(sheet: Any, value: Any) -> Any:
    number = Decimal(value) if not isinstance(value, float) else Decimal(format(value, ".15g"))
    digits = number.normalize().as_tuple()
    if len(digits.digits) > EXACT_DIGITS:
        return _plain_text(sheet, f"{number:f}%")
    decimals = max(0, -int(digits.exponent))
    cell = WriteOnlyCell(sheet, float(number / 100))
    cell.number_format = "0" + (f".{'0' * decimals}" if decimals else "") + "%"
    return cell


def _date(sheet: Any, value: date | datetime) -> Any:
    day = value.date() if isinstance(value, datetime) else value
    if day < FIRST_EXCEL_DAY:
        return _plain_text(sheet, day.isoformat())
    cell = WriteOnlyCell(sheet, day)
    cell.number_format = "yyyy-mm-dd"
    return cell


def _plain_text(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, text)
    cell.data_type, cell.number_format = "s", "@"
    return cell


def _meta(book: Workbook, spec: SheetSpec, meta: ExportMeta, count: int, cut: int) -> None:
    sheet = book.create_sheet(META_SHEET)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 16, 60
    lines = [
        ("内容", spec.title),
        ("导出人", meta.by),
        ("导出时间", f"{meta.at:%Y-%m-%d %H:%M:%S}" if meta.at else ""),
        *((f"条件：{name}", value) for name, value in meta.filters),
        ("行数", str(count)),
    ]
    if meta.note:
        lines.append(("说明", meta.note))
    if cut:
        lines.append(("截断", f"{cut} 个单元格的文字超出容量，末尾已注明"))
    lines.append(("防公式", "以 = + - @ 等开头的文字前加了单引号，重新导入时自动还原"))
    for name, value in lines:
        sheet.append([_text(sheet, text, spec.columns[0])[0] for text in (name, value)])
