"""Sums of products of amounts, exact: what flow-weighted means and total loads are made of.

A product of two amounts does not fit int64. Each is cut into two halves of 24 bits, the four partial products are added
up in int64, and only the sums are put together, as Python's whole numbers.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

_BITS = 24
_MOST = 2 ** (2 * _BITS)
_ROWS = 2**14
"""Values of one group: so many halves of 24 bits, multiplied and added in pairs, fit int64."""


def product_sums(left: np.ndarray, right: np.ndarray, groups: np.ndarray, number: int) -> np.ndarray:
    """The sum of ``left * right`` of each group, exact: an array of Python's whole numbers.

    left, right: int64, 0 to 2^48 (in millionths: 280 million units); groups: int (rows), 0 to ``number - 1``.
    Raises ValueError for others, and for more than 16,384 rows in one group.
    """
    if left.size and int(np.bincount(groups, minlength=number).max()) > _ROWS:
        raise ValueError(f"more than {_ROWS} values in one group")
    totals = np.zeros((3, number), np.int64)
    for total, product in zip(totals, _products(left, right), strict=True):
        np.add.at(total, groups, product)
    return _together(*totals)


def row_product_sums(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The sum of ``left * right`` along the last axis, which has 16,384 places at most; otherwise as above."""
    if left.shape[-1] > _ROWS:
        raise ValueError(f"more than {_ROWS} values in one row")
    return _together(*(product.sum(axis=-1) for product in _products(left, right)))


def _products(left: np.ndarray, right: np.ndarray) -> Iterator[np.ndarray]:
    """The partial products: of both high halves, of high and low, of both low ones."""
    for array in (left, right):
        if array.size and not 0 <= int(array.min()) <= int(array.max()) < _MOST:
            raise ValueError("an amount is below zero or beyond 2^48")
    high_left, low_left = left >> _BITS, left & (2**_BITS - 1)
    high_right, low_right = right >> _BITS, right & (2**_BITS - 1)
    yield high_left * high_right
    yield high_left * low_right + low_left * high_right
    yield low_left * low_right


def _together(high: np.ndarray, middle: np.ndarray, low: np.ndarray) -> np.ndarray:
    return (high.astype(object) * 2**_BITS + middle.astype(object)) * 2**_BITS + low.astype(object)


def divide_big(numerator: np.ndarray, denominator: np.ndarray | int) -> np.ndarray:
    """``numerator / denominator`` of Python's whole numbers, half to even, int64. denominator: above zero.

    Raises OverflowError for a result beyond int64.
    """
    quotient, rest = np.asarray(numerator // denominator, object), np.asarray(numerator % denominator, object)
    twice = 2 * rest
    up = (twice > denominator) | ((twice == denominator) & (quotient % 2 == 1))
    return (quotient + up.astype(np.int64)).astype(np.int64)
