"""Sums of products of amounts, exact: what flow-weighted means and total loads are made of.

A product of two amounts does not fit int64. Each is cut into two halves of 24 bits, the four partial products are added
up in int64, and only the sums are put together, as Python's whole numbers.
"""

from __future__ import annotations

import numpy as np

from ecocloud.intake.monitoring.evaluation.scaled import Amounts

_BITS = 24
_MOST = 2 ** (2 * _BITS)
_ROWS = 2**14
"""Values of one group: so many halves of 24 bits, multiplied and added in pairs, fit int64."""


def product_sums(left: np.ndarray, right: np.ndarray, groups: np.ndarray, number: int) -> np.ndarray:
    """The sum of ``left * right`` of each group, exact: an array of Python's whole numbers.

    left, right: int64, 0 to 2^48 (in millionths: 280 million units); groups: int (rows), 0 to ``number - 1``.
    Raises ValueError for others, and for more than 16,384 rows in one group.
    """
    for array in (left, right):
        if array.size and not 0 <= int(array.min()) <= int(array.max()) < _MOST:
            raise ValueError("an amount is below zero or beyond 2^48")
    if left.size and int(np.bincount(groups, minlength=number).max()) > _ROWS:
        raise ValueError(f"more than {_ROWS} values in one group")
    high_left, low_left = left >> _BITS, left & (2**_BITS - 1)
    high_right, low_right = right >> _BITS, right & (2**_BITS - 1)
    parts = []
    for product in (high_left * high_right, high_left * low_right + low_left * high_right, low_left * low_right):
        total = np.zeros(number, np.int64)
        np.add.at(total, groups, product)
        parts.append(total.astype(object))
    return (parts[0] * 2**_BITS + parts[1]) * 2**_BITS + parts[2]


def divide_big(numerator: np.ndarray, denominator: np.ndarray | int) -> np.ndarray:
    """``numerator / denominator`` of Python's whole numbers, half to even, int64. denominator: above zero.

    Raises OverflowError for a result beyond int64.
    """
    quotient, rest = np.asarray(numerator // denominator, object), np.asarray(numerator % denominator, object)
    twice = 2 * rest
    up = (twice > denominator) | ((twice == denominator) & (quotient % 2 == 1))
    return (quotient + up.astype(np.int64)).astype(np.int64)


def weighted_means(values: Amounts, weights: Amounts, groups: np.ndarray, number: int) -> Amounts:
    """``ΣCQ / ΣQ`` of each group over the rows where both are there, rounded once to a millionth; missing where the
    weights add up to nothing. Raises ValueError for negative amounts.
    """
    used = ~values.missing & ~weights.missing
    groups = np.asarray(groups)
    sums = product_sums(values.values[used], weights.values[used], groups[used], number)
    whole = np.zeros(number, np.int64)
    np.add.at(whole, groups[used], weights.values[used])
    means = divide_big(sums, np.maximum(whole, 1).astype(object)) if number else np.zeros(0, np.int64)
    return Amounts(np.where(whole > 0, means, 0), whole == 0)
