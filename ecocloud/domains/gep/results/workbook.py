"""The tables of an outcome as a workbook: a sheet for each, numbers as numbers, texts never as formulas. Pure."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from ecocloud.base.sheets import guard
from ecocloud.domains.gep.results.cards import MethodCard
from ecocloud.domains.gep.results.tables import Head, Row, Speech, Table

_DIGITS = 15  # what a number of a workbook holds
_BOLD = Font(bold=True)
_WIDEST, _NARROWEST = 60, 10


def write(found: Iterable[Table], notes: Sequence[tuple[str, str]], speech: Speech) -> bytes:
    """Tables as sheets in their order; ``notes`` (name, text) stand on the last."""
    _ = speech.say
    book = Workbook(write_only=True)
    for table in found:
        _sheet(book, table)
    said = Table("notes", _("说明"), (Head(_("事项")), Head(_("内容"))), tuple(Row((), note) for note in notes))
    _sheet(book, said)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def of_methods(cards: Iterable[MethodCard], speech: Speech) -> Table:
    """Every parameter and price methods were fed with, each with value, unit, source and mark."""
    _ = speech.say
    rows = []
    for card in cards:
        own = (card.service, card.name, card.method.formula)
        rows.append(Row((card.method.code,), (*own, _("公式"), "", "", None, "", card.method.citation, card.mark)))
        for kind, facts in ((_("参数"), card.parameters), (_("价格"), card.prices)):
            for one in facts:
                cells = (kind, one.label, one.part, one.value, one.unit, one.source, one.mark)
                rows.append(Row((card.method.code, one.label), (*own, *cells)))
    start, of_fact = (
        (_("服务"), _("方法"), _("公式")),
        (_("名称"), _("适用"), _("数值"), _("单位"), _("来源"), _("核对情况")),
    )
    return Table("methods", _("方法和参数"), tuple(map(Head, (*start, _("种类"), *of_fact))), tuple(rows))


def _sheet(book: Workbook, table: Table) -> None:
    sheet = book.create_sheet(table.title[:31])
    sheet.freeze_panes = "A2"
    lines = [*table.rows, *([table.total] if table.total else [])]
    for at, head in enumerate(table.heads):
        longest = max((_width(row.cells[at]) for row in lines), default=0)
        width = min(_WIDEST, max(_NARROWEST, longest, _width(_label(head))) + 2)
        sheet.column_dimensions[get_column_letter(at + 1)].width = width
    sheet.append([_text(sheet, _label(head), bold=True) for head in table.heads])
    for row in lines:
        cells = zip(row.cells, table.heads, strict=True)
        sheet.append([_cell(sheet, value, head, bold=row is table.total) for value, head in cells])


def _label(head: Head) -> str:
    return f"{head.label}（{head.unit}）" if head.unit else head.label


def _width(value: Any) -> int:
    text = "" if value is None else str(value)
    return sum(2 if ord(sign) > 0x2E80 else 1 for sign in text)


def _cell(sheet: Any, value: Any, head: Head, *, bold: bool) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, (int, Decimal)):
        return _number(sheet, Decimal(value), head, bold=bold)
    return _text(sheet, str(value), bold=bold)


def _number(sheet: Any, value: Decimal, head: Head, *, bold: bool) -> Any:
    """A number to fifteen digits, which is what a workbook keeps."""
    places = max(0, _DIGITS - 1 - value.adjusted()) if value else 0
    kept = value if -int(value.as_tuple().exponent) <= places else value.quantize(Decimal(1).scaleb(-places))
    cell = WriteOnlyCell(sheet, value=float(kept) if kept % 1 else int(kept))
    if head.places is not None:
        cell.number_format = "#,##0" + (f".{'0' * head.places}" if head.places else "")
    if bold:
        cell.font = _BOLD
    return cell


def _text(sheet: Any, text: str, *, bold: bool = False) -> Any:
    cell = WriteOnlyCell(sheet, value=guard.escape(guard.quote(text)))
    cell.data_type = "s"
    if bold:
        cell.font = _BOLD
    return cell
