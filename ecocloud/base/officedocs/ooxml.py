"""The few pieces of WordprocessingML that python-docx does not offer."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from typing import Any
from xml.sax.saxutils import quoteattr

from docx.oxml import OxmlElement
from docx.oxml.ns import nsdecls, qn

from ecocloud.base.officedocs.layout import Font, Layout


def element(tag: str, **attributes: Any) -> Any:
    """A new ``w:`` element; attribute names are given without prefix."""
    node = OxmlElement(f"w:{tag}")
    for name, value in attributes.items():
        node.set(qn(f"w:{name}"), str(value))
    return node


def replace_child(parent: Any, child: Any, before: Iterable[str] = ()) -> None:
    """Put ``child`` into ``parent`` in the place of a child of its name, or before the first of ``before``."""
    for old in parent.findall(child.tag):
        parent.remove(old)
    for name in before:
        anchor = parent.find(qn(f"w:{name}"))
        if anchor is not None:
            anchor.addprevious(child)
            return
    parent.append(child)


def run_properties(
    layout: Layout, font: str, points: float, *, bold: bool = False, colour: str = "", superscript: bool = False
) -> Any:
    """``w:rPr`` naming the font for all four scripts; size in half-points."""
    chinese, latin = layout.fonts[font].value, layout.fonts["latin"].value
    if font == "song":
        latin = chinese
    node = element("rPr")
    node.append(element("rFonts", ascii=latin, hAnsi=latin, eastAsia=chinese, cs=latin))
    if bold:
        node.append(element("b"))
    node.append(element("snapToGrid", val=0))
    if colour:
        node.append(element("color", val=colour))
    if tightening := layout.tightening(points):
        node.append(element("spacing", val=tightening))
    half_points = round(points * 2)
    node.append(element("sz", val=half_points))
    node.append(element("szCs", val=half_points))
    if superscript:
        node.append(element("vertAlign", val="superscript"))
    node.append(element("lang", val="en-US", eastAsia="zh-CN"))
    return node


def paragraph_properties(
    *,
    align: str = "both",
    line: int = 0,
    first_chars: float = 0,
    left_chars: float = 0,
    right_chars: float = 0,
    hanging_chars: float = 0,
    char: float = 320,
    before: int = 0,
    after: int = 0,
    keep_next: bool = False,
    page_break: bool = False,
    outline: int | None = None,
    rules: dict[str, tuple[int, str]] | None = None,
    right_tab: int = 0,
) -> Any:
    """``w:pPr`` in the order the schema asks for; ``line`` and spacings in twips, indents in characters.

    ``rules`` gives borders: side -> (eighths of a point, RGB). ``char`` is the width of one character in twips.
    """
    node = element("pPr")
    if keep_next:
        node.append(element("keepNext"))
    if page_break:
        node.append(element("pageBreakBefore"))
    node.append(element("widowControl", val=0))
    if rules:
        borders = element("pBdr")
        for side, (size, colour) in rules.items():
            borders.append(element(side, val="single", sz=size, space=1, color=colour))
        node.append(borders)
    if right_tab:
        tabs = element("tabs")
        tabs.append(element("tab", val="right", pos=right_tab))
        node.append(tabs)
    node.append(element("snapToGrid", val=0))
    spacing = {"before": before, "after": after}
    if line:
        spacing |= {"line": line, "lineRule": "exact"}
    node.append(element("spacing", **spacing))
    indent: dict[str, int] = {}
    sides = {"left": left_chars, "right": right_chars, "hanging": hanging_chars, "firstLine": first_chars}
    for name, chars in sides.items():
        if chars:
            indent[f"{name}Chars"] = round(chars * 100)
            indent[name] = round(chars * char)
    if indent:
        node.append(element("ind", **indent))
    node.append(element("jc", val=align))
    if outline is not None:
        node.append(element("outlineLvl", val=outline))
    return node


def field(instruction: str, properties: Any) -> list[Any]:
    """Runs of a simple field such as ``PAGE`` in its long form, which every office program updates."""
    runs = []
    for kind in ("begin", "instr", "separate", "text", "end"):
        run = element("r")
        run.append(deepcopy(properties))
        if kind == "instr":
            node = element("instrText")
            node.set(qn("xml:space"), "preserve")
            node.text = f" {instruction} "
        elif kind == "text":
            node = element("t")
            node.text = "1"
        else:
            node = element("fldChar", fldCharType=kind)
        run.append(node)
        runs.append(run)
    return runs


def text_run(text: str, properties: Any) -> Any:
    """A run holding ``text`` (already clean) with line feeds as line breaks and tabs as tabs."""
    run = element("r")
    run.append(properties)
    for index, line in enumerate(text.split("\n")):
        if index:
            run.append(element("br"))
        for place, piece in enumerate(line.split("\t")):
            if place:
                run.append(element("tab"))
            node = element("t")
            node.set(qn("xml:space"), "preserve")
            node.text = piece
            run.append(node)
    return run


def table_borders(size: int = 4) -> Any:
    """Single lines around and inside a table; ``size`` in eighths of a point."""
    borders = element("tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        borders.append(element(side, val="single", sz=size, space=0, color="000000"))
    return borders


def font_table(fonts: Iterable[Font]) -> bytes:
    """``word/fontTable.xml`` naming substitutes, so that a machine without the font picks a near one."""
    rows = []
    for font in fonts:
        chinese = any(ord(char) > 0x2E80 for char in font.value)
        rows.append(
            f"<w:font w:name={quoteattr(font.value)}>"
            + (f"<w:altName w:val={quoteattr(','.join(font.substitutes))}/>" if font.substitutes else "")
            + f'<w:charset w:val="{"86" if chinese else "00"}"/><w:family w:val="{font.family}"/>'
            + '<w:pitch w:val="variable"/></w:font>'
        )
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    return f"{head}<w:fonts {nsdecls('w')}>{''.join(rows)}</w:fonts>".encode()
