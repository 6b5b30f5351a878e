"""Codes of administrative divisions: GB/T 2260 (6 digits) and the statistical extensions to 9 and 12 digits."""

from __future__ import annotations

import re

from ecocloud.base.errors import EcoError

_FORM = re.compile(r"\d{2}|\d{4}|\d{6}|\d{9}|\d{12}")
LEVELS = ("province", "city", "county", "township", "village")
_STEM_LENGTHS = dict(zip(LEVELS, (2, 4, 6, 9, 12), strict=True))


class RegionCodeError(EcoError):
    """The text is not a division code."""

    code = "regions.code"


def normalise(code: str) -> str:
    """The full form of a code: ``36`` -> ``360000``, ``3608`` -> ``360800``; 6, 9 and 12 digits stay.

    A 9- or 12-digit code padded with zeros (``360800000000``) is cut to its 6-, 9- or 12-digit form.
    """
    text = str(code).strip()
    if not _FORM.fullmatch(text):
        raise RegionCodeError(
            f"“{code}”不是区划代码。",
            f"{code!r} is not a division code",
            value=code,
            remedy_zh="应为 2、4、6、9 或 12 位数字。",
        )
    if len(text) == 12 and text.endswith("000"):
        text = text[:9]
    if len(text) == 9 and text.endswith("000"):
        text = text[:6]
    return text.ljust(6, "0")


def stem(code: str) -> str:
    """The significant digits: ``360000`` -> ``36``, ``360800`` -> ``3608``, others unchanged."""
    full = normalise(code)
    if len(full) == 6:
        if full.endswith("0000"):
            return full[:2]
        if full.endswith("00"):
            return full[:4]
    return full


def level_of(code: str) -> str:
    """The level a code stands on: province, city, county, township or village."""
    length = len(stem(code))
    return next(level for level, size in _STEM_LENGTHS.items() if size == length)


def parent_of(code: str) -> str | None:
    """The full code of the division above, ``None`` for a province."""
    level = LEVELS.index(level_of(code))
    if level == 0:
        return None
    return normalise(stem(code)[: _STEM_LENGTHS[LEVELS[level - 1]]])


def line(code: str) -> list[str]:
    """The full codes of a division and of those it lies in, the nearest first."""
    found = [normalise(code)]
    while (above := parent_of(found[-1])) is not None:
        found.append(above)
    return found


def span(code: str) -> tuple[str, str]:
    """``(first, after)``: every code of the division and below is in the text range ``[first, after)``."""
    head = stem(code)
    return head, f"{int(head) + 1:0{len(head)}d}"


def contains(outer: str, inner: str) -> bool:
    """Whether ``inner`` is ``outer`` or lies below it."""
    return normalise(inner).startswith(stem(outer))
