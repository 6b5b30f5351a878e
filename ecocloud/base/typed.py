"""What people type: numbers, days, words. Read strictly, in one place for forms, workbooks and the API alike. Pure.

Nothing is guessed: what can be read in two ways is refused with the way to write it.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal

from ecocloud.base.errors import EcoError

YEARS = range(1900, 2200)
# Invisible signs without a meaning of their own, which come along when text is copied.
_WIDTHLESS = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))
# Control signs, those that change the direction of what follows, halves of characters, separators no box can show.
_BARRED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufff9-\ufffb\ufffe\uffff]"
)
_ODD = re.compile(f"[\u00ad\u200b\u2060\ufeff]|{_BARRED.pattern}")
_BLANKS = str.maketrans({"\u2009": " ", "\u202f": " ", "\u00a0": " ", "\u3000": " ", "\u2212": "-", "\u2013": "-"})
_NUMBER = re.compile(
    r"([+-]?(?=[.\d])(?:[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d{0,2}(?: \d{3})+|\d+)?(?:\.\d+)?(?:[eE][+-]?\d{1,3})?)\s*(.*)",
    re.DOTALL | re.ASCII,
)
# A digit that is part of a unit: of m³, mg/m³ or tCO₂, which :func:`plain` has made m3, mg/m3 and tCO2.
_OF_UNIT = re.compile(r"(?<=[A-Za-zμ])[2-4](?!\d)")
_TIME = r"(?:[T ]\s*\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
_DAY = re.compile(rf"(?:(\d{{4}})\s*[-./年]\s*)?(\d{{1,2}})\s*[-./月]\s*(\d{{1,2}})\s*[日号]?{_TIME}", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_TURNED = re.compile(r"\d{1,2}\s*[-./]\s*\d{1,2}\s*[-./]\s*\d{1,4}", re.ASCII)
_MONTH = re.compile(r"\d{4}\s*(?:[-./年]\s*\d{1,2}\s*月?|年?)", re.ASCII)
_DAY_REMEDY = "应如 2022-09-30 或 2022年9月30日。"


class BadInput(EcoError):
    """Something typed cannot be read."""

    code = "input.unreadable"


def plain(text: str) -> str:
    """Full-width signs made half-width, special blanks and minus signs made ordinary, outer blanks removed."""
    return unicodedata.normalize("NFKC", text.translate(_BLANKS)).strip()


def split_number(text: str) -> tuple[Decimal, str]:
    """A number and what stands behind it (a unit, a per cent sign), without blanks.

    Thousands may be set off by commas or blanks, three digits each. Raises :class:`BadInput`.
    """
    cleaned = plain(text)
    found = _NUMBER.fullmatch(cleaned)
    digits = found[1] if found else ""
    if not found or not any(sign.isdigit() for sign in digits):
        raise BadInput(f"“{short(text)}”不是数字。", f"not a number: {short(text)!r}", value=text,
                       remedy_zh="应填数字，如 12.5 或 1,200 或 3.2万。")  # fmt: skip
    rest = found[2]
    if "," in rest or ("," in digits and rest[:1].isdigit()):
        raise BadInput(f"“{short(text)}”里逗号的位置不对。", f"misplaced comma: {short(text)!r}", value=text,
                       remedy_zh="小数点用“.”，如 12.5；千位分隔每三位一个，如 12,345.6。")  # fmt: skip
    if rest[:1] in {".", "-", "~", "/", "E", "e", "_"} or any(sign.isdigit() for sign in _OF_UNIT.sub("", rest)):
        raise BadInput(f"“{short(text)}”不是一个数。", f"not one number: {short(text)!r}", value=text,
                       remedy_zh="应只填一个数字，如 12.5 或 1,200。")  # fmt: skip
    return Decimal(digits.replace(",", "").replace(" ", "")), "".join(rest.split())


def number(text: str) -> Decimal:
    """A number with nothing behind it. Raises :class:`BadInput`."""
    found, rest = split_number(text)
    if rest:
        raise BadInput(f"“{short(text)}”里有数字以外的“{short(rest)}”。", f"more than a number: {short(text)!r}",
                       value=text, remedy_zh="请只填数字，如 12.5 或 12,345.6。")  # fmt: skip
    return found


def match_day(text: str, default_year: int | None = None) -> date | None:
    """A day written in full (or without its year where ``default_year`` stands for it); None when it is not one.

    2026-03-01, 2026/3/1, 2026.3.1, 2026年3月1日, 20260301, full-width too. Raises :class:`BadInput` for a day that is
    not in the calendar, a year out of 1900 to 2199, and where month and day cannot be told apart.
    """
    cleaned = plain(text)
    for pattern in (_COMPACT, _DAY):
        found = pattern.fullmatch(cleaned)
        if found:
            year = int(found[1]) if found[1] else default_year
            if year is not None:
                return checked_day(year, int(found[2]), int(found[3]), text)
    if _TURNED.fullmatch(cleaned):
        raise BadInput(f"“{short(text)}”看不出哪个是年、月、日。", f"ambiguous day: {short(text)!r}", value=text,
                       remedy_zh=f"年份写四位并放在最前，{_DAY_REMEDY}")  # fmt: skip
    return None


def day(value: object) -> date:
    """A day: a date as it is, text as :func:`match_day` reads it. Raises :class:`BadInput`."""
    if isinstance(value, date):
        return checked_day(value.year, value.month, value.day, value)
    text = str(value)
    found = match_day(text)
    if found is None and _MONTH.fullmatch(plain(text)):
        raise BadInput(f"“{short(text)}”没有写明哪一天。", f"no day in {short(text)!r}", value=value,
                       remedy_zh=_DAY_REMEDY)  # fmt: skip
    if found is None:
        raise BadInput(f"“{short(text)}”不是日期。", f"not a date: {short(text)!r}", value=value, remedy_zh=_DAY_REMEDY)
    return found


def checked_day(year: int, month: int, day_: int, given: object) -> date:
    """The day of the calendar; raises :class:`BadInput` naming what was given."""
    if year not in YEARS:
        raise BadInput(f"“{short(given)}”的年份不合理。", f"year {year} out of range", value=given,
                       remedy_zh=f"年份应在 {YEARS[0]} 至 {YEARS[-1]} 之间，{_DAY_REMEDY}")  # fmt: skip
    try:
        return date(year, month, day_)
    except ValueError:
        raise BadInput(f"“{short(given)}”在日历上不存在。", f"no such day: {short(given)!r}", value=given,
                       remedy_zh=_DAY_REMEDY) from None  # fmt: skip


def words(text: str, *, lines: bool = False) -> str:
    """Text without outer blanks; one line with single blanks unless ``lines`` keeps line breaks and tabs.

    Raises :class:`BadInput` as :func:`visible` does.
    """
    text = visible(text)
    return text.strip() if lines else " ".join(text.split())


def visible(text: str) -> str:
    """The text with ordinary line ends and without signs of no width.

    Raises :class:`BadInput` for signs that nobody can see and that break what is shown or stored: control signs, those
    that turn the direction of writing, halves of characters.
    """
    if not _ODD.search(text):
        return text
    text = text.translate(_WIDTHLESS).replace("\r\n", "\n").replace("\r", "\n")
    barred = _BARRED.search(text)
    if barred:
        sign = f"U+{ord(barred[0]):04X}"
        shown = _BARRED.sub("□", text[max(0, barred.start() - 10) : barred.start() + 10])
        raise BadInput(f"文字里有不可见的控制字符（{sign}，在“{shown}”的“□”处）。", f"control character {sign}",
                       value=shown, remedy_zh="请删去后重新输入，或先粘贴到记事本再复制。")  # fmt: skip
    return text


def short(value: object) -> str:
    """A value for a sentence: at most 30 characters of it, without signs that cannot be shown."""
    text = _BARRED.sub("□", str(value))
    return text if len(text) <= 30 else f"{text[:30]}…"
