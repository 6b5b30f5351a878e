"""What words beside data look like in the language of the page: units, brackets, lists."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from django.utils.translation import get_language

from ecocloud.base.units import english_unit

_CONSTANT = re.compile(r"(?<=\d)\[([^\]\"]+)\]")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")  # fmt: skip


def is_english() -> bool:
    """Whether the page is in English."""
    return (get_language() or "").startswith("en")


def pick_words(zh: str, en: str) -> str:
    """The one of two texts that fits the language of the page; the Chinese one where there is no English one."""
    return en if en and is_english() else zh


def day_words(day: date) -> str:
    """A day in a sentence: ``2026年3月1日``, in English ``1 March 2026``."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}" if is_english() else f"{day.year}年{day.month}月{day.day}日"


def unit_word(symbol: str) -> str:
    """A unit as the page writes it: ``万元``, in English ``×10⁴ yuan``."""
    return english_unit(str(symbol)) if symbol and is_english() else symbol


def formula_words(text: str) -> str:
    """A formula as the page shows it: in English the units of its constants are English, ``3[吨]`` reads ``3[t]``."""
    return _CONSTANT.sub(lambda found: f"[{english_unit(found[1])}]", text) if is_english() else text


def with_unit(name: str, symbol: str) -> str:
    """A name with its unit in brackets; without a unit the name alone."""
    if not symbol:
        return name
    return f"{name} ({unit_word(symbol)})" if is_english() else f"{name}（{symbol}）"


def joined(words: Iterable[str]) -> str:
    """Words as a list: ``甲、乙``, in English ``a, b``."""
    return (", " if is_english() else "、").join(words)
