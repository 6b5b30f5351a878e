"""What streaming readers do not show: merged areas, hidden rows and columns, formulas without stored results.

A worksheet's XML is scanned once, in pieces, as bytes; nothing is built in memory but what is found.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import BinaryIO

from openpyxl.utils.cell import column_index_from_string, range_boundaries

PIECE = 1 << 20
OVERLAP = 1 << 14
_TAG = rb"<(?:\w+:)?"
_END = rb"</(?:\w+:)?"
_MERGE = re.compile(_TAG + rb'mergeCell\b[^>]*\bref="([A-Z]+\d+:[A-Z]+\d+)"')
_HIDDEN_ROW = re.compile(_TAG + rb'row\b(?=[^>]*\bhidden="(?:1|true)")[^>]*\br="(\d+)"')
_HIDDEN_COLUMN = re.compile(_TAG + rb'col\b(?=[^>]*\bhidden="(?:1|true)")(?=[^>]*\bmin="(\d+)")[^>]*\bmax="(\d+)"')
_FORMULA = rb"<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*" + _END + rb"f>)"
_NO_VALUE = rb"(?:\s*" + _TAG + rb"v\s*/>|\s*" + _TAG + rb"v>\s*" + _END + rb"v>)?"
_UNCACHED = re.compile(
    _TAG + rb'c\b(?![^>]*\bt="str")[^>]*\br="([A-Z]+)(\d+)"[^>]*>\s*' + _FORMULA + _NO_VALUE + rb"\s*" + _END + rb"c>"
)


@dataclass
class Marks:
    """What a scan found. Merges are (first row, first column, last row, last column), counted from 1."""

    merges: set[tuple[int, int, int, int]] = field(default_factory=set)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    uncached: set[tuple[int, int]] = field(default_factory=set)


def scan(stream: BinaryIO, max_columns: int) -> Marks:
    """Scan a worksheet's XML."""
    marks = Marks()
    rest = b""
    while piece := stream.read(PIECE):
        text = rest + piece
        _collect(text, marks, max_columns)
        rest = text[-OVERLAP:]
    return marks


def count_rows(stream: BinaryIO) -> int:
    """About how many rows a worksheet's XML has, heads and empty ones too: for progress and for large files."""
    found, rest = 0, b""
    while piece := stream.read(PIECE):
        text = rest + piece
        found += text.count(b"<row ") + text.count(b":row ")
        rest = text[-4:]  # shorter than what is counted: nothing is counted twice
    return found


def _collect(text: bytes, marks: Marks, max_columns: int) -> None:
    for found in _MERGE.finditer(text):
        left, top, right, bottom = range_boundaries(found[1].decode())
        marks.merges.add((top, left, bottom, right))
    marks.hidden_rows.update(int(found[1]) for found in _HIDDEN_ROW.finditer(text))
    for found in _HIDDEN_COLUMN.finditer(text):
        marks.hidden_columns.update(range(int(found[1]), min(int(found[2]), max_columns) + 1))
    for found in _UNCACHED.finditer(text):
        marks.uncached.add((int(found[2]), column_index_from_string(found[1].decode())))
