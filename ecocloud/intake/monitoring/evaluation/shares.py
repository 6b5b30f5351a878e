"""Shares of counts and of amounts, in percent, rounded once."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from ecocloud.intake.monitoring.evaluation.rounding import divide_half_even, from_units


@dataclass(frozen=True)
class Shares:
    """``part / whole`` of groups. part, whole: int64; units: percent in units of the last of ``decimals`` places, which
    means nothing where ``whole`` is 0.
    """

    part: np.ndarray
    whole: np.ndarray
    units: np.ndarray
    decimals: int

    @classmethod
    def of(cls, part: np.ndarray, whole: np.ndarray, decimals: int) -> Shares:
        """From counts or amounts of one unit. Raises ValueError when a part is greater than its whole or below 0."""
        part, whole = np.asarray(part, np.int64), np.asarray(whole, np.int64)
        if ((part > whole) | (part < 0)).any():
            raise ValueError("a part is greater than its whole, or below zero")
        return cls(part, whole, divide_half_even(part * (100 * 10**decimals), np.maximum(whole, 1)), decimals)

    def percent(self, group: int) -> Decimal | None:
        """The share of a group, %; None where there is nothing to share."""
        return from_units(int(self.units[group]), self.decimals) if self.whole[group] else None


def counts(chosen: np.ndarray, groups: np.ndarray, number: int) -> np.ndarray:
    """How many rows of each group are chosen. groups: int (rows), 0 to ``number - 1``."""
    return np.bincount(groups[chosen], minlength=number).astype(np.int64)
