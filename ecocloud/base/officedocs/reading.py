"""Reading back what was written: the text of a .docx."""

from __future__ import annotations

from io import BytesIO

from docx import Document
from docx.table import Table


def docx_text(data: bytes) -> str:
    """The body of a .docx as text: one line per paragraph, one line per table row with cells parted by tabs.

    Line breaks inside a paragraph stay line feeds; inside a cell they become spaces. Headers and footers are left out.
    """
    lines: list[str] = []
    for block in Document(BytesIO(data)).iter_inner_content():
        if isinstance(block, Table):
            lines.extend("\t".join(" ".join(cell.text.split("\n")) for cell in row.cells) for row in block.rows)
        else:
            lines.append(block.text)
    return "\n".join(lines)
