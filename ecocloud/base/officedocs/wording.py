"""Pure rules of wording: clean text, heading marks, dates, widths, which cells are numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

_DIGITS = "零一二三四五六七八九"
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\ufdd0-\ufdef]")
_NUMBER = re.compile(r"^[+\-−±≥≤<>＜＞≈]?\s*\d[\d,，]*(\.\d+)?\s*(%|％|‰)?$")


def clean(text: Any) -> str:
    """``text`` without anything XML 1.0 forbids; line ends become ``\\n``, tabs become spaces.

    Control characters, lone surrogates and non-characters are dropped, nothing else is changed.
    """
    plain = str(text).replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", "\n").replace("\x0c", "\n")
    plain = plain.replace("\u2028", "\n").replace("\u2029", "\n").replace("\x85", "\n").replace("\t", " ")
    return _FORBIDDEN.sub("", plain)


def chinese_number(number: int) -> str:
    """1 to 9999 in Chinese as headings write it: 1 一, 10 十, 12 十二, 20 二十, 105 一百零五."""
    if not 1 <= number <= 9999:
        raise ValueError(f"heading number out of range: {number}")
    parts: list[str] = []
    gap = False
    for power, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // power % 10
        if digit:
            if gap:
                parts.append(_DIGITS[0])
            parts.append(_DIGITS[digit] + name)
            gap = False
        elif parts:
            gap = True
    text = "".join(parts)
    return text[1:] if 10 <= number < 20 else text


class HeadingNumbers:
    """Counts headings of four levels; a heading starts the levels below it anew."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._patterns = patterns
        self._counts = [0] * len(patterns)

    def next(self, level: int) -> str:
        """The mark of the next heading of ``level`` (1 to 4), for example ``（二）``."""
        self._counts[level - 1] += 1
        self._counts[level:] = [0] * (len(self._counts) - level)
        number = self._counts[level - 1]
        return self._patterns[level - 1].format(n=number, zh=chinese_number(number))

    def restart(self) -> None:
        """Start again with one, as in an attachment."""
        self._counts = [0] * len(self._patterns)


def official_date(day: date) -> str:
    """``2026年1月5日``: Arabic digits, no leading zeros (GB/T 9704-2012 7.3.5.4)."""
    return f"{day.year}年{day.month}月{day.day}日"


def width_in_characters(text: str) -> float:
    """Width of ``text`` in full-width characters; Latin letters, digits and narrow signs count half."""
    return sum(1.0 if unicodedata.east_asian_width(char) in "WFA" else 0.5 for char in text)


def is_number(value: Any) -> bool:
    """Whether a cell is a figure (number, optional sign, thousands commas, %); such cells are set to the right."""
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float | Decimal):
        return True
    return bool(_NUMBER.match(str(value).strip()))


def cell_text(value: Any) -> str:
    """A cell as text: missing is ``—``, dates official, numbers without exponent."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, date):
        return official_date(value)
    if isinstance(value, Decimal) and value.is_finite():
        return format(value, "f")
    return clean(value)


def column_widths(
    headers: Sequence[str], rows: Sequence[Sequence[str]], total: int, char: float, margins: int
) -> list[int]:
    """Widths in twips that sum to ``total``, by the length of the content.

    ``char`` is the width of one character, ``margins`` what a cell loses at both sides. Every column has room for
    its heading up to five characters where the table has room for that; the rest is shared out by the longest cell
    (at most 60 characters) to the power 0.75, so that one long column does not starve the others.
    """
    least, weights = [], []
    for index, header in enumerate(headers):
        longest = max((width_in_characters(row[index]) for row in rows), default=0.0)
        heading = min(max(width_in_characters(header), 2.0), 5.0)
        least.append(heading * char + margins)
        weights.append(max(min(longest, 60.0), heading) ** 0.75)
    if sum(least) > total:
        return spread(least, total)
    free = spread(weights, total - int(sum(map(int, least))))
    return [int(base) + extra for base, extra in zip(least, free, strict=True)]


def spread(weights: Sequence[float], total: int) -> list[int]:
    """Split ``total`` in proportion to ``weights``; the parts are whole and sum to ``total``."""
    whole = sum(weights) or 1.0
    widths = [int(total * weight / whole) for weight in weights]
    widths[widths.index(max(widths))] += total - sum(widths)
    return widths
