"""Word documents: paragraphs with automatic numbers, tables with merged and nested cells, footnotes at the end."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from ecocloud.intake.documents.errors import BinaryDocument, BrokenContainer, DocumentError, TooLarge, refuse
from ecocloud.intake.documents.text.linear import MAX_UNPACKED, Cell, Linear
from ecocloud.intake.documents.text.numbering import Numbering
from ecocloud.intake.documents.text.source import SourceText

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
NOTES = "注释"
# Deleted or moved text, field codes and the second copy of drawings are not part of what a reader sees.
SKIPPED = {W + "del", W + "moveFrom", W + "instrText", W + "pPr", W + "rPr", FALLBACK}
SUPPORTED = "支持 txt、html、docx、xlsx 和带文字层的 pdf。"


def load_docx(data: bytes, name: str) -> SourceText:
    """A .docx: paragraphs and tables in their order, footnotes behind them under the heading 注释."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(info.file_size for info in archive.infolist())
            members = set(archive.namelist())
    except Exception as error:
        raise _broken(name, error) from error
    if unpacked > MAX_UNPACKED:
        raise refuse(
            TooLarge, name, "文档解压后过大。", "the document unpacks to more than the limit", value=unpacked,
            remedy="请删去大图片后再导入。")  # fmt: skip
    if "word/document.xml" not in members:
        raise refuse(
            BinaryDocument, name, "这个压缩包里没有 Word 正文。", "the archive holds no Word document", value="zip",
            remedy=SUPPORTED)  # fmt: skip
    try:
        import docx

        document = docx.Document(io.BytesIO(data))
        linear = Linear()
        Body(document, linear).read()
    except DocumentError:
        raise
    except Exception as error:
        raise _broken(name, error) from error
    return linear.source(name, "docx")


def _broken(name: str, error: Exception) -> DocumentError:
    return refuse(
        BrokenContainer, name, "Word 文档已损坏，打不开。", f"docx cannot be opened: {type(error).__name__}",
        value=str(error)[:80], remedy="请用 Word 或 WPS 修复并另存后再导入。")  # fmt: skip


class Body:
    """Walks the body of a document into a linear text."""

    def __init__(self, document: Any, linear: Linear) -> None:
        self.document = document
        self.linear = linear
        self.numbering = Numbering(document)
        self.notes: list[str] = []
        self.note_texts = _note_texts(document)

    def read(self) -> None:
        """Append everything; footnotes that are referred to come last."""
        self._blocks(self.document.element.body)
        if self.notes:
            self.linear.paragraph(NOTES)
            for number, text in enumerate(self.notes, 1):
                self.linear.paragraph(f"{number}.{text}")

    def _blocks(self, parent: Any) -> None:
        for block in _children(parent):
            if block.tag == W + "p":
                self.linear.paragraph(self._paragraph(block))
            elif block.tag == W + "tbl":
                self._table(block)

    def _paragraph(self, element: Any) -> str:
        text = self._text(element)
        label = self.numbering.label(element) if text.strip() else ""
        return label + text

    def _text(self, element: Any) -> str:
        """The words of a paragraph in order; a footnote reference becomes its number (①, then [21])."""
        parts: list[str] = []
        stack = list(reversed(element))
        while stack:
            node = stack.pop()
            tag = node.tag
            if tag in SKIPPED or not isinstance(tag, str):
                continue
            if tag == W + "t":
                parts.append(node.text or "")
            elif tag in (W + "tab", W + "ptab"):
                parts.append("\t")
            elif tag in (W + "br", W + "cr"):
                parts.append("\n" if node.get(W + "type") in (None, "textWrapping") else "")
            elif tag == W + "noBreakHyphen":
                parts.append("-")
            elif tag in (W + "footnoteReference", W + "endnoteReference"):
                parts.append(self._note(node.get(W + "id"), tag == W + "endnoteReference"))
            elif tag == W + "tbl":
                continue
            else:
                stack.extend(reversed(node))
        return "".join(parts)

    def _note(self, key: str | None, end: bool) -> str:
        text = self.note_texts.get((end, key or ""))
        if not text:
            return ""
        self.notes.append(text)
        return circled(len(self.notes))

    def _table(self, element: Any) -> None:
        """A table with its merges; tables inside its cells follow it as tables of their own."""
        rows: list[list[dict[str, Any]]] = []
        inner: list[Any] = []
        open_cells: dict[int, dict[str, Any]] = {}  # grid column -> the cell that goes on below
        for row in (n for n in _children(element) if n.tag == W + "tr"):
            cells: list[dict[str, Any]] = []
            column = _number(row.find(f"{W}trPr/{W}gridBefore"))
            cells.extend({"text": "", "rows": 1, "columns": 1} for _ in range(min(column, 60)))
            for cell in (n for n in _children(row) if n.tag == W + "tc"):
                wide = max(1, _number(cell.find(f"{W}tcPr/{W}gridSpan")))
                merge = cell.find(f"{W}tcPr/{W}vMerge")
                goes_on = merge is not None and merge.get(W + "val") != "restart"
                if goes_on and column in open_cells:
                    open_cells[column]["rows"] += 1
                else:
                    made = {"text": self._cell_text(cell), "rows": 1, "columns": wide}
                    cells.append(made)
                    open_cells.pop(column, None)
                    if merge is not None:
                        open_cells[column] = made
                inner.extend(n for n in cell.iter(W + "tbl") if _owner(n) is cell)
                column += wide
            rows.append(cells)
        self.linear.table([[Cell(**cell) for cell in row] for row in rows])
        for table in inner:
            self._table(table)

    def _cell_text(self, cell: Any) -> str:
        words = [self._paragraph(block) for block in _children(cell) if block.tag == W + "p"]
        return " ".join(" ".join(words).split())


def _owner(table: Any) -> Any:
    """The cell in which a table stands."""
    node = table.getparent()
    while node is not None and node.tag != W + "tc":
        node = node.getparent()
    return node


def _children(parent: Any) -> Iterator[Any]:
    """Blocks, rows or cells inside ``parent``, also inside content controls and accepted insertions."""
    for node in parent:
        if node.tag in (W + "sdt", W + "customXml", W + "ins", W + "smartTag"):
            inner = node.find(W + "sdtContent") if node.tag == W + "sdt" else node
            yield from _children(inner) if inner is not None else ()
        else:
            yield node


def _number(node: Any) -> int:
    text = node.get(W + "val", "") if node is not None else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0


def circled(number: int) -> str:
    """①..⑳ for 1..20, ``[21]`` above."""
    return chr(0x2460 + number - 1) if number <= 20 else f"[{number}]"


def _note_texts(document: Any) -> dict[tuple[bool, str], str]:
    """Texts of footnotes (False, id) and endnotes (True, id)."""
    from lxml import etree

    found: dict[tuple[bool, str], str] = {}
    for relation in document.part.rels.values():
        kind = relation.reltype.rsplit("/", 1)[-1]
        if kind not in ("footnotes", "endnotes") or relation.is_external:
            continue
        root = etree.fromstring(relation.target_part.blob, etree.XMLParser(resolve_entities=False, no_network=True))
        for note in root.iterfind(f"{W}{kind[:-1]}"):
            if note.get(W + "type") in (None, "normal"):
                words = "".join(t.text or "" for t in note.iter(W + "t"))
                found[kind == "endnotes", note.get(W + "id", "")] = " ".join(words.split())
    return found
