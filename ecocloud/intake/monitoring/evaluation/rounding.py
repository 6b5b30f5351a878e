"""Rounding by GB/T 8170: half to even, exact, once. For single numbers (Decimal, Fraction) and for arrays of int64.

A binary float is refused: 0.145 is none of them, and which way it rounds would be chance.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np

Exact = Decimal | Fraction | int
# An array here and below holds whole numbers, of which the greatest used is far below this.
_MOST = 2**62


def half_even(value: Exact, decimals: int = 0) -> Decimal:
    """``value`` rounded to ``decimals`` places, half to even (GB/T 8170-2008, 3.2), written with all of them.

    Raises TypeError for a float, ValueError for what is no number.
    """
    return from_units(round(_fraction(value) * 10**decimals), decimals)


def ceiling(value: Exact) -> int:
    """The least whole number not below ``value`` (向上进位)."""
    exact = _fraction(value)
    return -(-exact.numerator // exact.denominator)


def from_units(count: int, decimals: int) -> Decimal:
    """``count`` units of the last of ``decimals`` places as a Decimal: ``from_units(205, 1)`` is 20.5."""
    return Decimal((int(count < 0), tuple(map(int, str(abs(int(count))))), -decimals))


def divide_half_even(numerator: np.ndarray | int, denominator: np.ndarray | int) -> np.ndarray:
    """``numerator / denominator`` rounded to whole numbers, half to even, element by element, int64.

    denominator: above zero everywhere; ValueError otherwise, and for amounts beyond 2^62.
    """
    top, bottom = _whole(numerator, denominator)
    quotient, rest = np.divmod(top, bottom)
    twice = 2 * rest
    up = (twice > bottom) | ((twice == bottom) & (quotient & 1 == 1))
    return quotient + up


def divide_up(numerator: np.ndarray | int, denominator: np.ndarray | int) -> np.ndarray:
    """``numerator / denominator`` rounded up to whole numbers, element by element, int64; otherwise as above."""
    top, bottom = _whole(numerator, denominator)
    return -(-top // bottom)


def _fraction(value: Exact) -> Fraction:
    if isinstance(value, float | np.floating):
        raise TypeError(f"a binary float has no exact meaning here: {value!r}")
    if isinstance(value, Decimal) and not value.is_finite():
        raise ValueError(f"no number: {value!r}")
    return Fraction(value) if isinstance(value, Decimal | Fraction) else Fraction(int(value))


def _whole(numerator: np.ndarray | int, denominator: np.ndarray | int) -> tuple[np.ndarray, np.ndarray]:
    top, bottom = np.asarray(numerator), np.asarray(denominator)
    for array in (top, bottom):
        if array.dtype.kind not in "iu":
            raise TypeError(f"whole numbers are needed, not {array.dtype}")
    if bottom.size and bottom.min() <= 0:
        raise ValueError("the denominator is not above zero everywhere")
    if (top.size and max(-int(top.min()), int(top.max())) >= _MOST) or (bottom.size and int(bottom.max()) >= _MOST):
        raise ValueError("an amount is beyond 2^62")
    return top.astype(np.int64, copy=False), bottom.astype(np.int64, copy=False)
