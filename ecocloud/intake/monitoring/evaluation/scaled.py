"""Amounts as whole numbers: int64 in millionths of the unit (µg/m³, mg/m³, mg/L …) with a mask of what is missing.

Missing is never a number: the mask says it, and what stands in ``values`` there is 0 and means nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np

from ecocloud.intake.monitoring.evaluation.rounding import Exact, divide_half_even, from_units, half_even

PLACES = 6
SCALE = 10**PLACES
# Beyond a thousand million units nothing is a measurement; a year of hours of less adds up within int64.
GREATEST = 10**9 * SCALE


@dataclass(frozen=True)
class Amounts:
    """Amounts of any shape. values: int64, millionths of the unit, 0 where missing; missing: bool, the same shape.

    The constructor trusts what it is given; :meth:`of`, :meth:`from_floats` and :meth:`from_numbers` check.
    """

    values: np.ndarray
    missing: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray, missing: np.ndarray) -> Amounts:
        """From int64 in millionths and a mask. Raises ValueError for other shapes, types or amounts out of range."""
        values, missing = np.asarray(values), np.asarray(missing)
        if values.shape != missing.shape or values.dtype.kind not in "iu" or missing.dtype != np.bool_:
            raise ValueError(f"no amounts: {values.dtype} {values.shape} with {missing.dtype} {missing.shape}")
        values = np.where(missing, 0, values).astype(np.int64, copy=False)
        if values.size and max(-int(values.min()), int(values.max())) > GREATEST:
            raise ValueError(f"an amount is beyond ±{GREATEST // SCALE} units")
        return cls(values, missing)

    @classmethod
    def from_floats(cls, values: np.ndarray, missing: np.ndarray | None = None) -> Amounts:
        """From float64 as the lake keeps them: each means the shortest decimal that gives it, up to 6 places.

        NaN, infinities and what no instrument measures (beyond ±10^9 units) are missing.
        """
        numbers = np.asarray(values, np.float64)
        with np.errstate(invalid="ignore"):
            lacking = ~(np.abs(numbers) <= GREATEST // SCALE)
        if missing is not None:
            lacking |= np.asarray(missing, np.bool_)
        return cls(np.rint(np.where(lacking, 0.0, numbers) * SCALE).astype(np.int64), lacking)

    @classmethod
    def from_numbers(cls, values: Iterable[Exact | None]) -> Amounts:
        """From exact numbers, None where missing; one dimension. What has more than 6 places is rounded half to even.
        Raises ValueError beyond ±10^9 units, TypeError for floats.
        """
        listed = list(values)
        units = [0 if one is None else round(half_even(one, PLACES) * SCALE) for one in listed]
        if any(abs(one) > GREATEST for one in units):
            raise ValueError(f"an amount is beyond ±{GREATEST // SCALE} units")
        return cls(np.array(units, np.int64), np.array([one is None for one in listed], np.bool_))

    @property
    def shape(self) -> tuple[int, ...]:
        """As of an array."""
        return self.values.shape

    def __getitem__(self, key: object) -> Amounts:
        return Amounts(self.values[key], self.missing[key])  # type: ignore[index]

    def number(self, *place: int) -> Decimal | None:
        """The amount at a place as a Decimal with 6 places, None where missing."""
        return None if self.missing[place] else from_units(int(self.values[place]), PLACES)

    def rounded(self, decimals: int) -> np.ndarray:
        """In units of the last of ``decimals`` places, half to even, int64: 20.45 mg/m³ to one place is 204."""
        return divide_half_even(self.values, 10 ** (PLACES - decimals))


def mean_units(sums: np.ndarray, counts: np.ndarray, decimals: int) -> np.ndarray:
    """Means of amounts, rounded once.

    sums: sums in millionths; counts: how many each adds up (where 0, the result is 0 and means nothing).
    Returns int64 in units of the last of ``decimals`` places.
    """
    return divide_half_even(sums, np.maximum(counts, 1) * 10 ** (PLACES - decimals))


def exact(units: int, decimals: int = PLACES) -> Fraction:
    """Units of the last of ``decimals`` places as an exact number."""
    return Fraction(int(units), 10**decimals)
