"""Lines that were broken in the middle of a sentence are joined again."""

from __future__ import annotations

import re

from ecocloud.intake.documents.text.source import SourceText

ENDS = re.compile(r"[。；：！？;:!?”』」）)》】…—]\s*$")
NEW_PARAGRAPH = re.compile(
    r"[ \t]*(?:[一二三四五六七八九十]{1,3}[、是]|[（(][\d一二三四五六七八九十]{1,3}[）)]|\d{1,3}[.．、）)](?!\d)"
    r"|[①-⑳●■◆•·*-]|第[一二三四五六七八九十百]+[章节条]|附件|附表|(?:责任|牵头|配合)[^：:]{2,4}[：:]|完成时限|整改时限)"
)
INDENT = re.compile(r"(?:\u3000| {2,}|\t)")
NEVER_STARTS = re.compile(r"[，。；、！？”）》％%：]\s*\S")
NEVER_ENDS = re.compile(r"[，、（《“]\s*$")
VALUE = re.compile(r"[≥≤><＞＜]?-?\d[\d,，.]*[%％]?|[-—/]{1,2}")
MIN_WIDTH, MAX_WIDTH = 14, 80
FULL_SHARE = 0.75
WRAPPED_SHARE = 0.5
LINES_NEEDED = 6


def wrap_width(lines: list[str]) -> int:
    """The width at which a text was wrapped, 0 when it was not.

    A wrapped text has at least six lines, none above 80 characters, and at least half of its lines are full (three
    quarters of the widest) and do not end a sentence.
    """
    full = [line.strip() for line in lines if line.strip()]
    if len(full) < LINES_NEEDED or any("\t" in line for line in full):
        return 0
    lengths = sorted(len(line) for line in full)
    width = lengths[int(len(lengths) * 0.95) - 1]
    if width < MIN_WIDTH or lengths[-1] > MAX_WIDTH:
        return 0
    running = sum(len(line) >= FULL_SHARE * width and not ENDS.search(line) for line in full)
    return width if running >= WRAPPED_SHARE * len(full) else 0


def runs_on(before: str, line: str, width: int) -> bool:
    """Whether ``line`` goes on the sentence of the line ``before`` it; ``width`` as :func:`wrap_width` gives it."""
    if not before.strip() or not line.strip() or NEW_PARAGRAPH.match(line):
        return False
    if NEVER_STARTS.match(line) or (NEVER_ENDS.search(before) and not INDENT.match(line)):
        return True
    full = bool(width) and len(before.strip()) >= FULL_SHARE * width and not ENDS.search(before)
    return full and not INDENT.match(line) and not (is_row(before) or is_row(line))


def join_lines(source: SourceText) -> SourceText:
    """Take the line ends out that stand in the middle of a sentence (tables keep theirs)."""
    if source.kind not in ("txt", "html", "package"):
        return source
    lines = source.text.split("\n")
    width = wrap_width(lines)
    edits, at = [], 0
    for before, line in zip(lines, lines[1:], strict=False):
        end = at + len(before)
        if "\t" not in before and "\t" not in line and runs_on(before.rstrip("\r"), line.rstrip("\r"), width):
            start = end - (len(before) - len(before.rstrip()))
            stop = end + 1 + len(line) - len(line.lstrip())
            latin = text_is_latin(before.rstrip()[-1:]) and text_is_latin(line.lstrip()[:1])
            edits.append((start, stop, " " if latin else ""))
        at = end + 1
    return source.edit("joined_lines", edits)


def text_is_latin(character: str) -> bool:
    """Whether a character is a Latin letter, between which a line end stands for a space."""
    return character.isascii() and character.isalpha()


def is_row(line: str) -> bool:
    """Whether a line looks like a row of a table whose columns were lost: words and numbers side by side."""
    parts = line.split()
    numbers = sum(bool(VALUE.fullmatch(p)) for p in parts)
    return len(parts) >= 3 and not ENDS.search(line) and (numbers >= 2 or (numbers == 1 and len(line) <= 30))
