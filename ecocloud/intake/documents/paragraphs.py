"""The text of a document as people see it: numbered paragraphs, headings, table rows, and places in words. Pure.

A segment is ``[start, end, kind, number, table]`` with offsets in the original text. ``kind``: ``t`` title, ``1`` ``2``
headings, ``p`` paragraph, ``+`` its continuation, ``r`` table row. ``number`` counts paragraphs (or rows of a table).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_HEADING1 = re.compile(r"(?:第[一二三四五六七八九十百]+[章编]|[一二三四五六七八九十]{1,3}、)")
_HEADING2 = re.compile(r"[（(][一二三四五六七八九十]{1,3}[）)]")
_CLAUSE = re.compile(r"第[一二三四五六七八九十百零\d]+条")
_SENTENCE = re.compile(r"[。！？!?]+[”’》）)】]*")
_CLAUSE_END = re.compile(r"(?:[。！？!?；;，,]|(?<!\d)\.)+[”’》）)】]*")
_LONGEST_HEADING = 45
_SPACE = " \t\r\n\u3000\ufeff\xa0"

Segment = list


@dataclass(frozen=True)
class Place:
    """A place in words: ``第 17 段 第 3 句``; ``anchor`` is its id on the page, ``mark`` the head of record labels."""

    words: str
    anchor: str
    mark: str
    index: int


def split(text: str, rows: Sequence[tuple[int, int, int]] = (), longest: int = 2000) -> list[Segment]:
    """Segments of ``text``.

    ``rows`` are table rows as (offset of the row's first cell, table number, row number); ``longest`` in characters.
    """
    cells = {start: (table, row) for start, table, row in rows}
    found: list[Segment] = []
    number, at, titled = 0, 0, False
    for line in text.split("\n"):
        start, end = at, at + len(line)
        at = end + 1
        if start in cells:
            if line.strip(_SPACE):
                found.append([start, end, "r", cells[start][1], cells[start][0]])
            continue
        while start < end and text[start] in _SPACE:
            start += 1
        while end > start and text[end - 1] in _SPACE:
            end -= 1
        if start >= end:
            continue
        kind = _kind(text[start:end], titled)
        titled = True
        if kind != "p":
            found.append([start, end, kind, number, 0])
            continue
        number += 1
        found.extend(_cut(text, start, end, number, longest))
    return found


def _kind(line: str, titled: bool) -> str:
    if len(line) > _LONGEST_HEADING or line[-1] in "。；;，,":
        return "p"
    if not titled:
        return "t"
    if _HEADING1.match(line):
        return "1"
    return "2" if _HEADING2.match(line) and "。" not in line else "p"


def _cut(text: str, start: int, end: int, number: int, longest: int) -> list[Segment]:
    parts: list[Segment] = []
    while end - start > longest:
        ends = [m.end() for m in _SENTENCE.finditer(text, start, start + longest)]
        stop = ends[-1] if ends else start + longest
        parts.append([start, stop, "+" if parts else "p", number, 0])
        start = stop
    parts.append([start, end, "+" if parts else "p", number, 0])
    return parts


def anchor_of(segment: Segment) -> str:
    """The id of a segment on the page: ``p17``, ``h3`` (heading behind paragraph 3) or ``t1-2`` (table, row)."""
    if segment[2] == "r":
        return f"t{segment[4]}-{segment[3]}"
    return f"{'p' if segment[2] in 'p+' else 'h'}{segment[3]}"


def index_at(segments: Sequence[Segment], offset: int) -> int:
    """Index of the segment that holds ``offset`` (the one before it when it falls between two); 0 for none."""
    return max(0, bisect_right([segment[0] for segment in segments], offset) - 1)


def sentences(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The sentences between two offsets; a closing bracket behind the full stop belongs to it."""
    found, at = [], start
    for match in _SENTENCE.finditer(text, start, end):
        found.append((at, match.end()))
        at = match.end()
    if text[at:end].strip(_SPACE) or not found:
        found.append((at, end))
    elif at < end:
        found[-1] = (found[-1][0], end)
    return found


def clauses(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The clauses between two offsets, cut behind commas, semicolons and full stops."""
    found, at = [], start
    for match in _CLAUSE_END.finditer(text, start, end):
        found.append((at, match.end()))
        at = match.end()
    if at < end:
        found.append((at, end))
    return found


def sections(text: str, segments: Sequence[Segment]) -> list[tuple[str, int, int]]:
    """(title, start, end) of the parts under the headings of the first level; all of it when there is no heading."""
    heads = [segment for segment in segments if segment[2] == "1"]
    edges = [0, *(head[0] for head in heads), len(text) + 1]
    titles = ["", *(" ".join(text[head[0] : head[1]].split()) for head in heads)]
    found = list(zip(titles, edges, edges[1:], strict=False))
    return [one for one in found if one[0] or any(s[0] < one[2] and s[2] != "t" for s in segments)]


def place_of(text: str, segments: Sequence[Segment], start: int, end: int, starts: Sequence[int] = ()) -> Place:
    """The place of a span in words; ``starts`` may give the starts of the segments when asked many times."""
    if not segments:
        return Place("全文", "p0", "00", 0)
    index = max(0, bisect_right(starts or [segment[0] for segment in segments], start) - 1)
    first = last = segments[index]
    if first[2] == "r":
        return Place(f"表 {first[4]} 第 {first[3]} 行", anchor_of(first), f"T{first[3]}", index)
    if first[2] in "t12":
        words = {"t": "标题"}.get(first[2], f"第 {first[3] + 1} 段前标题")
        return Place(words, anchor_of(first), f"{first[3]:02d}", index)
    while index and segments[index][2] == "+":
        index -= 1
    first, head = segments[index], index
    for later in segments[index + 1 :]:
        if later[2] != "+":
            break
        last = later
    whole = (first[0], max(first[1], last[1]))
    clause = _CLAUSE.match(text, first[0])
    words = clause.group(0) if clause else f"第 {first[3]} 段"
    if start <= first[0] and end >= whole[1]:
        return Place(words, anchor_of(first), f"{first[3]:02d}", head)
    lines = sentences(text, *whole)
    one = _sentence(lines, start)
    two = _sentence(lines, max(start, min(end, whole[1]) - 1))
    words += f" 第 {one} 句" if one == two else f" 第 {one}–{two} 句"
    return Place(words, anchor_of(first), f"{first[3]:02d}", head)


def _sentence(lines: Sequence[tuple[int, int]], offset: int) -> int:
    return max(1, bisect_right([line[0] for line in lines], offset))


def pages(segments: Sequence[Segment], most: int, chars: int) -> list[tuple[int, int]]:
    """Ranges of segment indexes, one for each page of the text; at least one."""
    found, first, size = [], 0, 0
    for index, segment in enumerate(segments):
        length = segment[1] - segment[0]
        if index > first and (index - first >= most or size + length > chars):
            found.append((first, index))
            first, size = index, 0
        size += length
    found.append((first, len(segments)))
    return found


@dataclass(frozen=True)
class Span:
    """A stretch to mark: css classes, the record it belongs to, its label when it carries a pin."""

    start: int
    end: int
    css: str
    record: int
    current: bool = False


@dataclass(frozen=True)
class Run:
    """A stretch of text with the same marks; ``pins`` are the records that begin here."""

    text: str
    css: str = ""
    record: int = 0
    pins: tuple[int, ...] = ()
    at: int = 0


def runs(text: str, start: int, end: int, spans: Iterable[Span], pins: dict[int, list[int]]) -> list[Run]:
    """The text between two offsets cut at every border of ``spans``; ``pins`` gives records by their first offset."""
    inside = [span for span in spans if span.start < end and span.end > start]
    here = {at: ids for at, ids in pins.items() if start <= at < end}
    edges = sorted({start, end, *here} | {e for s in inside for e in (s.start, s.end) if start < e < end})
    found = []
    for one, two in zip(edges, edges[1:], strict=False):
        over = [span for span in inside if span.start <= one and span.end >= two]
        css = " ".join(dict.fromkeys(span.css for span in over))
        best = next((s for s in over if s.current), min(over, key=lambda s: s.end - s.start) if over else None)
        if any(span.current for span in over):
            css += " cur" + _ends(over, one, two)
        found.append(Run(text[one:two], css.strip(), best.record if best else 0, tuple(here.get(one, ())), one))
    return found


def _ends(over: Sequence[Span], one: int, two: int) -> str:
    current = next(span for span in over if span.current)
    return (" first" if current.start == one else "") + (" last" if current.end == two else "")
