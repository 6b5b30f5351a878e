"""The data region of a segment, read exactly: items ``name=value``, separated by ``,`` and ``;``.

``,`` separates the items of one code and ``;`` those of different codes (HJ 212-2017 6.3.3). Devices, and the tables of
the standard itself, mix them, so that each item is read by its own name. Text between ``//`` and ``//`` may hold both.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ecocloud.intake.monitoring.hj212.judging import decoded
from ecocloud.intake.monitoring.hj212.words import Kind, Leniency, Reason

OPENING, MARKS = b"CP=&&", b"&&"
_ANY_OPENING = re.compile(rb"CP\s*=\s*&\s*&", re.IGNORECASE)
_SEPARATOR = re.compile("[,;]")
_QUOTE = "//"


class Region(NamedTuple):
    """Where the data region of a segment lies: head before ``begin``, content from ``start`` to ``end``."""

    begin: int
    start: int
    end: int
    notes: tuple[Leniency, ...]
    fault: Reason | None = None


def region_of(segment: bytes, closed: bool) -> Region:
    """From the first ``CP=&&`` to the last ``&&``; ``closed``: whether a missing last one is a fault."""
    begin = segment.find(OPENING)
    notes: list[Leniency] = []
    if begin >= 0:
        start = begin + len(OPENING)
    else:
        match = _ANY_OPENING.search(segment)
        if match is None:
            return Region(len(segment), len(segment), len(segment), (), Reason.NO_CP)
        begin, start = match.span()
        notes.append(Leniency(Kind.CP_FORM, "CP", match.group().decode("latin-1")))
    end = segment.rfind(MARKS, start)
    if end < 0:
        end = len(segment) - segment.endswith(b"&")
        notes.append(Leniency(Kind.CP_NOT_CLOSED))
        return Region(begin, start, max(start, end), tuple(notes), Reason.CP_NOT_CLOSED if closed else None)
    if segment[end + len(MARKS) :].strip():
        notes.append(Leniency(Kind.CP_FORM, "CP", segment[end:].decode("latin-1")))
    if MARKS in segment[start:end]:
        notes.append(Leniency(Kind.MARKS_INSIDE))
    return Region(begin, start, end, tuple(notes))


class Items(NamedTuple):
    """The items of a data region in order, and what was let pass while reading them."""

    names: tuple[str, ...]
    texts: tuple[str, ...]
    notes: tuple[Leniency, ...]


def read_items(raw: bytes) -> Items:
    """The items of a data region from its bytes; nothing is refused, what is no item becomes a leniency."""
    text, charset = decoded(raw)
    notes = [Leniency(charset)] if charset else []
    if any(not character.isprintable() for character in text):
        notes.append(Leniency(Kind.CONTROL_BYTES))
    names: list[str] = []
    texts: list[str] = []
    place, equals = 0, -1
    while place < len(text):
        if equals < place:
            equals = text.find("=", place)
            equals = len(text) if equals < 0 else equals
        match = _SEPARATOR.search(text, place)
        stop = match.start() if match else len(text)
        if equals < stop:
            stop = _value_end(text, equals + 1, stop)
            _add(text[place:equals], text[equals + 1 : stop], names, texts, notes)
        elif text[place:stop].strip():
            notes.append(Leniency(Kind.NO_EQUALS, "", text[place:stop].strip()))
        else:
            notes.append(Leniency(Kind.EMPTY_ITEM))
        place = stop + 1
    if text and text[-1] in ",;":
        notes.append(Leniency(Kind.EMPTY_ITEM))
    return Items(tuple(names), tuple(texts), tuple(dict.fromkeys(notes)))


def _value_end(text: str, start: int, stop: int) -> int:
    """Where a value ends: at the next separator, or behind the closing ``//`` of a text between ``//``."""
    begin = start
    while text[begin : begin + 1].isspace():
        begin += 1
    if not text.startswith(_QUOTE, begin):
        return stop
    close = text.find(_QUOTE, begin + len(_QUOTE))
    if close < 0:
        return stop
    after = close + len(_QUOTE)
    match = _SEPARATOR.search(text, after)
    end = match.start() if match else len(text)
    return end if not text[after:end].strip() else stop


def _add(name: str, value: str, names: list[str], texts: list[str], notes: list[Leniency]) -> None:
    """One item; blanks around name and value are cut off, one nameless is only told of."""
    bare, text = name.strip(), value.strip()
    if not bare:
        notes.append(Leniency(Kind.NO_NAME, "", text))
        return
    if bare != name or text != value:
        notes.append(Leniency(Kind.SPACES, bare))
    if "=" in text and not text.startswith(_QUOTE):
        notes.append(Leniency(Kind.EQUALS_IN_VALUE, bare, text))
    names.append(bare)
    texts.append(text)
