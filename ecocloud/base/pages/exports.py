"""A list as a file: the rows of the same filters, streamed, safe against formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from django.http import FileResponse, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils.timezone import localtime
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from ecocloud.base.pages import hooks
from ecocloud.base.pages.listing import EXPORT_FORMS, Listing

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLSX_ROWS = 1_048_575


@dataclass(frozen=True)
class ExportColumn:
    """One column: its head and how a row gives the value (attribute path with dots, or a callable)."""

    label: Any
    value: str | Callable[[Any], Any]

    def read(self, row: Any) -> Any:
        """The value of this column in ``row``; None when a step of the path is missing."""
        if callable(self.value):
            return self.value(row)
        for step in self.value.split("."):
            row = getattr(row, step, None)
            if row is None:
                return None
        return row() if callable(row) else row


def safe_text(value: Any) -> str:
    """Text that no spreadsheet takes for a formula: a leading sign is quoted, numbers stay numbers; times are those of
    the page, to the second."""
    if value is None:
        return ""
    if getattr(value, "tzinfo", None) is not None:
        return localtime(value).strftime("%Y-%m-%d %H:%M:%S")
    if not isinstance(value, str):
        return str(value)
    return f"'{value}" if value.startswith(FORMULA_STARTS) else value


def csv_lines(listing: Listing, columns: Sequence[ExportColumn]) -> Iterator[str]:
    """The list as CSV lines (UTF-8 with byte order mark, so that office programs open it rightly)."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([str(column.label) for column in columns])
    yield "\ufeff" + buffer.getvalue()
    for row in listing.all_rows():
        buffer.seek(0)
        buffer.truncate()
        writer.writerow([safe_text(column.read(row)) for column in columns])
        yield buffer.getvalue()


def xlsx_bytes(listing: Listing, columns: Sequence[ExportColumn], title: str = "") -> io.BytesIO:
    """The list as a workbook; texts are written as texts, never as formulas."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31] or "Sheet1")
    sheet.freeze_panes = "A2"
    sheet.append([str(column.label) for column in columns])
    for number, row in enumerate(listing.all_rows()):
        if number >= XLSX_ROWS:
            break
        sheet.append([_cell(sheet, column.read(row)) for column in columns])
    stream = io.BytesIO()
    book.save(stream)
    stream.seek(0)
    return stream


def _cell(sheet: Any, value: Any) -> WriteOnlyCell:
    if isinstance(value, Decimal):
        value = float(value) if float(value) == value else str(value)
    elif value is not None and not isinstance(value, (int, float)) and not hasattr(value, "isoformat"):
        value = ILLEGAL_CHARACTERS_RE.sub("", str(value))
    if getattr(value, "tzinfo", None) is not None:
        value = localtime(value).replace(tzinfo=None)
    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, str):
        cell.data_type = "s"
    return cell


def export(
    listing: Listing,
    columns: Sequence[ExportColumn],
    name: str,
    *,
    form: str = "xlsx",
    record: Callable[[int, str], None] | None = None,
) -> HttpResponseBase:
    """The list as a download.

    Parameters
    ----------
    name: file name without suffix. form: ``xlsx`` or ``csv``.
    record: ``(rows, query text)``, called before the first byte, so that the room journals who took what.
    """
    if record is not None:
        record(listing.total, listing.query_text)
    if form == "csv":
        lines = csv_lines(listing, columns)
        response: HttpResponseBase = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}.csv"
        return response
    return FileResponse(
        xlsx_bytes(listing, columns, name), as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX_TYPE
    )


def list_page(request: HttpRequest, listing: Listing, template: str, context: dict[str, Any]) -> HttpResponseBase:
    """The page of ``listing``; with ``?export=xlsx`` or ``csv`` its rows as a file, journalled before the first byte.

    The file holds what the page holds: the same filters and order, seen by the same person.
    """
    form = request.GET.get("export", "")
    if not listing.columns or form not in EXPORT_FORMS:
        return render(request, template, {"listing": listing, **context})

    def record(rows: int, query: str) -> None:
        hooks.record_export(request, listing.key, form, rows, query)

    return export(listing, listing.columns, str(listing.title), form=form, record=record)
