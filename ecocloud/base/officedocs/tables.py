"""Tables of official papers: fixed widths, repeated heads, rows that stay whole, figures set right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ecocloud.base.officedocs import ooxml
from ecocloud.base.officedocs.layout import Layout
from ecocloud.base.officedocs.wording import (
    cell_text,
    column_widths,
    is_number,
    spread,
)

_CELL_MARGIN = 60
_INDEX_HEADS = ("序号", "编号")
ALIGNMENTS = ("auto", "left", "center", "right")


@dataclass(frozen=True)
class Cited:
    """A cell with the number of its source."""

    text: str
    number: int


def build(
    layout: Layout,
    headers: Sequence[str],
    rows: Sequence[Sequence[Any]],
    total: int,
    widths: Sequence[float] | None,
    align: Sequence[str] | None,
    size: str,
) -> Any:
    """A ``w:tbl`` of ``total`` twips. Raises ValueError when a row, widths or align do not fit the headers."""
    count = len(headers)
    if not count:
        raise ValueError("a table needs at least one column")
    for index, row in enumerate(rows):
        if len(row) != count:
            raise ValueError(f"row {index + 1} has {len(row)} cells, the table has {count} columns")
    for name, given in (("widths", widths), ("align", align)):
        if given is not None and len(given) != count:
            raise ValueError(f"{name} has {len(given)} entries, the table has {count} columns")
    aligns = list(align or ["auto"] * count)
    if unknown := set(aligns) - set(ALIGNMENTS):
        raise ValueError(f"unknown alignment {sorted(unknown)}")
    points = layout.points(size)
    texts = [[cell_text(cell.text if isinstance(cell, Cited) else cell) for cell in row] for row in rows]
    if widths:
        grid = spread([float(width) for width in widths], total)
    else:
        grid = column_widths(headers, texts, total, points * 20, 2 * _CELL_MARGIN)
    table = _frame(total, grid)
    head = layout.style("table_head").font
    heads = zip(headers, grid, strict=True)
    table.append(_row([_cell(layout, text, width, "center", head, points) for text, width in heads], True))
    body = layout.style("table_body").font
    for row, line in zip(rows, texts, strict=True):
        cells = []
        for value, text, given, width, head_text in zip(row, line, aligns, grid, headers, strict=True):
            side = given
            if side == "auto":
                side = (
                    "center"
                    if head_text in _INDEX_HEADS
                    else "right"
                    if is_number(value.text if isinstance(value, Cited) else value)
                    else "left"
                )
            number = value.number if isinstance(value, Cited) else 0
            cells.append(_cell(layout, text, width, side, body, points, number))
        table.append(_row(cells, False))
    return table


def _frame(total: int, grid: Sequence[int]) -> Any:
    table = ooxml.element("tbl")
    properties = ooxml.element("tblPr")
    properties.append(ooxml.element("tblW", w=total, type="dxa"))
    properties.append(ooxml.element("jc", val="center"))
    properties.append(ooxml.table_borders())
    properties.append(ooxml.element("tblLayout", type="fixed"))
    margins = ooxml.element("tblCellMar")
    for side in ("left", "right"):
        margins.append(ooxml.element(side, w=_CELL_MARGIN, type="dxa"))
    properties.append(margins)
    table.append(properties)
    columns = ooxml.element("tblGrid")
    for width in grid:
        columns.append(ooxml.element("gridCol", w=width))
    table.append(columns)
    return table


def _row(cells: Sequence[Any], head: bool) -> Any:
    row = ooxml.element("tr")
    properties = ooxml.element("trPr")
    properties.append(ooxml.element("cantSplit"))
    if head:
        properties.append(ooxml.element("tblHeader"))
    row.append(properties)
    for cell in cells:
        row.append(cell)
    return row


def _cell(layout: Layout, text: str, width: int, align: str, font: str, points: float, number: int = 0) -> Any:
    cell = ooxml.element("tc")
    properties = ooxml.element("tcPr")
    properties.append(ooxml.element("tcW", w=width, type="dxa"))
    properties.append(ooxml.element("vAlign", val="center"))
    cell.append(properties)
    lines = text.split("\n")
    line = round(points * 20 * 1.3)
    for index, content in enumerate(lines):
        paragraph = ooxml.element("p")
        paragraph.append(ooxml.paragraph_properties(align=align, line=line, before=20, after=20))
        if content:
            paragraph.append(ooxml.text_run(content, ooxml.run_properties(layout, font, points)))
        if number and index == len(lines) - 1:
            look = ooxml.run_properties(layout, font, points, superscript=True)
            paragraph.append(ooxml.text_run(f"[{number}]", look))
        cell.append(paragraph)
    return cell
