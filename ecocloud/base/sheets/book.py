"""Opening a workbook safely and finding the sheet that holds the rows."""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from collections.abc import Mapping as Mapped
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

from openpyxl.workbook.workbook import Workbook

from ecocloud.base.files import FileKind, sniff
from ecocloud.base.files.checks import check_archive
from ecocloud.base.files.kinds import LABELS_ZH
from ecocloud.base.files.limits import limits as file_limits
from ecocloud.base.sheets.faults import (
    EmptyWorkbook,
    EncryptedWorkbook,
    HeaderNotFound,
    NotAWorkbook,
    OldWorkbook,
)
from ecocloud.base.sheets.headers import Mapping, best_mapping, guess_mapping, usable
from ecocloud.base.sheets.limits import limits
from ecocloud.base.sheets.marks import Marks, count_rows, scan
from ecocloud.base.sheets.spec import SheetSpec
from ecocloud.base.sheets.streaming import SheetCell, UnsizedReader, rows

NOTES_SHEET = "填报说明"
DICTIONARY_SHEET = "字典"
META_SHEET = "导出说明"
_BREAKAGE = (
    zipfile.BadZipFile,
    zlib.error,
    KeyError,
    IndexError,
    ValueError,
    TypeError,
    AttributeError,
    SyntaxError,
    EOFError,
    OverflowError,
    NotImplementedError,
)
OWN_SHEETS = frozenset({NOTES_SHEET, DICTIONARY_SHEET, META_SHEET})


@dataclass(frozen=True)
class SheetHead:
    """The first rows of a sheet and how many of its rows hold anything among them."""

    name: str
    hidden: bool
    rows: tuple[tuple[Any, ...], ...]
    marks: Marks


@contextmanager
def opened(source: bytes | BinaryIO) -> Iterator[Workbook]:
    """A workbook, read-only, formulas as their stored results. Raises the types of ``faults`` for whole files."""
    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    check_workbook(stream)
    stream.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reader = UnsizedReader(stream, read_only=True, data_only=True, keep_links=False)
            reader.read()
    except Exception as fault:  # the reader raises many types on broken packages
        raise _broken(fault) from fault
    try:
        book = reader.wb
        if not book.worksheets:
            raise EmptyWorkbook("工作簿里没有工作表。", "no worksheet", remedy_zh="请检查后重新上传。")
        yield book
    finally:
        book.close()


def check_workbook(stream: BinaryIO) -> None:
    """Refuse what is no plain .xlsx workbook, with one sentence that says what it is instead."""
    kind = sniff(stream)
    if kind is FileKind.XLSX or kind is FileKind.XLSX_MACRO:
        check_archive(stream, {}, file_limits().archive)
        _check_entities(stream)
        return
    if kind is FileKind.EMPTY:
        raise EmptyWorkbook("文件是空的，没有内容。", "empty file", remedy_zh="请检查后重新上传。")
    if kind is FileKind.OOXML_ENCRYPTED:
        raise EncryptedWorkbook(
            "工作簿设有打开密码，系统读不了。", "encrypted workbook", remedy_zh="请取消密码后重新上传。"
        )
    if kind in (FileKind.XLS, FileKind.OLE):
        raise OldWorkbook(
            "这是旧版 .xls 工作簿，系统只读 .xlsx。",
            "old .xls workbook",
            remedy_zh="请用 Excel 或 WPS 另存为 .xlsx 后重新上传。",
        )
    raise NotAWorkbook(
        f"这不是 Excel 工作簿，而是{LABELS_ZH[kind]}。",
        f"{kind.value} is not a workbook",
        value=kind.value,
        remedy_zh="请上传 .xlsx 工作簿。",
    )


def marks_of(sheet: Any) -> Marks:
    """Merged areas, hidden rows and formulas without results of a read-only sheet."""
    try:
        with sheet._get_source() as source:
            return scan(source, limits().max_columns.value)
    except _BREAKAGE as fault:
        raise _broken(fault) from fault


def row_count(source: BinaryIO, sheet: str) -> int:
    """About how many rows a sheet of a workbook has; raises the types of ``faults``."""
    with opened(source) as book, book[sheet]._get_source() as content:
        try:
            return count_rows(content)
        except _BREAKAGE as fault:
            raise _broken(fault) from fault


def rows_of(sheet: Any, **options: Any) -> Iterator[tuple]:
    """The rows of a read-only sheet; a package broken half-way raises ``NotAWorkbook``."""
    return _unbroken(sheet.iter_rows(**options))


def cells_of(sheet: Any, first: int, last_column: int) -> Iterator[tuple[int, dict[int, SheetCell]]]:
    """The rows from ``first`` on that hold something in the columns up to ``last_column``: number, and cells by column.

    Raises as :func:`rows_of`.
    """
    return _unbroken(rows(sheet, first, last_column))


def _unbroken(found: Iterator[Any]) -> Iterator[Any]:
    while True:
        try:
            row = next(found)
        except StopIteration:
            return
        except _BREAKAGE as fault:
            raise _broken(fault) from fault
        yield row


def heads(book: Workbook) -> list[SheetHead]:
    """The beginning of every sheet that may hold data: not our own notes and dictionary, no chart sheets."""
    found = []
    for sheet in book.worksheets:
        if sheet.title in OWN_SHEETS or not hasattr(sheet, "reset_dimensions"):
            continue
        sheet.reset_dimensions()
        head = []
        for row in rows_of(sheet, max_row=limits().header_search_rows.value + 2, values_only=True):
            head.append(tuple(row[: limits().max_columns.value]))
        found.append(SheetHead(sheet.title, sheet.sheet_state != "visible", tuple(head), marks_of(sheet)))
    return found


def guess_workbook(source: bytes | BinaryIO, spec: SheetSpec, saved: Mapped[str, str] | None = None) -> Mapping:
    """Find sheet, header and columns.

    Visible sheets come before hidden ones; the sheet whose header matches best is taken. Raises ``EmptyWorkbook``
    when no sheet has content, ``HeaderNotFound`` when none has a usable header, and the types for unusable files.
    """
    with opened(source) as book:
        candidates = [head for head in heads(book) if any(any(_filled(value) for value in row) for row in head.rows)]
    if not candidates:
        raise EmptyWorkbook("工作簿里没有内容。", "workbook without content", remedy_zh="请检查后重新上传。")
    scored = []
    for order, head in enumerate(candidates):
        mapping, score = best_mapping(head.rows, spec, saved or {}, sorted(head.marks.merges), head.name)
        if mapping is not None and usable(mapping, spec):
            scored.append(((not head.hidden, score, -order), mapping))
    if not scored:
        first = candidates[0]
        guess_mapping(first.rows, spec, saved, merges=sorted(first.marks.merges), sheet=first.name)
        raise HeaderNotFound("没有找到表头。", "no header row found")
    return max(scored, key=lambda item: item[0])[1]


def samples(source: bytes | BinaryIO, mapping: Mapping, count: int = 3) -> list[tuple[Any, ...]]:
    """The first rows of data under a mapping, for a person to look at."""
    with opened(source) as book:
        if mapping.sheet not in book.sheetnames:
            return []
        sheet = book[mapping.sheet]
        sheet.reset_dimensions()
        last = mapping.first_row + count - 1
        return [tuple(row) for row in rows_of(sheet, min_row=mapping.first_row, max_row=last, values_only=True)]


def _filled(value: Any) -> bool:
    return value is not None and str(value).strip() != ""


def _check_entities(stream: BinaryIO) -> None:
    """No part of a workbook needs a document type declaration; one is a sign of an attack on the reader."""
    stream.seek(0)
    with zipfile.ZipFile(stream) as archive:
        for name in archive.namelist():
            if not name.lower().endswith((".xml", ".rels")):
                continue
            try:
                with archive.open(name) as member:
                    if b"<!DOCTYPE" in member.read(1024).upper():
                        raise _broken(ValueError(f"document type declaration in {name}"))
            except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError) as fault:
                raise _broken(fault) from fault


def _broken(fault: Exception) -> NotAWorkbook:
    return NotAWorkbook(
        "工作簿已损坏，打不开。",
        f"broken workbook: {type(fault).__name__}: {fault}",
        remedy_zh="请用 Excel 或 WPS 打开并另存后重新上传。",
    )
