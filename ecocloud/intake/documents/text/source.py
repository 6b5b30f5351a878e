"""The text that the engine reads, and the exact way back to the original.

``original`` is the text in which all offsets of records are counted. For a plain text file it is the decoded file with
nothing changed (line ends and a byte order mark included). For docx, html and pdf it is the linear text that the
loader made, and ``places`` says which paragraph, table cell or page each stretch comes from.

``text`` is what the rules read: glosses removed, simplified, and so on. Every repair is a list of pieces, so that any
number of repairs can follow each other without losing the way back.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

FOLD = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
FOLD.update({0x3000: 0x20, 0xA0: 0x20, 0xB5: 0x3BC, 0xFF61: 0x3002, 0xFE59: 0x28, 0xFE5A: 0x29, 0x2009: 0x20})


def fold(text: str) -> str:
    """Half-width view of ``text``, character for character (same length, same offsets)."""
    return text.translate(FOLD)


@dataclass(frozen=True)
class Place:
    """Where a stretch of ``original`` stands in its file. ``kind``: paragraph, cell, page, element, line."""

    start: int
    kind: str
    label: str
    row: int | None = None
    column: int | None = None
    table: int | None = None
    # cells: over how many columns they reach; whether they repeat a cell that reaches down from a row above
    columns: int = 1
    copy: bool = False


@dataclass(frozen=True)
class Piece:
    """A stretch of the repaired text: ``text`` stands for ``[start, end)`` of the text before the repair."""

    text: str
    start: int
    end: int


@dataclass
class OffsetMap:
    """Monotone map from offsets of the repaired text to offsets of the original; ``None`` arrays mean identity."""

    length: int
    original_length: int
    starts: array | None = None
    ends: array | None = None

    @classmethod
    def identity(cls, length: int) -> OffsetMap:
        return cls(length, length)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original span of ``[start, end)`` of the repaired text (empty spans stay empty)."""
        if self.starts is None or self.ends is None:
            return start, end
        if start >= end:
            at = self.starts[start] if start < self.length else self.original_length
            return at, at
        return self.starts[start], self.ends[end - 1]

    def back(self, offset: int) -> int:
        """The first offset of the repaired text whose character stands at or after ``offset`` of the original."""
        if self.ends is None:
            return min(offset, self.length)
        return bisect_right(self.ends, offset)

    def then(self, pieces: Iterable[Piece]) -> tuple[str, OffsetMap]:
        """Apply a repair given as pieces of the text this map belongs to; returns the new text and its map."""
        starts, ends, parts = array("l"), array("l"), []
        for piece in pieces:
            parts.append(piece.text)
            size = len(piece.text)
            if size == piece.end - piece.start:
                if self.starts is None or self.ends is None:
                    starts.extend(range(piece.start, piece.end))
                    ends.extend(range(piece.start + 1, piece.end + 1))
                else:
                    starts.extend(self.starts[piece.start : piece.end])
                    ends.extend(self.ends[piece.start : piece.end])
            elif size:
                first, last = self.span(piece.start, piece.end)
                starts.extend([first] * size)
                ends.extend([last] * size)
        return "".join(parts), OffsetMap(len(starts), self.original_length, starts, ends)


@dataclass(frozen=True)
class Part:
    """A file of a package: its name, its stretch of ``original``, its kind, or the sentence why it was not read."""

    name: str
    start: int
    end: int
    kind: str
    problem: str = ""


@dataclass
class SourceText:
    """A loaded document: see the module text.

    ``text`` and ``folded`` have the same length; rules match on ``folded`` and report offsets of ``text``.
    """

    name: str
    kind: str
    original: str
    text: str
    map: OffsetMap
    encoding: str = ""
    places: list[Place] = field(default_factory=list)
    repairs: dict[str, int] = field(default_factory=dict)
    folded: str = ""
    parts: list[Part] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folded = fold(self.text)

    @classmethod
    def plain(cls, name: str, kind: str, original: str, **more: object) -> SourceText:
        return cls(name, kind, original, original, OffsetMap.identity(len(original)), **more)  # type: ignore[arg-type]

    def repair(self, what: str, pieces: list[Piece], count: int) -> SourceText:
        """A new source text with one more repair applied; ``count`` is the number of places it touched."""
        text, offsets = self.map.then(pieces)
        repairs = {**self.repairs, what: self.repairs.get(what, 0) + count}
        return replace(self, text=text, map=offsets, repairs=repairs)

    def edit(self, what: str, edits: list[tuple[int, int, str]]) -> SourceText:
        """A repair given as edits ``(start, end, new text)`` of ``text``, sorted and disjoint; none: ``self``."""
        if not edits:
            return self
        pieces, at = [], 0
        for start, end, new in edits:
            if start > at:
                pieces.append(Piece(self.text[at:start], at, start))
            if new:
                pieces.append(Piece(new, start, end))
            at = end
        pieces.append(Piece(self.text[at:], at, len(self.text)))
        return self.repair(what, pieces, len(edits))

    def quote(self, start: int, end: int) -> tuple[str, int, int]:
        """(quote, start, end) in the original for a span of ``text``."""
        first, last = self.map.span(start, end)
        return self.original[first:last], first, last

    def part(self, offset: int) -> Part | None:
        """The file of a package in which an offset of the ORIGINAL stands; None for a single file."""
        return next((p for p in self.parts if p.start <= offset < p.end), None)

    def place(self, offset: int) -> Place | None:
        """The paragraph, cell or page in which an offset of the ORIGINAL stands."""
        if not self.places:
            return None
        at = bisect_right(self.places, offset, key=lambda p: p.start) - 1
        return self.places[max(at, 0)]
