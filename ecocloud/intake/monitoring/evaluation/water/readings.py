"""What is evaluated: amounts of items at sections, and the explicit rule for what cannot be a measurement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from ecocloud.intake.monitoring.evaluation.in_force import InForce
from ecocloud.intake.monitoring.evaluation.rounding import divide_half_even
from ecocloud.intake.monitoring.evaluation.scaled import Amounts
from ecocloud.intake.monitoring.evaluation.water.standard import Standard


class Use(IntEnum):
    """Whether one amount is evaluated, and why not: nothing came, it is below or above what can be measured."""

    USED = 0
    MISSING = 1
    TOO_LOW = 2
    TOO_HIGH = 3


USE_WORDS = {
    Use.USED: ("参加评价", "evaluated"),
    Use.MISSING: ("缺数据", "no value"),
    Use.TOO_LOW: ("负值或低于可测范围，不评价", "below what can be measured"),
    Use.TOO_HIGH: ("超出可测范围，不评价", "above what can be measured"),
}
"""The same in words, Chinese and English."""


@dataclass(frozen=True)
class Readings:
    """Amounts of items at sections. items: names of the columns; amounts: (rows, items), in the units of the standard;
    lake: whether a row is a lake or reservoir point; days: datetime64[D], the day of the observation in China.
    """

    items: tuple[str, ...]
    amounts: Amounts
    lake: np.ndarray
    days: np.ndarray

    @classmethod
    def of(cls, items: Iterable[str], amounts: Amounts, lake: np.ndarray, days: np.ndarray) -> Readings:
        """Checked: ValueError when shapes do not fit each other, or an item is named twice."""
        names = tuple(items)
        lake, days = np.asarray(lake, np.bool_), np.asarray(days, "datetime64[D]")
        rows = amounts.shape[0]
        if amounts.shape != (rows, len(names)) or lake.shape != (rows,) or days.shape != (rows,):
            raise ValueError(f"{amounts.shape} amounts of {len(names)} items, {lake.shape} lakes, {days.shape} days")
        if len(set(names)) != len(names) or np.isnat(days).any():
            raise ValueError("an item is named twice, or a day is missing")
        return cls(names, amounts, lake, days)

    def __len__(self) -> int:
        return len(self.lake)

    def __getitem__(self, rows: object) -> Readings:
        return Readings(self.items, self.amounts[rows], self.lake[rows], self.days[rows])  # type: ignore[index]


def uses(readings: Readings, standard: Standard) -> np.ndarray:
    """Which amounts are evaluated: :class:`Use`, int8 (rows, items). Negative and over-range amounts are not: they are
    faults of the instrument, not clean water. A zero is a zero.
    """
    ends = np.array([standard.items[key].plausible for key in readings.items], np.int64).reshape(-1, 2)
    values = readings.amounts.values
    found = (values < ends[:, 0]) * np.int8(Use.TOO_LOW) + (values > ends[:, 1]) * np.int8(Use.TOO_HIGH)
    return np.where(readings.amounts.missing, np.int8(Use.MISSING), found)


def with_non_detects(amounts: Amounts, below: np.ndarray, book: InForce) -> Amounts:
    """Amounts in which what was below detection counts as a share of the detection limit (half, where the rule is on).

    amounts: the detection limit where ``below``. With the rule switched off a non-detect is missing.
    """
    share = book.optional("non_detect")
    if share is None:
        return Amounts.of(amounts.values, amounts.missing | below)
    top, bottom = share.number().as_integer_ratio()
    return Amounts.of(np.where(below, divide_half_even(amounts.values * top, bottom), amounts.values), amounts.missing)
