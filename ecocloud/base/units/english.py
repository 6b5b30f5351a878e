"""Units as a page in English writes them."""

from __future__ import annotations

from functools import lru_cache

from ecocloud.base.units.quantity import SCALE_WORDS, UnitError, terms, worded
from ecocloud.base.units.registry import counters, english_words

_POWERS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@lru_cache(maxsize=1024)
def english_unit(symbol: str) -> str:
    """A unit as printed in Chinese, in English: ``万元`` is ``×10⁴ yuan``, ``吨标准煤/万元`` is ``tce/10⁴ yuan``.

    What is already in Latin letters, and what is no unit that we know, comes back unchanged.
    """
    if symbol.isascii():
        return symbol
    try:
        found = [(*worded(word, symbol), power) for word, power in terms(symbol)]
    except UnitError:
        return symbol
    above = "·".join(_said(scale, word) for scale, word, power in found if power > 0) or "1"
    below = "".join(f"/{_said(scale, word)}" for scale, word, power in found if power < 0)
    return f"{'×' if found[0][0] > 1 and found[0][2] > 0 else ''}{above}{below}"


def is_counter(symbol: str) -> bool:
    """Whether the unit is a counting word alone: 个, 座, 株."""
    return symbol in counters()


def _said(scale: int, word: str) -> str:
    said = english_words().get(word, word)
    return said if scale == 1 else f"{scale_in_powers(scale)} {said}"


def scale_in_powers(scale: int) -> str:
    """A scale as a power of ten: 10000 is ``10⁴``; what is no such power as digits."""
    known = scale in SCALE_WORDS.values()
    return f"10{str(len(str(scale)) - 1).translate(_POWERS)}" if known and scale > 10 else str(scale)
