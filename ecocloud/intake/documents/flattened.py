"""Tables whose columns were lost (text layers of pdf, pasted text): found, read where the columns can be told, marked.

Three forms: rows with tabs between the cells (nothing is lost), rows with spaces between them, and one cell per line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from ecocloud.intake.documents.grids import Grid, GridCell, is_head, period_in, plain, table_words
from ecocloud.intake.documents.lexicon import organisations
from ecocloud.intake.documents.segments import line_marker
from ecocloud.intake.documents.text.source import SourceText
from ecocloud.intake.documents.text.wrapping import VALUE, is_row

TOKEN = re.compile(r"[^\s]+")
FIELD = re.compile(r"[^\t]*")
LONGEST_ROW = 160
FEWEST_ROWS = 2
UNMARKED_ROWS = 3


@dataclass(frozen=True)
class Flat:
    """A flattened table: its span in the text that is read, the grid that could be made of it (None: columns lost),
    and whether tabs still part its cells."""

    start: int
    end: int
    grid: Grid | None
    tabs: bool


def flat_tables(source: SourceText, first_number: int) -> list[Flat]:
    """The flattened tables outside of real ones, in order; their grids are numbered from ``first_number``."""
    text = source.folded
    real = [(source.map.back(p.start)) for p in source.places if p.kind == "cell"]
    lines = _lines(text)
    if real:
        held = set(real)
        lines = [line for line in lines if line[0] not in held]
    found: list[Flat] = []
    at = 0
    while at < len(lines):
        flat, after = _table_at(text, lines, at, first_number + len(found))
        if flat is None:
            at += 1
            continue
        found.append(flat)
        at = after
    return found


def _lines(text: str) -> list[tuple[int, int]]:
    out, at = [], 0
    for line in text.split("\n"):
        start, end = at, at + len(line)
        at = end + 1
        while end > start and text[end - 1] in " \r\u3000":
            end -= 1
        if text[start:end].strip():
            out.append((start, end))
    return out


def _cells(text: str, start: int, end: int, tabs: bool) -> list[tuple[int, int]]:
    if not tabs:
        return [m.span() for m in TOKEN.finditer(text, start, end)]
    out, at = [], start
    for words in text[start:end].split("\t"):
        lead = len(words) - len(words.lstrip())
        out.append((at + lead, at + len(words.rstrip())) if words.strip() else (at, at))
        at += len(words) + 1
    return out


@cache
def _known_labels() -> list[str]:
    lists, units = table_words(), organisations()
    known = lists.indicator_heads + lists.unit_heads + lists.value_heads + lists.region_heads + lists.number_heads
    known = known + lists.group_heads + units.deadline_labels + units.task_labels
    return known + [word for words in units.labels.values() for word in words]


def _is_label(words: str) -> bool:
    if len(words) > 14:
        return False
    return is_head(words, _known_labels()) or bool(period_in(words) and len(plain(words)) <= 9)


def _table_at(text: str, lines: list[tuple[int, int]], at: int, number: int) -> tuple[Flat | None, int]:
    """The flattened table that begins with line ``at`` and the index of the line behind it."""
    start, end = lines[at]
    if end - start > LONGEST_ROW or "。" in text[start:end]:
        return None, at
    tabs = "\t" in text[start:end].strip()
    head = _cells(text, start, end, tabs)
    if len(head) >= 2 and sum(_is_label(text[a:b]) for a, b in head) * 3 >= 2 * len(head):
        return _with_head(text, lines, at, head, tabs, number)
    if len(head) == 1 and _is_label(text[start:end]):
        return _one_per_line(text, lines, at, number)
    after = at
    while after < len(lines) and is_row(text[slice(*lines[after])]):
        after += 1
    if after - at >= UNMARKED_ROWS:
        return Flat(start, lines[after - 1][1], None, False), after
    return None, at


def _with_head(
    text: str, lines: list[tuple[int, int]], at: int, head: list[tuple[int, int]], tabs: bool, number: int
) -> tuple[Flat | None, int]:
    """A head line and the rows below it; only rows with as many cells as the head have columns."""
    rows, after, fitting = [_row(head)], at + 1, 0
    while after < len(lines):
        start, end = lines[after]
        words = text[start:end]
        cells = _cells(text, start, end, tabs)
        if (
            tabs != ("\t" in words.strip())
            or end - start > LONGEST_ROW
            or (not tabs and _is_sentence(text, start, end))
        ):
            break
        if not tabs and len(cells) < 2:
            break
        if len(cells) == len(head):
            rows.append(_row(cells))
            fitting += 1
        after += 1
    if after - at - 1 < FEWEST_ROWS - tabs:
        return None, at
    grid = Grid(number, rows) if fitting else None
    return Flat(lines[at][0], lines[after - 1][1], grid, tabs), after


def _one_per_line(text: str, lines: list[tuple[int, int]], at: int, number: int) -> tuple[Flat | None, int]:
    """Labels one below the other, then the cells one below the other."""
    width = 0
    while at + width < len(lines) and width < 12 and _is_label(text[slice(*lines[at + width])]):
        width += 1
    after = at + width
    while after < len(lines) and lines[after][1] - lines[after][0] <= 40 and not _is_sentence(text, *lines[after]):
        after += 1
    cells = lines[at + width : after]
    values = sum(bool(VALUE.fullmatch(text[a:b].strip())) for a, b in cells)
    if width < 3 or len(cells) < FEWEST_ROWS * width or values * 5 < len(cells):
        return None, at
    whole = len(cells) % width == 0 and _columns_hold(text, cells, width)
    rows = [_row(lines[at : at + width])] + [_row(cells[n : n + width]) for n in range(0, len(cells), width)]
    return Flat(lines[at][0], lines[after - 1][1], Grid(number, rows) if whole else None, False), after


def _columns_hold(text: str, cells: list[tuple[int, int]], width: int) -> bool:
    """Whether every column holds numbers only or words only, so that no cell was lost."""
    for c in range(width):
        kinds = {bool(VALUE.fullmatch(text[a:b].strip())) for a, b in cells[c::width] if text[a:b].strip() not in "-—/"}
        if len(kinds) > 1:
            return False
    return True


def _row(cells: list[tuple[int, int]]) -> list[GridCell]:
    return [GridCell(a, b, c) for c, (a, b) in enumerate(cells, 1)]


def _is_sentence(text: str, start: int, end: int) -> bool:
    """A line that ends a sentence or begins an item of the outline is no row."""
    marker = line_marker(text, start, end)
    heading = marker is not None and not re.match(r"\s*\d", text[start:end])
    return "。" in text[start:end] or text[end - 1] in ";:!?" or heading
