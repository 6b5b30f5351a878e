"""Web pages: one line per block, tables as cells, also nested ones."""

from __future__ import annotations

import re
from typing import Any

from ecocloud.intake.documents.errors import BrokenContainer, refuse
from ecocloud.intake.documents.text.encodings import decode
from ecocloud.intake.documents.text.linear import Cell, Linear
from ecocloud.intake.documents.text.source import SourceText

META_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]+)", re.I)
LONG_CELL = 300
BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "legend", "li",
    "main", "nav", "ol", "option", "p", "pre", "section", "summary", "table", "tbody", "tfoot", "thead", "title",
    "tr", "ul",
})  # fmt: skip
SILENT = frozenset({
    "script", "style", "noscript", "template", "head", "iframe", "object", "svg", "select", "button", "input",
    "textarea",
})  # fmt: skip


def load_html(data: bytes, name: str) -> SourceText:
    """An html page: one line per block, table cells separated by tabs."""
    from lxml import html

    text, encoding = _html_text(data, name)
    try:
        root = html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text.lstrip("\ufeff")))
    except Exception as error:
        raise refuse(
            BrokenContainer, name, "网页内容无法解析。", f"html cannot be parsed: {error}", value=str(error)[:80],
            remedy="请在浏览器中另存为网页或复制为 txt 再导入。") from error  # fmt: skip
    linear = Linear()
    _walk(root, linear)
    return linear.source(name, "html", encoding)


def _html_text(data: bytes, name: str) -> tuple[str, str]:
    declared = META_CHARSET.search(data[:4096])
    if declared and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        label = declared.group(1).decode("ascii", "replace").lower()
        label = "gb18030" if label in ("gb2312", "gbk", "gb_2312-80") else label
        try:
            return data.decode(label), label
        except (LookupError, UnicodeDecodeError):
            pass
    found = decode(data, name)
    return found.text, found.encoding


def _walk(root: Any, linear: Linear) -> None:
    """Iterative walk (pages may be nested thousands deep)."""
    buffer: list[str] = []

    def flush() -> None:
        text = re.sub(r"[ \t\r\n\f]+", " ", "".join(buffer)).strip(" ")
        buffer.clear()
        linear.paragraph(text)

    stack: list[tuple[str, Any]] = [("open", root)]
    while stack:
        action, node = stack.pop()
        if action == "text":
            buffer.append(node)
            continue
        if action == "close":
            flush()
            continue
        tag = node.tag if isinstance(node.tag, str) else ""
        if node.tail:
            stack.append(("text", node.tail))
        if not tag or tag in SILENT:
            continue
        if tag == "br":
            flush()
            continue
        if tag == "table":
            rows = _rows(node)
            if not _is_layout(rows):
                flush()
                linear.table([[_cell(c) for c in row] for row in rows])
                stack.extend(("open", inner) for inner in reversed(_inner_tables(node)))
                continue
        if tag in BLOCKS:
            flush()
            stack.append(("close", None))
        for child in reversed(list(node)):
            stack.append(("open", child))
        if node.text:
            stack.append(("text", node.text))


def _rows(table: Any) -> list[list[Any]]:
    """The cells of the table itself, row by row, without those of tables inside."""
    rows = table.xpath("./tr|./thead/tr|./tbody/tr|./tfoot/tr")
    return [cells for row in rows if (cells := row.xpath("./td|./th"))]


def _is_layout(rows: list[list[Any]]) -> bool:
    """Whether a table only arranges the page: fewer than two columns, or cells that hold whole texts."""
    if not rows or max(len(r) for r in rows) < 2:
        return True
    filled = [c for row in rows for c in row]
    if len(rows) > 2 and sum(len(r) > 1 for r in rows) * 2 < len(rows):
        return True
    return any(len(c.xpath(".//p|.//div")) > 3 and len(_own_text(c)) > LONG_CELL for c in filled) and len(rows) < 4


def _own_text(cell: Any) -> str:
    """The text of a cell without tables inside it, blocks and breaks as spaces."""
    parts: list[str] = []
    stack: list[Any] = [cell]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            parts.append(node)
            continue
        if node is not cell and node.tail:
            stack.append(node.tail)
        tag = node.tag if isinstance(node.tag, str) else ""
        if not tag or tag in SILENT or tag == "table":
            continue
        if tag == "br" or tag in BLOCKS:
            parts.append(" ")
        stack.extend(reversed(list(node)))
        if node.text:
            stack.append(node.text)
    return re.sub(r"\s+", " ", "".join(parts)).strip()


def _cell(cell: Any) -> Cell:
    return Cell(_own_text(cell), _span(cell.get("rowspan")), _span(cell.get("colspan")))


def _span(text: str | None) -> int:
    return int(text) if text and text.strip().isascii() and text.strip().isdigit() and int(text) > 0 else 1


def _inner_tables(table: Any) -> list[Any]:
    """The tables directly inside a table's cells."""
    found, stack = [], list(reversed(list(table)))
    while stack:
        node = stack.pop()
        if node.tag == "table":
            found.append(node)
        else:
            stack.extend(reversed(list(node)))
    return found
