"""Clauses and the noun phrases inside them, with exact offsets: the common ground of projects and mechanisms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ecocloud.intake.documents.context import Context
from ecocloud.intake.documents.indicators import strip_lead, strip_verbs
from ecocloud.intake.documents.segments import lines_of

OPENING, CLOSING = "(“《[", ")”》]"
LONGEST = 250
BREAK = ",;。:!?\n"


@dataclass(frozen=True)
class Phrase:
    """A stretch of text: ``start``-``end``; ``lead`` holds the verbs cut off in front."""

    start: int
    end: int
    text: str
    lead: str = ""


def split_level(text: str, start: int, end: int, separators: str) -> list[tuple[int, int]]:
    """Split at separators outside brackets and quotes."""
    out, level, first = [], 0, start
    for at in range(start, end):
        char = text[at]
        if char in OPENING:
            level += 1
        elif char in CLOSING:
            level = max(0, level - 1)
        elif level == 0 and char in separators:
            out.append((first, at))
            first = at + 1
    out.append((first, end))
    return [(a, b) for a, b in out if text[a:b].strip()]


def clauses(text: str, context: Context) -> Iterator[Phrase]:
    """Clauses of the body in order; notes and page furniture left out."""
    for start, end in lines_of(text, *context.body):
        if context.section(start).mode == "notes":
            continue
        for begin, stop in context.locator.stretches(start, end):
            for a, b in split_level(text, begin, stop, BREAK):
                while a < b and text[a].isspace():
                    a += 1
                if 3 <= b - a <= LONGEST and text[a] not in "([":
                    yield Phrase(a, b, text[a:b])


def bare(text: str, start: int, end: int) -> Phrase:
    """The phrase without verbs, places and periods in front."""
    words = text[start:end]
    plain = strip_verbs(strip_lead(words))
    plain = re.sub(r"^(?:了|一批|各类|一系列|的)", "", plain)
    again = strip_verbs(plain)
    plain = again if len(again) >= 3 else plain
    at = words.rfind(plain) if plain else -1
    if at < 0:
        return Phrase(start, end, words)
    first = start + at
    return Phrase(first, first + len(plain), plain, words[:at])


def members(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Members of a list inside a clause (、, 和, 及, 与, 以及)."""
    out = []
    for a, b in split_level(text, start, end, "、"):
        at = a
        for match in re.finditer(r"以及|和(?!谐|平|美)|及(?!其|时|地)", text[a:b]):
            inside = text[at : a + match.start()]
            balanced = all(inside.count(o) == inside.count(c) for o, c in zip(OPENING, CLOSING, strict=True))
            if balanced and a + match.start() - at >= 2 and b - (a + match.end()) >= 2:
                out.append((at, a + match.start()))
                at = a + match.end()
        out.append((at, b))
    return out
