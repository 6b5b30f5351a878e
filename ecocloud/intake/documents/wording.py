"""How alike two wordings are: shared pairs of characters, years and levels set aside. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

_DROP = re.compile(r"[^\w\u4e00-\u9fff]+|_")
_YEARS = re.compile(r"(?:19|20)\d\d(?=年)")
_ITEM_MARK = re.compile(r"^\s*[(（]?\d{1,3}[)）.．、]\s*(?!\d)")
_NUMBERS = re.compile(r"\d+(?:\.\d+)?")


def tidy(text: str, words: Iterable[str] = (), year: int | None = None) -> str:
    """Plain characters of a wording; years are counted from ``year`` (0 the year itself); ``words`` are left out."""
    plain = unicodedata.normalize("NFKC", text).lower()
    plain = _YEARS.sub(lambda m: _year(int(m.group()), year), plain)
    for word in words:
        plain = plain.replace(word, "")
    return _DROP.sub("", plain)


def _year(found: int, year: int | None) -> str:
    """y0 the year itself, p1 the year before, n1 the year after; y where no year is given."""
    gap = found - year if year else 0
    return ("y0" if year else "y") if gap == 0 else f"{'n' if gap > 0 else 'p'}{abs(gap)}"


def pairs(text: str) -> Counter[str]:
    """The pairs of neighbouring characters of a tidy text."""
    return Counter(text[i : i + 2] for i in range(len(text) - 1)) or Counter([text] if text else [])


def likeness(left: Counter[str], right: Counter[str]) -> float:
    """Dice's measure of two bags of pairs, 0 to 1."""
    total = sum(left.values()) + sum(right.values())
    if len(left) > len(right):
        left, right = right, left
    return 2 * sum(min(count, right[pair]) for pair, count in left.items() if pair in right) / total if total else 0.0


def numbers(text: str) -> Counter[str]:
    """The numbers of a text without years and item marks, for telling a changed task from a kept one."""
    plain = _ITEM_MARK.sub("", unicodedata.normalize("NFKC", text))
    return Counter(_NUMBERS.findall(_YEARS.sub("", plain)))


# Pairs that more of the other side's texts share than this tell nothing apart.
_COMMON = 400


def candidates(left: Sequence[Counter[str]], right: Sequence[Counter[str]], most: int = 12) -> list[list[int]]:
    """For each bag on the left the bags on the right that share the most pairs with it, the best first."""
    where: dict[str, list[tuple[int, int]]] = {}
    for at, bag in enumerate(right):
        for pair, count in bag.items():
            where.setdefault(pair, []).append((at, count))
    sizes = [sum(bag.values()) for bag in right]
    found = []
    for bag in left:
        shared: Counter[int] = Counter()
        for pair, count in bag.items():
            rows = where.get(pair, ())
            for at, other in rows if len(rows) <= _COMMON else ():
                shared[at] += min(count, other)
        size = sum(bag.values())
        ranked = sorted(shared, key=lambda at: (-2 * shared[at] / (size + sizes[at]), at))
        found.append(ranked[:most])
    return found
