"""Repairs of damaged or traditional text; each is a list of pieces, so that offsets stay exact.

First version: byte order mark, pinyin glosses in brackets, traditional to simplified characters.
"""

from __future__ import annotations

import re

from ecocloud.intake.documents.text.source import Piece, SourceText

TONES = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ"
GLOSS = re.compile(rf"(?<=[\u3400-\u9fff])[（(]([a-zü{TONES}]{{1,7}})[）)]")
HAN = re.compile(r"[\u3400-\u9fff]+")
WORD_ZHUO = re.compile(r"著(?=[力眼手重陆落实])")
TRADITIONAL_SHARE = 0.02
GLOSSES_NEEDED = 3


def drop_spans(source: SourceText, what: str, spans: list[tuple[int, int]]) -> SourceText:
    """Remove spans of ``source.text`` (sorted, disjoint)."""
    if not spans:
        return source
    pieces, at = [], 0
    for start, end in spans:
        if start > at:
            pieces.append(Piece(source.text[at:start], at, start))
        at = end
    pieces.append(Piece(source.text[at:], at, len(source.text)))
    return source.repair(what, pieces, len(spans))


def drop_mark(source: SourceText) -> SourceText:
    """Take a byte order mark out of the text that is read; it keeps its place in the original."""
    return drop_spans(source, "byte_order_mark", [(0, 1)] if source.text.startswith("\ufeff") else [])


def drop_glosses(source: SourceText) -> SourceText:
    """Remove pinyin glosses such as ``乡(xiāng)``: at least three with a tone mark prove that the text is glossed."""
    found = list(GLOSS.finditer(source.text))
    toned = [m for m in found if any(c in TONES for c in m.group(1))]
    if len(toned) < GLOSSES_NEEDED:
        return source
    return drop_spans(source, "pinyin_glosses", [m.span() for m in found])


def simplify(source: SourceText) -> SourceText:
    """Traditional to simplified, character by character, when enough of the text is traditional."""
    han = sum(len(m.group()) for m in HAN.finditer(source.text[:20000]))
    if not han:
        return source
    import opencc

    convert = opencc.OpenCC("t2s").convert
    sample = source.text[:20000]
    changed = convert(sample)
    if len(changed) == len(sample):
        differing = sum(a != b for a, b in zip(sample, changed, strict=True))
    else:
        differing = sum(convert(c) != c for c in set(sample))
    if differing / han < TRADITIONAL_SHARE:
        return source
    lines = source.text.splitlines(keepends=True)
    out = []
    for line in lines:
        new = convert(line)
        if len(new) != len(line):
            new = "".join(s if len(s := convert(c)) == 1 else c for c in line)
        out.append(new)
    text = WORD_ZHUO.sub("着", "".join(out))
    return source.repair("simplified", [Piece(text, 0, len(source.text))], differing)


def repair(source: SourceText) -> SourceText:
    """All repairs, in the order in which they build on each other."""
    for step in (drop_mark, drop_glosses, simplify):
        source = step(source)
    return source
