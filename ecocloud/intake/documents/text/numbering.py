"""Automatic numbers of Word paragraphs: what Word shows in front of them and no text run holds."""

from __future__ import annotations

import re
from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
DIGITS = "零一二三四五六七八九"
CHINESE = {
    "chineseCounting", "chineseCountingThousand", "japaneseCounting", "ideographDigital", "taiwaneseCounting",
    "taiwaneseCountingThousand", "chineseLegalSimplified", "ideographLegalTraditional",
}  # fmt: skip
CIRCLED = {"decimalEnclosedCircle", "decimalEnclosedCircleChinese"}
HEAVENLY = "甲乙丙丁戊己庚辛壬癸"
LEVELS = 9


def chinese(number: int) -> str:
    """1..9999 in Chinese numerals as headings count: 一, 十, 十一, 二十, 一百零五."""
    if not 0 < number < 10000:
        return str(number)
    out, zero = "", False
    for unit, power in (("千", 1000), ("百", 100), ("十", 10), ("", 1)):
        digit = number // power % 10
        if digit:
            out += ("零" if zero and out else "") + DIGITS[digit] + unit
            zero = False
        else:
            zero = bool(out)
    return out[1:] if out.startswith("一十") else out


def roman(number: int) -> str:
    """1..3999 in capital Roman numerals."""
    out = ""
    for value, sign in zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"),
        strict=True,
    ):
        while number >= value:
            out, number = out + sign, number - value
    return out


def letters(number: int) -> str:
    """1..26 as A..Z, then AA, BB as Word counts."""
    return chr(65 + (number - 1) % 26) * ((number - 1) // 26 + 1)


def shape(number: int, form: str) -> str:
    """``number`` in a number format of Word."""
    if number < 1 or number > 3999 or form == "none":
        return "" if form == "none" else str(number)
    if form in CHINESE:
        return chinese(number)
    if form in CIRCLED:
        return chr(0x2460 + number - 1) if number <= 20 else str(number)
    if form in ("upperLetter", "lowerLetter"):
        return letters(number) if form == "upperLetter" else letters(number).lower()
    if form in ("upperRoman", "lowerRoman"):
        return roman(number) if form == "upperRoman" else roman(number).lower()
    if form == "ideographTraditional" and number <= 10:
        return HEAVENLY[number - 1]
    return f"{number:02d}" if form == "decimalZero" else str(number)


class Numbering:
    """Counts the numbered paragraphs of a document in their order."""

    def __init__(self, document: Any) -> None:
        self.levels: dict[str, dict[int, tuple[str, str, int]]] = {}
        self.counts: dict[str, list[int]] = {}
        self.abstracts: dict[str, str] = {}
        self.styles: dict[str, tuple[str | None, int | None, str | None]] = {}
        try:
            numbering = document.part.numbering_part.element
        except (KeyError, NotImplementedError, AttributeError):
            numbering = None
        if numbering is not None:
            self._definitions(numbering)
        for style in document.styles.element.iter(W + "style"):
            number, level = _num_pr(style.find(f"{W}pPr/{W}numPr"))
            based = style.find(W + "basedOn")
            self.styles[style.get(W + "styleId", "")] = (
                number,
                level,
                based.get(W + "val") if based is not None else None,
            )

    def _definitions(self, numbering: Any) -> None:
        abstract = {a.get(W + "abstractNumId"): a for a in numbering.iter(W + "abstractNum")}
        for num in numbering.iter(W + "num"):
            key = num.get(W + "numId", "")
            pointer = num.find(W + "abstractNumId")
            target = pointer.get(W + "val") if pointer is not None else None
            if target not in abstract:
                continue
            levels = {int(n.get(W + "ilvl", "0")): _level(n) for n in abstract[target].iterfind(W + "lvl")}
            # A list that restarts counts for itself; the others share the counts of their definition.
            restarts = False
            for override in num.iterfind(W + "lvlOverride"):
                at = int(override.get(W + "ilvl", "0"))
                own, start = override.find(W + "lvl"), override.find(W + "startOverride")
                if own is not None:
                    levels[at] = _level(own)
                if start is not None and at in levels:
                    form, text, _ = levels[at]
                    levels[at] = (form, text, _int(start, 1))
                    restarts = True
            self.levels[key] = levels
            self.abstracts[key] = f"num:{key}" if restarts else f"abstract:{target}"

    def _of(self, paragraph: Any) -> tuple[str | None, int]:
        """(numId, level) of a paragraph, from itself or its style."""
        number, level = _num_pr(paragraph.find(f"{W}pPr/{W}numPr"))
        style = paragraph.find(f"{W}pPr/{W}pStyle")
        name = style.get(W + "val") if style is not None else None
        for _ in range(20):
            if name is None or (number is not None and level is not None):
                break
            own, at, based = self.styles.get(name, (None, None, None))
            number = own if number is None else number
            level = at if level is None and own is not None else level
            name = based
        return number, level or 0

    def label(self, paragraph: Any) -> str:
        """The number that Word shows in front of ``paragraph`` ('' for none and for bullets); counts it."""
        number, level = self._of(paragraph)
        levels = self.levels.get(number or "")
        if not levels or level not in levels:
            return ""
        form, text, start = levels[level]
        counts = self.counts.setdefault(self.abstracts[number or ""], [0] * LEVELS)
        counts[level] = counts[level] + 1 if counts[level] else start
        for below in range(level + 1, LEVELS):
            counts[below] = 0
        if form == "bullet":
            return ""

        def one(found: re.Match[str]) -> str:
            at = int(found.group(1)) - 1
            other = levels.get(at, (form, "", 1))
            return shape(counts[at] or other[2], other[0]) if at < LEVELS else ""

        return re.sub(r"%([1-9])", one, text)


def _level(node: Any) -> tuple[str, str, int]:
    form, text, start = node.find(W + "numFmt"), node.find(W + "lvlText"), node.find(W + "start")
    return (
        form.get(W + "val", "decimal") if form is not None else "decimal",
        text.get(W + "val", "") if text is not None else "",
        _int(start, 1),
    )


def _int(node: Any, default: int) -> int:
    text = node.get(W + "val", "") if node is not None else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else default


def _num_pr(node: Any) -> tuple[str | None, int | None]:
    if node is None:
        return None, None
    number, level = node.find(W + "numId"), node.find(W + "ilvl")
    at = _int(level, 0) if level is not None else None
    return (number.get(W + "val") if number is not None else None), (min(at, LEVELS - 1) if at is not None else None)
