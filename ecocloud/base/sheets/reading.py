"""Rows of a workbook, streamed: values, faults by cell, notes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Mapping as Mapped
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from openpyxl.utils import get_column_letter

from ecocloud.base.sheets.book import OWN_SHEETS, cells_of, marks_of, opened
from ecocloud.base.sheets.cells import CellReader, RawCell, as_text
from ecocloud.base.sheets.coding import equal
from ecocloud.base.sheets.faults import CellError, CellFault, EmptyWorkbook, NotAWorkbook, TooManyRows
from ecocloud.base.sheets.headers import Mapping
from ecocloud.base.sheets.limits import limits
from ecocloud.base.sheets.marks import Marks
from ecocloud.base.sheets.spec import Choice, SheetSpec
from ecocloud.base.sheets.streaming import SheetCell

_TOTALS = re.compile(r"(合计|小计|总计|累计)[:：]?")
_FOOTERS = re.compile(r"(注|备注|说明|填表人|填报人|审核人|制表人?|单位负责人|联系人|填报单位|填报日期)\s*[:：]")
_TOTAL_WORDS = ("合", "小", "总", "累")
_EMPTY = SheetCell(None)
_NOTHING = (RawCell(None), "")
MERGE_CELLS = 100_000
RowLookup = Callable[[str, str], Sequence[Choice]]


@dataclass(frozen=True)
class ReadRow:
    """One row of the file: its number, its values by key (mapped columns only), faults and notes."""

    number: int
    values: dict[str, Any]
    faults: tuple[CellFault, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass
class Reading:
    """Rows to iterate once; afterwards ``notes`` says what was seen of the file as a whole."""

    source: bytes | BinaryIO
    spec: SheetSpec
    mapping: Mapping
    lookup: RowLookup | None = None
    notes: list[str] = field(default_factory=list)
    count: int = 0
    _seen: dict[tuple, tuple[int, dict]] = field(default_factory=dict)

    def __iter__(self) -> Iterator[ReadRow]:
        self.mapping.require(self.spec)
        with opened(self.source) as book:
            if self.mapping.sheet not in book.sheetnames:
                raise NotAWorkbook(f"工作簿里没有工作表“{self.mapping.sheet}”。", f"no sheet {self.mapping.sheet!r}")
            self._note_sheets(book)
            yield from self._rows(book)
        if self.count == 0:
            raise EmptyWorkbook(
                f"工作表“{self.mapping.sheet}”表头下没有数据行。",
                "no rows of data",
                where={"工作表": self.mapping.sheet},
                remedy_zh="请从表头下一行开始填写。",
            )

    def _rows(self, book: Any) -> Iterator[ReadRow]:
        sheet = book[self.mapping.sheet]
        marks = marks_of(sheet)
        merged = _MergedCells(marks, self.mapping)
        readers = self._readers(book)
        headers = {column.index: column.header for column in self.mapping.columns}
        first, width = self.mapping.first_row, limits().max_columns.value
        hidden, special = 0, merged.rows | {row for row, _ in marks.uncached if row >= first}
        for number, cells in _with_marked(cells_of(sheet, first, width), sorted(special)):
            skipped = self._skip(number, cells, merged, headers)
            if skipped:
                self.notes.append(f"第 {number} 行{skipped}，未作数据读取。")
                continue
            if number in special:
                raw = {key: _raw(reader, index, number, cells, marks, merged) for key, index, reader in readers}
            else:
                raw = {key: (RawCell(*cells[index]), "") for key, index, _ in readers if index in cells}
            if not any(_present(cell.value) or cell.uncached for cell, _ in raw.values()):
                continue
            self.count += 1
            hidden += number in marks.hidden_rows
            if self.count > limits().max_rows.value:
                raise TooManyRows(
                    f"数据超过 {limits().max_rows.value} 行。",
                    f"more than {limits().max_rows.value} rows",
                    where={"工作表": sheet.title, "行": number},
                    remedy_zh="请拆成几个文件分别导入。",
                )
            yield self._row(number, raw, readers)
        for column in self.mapping.columns:
            if column.index in marks.hidden_columns:
                self.notes.append(f"“{column.header}”是隐藏列，已一并读取。")
        if hidden:
            self.notes.append(f"有 {hidden} 行是隐藏行，已一并读取。")

    def _readers(self, book: Any) -> list[tuple[str, int, CellReader]]:
        readers = []
        for mapped in self.mapping.columns:
            column = self.spec.by_key[mapped.key]
            lookup = column.lookup
            if lookup is None and self.lookup is not None and column.kind in ("ref", "choice") and not column.choices:
                lookup = _bound(self.lookup, column.key)
            reader = CellReader(
                column, mapped.unit or None, book.epoch.date(), needed=self.spec.needed(column), lookup=lookup
            )
            readers.append((mapped.key, mapped.index, reader))
        return readers

    def _row(self, number: int, raw: dict[str, tuple[RawCell, str]], readers: list) -> ReadRow:
        values: dict[str, Any] = {}
        faults: list[CellFault] = []
        notes: list[str] = []
        for key, index, reader in readers:
            cell, note = raw.get(key, _NOTHING)
            if cell.value is None and not reader.needed and not cell.uncached:
                values[key] = None
                continue
            if note:
                notes.append(note)
            try:
                values[key], more = reader.read(cell)
                notes.extend(more)
            except CellError as error:
                values[key] = None
                faults.append(_fault(number, index, reader, cell, error))
        if not faults:
            duplicate = self._duplicate(number, values)
            if duplicate:
                faults.append(duplicate)
        return ReadRow(number, values, tuple(faults), tuple(notes))

    def _duplicate(self, number: int, values: dict[str, Any]) -> CellFault | None:
        keys = self.spec.key_columns
        if not keys:
            return None
        key = tuple(values[name] for name in keys)
        first = self._seen.setdefault(key, (number, values))
        if first[0] == number:
            return None
        alike = all(equal(values[name], first[1][name]) for name in values)
        index = next(column.index for column in self.mapping.columns if column.key == keys[0])
        return CellFault(
            number,
            get_column_letter(index),
            "、".join(self.spec.by_key[name].title_zh for name in keys),
            "、".join(str(part) for part in key),
            f"与第 {first[0]} 行重复{'，内容相同' if alike else '，且内容不同'}。",
            "请只保留一行。",
            "duplicate",
        )

    def _skip(self, number: int, cells: Mapped[int, SheetCell], merged: _MergedCells, headers: Mapped[int, str]) -> str:
        """Why a row is no data: a heading across the table, a total, a footer, a repeated header; else empty."""
        if not cells:
            return ""
        first = str(cells[min(cells)].value).strip()
        if len(cells) == 1 and merged.heading(number):
            return f"是分节标题“{first[:20]}”"
        if first.startswith(_TOTAL_WORDS) and _TOTALS.fullmatch("".join(first.split())) and not self._complete(cells):
            return "是合计行"
        if len(cells) == 1 and _FOOTERS.match(first):
            return f"是表注“{first[:20]}”"
        others = 0
        for index, cell in cells.items():
            others += index not in headers or str(cell.value).strip() != headers[index]
            if others > 1:
                return ""
        return "是重复的表头" if len(cells) - others >= 2 else ""

    def _complete(self, cells: Mapped[int, SheetCell]) -> bool:
        """Whether every needed column (at least two) is filled: then a row named 合计 is a row all the same."""
        needed = [column.index for column in self.mapping.columns if self.spec.needed(self.spec.by_key[column.key])]
        return len(needed) >= 2 and all(index in cells for index in needed)

    def _note_sheets(self, book: Any) -> None:
        for sheet in book.worksheets:
            if sheet.title in OWN_SHEETS or sheet.title == self.mapping.sheet:
                continue
            state = "隐藏的" if sheet.sheet_state != "visible" else ""
            self.notes.append(f"{state}工作表“{sheet.title}”没有读取。")
        if book[self.mapping.sheet].sheet_state != "visible":
            self.notes.append(f"工作表“{self.mapping.sheet}”是隐藏的，已读取。")
        self.notes.extend(self.mapping.warnings)


def read_rows(stream: bytes | BinaryIO, spec: SheetSpec, mapping: Mapping, lookup: RowLookup | None = None) -> Reading:
    """The rows of a workbook under a mapping.

    Parameters: bytes or a seekable stream; the spec; the mapping; ``lookup(column key, text)`` for ref columns
    without their own. Iterating raises the types of ``faults`` for files that cannot be read at all.
    """
    return Reading(stream, spec, mapping, lookup)


class _MergedCells:
    """Values of merged areas: every cell of a vertical merge counts as filled with the first cell's value."""

    def __init__(self, marks: Marks, mapping: Mapping) -> None:
        columns = {column.index for column in mapping.columns}
        wide = max(2, (len(columns) + 1) // 2)
        self.anchors: dict[tuple[int, int], tuple[int, int]] = {}
        self.values: dict[tuple[int, int], Any] = {}
        self.rows: set[int] = set()
        self.headings: set[int] = set()
        budget = MERGE_CELLS
        for top, left, bottom, right in sorted(marks.merges):
            if bottom < mapping.first_row:
                continue
            if top == bottom and sum(left <= column <= right for column in columns) >= wide:
                self.headings.add(top)
            budget -= bottom - top + 1
            if bottom == top or budget < 0 or left not in columns:
                continue
            for row in range(top, bottom + 1):
                self.anchors[row, left] = (top, left)
                self.rows.add(row)

    def heading(self, row: int) -> bool:
        """Whether one merged cell runs across most of the table in this row."""
        return row in self.headings

    def value(self, row: int, column: int, value: Any) -> tuple[Any, bool]:
        """The value to read and whether it comes from the first cell of a merge."""
        anchor = self.anchors.get((row, column))
        if anchor is None:
            return value, False
        if anchor == (row, column):
            self.values[anchor] = value
            return value, False
        return self.values.get(anchor), True


def _raw(
    reader: CellReader, index: int, number: int, cells: Mapped[int, SheetCell], marks: Marks, merged: _MergedCells
) -> tuple[RawCell, str]:
    cell = cells.get(index, _EMPTY)
    if (number, index) in marks.uncached:
        return RawCell(None, uncached=True), ""
    value, filled = merged.value(number, index, cell.value)
    if filled and value is not None:
        return RawCell(value), f"{reader.column.title_zh}：合并单元格，按首格的值读取"
    return RawCell(*cell), ""


def _with_marked(
    rows: Iterator[tuple[int, dict[int, SheetCell]]], marked: Sequence[int]
) -> Iterator[tuple[int, dict[int, SheetCell]]]:
    """The rows, with those among them that hold nothing of their own but are ``marked`` (in order)."""
    at = 0
    for number, cells in rows:
        while at < len(marked) and marked[at] <= number:
            if marked[at] < number:
                yield marked[at], {}
            at += 1
        yield number, cells
    for number in marked[at:]:
        yield number, {}


def _fault(number: int, index: int, reader: CellReader, cell: RawCell, error: CellError) -> CellFault:
    try:
        shown = "" if cell.value is None else as_text(cell.value)[0]
    except CellError:
        shown = str(cell.value)
    return CellFault(
        number,
        get_column_letter(index),
        reader.column.title_zh,
        shown[:200],
        error.message_zh,
        error.remedy_zh,
        error.code,
    )


def _present(value: Any) -> bool:
    return value is not None and (not isinstance(value, str) or value.strip() != "")


def _bound(lookup: RowLookup, key: str) -> Callable[[str], Sequence[Choice]]:
    return lambda text: lookup(key, text)
