"""Traditional to simplified characters with exact offsets, also where the number of characters changes."""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import SequenceMatcher
from functools import cache

from ecocloud.intake.documents.text.source import Piece, SourceText

HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]+")
STRETCH = re.compile(r"[^，。；：、！？,.;:!?\s]+|[，。；：、！？,.;:!?\s]+")
WORD_ZHUO = re.compile(r"著(?=[力眼手重陆落实])")
TRADITIONAL_SHARE = 0.02
SAMPLE = 20000


@cache
def _converter() -> Callable[[str], str]:
    import opencc

    return opencc.OpenCC("t2s").convert


def simplify(source: SourceText) -> SourceText:
    """Traditional to simplified when enough of the text is traditional; the count is that of characters changed."""
    if not traditional_share(source.text):
        return source
    pieces, changed, at = [], 0, 0
    for line in source.text.splitlines(keepends=True):
        made = _pieces(line, at)
        pieces.extend(made)
        changed += sum(_changes(p, line[p.start - at : p.end - at]) for p in made)
        at += len(line)
    return source.repair("simplified", pieces, changed)


def _changes(piece: Piece, old: str) -> int:
    """How many characters a piece changes; one for a stretch whose length changes."""
    return sum(a != b for a, b in zip(piece.text, old, strict=True)) if len(piece.text) == len(old) else 1


def traditional_share(text: str) -> float:
    """The share of Chinese characters that a conversion changes, 0 below the threshold at which a text counts as
    traditional (looked at in a sample from the beginning and one from the middle)."""
    if len(text) <= 2 * SAMPLE:
        samples = [text]
    else:
        samples = [text[:SAMPLE], text[len(text) // 2 :][:SAMPLE]]
    share = 0.0
    for sample in samples:
        letters = set("".join(HAN.findall(sample)))
        changing = {c for c in letters if _converter()(c) != c}
        han = sum(len(m) for m in HAN.findall(sample))
        if han:
            share = max(share, sum(sample.count(c) for c in changing) / han)
    return share if share >= TRADITIONAL_SHARE else 0.0


def _pieces(line: str, at: int) -> list[Piece]:
    """The converted line as pieces; ``at`` is the offset of the line in the text."""
    new = _zhuo(_converter()(line))
    if len(new) == len(line):
        return [Piece(new, at, at + len(line))]
    out: list[Piece] = []
    for found in STRETCH.finditer(line):
        old, first = found.group(), at + found.start()
        new = _zhuo(_converter()(old))
        out.extend([Piece(new, first, at + found.end())] if len(new) == len(old) else _aligned(old, new, first))
    return out


def _aligned(old: str, new: str, at: int) -> list[Piece]:
    """Pieces for a stretch whose length changes: characters that stay in step one by one, the rest as one piece."""
    step = [c if len(c) == 1 else o for o, c in ((o, _converter()(o)) for o in old)]
    out = []
    for _, a, b, c, d in SequenceMatcher(None, step, list(new), autojunk=False).get_opcodes():
        if a == b:  # characters that come in addition belong to the one before (or behind)
            if out:
                out[-1] = Piece(out[-1].text + new[c:d], out[-1].start, out[-1].end)
            else:
                a, b = 0, 1
                out.append(Piece(new[c:d], at, at))
            continue
        out.append(Piece(new[c:d], at + a, at + b))
    return out


def _zhuo(text: str) -> str:
    return WORD_ZHUO.sub("着", text)
