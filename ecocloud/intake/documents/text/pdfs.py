"""Pdf: the text layer, page by page; wrapped lines joined, page numbers and running heads left out, both counted."""

from __future__ import annotations

import io
import re
from collections import Counter

from ecocloud.intake.documents.errors import BrokenContainer, EncryptedDocument, NoTextLayer, refuse
from ecocloud.intake.documents.text.linear import Linear
from ecocloud.intake.documents.text.source import SourceText
from ecocloud.intake.documents.text.wrapping import ENDS, NEW_PARAGRAPH, is_row

PAGE_NUMBER = re.compile(r"^\s*[-—–－ ]*\d{1,4}[-—–－ ]*\s*$|^\s*第\s*\d+\s*页.{0,12}$")


def load_pdf(data: bytes, name: str) -> SourceText:
    """The text layer of a pdf, page by page; wrapped lines are joined again."""
    import logging

    import pypdf

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        locked = reader.is_encrypted and not reader.decrypt("")
        pages = [] if locked else [page.extract_text() or "" for page in reader.pages]
    except Exception as error:
        if "rypt" in str(error) or "rypt" in type(error).__name__:
            locked = True
        else:
            raise refuse(
                BrokenContainer, name, "PDF 已损坏，打不开。", f"pdf cannot be opened: {type(error).__name__}",
                value=str(error)[:80], remedy="请重新导出 PDF 后再导入。") from error  # fmt: skip
    if locked:
        raise refuse(
            EncryptedDocument, name, "PDF 设有打开密码。", "the pdf is encrypted", value="Encrypt",
            remedy="请去掉密码后另存再导入。")  # fmt: skip
    if not any(p.strip() for p in pages):
        raise refuse(
            NoTextLayer, name, "PDF 是扫描件，没有文字层。", "the pdf has no text layer", value=len(pages),
            remedy="请先做文字识别（OCR），或换用 Word 原稿。")  # fmt: skip
    lines = [[line.strip() for line in page.splitlines() if line.strip()] for page in pages]
    heads = running_heads(lines)
    linear = Linear()
    for number, page in enumerate(lines, 1):
        kept = [line for at, line in enumerate(page) if not _is_edge(page, at, heads)]
        whole = _reflow(kept)
        linear.count("page_numbers_and_heads", len(page) - len(kept))
        linear.count("joined_lines", len(kept) - len(whole))
        for line in whole:
            linear.add(line, "page", f"第{number}页", row=number)
    return linear.source(name, "pdf")


def _key(line: str) -> str:
    return re.sub(r"[\d\s]+", "", line)


def running_heads(pages: list[list[str]]) -> set[str]:
    """The lines (without digits) that stand first or last on at least three pages and on half of them."""
    seen: Counter[str] = Counter()
    for page in pages:
        seen.update({_key(line) for line in (page[0], page[-1])} if page else ())
    return {key for key, n in seen.items() if n >= 3 and n * 2 >= len(pages) and 4 <= len(key) <= 40}


def _is_edge(page: list[str], at: int, heads: set[str]) -> bool:
    """Whether a line is a page number (a bare number only at the edge of the page) or a running head."""
    edge = at < 2 or at >= len(page) - 2
    if PAGE_NUMBER.match(page[at]):
        return edge or not page[at].isdigit()
    return edge and _key(page[at]) in heads


def _reflow(lines: list[str]) -> list[str]:
    """Join the visual lines of a page into paragraphs: a full line without an end mark runs on."""
    if not lines:
        return []
    width = max(len(line) for line in lines)
    out = [lines[0]]
    for before, line in zip(lines, lines[1:], strict=False):
        wraps = len(before) >= 0.75 * width and not ENDS.search(before)
        if wraps and not NEW_PARAGRAPH.match(line) and not (is_row(before) and is_row(line)):
            out[-1] += line
        else:
            out.append(line)
    return out
