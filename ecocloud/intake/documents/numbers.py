"""Numbers as they are printed: Arabic with separators, Chinese numerals, per cents in words."""

from __future__ import annotations

import re

DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "壹": 1, "贰": 2, "叁": 3, "俩": 2}
UNITS = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
BIG = {"万": 10**4, "亿": 10**8}
CHINESE = "零〇一二三四五六七八九十百千两"
ARABIC = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"


def chinese_to_int(text: str) -> int | None:
    """Value of a Chinese numeral such as ``一百零五``, ``二十``, ``二〇二二``; None when it is none."""
    if not text:
        return None
    if all(c in DIGITS for c in text):
        return int("".join(str(DIGITS[c]) for c in text))
    total = section = 0
    digit: int | None = None
    for char in text:
        if char in DIGITS:
            digit = DIGITS[char]
        elif char in UNITS:
            section += (1 if digit is None else digit) * UNITS[char]
            digit = None
        elif char in BIG:
            section += digit or 0
            if not section:
                return None
            total += section * BIG[char]
            section, digit = 0, None
        else:
            return None
    return total + section + (digit or 0)


def parse_number(text: str) -> float | int | None:
    """Value of an Arabic or Chinese numeral; whole numbers come back as ``int``; None when it is none."""
    plain = text.replace(",", "")
    if re.fullmatch(r"\d+", plain):
        return int(plain)
    if re.fullmatch(r"\d+\.\d+", plain):
        value = float(plain)
        return int(value) if value.is_integer() and "." not in plain else value
    if "点" in text:
        whole, _, rest = text.partition("点")
        first = chinese_to_int(whole)
        if first is None or not rest or any(c not in DIGITS for c in rest):
            return None
        return float(f"{first}." + "".join(str(DIGITS[c]) for c in rest))
    return chinese_to_int(text)
