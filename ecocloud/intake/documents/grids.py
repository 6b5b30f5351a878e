"""Tables of a document as grids: which cell stands in which column, which rows are the head, what each column is."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

import yaml
from pydantic import BaseModel, ConfigDict

from ecocloud.intake.documents.text.source import SourceText

HEAD_ROWS = 4
MANY_COLUMNS = 60
BRACKET = re.compile(r"[(（【\[]([^()（）【】\[\]]*)[)）】\]]")
YEARS = re.compile(r"(?<!\d)(20\d{2})(?:\s?年)?\s?(?:[-—–~～至到]\s?(20\d{2}))?(?!\d)")


class TableWords(BaseModel):
    """The words of ``data/tables.yaml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    version: int
    indicator_heads: list[str]
    unit_heads: list[str]
    value_heads: list[str]
    region_heads: list[str]
    target_words: list[str]
    actual_words: list[str]
    number_heads: list[str]
    group_heads: list[str]


@cache
def table_words() -> TableWords:
    """Heads of columns, through a checked schema."""
    text = resources.files("ecocloud.intake.documents").joinpath("data", "tables.yaml").read_text("utf-8")
    return TableWords(**yaml.safe_load(text))


@dataclass(frozen=True)
class GridCell:
    """A cell in the text that is read. ``copy``: it repeats a cell that reaches down from a row above."""

    start: int
    end: int
    column: int
    columns: int = 1
    copy: bool = False


@dataclass
class Grid:
    """A table: rows of cells; ``number`` is its place among the tables of the document (``表N``)."""

    number: int
    rows: list[list[GridCell]] = field(default_factory=list)

    def at(self, row: int, column: int) -> GridCell | None:
        """The cell that covers a column of a row (rows from 0, columns from 1)."""
        cells = self.rows[row]
        found = bisect_right(cells, column, key=lambda c: c.column) - 1
        cell = cells[found] if found >= 0 else None
        return cell if cell is not None and cell.column <= column < cell.column + cell.columns else None

    @property
    def width(self) -> int:
        """How many columns the widest row has."""
        return max((r[-1].column + r[-1].columns - 1 for r in self.rows if r), default=0)


@dataclass(frozen=True)
class Head:
    """The head of a table: the last of its rows, and for each column the words of all its rows together."""

    last: int
    labels: dict[int, str]


def grids(source: SourceText) -> list[Grid]:
    """The tables of a document, in order."""
    found: dict[int, Grid] = {}
    rows: dict[tuple[int, int], list[GridCell]] = {}
    places = source.places
    for at, place in enumerate(places):
        if place.kind != "cell" or place.table is None or place.row is None:
            continue
        stop = places[at + 1].start if at + 1 < len(places) else len(source.original)
        start, end = source.map.back(place.start), source.map.back(stop)
        while end > start and source.text[end - 1] in "\t\n ":
            end -= 1
        key = (place.table, place.row)
        if key not in rows:
            rows[key] = []
            found.setdefault(place.table, Grid(place.table)).rows.append(rows[key])
        rows[key].append(GridCell(start, end, place.column or len(rows[key]) + 1, place.columns, place.copy))
    return list(found.values())


def plain(text: str) -> str:
    """The words of a head without spaces and brackets."""
    return re.sub(r"[\s:：*]", "", BRACKET.sub("", text))


def is_head(label: str, words: list[str]) -> bool:
    """Whether a head is one of ``words``, with up to two more characters in front (整改时限, 重点任务)."""
    label = plain(label)
    return label in words or label[2:] in words or label[1:] in words


def heads(text: str, grid: Grid) -> list[Head]:
    """The heads a table may have: each of its first rows, joined with the rows that belong to it."""
    found = []
    for first in range(min(HEAD_ROWS, len(grid.rows))):
        row = grid.rows[first]
        if len(row) < 2:
            continue
        labels = {c: text[cell.start : cell.end].strip() for c, cell in _columns(row)}
        last = first
        while last + 1 < len(grid.rows) and last - first < 3 and _goes_on(text, grid, first, last):
            last += 1
            for c, cell in _columns(grid.rows[last]):
                words = text[cell.start : cell.end].strip()
                if words and not cell.copy and c in labels:
                    labels[c] = f"{labels[c]} {words}"
        found.append(Head(last, labels))
    return found


def _columns(row: list[GridCell]) -> list[tuple[int, GridCell]]:
    return [(c, cell) for cell in row for c in range(cell.column, cell.column + min(cell.columns, MANY_COLUMNS))]


def _goes_on(text: str, grid: Grid, first: int, last: int) -> bool:
    """Whether the next row belongs to the head: it repeats cells of the head, or splits its wide cells."""
    row = grid.rows[last + 1]
    wide = {c for c, cell in _columns(grid.rows[first]) if cell.columns > 1}
    if not wide:
        return False
    if any(cell.copy for cell in row):
        return True
    return all(c in wide or not text[cell.start : cell.end].strip() for c, cell in _columns(row))


def unit_in(text: str) -> str:
    """The unit that a head or a name carries in brackets: ``森林覆盖率（%）``, ``投资（单位：万元）``; '' for none."""
    for found in reversed(BRACKET.findall(text)):
        words = re.sub(r"^单位[:：]?", "", found.strip())
        if words and len(words) <= 10 and not re.search(r"[\d,，、。；年]", words):
            return words
    return ""


def period_in(text: str) -> str | None:
    """The year or range of years that a head names, as an EDTF period; None for none."""
    found = YEARS.search(text)
    if not found:
        return None
    first, last = found.groups()
    return f"{first}/{last}" if last and last > first else first
