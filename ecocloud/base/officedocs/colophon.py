"""版记: the block at the foot of the last page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from ecocloud.base.officedocs import ooxml
from ecocloud.base.officedocs.layout import TWIPS_PER_MM, Layout
from ecocloud.base.officedocs.wording import official_date


def build(layout: Layout, total: int, units: Sequence[str], printer: str, day: date | None) -> Any:
    """A table at the foot of the page: 抄送 line, printing line; heavy rules outside, a light one between.

    ``total`` is the width of the text area in twips; None when there is nothing to say. Word and WPS put it at the
    foot of the page; LibreOffice leaves it under the text.
    """
    points = layout.points(layout.style("copy_to").size)
    lines: list[tuple[str, float]] = []
    if units:
        lines.append(("抄送：" + "，".join(units) + "。", 3.0))
    if printer or day:
        lines.append((f"{printer}\t{official_date(day)}印发" if day else printer, 0.0))
    if not lines:
        return None
    table = _frame(layout, total)
    for text, hang in lines:
        paragraph = ooxml.element("p")
        paragraph.append(
            ooxml.paragraph_properties(
                align="left",
                line=layout.line_pitch(),
                left_chars=1 + hang,
                right_chars=1,
                hanging_chars=hang,
                char=points * 20,
                right_tab=round(total - points * 20),
            )
        )
        paragraph.append(ooxml.text_run(text, ooxml.run_properties(layout, layout.style("copy_to").font, points)))
        table.append(_row(paragraph, total))
    return table


def _row(paragraph: Any, total: int) -> Any:
    row, properties = ooxml.element("tr"), ooxml.element("trPr")
    properties.append(ooxml.element("cantSplit"))
    row.append(properties)
    cell, inner = ooxml.element("tc"), ooxml.element("tcPr")
    inner.append(ooxml.element("tcW", w=total, type="dxa"))
    cell.append(inner)
    cell.append(paragraph)
    row.append(cell)
    return row


def _frame(layout: Layout, total: int) -> Any:
    heavy, light = (
        round(layout.distances[name].value * TWIPS_PER_MM / 20 * 8) for name in ("heavy_rule", "light_rule")
    )
    table, properties = ooxml.element("tbl"), ooxml.element("tblPr")
    place = {"vertAnchor": "margin", "horzAnchor": "margin", "tblpXSpec": "center", "tblpYSpec": "bottom"}
    properties.append(ooxml.element("tblpPr", leftFromText=0, rightFromText=0, **place))
    properties.append(ooxml.element("tblW", w=total, type="dxa"))
    properties.append(ooxml.element("jc", val="center"))
    borders = ooxml.element("tblBorders")
    for side, size in (("top", heavy), ("bottom", heavy), ("insideH", light)):
        borders.append(ooxml.element(side, val="single", sz=size, space=0, color="000000"))
    properties.append(borders)
    properties.append(ooxml.element("tblLayout", type="fixed"))
    margins = ooxml.element("tblCellMar")
    for side in ("left", "right"):
        margins.append(ooxml.element(side, w=0, type="dxa"))
    properties.append(margins)
    table.append(properties)
    grid = ooxml.element("tblGrid")
    grid.append(ooxml.element("gridCol", w=total))
    table.append(grid)
    return table
