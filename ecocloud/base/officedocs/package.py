"""The parts around the body: page set-up, grid, styles, fonts, page numbers, settings, properties."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from docx.oxml.ns import qn

from ecocloud.base.officedocs import ooxml
from ecocloud.base.officedocs.layout import TWIPS_PER_MM, Layout


def prepare(document: Any, layout: Layout, landscape: bool, title: str, author: str) -> None:
    """Turn python-docx's empty document into an empty official paper."""
    _page(document.element.body.sectPr, layout, landscape)
    _styles(document, layout)
    _page_numbers(document, layout)
    _settings(document.settings.element)
    _fonts(document, layout)
    _drop(document.part.package.rels, "/thumbnail")
    _drop(document.part.rels, "/stylesWithEffects")
    properties = document.core_properties
    properties.title, properties.author, properties.last_modified_by = title[:250], author[:250], author[:250]
    properties.comments = properties.keywords = ""
    properties.language = "zh-CN"


def _page(section: Any, layout: Layout, landscape: bool) -> None:
    width, height = layout.page_size(landscape)
    margins = layout.margins(landscape)
    size = ooxml.element("pgSz", w=width, h=height)
    if landscape:
        size.set(qn("w:orient"), "landscape")
    # The dash stands in the middle of its line, so the line's foot is half a type size below it.
    below = layout.distances["page_number_below"].value * TWIPS_PER_MM
    footer = max(280, round(margins["bottom"] - below - layout.points("4号") * 10))
    margin = ooxml.element("pgMar", **margins, header=851, footer=footer, gutter=0)
    grid = ooxml.element(
        "docGrid", type="linesAndChars", linePitch=layout.line_pitch(), charSpace=layout.character_space()
    )
    ooxml.replace_child(section, size, ("pgMar", "cols"))
    ooxml.replace_child(section, margin, ("cols",))
    ooxml.replace_child(section, grid)


def _styles(document: Any, layout: Layout) -> None:
    root = document.styles.element
    defaults = root.find(qn("w:docDefaults"))
    if defaults is not None:
        root.remove(defaults)
    body = layout.style("body")
    _restyle(root, "Normal", ooxml.run_properties(layout, body.font, layout.points(body.size)), "both", layout, None)
    title = layout.style("title")
    _restyle(root, "Title", ooxml.run_properties(layout, title.font, layout.points(title.size)), "center", layout, None)
    for level in (1, 2, 3, 4):
        style = layout.style(f"heading{level}")
        look = ooxml.run_properties(layout, style.font, layout.points(style.size))
        _restyle(root, f"Heading{level}", look, "both", layout, level - 1)


def _restyle(root: Any, style_id: str, look: Any, align: str, layout: Layout, outline: int | None) -> None:
    style = next(node for node in root.findall(qn("w:style")) if node.get(qn("w:styleId")) == style_id)
    for tag in ("w:pPr", "w:rPr"):
        for old in style.findall(qn(tag)):
            style.remove(old)
    style.append(ooxml.paragraph_properties(align=align, line=layout.line_pitch(), outline=outline))
    style.append(look)


def _page_numbers(document: Any, layout: Layout) -> None:
    """``— 1 —``: odd pages right, even pages left, one character in."""
    document.settings.odd_and_even_pages_header_footer = True
    section = document.sections[0]
    style = layout.style("page_number")
    points = layout.points(style.size)
    inset = layout.distances["page_number_inset"].value
    for footer, align in ((section.footer, "right"), (section.even_page_footer, "left")):
        footer.is_linked_to_previous = False
        root = footer._element
        for old in list(root):
            root.remove(old)
        sides = {"right_chars": inset} if align == "right" else {"left_chars": inset}
        paragraph = ooxml.element("p")
        paragraph.append(ooxml.paragraph_properties(align=align, char=points * 20, **sides))
        look = ooxml.run_properties(layout, style.font, points)
        paragraph.append(ooxml.text_run("— ", deepcopy(look)))
        for run in ooxml.field("PAGE", look):
            paragraph.append(run)
        paragraph.append(ooxml.text_run(" —", deepcopy(look)))
        root.append(paragraph)


_EAST_ASIAN_COMPAT = (
    "spaceForUL",
    "balanceSingleByteDoubleByteWidth",
    "doNotLeaveBackslashAlone",
    "ulTrailSpace",
    "adjustLineHeightInTable",
    "useFELayout",
)
_AFTER_COMPAT = (
    "docVars",
    "rsids",
    "attachedSchema",
    "themeFontLang",
    "clrSchemeMapping",
    "shapeDefaults",
    "decimalSymbol",
    "listSeparator",
)


def _settings(root: Any) -> None:
    for tag in ("w:characterSpacingControl", "w:compat"):
        for old in root.findall(qn(tag)):
            root.remove(old)
    compat = ooxml.element("compat")
    for tag in _EAST_ASIAN_COMPAT:
        compat.append(ooxml.element(tag))
    word = "http://schemas.microsoft.com/office/word"
    compat.append(ooxml.element("compatSetting", name="compatibilityMode", uri=word, val="15"))
    ooxml.replace_child(root, compat, _AFTER_COMPAT)
    ooxml.replace_child(
        root, ooxml.element("characterSpacingControl", val="compressPunctuation"), ("savePreviewPicture", "compat")
    )
    ooxml.replace_child(root, ooxml.element("themeFontLang", val="en-US", eastAsia="zh-CN"), _AFTER_COMPAT[4:])


def _fonts(document: Any, layout: Layout) -> None:
    for part in document.part.package.iter_parts():
        if str(part.partname) == "/word/fontTable.xml":
            part._blob = ooxml.font_table(layout.fonts.values())


def _drop(relations: Any, kind: str) -> None:
    """Leave out parts of the empty document that no reader needs."""
    for name in [name for name, relation in relations.items() if relation.reltype.endswith(kind)]:
        del relations[name]
