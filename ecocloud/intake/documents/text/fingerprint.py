"""The same document from several sites: a fingerprint that furniture, spaces, punctuation and script do not change.

A text is reduced to its Chinese characters, letters and digits; five of them in a row make a shingle. One-permutation
minwise hashing keeps the smallest hash of each of 64 bins; equal bins estimate how much two texts share (Li, Owen,
Zhang: One Permutation Hashing, 2012; empty bins filled by rotation, Shrivastava and Li 2014). Sixteen bands of four
bins are the keys under which similar texts meet. Whether two similar texts are the same document or two editions is
then decided on the texts themselves: :func:`compare`.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass
from zlib import crc32

from ecocloud.intake.documents.text.source import SourceText

SHINGLE = 5
BINS = 64
BANDS = 16
# Texts shorter than this say too little to be told apart from forms and notices.
SHORTEST = 200
ANCHOR = 12
# How much may be missing before the first and behind the last common passage of two copies.
EDGE_SHARE, EDGE_LEAST = 0.05, 150
ALIKE = 0.7
# What stands behind the last common passage of two copies names no duty and no result.
DUTY = re.compile("负责|牵头|责任|完成|落实|不得|达到|增长|下降|提高")
SIGNIFICANT = re.compile(r"[\d不未非无否禁停]")
# a point between digits stays: 1.25 and 12.5 are two values
LETTERS = re.compile(r"(?:[^0-9a-z.\u3400-\u9fff]|(?<!\d)\.|\.(?!\d))+")
EMPTY = 0xFFFFFFFF


def essence(source: SourceText) -> str:
    """The characters that matter: the repaired text without spaces and punctuation, half width, lower case."""
    return LETTERS.sub("", unicodedata.normalize("NFKC", source.text).lower())


@dataclass(frozen=True)
class Fingerprint:
    """The smallest hash in each bin; ``bands`` are the keys under which similar texts meet."""

    bins: tuple[int, ...]

    @property
    def bands(self) -> list[str]:
        """Sixteen keys; two texts that share nine tenths have at least one in common (all but surely)."""
        size = BINS // BANDS
        return [f"{b:x}-{hash_of(self.bins[b * size : (b + 1) * size]):08x}" for b in range(BANDS)]

    def share(self, other: Fingerprint) -> float:
        """Estimate of the share of shingles that two texts have in common, 0..1."""
        return sum(a == b for a, b in zip(self.bins, other.bins, strict=True)) / BINS


def hash_of(numbers: tuple[int, ...]) -> int:
    """A hash of some bins that is the same in every process."""
    return crc32(b"".join(n.to_bytes(4, "big") for n in numbers))


def fingerprint(text: str) -> Fingerprint | None:
    """The fingerprint of an :func:`essence`; None for a text that is too short."""
    if len(text) < SHORTEST:
        return None
    data = text.encode("utf-16-le", "replace")
    wide = 2 * SHINGLE
    bins = [EMPTY] * BINS
    for at in range(0, len(data) - wide + 1, 2):
        value = crc32(data[at : at + wide])
        # crc32 is linear; a multiplication spreads its bits before they choose the bin
        value = (value * 0x9E3779B1) & 0xFFFFFFFF
        place = value >> 26
        if value < bins[place]:
            bins[place] = value
    filled = [n for n in range(BINS) if bins[n] != EMPTY]
    for place in range(BINS):
        if bins[place] == EMPTY:
            donor = filled[bisect_left(filled, place) % len(filled)]
            bins[place] = (bins[donor] + ((donor - place) % BINS) * 0x85EBCA6B) & 0xFFFFFFFF
    return Fingerprint(tuple(bins))


@dataclass(frozen=True)
class Likeness:
    """How two texts relate: ``share`` 0..1 of the characters in common; ``same`` for copies of one document;
    ``changes`` counts the passages that differ inside the common stretch."""

    share: float
    same: bool
    changes: int


def compare(one: str, two: str) -> Likeness:
    """Compare two essences passage by passage.

    Copies may differ in what stands before and behind the document and in single characters that are no digits and no
    negations (misprints of a site), and nothing behind it names a duty; every other difference makes two editions.
    """
    if one == two:
        return Likeness(1.0, True, 0)
    anchors = _anchors(one, two)
    if not anchors:
        return Likeness(0.0, False, 0)
    common, changes, misprints = ANCHOR, 0, 0
    a, b = anchors[0][0] + ANCHOR, anchors[0][1] + ANCHOR
    for at, to in anchors[1:]:
        old, new = one[a:at], two[b:to]
        kept = _same_ends(old, new)
        changed = max(len(old), len(new)) > kept or (at < a or to < b) and at - a != to - b
        changes += changed
        misprints += changed and len(old) == len(new) == kept + 1 and not SIGNIFICANT.search(_middle(old, new))
        common += kept + max(0, min(ANCHOR, at + ANCHOR - a, to + ANCHOR - b))
        a, b = at + ANCHOR, to + ANCHOR
    first, last = anchors[0], anchors[-1]
    edges = (first[0], first[1], len(one) - last[0] - ANCHOR, len(two) - last[1] - ANCHOR)
    longest = max(len(one), len(two))
    tails = one[len(one) - edges[2] :] + two[len(two) - edges[3] :]
    whole = max(edges) <= max(EDGE_LEAST, EDGE_SHARE * longest) and not DUTY.search(tails)
    real = changes - misprints
    share = min(1.0, common / longest)
    return Likeness(share, whole and real == 0 and misprints <= 0.002 * longest + 1 and share >= ALIKE, real)


def _anchors(one: str, two: str) -> list[tuple[int, int]]:
    """Passages of twelve characters that stand once in each text, in an order that both texts keep."""
    places: dict[str, int] = {}
    for at in range(len(two) - ANCHOR + 1):
        key = two[at : at + ANCHOR]
        places[key] = -1 if key in places else at
    seen: dict[str, int] = {}
    for at in range(len(one) - ANCHOR + 1):
        key = one[at : at + ANCHOR]
        if places.get(key, -1) >= 0:
            seen[key] = -1 if key in seen else at
    pairs = sorted((at, places[key]) for key, at in seen.items() if at >= 0)
    return _rising(pairs)


def _rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run of pairs that rises in both places."""
    tails: list[int] = []
    index: list[int] = []
    before: list[int] = []
    for n, (_, to) in enumerate(pairs):
        at = bisect_left(tails, to)
        before.append(index[at - 1] if at else -1)
        if at == len(tails):
            tails.append(to)
            index.append(n)
        else:
            tails[at], index[at] = to, n
    out, n = [], index[-1] if index else -1
    while n >= 0:
        out.append(pairs[n])
        n = before[n]
    return out[::-1]


def _ends(old: str, new: str) -> tuple[int, int]:
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return head, tail


def _same_ends(old: str, new: str) -> int:
    """How many characters two differing stretches have in common at both ends."""
    return sum(_ends(old, new))


def _middle(old: str, new: str) -> str:
    head, tail = _ends(old, new)
    return old[head : len(old) - tail] + new[head : len(new) - tail]
