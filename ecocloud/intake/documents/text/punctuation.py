"""Punctuation that a web page lost: the two marks at the edge of a quotation turned into one exclamation mark."""

from __future__ import annotations

import re

from ecocloud.intake.documents.text.source import SourceText

MARK = re.compile("[“”!！\n]")


def restore_quotes(source: SourceText) -> SourceText:
    """``。“`` and ``。”`` that became ``!`` are restored where the quotation marks of the paragraph do not balance.

    ``新兴产业!1+2+N”战略`` closes a quotation that nothing opened: the exclamation mark stands for ``。“``. A quotation
    that is opened and, behind an exclamation mark, opened again or never closed in its paragraph lost ``。”``. A
    paragraph whose quotation marks balance is never touched.
    """
    text = source.text
    if "!" not in text and "！" not in text:
        return source
    edits: list[tuple[int, int, str]] = []
    # since the last quotation mark: whether it opened, how many exclamation marks followed, where the last one stands
    opened, marks, last = False, 0, -1
    for found in MARK.finditer(text):
        sign, at = found.group(), found.start()
        if sign in "!！":
            marks, last = marks + 1, at
            continue
        within = last > 0 and last + 1 < at and not text[last - 1].isspace()
        if within and sign == "”" and not opened:
            edits.append((last, last + 1, "。“"))
        elif within and opened and sign != "”" and marks == 1:
            edits.append((last, last + 1, "。”"))
        opened, marks, last = sign == "“", 0, -1
    return source.edit("lost_quotation_marks", edits)
