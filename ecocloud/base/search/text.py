"""Cutting Chinese and Latin text into index terms: pure functions.

Two streams are made of every text: single characters (``uni``) and pairs of neighbours (``pairs``). Latin letters and
digits form words of their own in both (``PM2.5`` is pm, 2, 5). A run of characters is found as a phrase of pairs, a
single character or a mixture of scripts as a phrase of singles: both find exactly what is written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_CJK = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_TOKEN = re.compile(f"[{_CJK}]+|[^\\W\\d_{_CJK}]+|\\d+")
_CJK_RUN = re.compile(f"[{_CJK}]")
MAX_TERMS = 8
MAX_TERM_TOKENS = 40
MAX_WORD = 60


def normal(text: str) -> tuple[str, list[int] | None]:
    """``text`` in one form (full-width and case folded) and the place each character came from.

    The list of places is None where nothing moved.
    """
    folded = unicodedata.normalize("NFKC", text).lower()
    if len(folded) == len(text) and all(
        a == b or unicodedata.normalize("NFKC", a).lower() == b for a, b in zip(text, folded, strict=True)
    ):
        return folded, None
    pieces, places = [], []
    for place, char in enumerate(text):
        piece = unicodedata.normalize("NFKC", char).lower()
        pieces.append(piece)
        places.extend([place] * len(piece))
    return "".join(pieces), places


def _runs(folded: str) -> list[str]:
    return [run[:MAX_WORD] if not _CJK_RUN.match(run) else run for run in _TOKEN.findall(folded)]


def streams(text: str) -> tuple[str, str]:
    """The single and the pair stream of ``text``, terms parted by blanks as the index takes them."""
    singles: list[str] = []
    pairs: list[str] = []
    for run in _runs(unicodedata.normalize("NFKC", text).lower()):
        if _CJK_RUN.match(run):
            singles.extend(run)
            pairs.extend(map("".join, zip(run, run[1:], strict=False)) if len(run) > 1 else (run,))
        else:
            singles.append(run)
            pairs.append(run)
    return " ".join(singles), " ".join(pairs)


@dataclass(frozen=True)
class Term:
    """One word of a query: which stream it is looked up in, its tokens in order, the pattern that marks it."""

    stream: str
    tokens: tuple[str, ...]
    pattern: str


def terms(query: str) -> list[Term]:
    """The words of a query (at most eight)."""
    found: list[Term] = []
    for word in normal(query)[0].split():
        runs = _runs(word)
        if not runs:
            continue
        if len(runs) == 1 and _CJK_RUN.match(runs[0]) and len(runs[0]) > 1:
            run = runs[0][: MAX_TERM_TOKENS + 1]
            tokens = tuple(run[i : i + 2] for i in range(len(run) - 1))
            found.append(Term("pairs", tokens, re.escape(run)))
            continue
        singles: list[str] = []
        for run in runs:
            singles.extend(run if _CJK_RUN.match(run) else [run])
        singles = singles[:MAX_TERM_TOKENS]
        found.append(Term("uni", tuple(singles), r"[\W_]*".join(map(re.escape, singles))))
    return found[:MAX_TERMS]


def inner(text: str) -> tuple[str, list[str]]:
    """``text`` without words cut off at its ends, and patterns of the whole words these may belong to."""
    folded = unicodedata.normalize("NFKC", text).lower().strip()
    found = list(_TOKEN.finditer(folded))
    start, end, patterns = 0, len(folded), []
    if found and not _CJK_RUN.match(found[0][0]):
        alone = len(found) == 1
        patterns.append(".*" + re.escape(found[0][0]) + (".*" if alone else ""))
        start = end if alone else found[0].end()
    if len(found) > 1 and not _CJK_RUN.match(found[-1][0]):
        patterns.append(re.escape(found[-1][0]) + ".*")
        end = found[-1].start()
    return folded[start:end].strip(), patterns


def relaxed(found: Sequence[Term]) -> list[Term]:
    """The same query with long runs cut into pairs that may stand apart."""
    loose: list[Term] = []
    for term in found:
        if term.stream != "pairs" or len(term.tokens) < 3:
            loose.append(term)
            continue
        chosen = list(term.tokens[::2])
        if len(term.tokens) % 2 == 0:
            chosen.append(term.tokens[-1])
        loose.extend(Term("pairs", (pair,), re.escape(pair)) for pair in dict.fromkeys(chosen))
    return loose


def marks(text: str, found: Sequence[Term]) -> list[tuple[int, int]]:
    """Places of the query's words in ``text``, as (start, end), in order and not overlapping."""
    if not found or not text:
        return []
    folded, places = normal(text)
    pattern = re.compile("|".join(sorted((term.pattern for term in found), key=len, reverse=True)))
    spans = []
    for match in pattern.finditer(folded):
        start, end = match.span()
        if start == end:
            continue
        spans.append((start, end) if places is None else (places[start], places[end - 1] + 1))
    return spans


def snippet(body: str, found: Sequence[Term], before: int = 30, length: int = 140) -> tuple[str, list[tuple[int, int]]]:
    """The stretch of ``body`` around the first match with its marks, ``length`` characters at most (plus …)."""
    spans = marks(body, found)
    start = max(0, spans[0][0] - before) if spans else 0
    end = min(len(body), start + length)
    head, tail = ("…" if start else ""), ("…" if end < len(body) else "")
    shift = len(head) - start
    inside = [(max(a, start) + shift, min(b, end) + shift) for a, b in spans if a < end and b > start]
    return head + body[start:end] + tail, inside


def parts(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[str, bool]]:
    """``text`` cut at its marks: (piece, is marked)."""
    cut: list[tuple[str, bool]] = []
    place = 0
    for start, end in spans:
        if start > place:
            cut.append((text[place:start], False))
        if end > max(start, place):
            cut.append((text[max(start, place) : end], True))
        place = max(place, end)
    if place < len(text):
        cut.append((text[place:], False))
    return cut
