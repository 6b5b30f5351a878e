"""The linear text that a loader makes of paragraphs and tables, with the place of every stretch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ecocloud.intake.documents.errors import EmptyDocument, TooLarge, refuse
from ecocloud.intake.documents.text.source import Place, SourceText

MAX_CHARS = 5_000_000
MAX_UNPACKED = 300 * 1024 * 1024
# A table may claim spans of any size; what it can be laid out to is bounded.
MAX_CELLS = 400_000
MAX_SPAN = 2000


def check_text(text: str, name: str) -> None:
    """Refuse an empty text and one above the limit."""
    if not text.strip():
        raise refuse(EmptyDocument, name, "文件里没有任何文字。", "the file has no text", remedy="请选择有正文的文件。")
    if len(text) > MAX_CHARS:
        raise refuse(
            TooLarge, name, f"正文有 {len(text)} 字，超过 {MAX_CHARS} 字的上限。", "the text is above the limit",
            value=len(text), remedy="请拆成几份后再导入。")  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """A cell as its file gives it: text, and over how many rows and columns it reaches."""

    text: str
    rows: int = 1
    columns: int = 1


@dataclass(frozen=True)
class Laid:
    """A cell in its place: column from 1, its width, whether it repeats a cell that reaches down from above."""

    text: str
    column: int
    columns: int = 1
    copy: bool = False


def lay_out(rows: Sequence[Sequence[Cell]]) -> list[list[Laid]]:
    """Put cells into their columns; a cell that reaches over several rows is repeated in each of them.

    Every row begins with column 1. Layout stops at ``MAX_CELLS``.
    """
    out: list[list[Laid]] = []
    down: dict[int, tuple[int, Cell]] = {}  # column -> rows still covered, cell
    total = 0
    for row in rows:
        laid: list[Laid] = []
        column, left = 1, list(reversed(row))
        below: dict[int, tuple[int, Cell]] = {}
        while left or any(c >= column for c in down):
            if column in down:
                rest, cell = down.pop(column)
                laid.append(Laid(cell.text, column, cell.columns, True))
                if rest > 1:
                    below[column] = (rest - 1, cell)
            elif left:
                cell = left.pop()
                wide = min(max(cell.columns, 1), MAX_SPAN)
                cell = Cell(cell.text, min(max(cell.rows, 1), MAX_SPAN), wide)
                laid.append(Laid(cell.text, column, wide))
                if cell.rows > 1:
                    below[column] = (cell.rows - 1, cell)
            else:
                cell = Cell("")
                laid.append(Laid("", column))
            column += cell.columns
        down = below
        total += len(laid)
        if total > MAX_CELLS:
            break
        if laid:
            out.append(laid)
    return out


@dataclass
class Linear:
    """The linear text under construction and the places of its stretches."""

    parts: list[str] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    repairs: dict[str, int] = field(default_factory=dict)
    size: int = 0
    paragraphs: int = 0
    tables: int = 0

    def add(self, text: str, kind: str, label: str, end: str = "\n", **at: int) -> None:
        """Append a stretch with its place; blank ones are left out unless they are cells."""
        if not text.strip() and kind != "cell":
            return
        self.places.append(Place(self.size, kind, label, **at))
        self.parts.append(text + end)
        self.size += len(text) + len(end)

    def paragraph(self, text: str) -> None:
        """Append a paragraph ``第N段``; blank ones are not counted."""
        if text.strip():
            self.paragraphs += 1
            self.add(text, "paragraph", f"第{self.paragraphs}段", row=self.paragraphs)

    def table(self, rows: Sequence[Sequence[Cell]], label: str = "") -> None:
        """Append a table: cells end with a tab, the last of a row with a line end; each cell is a place.

        ``label`` stands before ``表N`` in the places (the name of a sheet).
        """
        self.tables += 1
        number = self.tables
        for r, row in enumerate(lay_out(rows), 1):
            for laid in row:
                end = "\n" if laid is row[-1] else "\t"
                place = f"{label}表{number}第{r}行第{laid.column}列"
                self.add(laid.text, "cell", place, end, table=number, row=r, column=laid.column,
                         columns=laid.columns, copy=laid.copy)  # fmt: skip

    def count(self, what: str, number: int) -> None:
        """Note a repair that the loader itself made."""
        if number:
            self.repairs[what] = self.repairs.get(what, 0) + number

    def source(self, name: str, kind: str, encoding: str = "") -> SourceText:
        """The finished text; refuses an empty one and one above the limit."""
        text = "".join(self.parts)
        check_text(text, name)
        return SourceText.plain(name, kind, text, encoding=encoding, places=self.places, repairs=dict(self.repairs))
