"""The sample documents as real files: .docx after GB/T 9704, .html, .txt. Pure apart from the bytes they make."""

from __future__ import annotations

import html
import re

from ecocloud.base.officedocs import GbDocument

_LEVEL1, _LEVEL2 = re.compile(r"[一二三四五六七八九十]+、"), re.compile(r"（[一二三四五六七八九十]+）")


def made(form: str, text: str) -> bytes:
    """The bytes of a file of this form (docx, html, txt) with the lines of ``text``."""
    return {"docx": _docx, "html": _html, "txt": lambda lines: "\n".join(lines).encode()}[form](text.splitlines())


def _docx(lines: list[str]) -> bytes:
    document = GbDocument(lines[0])
    table: list[list[str]] = []
    for line in [*lines[1:], ""]:
        if line.startswith("|"):
            table.append([cell.strip() for cell in line.strip("|").split("|")])
            continue
        if table:
            document.table(table[0], table[1:])
            table = []
        if not line.strip():
            continue
        if _LEVEL1.match(line) and len(line) < 40:
            document.heading(line, 1, numbered=False)
        elif _LEVEL2.match(line) and len(line) < 40:
            document.heading(line, 2, numbered=False)
        else:
            document.paragraph(line)
    return document.to_bytes()


def _html(lines: list[str]) -> bytes:
    body = "".join(f"<p>{html.escape(line)}</p>\n" for line in lines[1:] if line.strip())
    head = '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"></head><body>\n'
    return f"{head}<h1>{html.escape(lines[0])}</h1>\n{body}</body></html>\n".encode()
