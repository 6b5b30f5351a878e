"""The cells of a worksheet, streamed: what openpyxl's read-only mode gives, at a fraction of its time.

Only cells that hold something are given. Numbers and texts are read here; whatever else a cell may be (dates, logical
values, errors, rich texts) is left to openpyxl's own parser, so that both readers always agree.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from lxml import etree
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.numbers import BUILTIN_FORMATS
from openpyxl.utils.cell import column_index_from_string
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet._reader import WorkSheetParser, _cast_number
from openpyxl.xml.constants import SHEET_MAIN_NS

_ROW, _VALUE, _INLINE, _TEXT = (f"{{{SHEET_MAIN_NS}}}{name}" for name in ("row", "v", "is", "t"))
_DIGITS = "0123456789"
_CUSTOM_FORMATS = 164  # numbers from here on are formats of the file itself
_REMEMBERED = 20_000


class SheetCell(NamedTuple):
    """A cell that holds something: its value, whether it is an error, whether it is formatted as a percentage."""

    value: Any
    is_error: bool = False
    percent: bool = False


class UnsizedSheet(ReadOnlyWorksheet):
    """A read-only sheet that does not look for its size: files without a stated one would be read to their end."""

    def _get_size(self) -> None:
        self.reset_dimensions()


class UnsizedReader(ExcelReader):
    """Reads workbook, styles and shared texts; sheets when they are asked for their rows."""

    def read_worksheets(self) -> None:
        """Name the sheets; nothing of them is read."""
        for sheet, rel in self.parser.find_sheets():
            if rel.target not in self.valid_files:
                continue
            if "chartsheet" in rel.Type:
                self.read_chartsheet(sheet, rel)
                continue
            made = UnsizedSheet(self.wb, sheet.name, rel.target, self.shared_strings)
            made.sheet_state = sheet.state
            self.wb._sheets.append(made)


def rows(sheet: UnsizedSheet, first: int, last_column: int) -> Iterator[tuple[int, dict[int, SheetCell]]]:
    """The rows from row ``first`` on that hold something: number, and cells by column (1 to ``last_column``)."""
    cells = _Cells(sheet, last_column)
    counter = 0
    with sheet._get_source() as source:
        for _, row in etree.iterparse(source, tag=_ROW, resolve_entities=False, no_network=True, huge_tree=True):
            number = row.get("r")
            counter = counter + 1 if number is None else int(float(number))
            if counter >= first:
                found = cells.of(row)
                if found:
                    yield counter, found
            _forget(row)


def _forget(row: Any) -> None:
    row.clear()
    above = row.getparent()
    while above is not None and row.getprevious() is not None:
        del above[0]


class _Cells:
    """Reads the cells of rows; what a styled number or a column's letters mean is remembered."""

    def __init__(self, sheet: UnsizedSheet, last_column: int) -> None:
        book = sheet.parent
        self.parser = WorkSheetParser(None, sheet._shared_strings, data_only=True, epoch=book.epoch,
                                      date_formats=book._date_formats,
                                      timedelta_formats=book._timedelta_formats)  # fmt: skip
        self.last_column = last_column
        self.texts = sheet._shared_strings
        self.dates = {str(number) for number in book._date_formats}
        self.percents = {str(number) for number, style in enumerate(book._cell_styles) if _is_percent(book, style)}
        self.columns: dict[str, int] = {}
        self.styled: dict[tuple[str, str], SheetCell] = {}

    def of(self, row: Any) -> dict[int, SheetCell]:
        """The cells of one row by column."""
        found, column = {}, 0
        for cell in row:
            place = cell.get("r")
            if place is None:
                column += 1
            else:
                letters = place.rstrip(_DIGITS)
                column = self.columns.get(letters) or self._column(letters)
            if column <= self.last_column:
                made = self._cell(cell)
                if made is not None:
                    found[column] = made
        return found

    def _column(self, letters: str) -> int:
        return self.columns.setdefault(letters, column_index_from_string(letters))

    def _cell(self, cell: Any) -> SheetCell | None:
        kind, part = cell.get("t"), cell[-1] if len(cell) else None
        if part is None:
            return None
        text = part.text if part.tag == _VALUE else None
        if text is not None and (kind is None or kind == "n"):
            style = cell.get("s", "0")
            if style in self.dates:
                return self._date(cell, style, text)
            return SheetCell(_cast_number(text), False, style in self.percents)
        if text is not None and kind == "s":
            return _filled(self.texts[int(text)])
        if text is not None and kind == "str":
            return _filled(text)
        if kind == "inlineStr" and part.tag == _INLINE and len(part) == 1 and part[0].tag == _TEXT:
            return _filled(part[0].text)
        return self._other(cell)

    def _date(self, cell: Any, style: str, text: str) -> SheetCell | None:
        known = self.styled.get((style, text))
        if known is None:
            known = self._other(cell)
            if known is not None and len(self.styled) < _REMEMBERED:
                self.styled[style, text] = known
        return known

    def _other(self, cell: Any) -> SheetCell | None:
        """Whatever openpyxl makes of the cell."""
        read = self.parser.parse_cell(cell)
        value = read["value"]
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        percent = isinstance(value, int | float) and str(read["style_id"]) in self.percents
        return SheetCell(value, read["data_type"] == "e", percent)


def _filled(text: str | None) -> SheetCell | None:
    return SheetCell(text) if text and not text.isspace() else None


def _is_percent(book: Any, style: Any) -> bool:
    number = style.numFmtId
    if number < _CUSTOM_FORMATS:
        return "%" in BUILTIN_FORMATS.get(number, "")
    own = book._number_formats
    return number - _CUSTOM_FORMATS < len(own) and "%" in own[number - _CUSTOM_FORMATS]
