"""Names of divisions and units: pure functions on text."""

from __future__ import annotations

import re

# Administrative endings that everyday language drops; longest first.
_ENDINGS = ("街道办事处", "街道", "自治县", "地区", "新区", "省", "市", "县", "区", "镇", "乡")


def short_region(name: str) -> str:
    """The everyday name of a division: without its administrative ending where at least two characters remain."""
    for ending in _ENDINGS:
        if name.endswith(ending) and len(name) - len(ending) >= 2:
            return name[: -len(ending)]
    return name


def prefix_of(name: str) -> str:
    """The one-character prefix a division gives its departments: 省, 市, 县, 区, 镇, 乡 or '' (街道: 街道)."""
    if name.endswith(("街道", "街道办事处")):
        return "街道"
    return name[-1] if name[-1:] in tuple("省市县区镇乡") else ""


def bigrams(text: str) -> dict[str, int]:
    """The two-character pieces of ``text`` (with a mark at both ends) and how often each occurs."""
    framed = f"^{text}$"
    found: dict[str, int] = {}
    for start in range(len(framed) - 1):
        piece = framed[start : start + 2]
        found[piece] = found.get(piece, 0) + 1
    return found


def similarity(one: str, other: str) -> float:
    """Likeness of two names, 0 to 1: mean of the bigram overlap (Dice) and the ratio of the common subsequence."""
    if one == other:
        return 1.0
    if not one or not other:
        return 0.0
    first, second = bigrams(one), bigrams(other)
    shared = sum(min(count, second.get(piece, 0)) for piece, count in first.items())
    dice = 2 * shared / (len(one) + len(other) + 2)
    return (dice + 2 * common_subsequence(one, other) / (len(one) + len(other))) / 2


def common_subsequence(one: str, other: str) -> int:
    """Length of the longest common subsequence."""
    row = [0] * (len(other) + 1)
    for char in one:
        before = 0
        for place, match in enumerate(other, start=1):
            keep = row[place]
            row[place] = before + 1 if char == match else max(row[place], row[place - 1])
            before = keep
    return row[-1]


def is_abbreviation(short: str, full: str) -> bool:
    """Whether the characters of ``short`` occur in ``full`` in the same order and both start alike."""
    if len(short) < 2 or len(short) >= len(full) or short[0] != full[0]:
        return False
    return common_subsequence(short, full) == len(short)


_BRACKETS = str.maketrans({"(": "（", ")": "）", "[": "（", "]": "）", "【": "（", "】": "）", "〔": "（", "〕": "）"})
_SPACES = re.compile(r"[\s\u200b\ufeff]+")


def tidy(text: str) -> str:
    """One written form: no blanks, full-width brackets, no punctuation at the ends."""
    return _SPACES.sub("", text).translate(_BRACKETS).strip("，。、；：,.;:·“”\"'")
