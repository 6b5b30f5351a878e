"""Loads of rivers and outlets 通量、入河量: concentration times flow, and how much passes in a period."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ecocloud.intake.monitoring.evaluation.products import divide_big, product_sums
from ecocloud.intake.monitoring.evaluation.rounding import divide_half_even
from ecocloud.intake.monitoring.evaluation.scaled import SCALE, Amounts


@dataclass(frozen=True)
class Loads:
    """What passed in groups of rows. kilograms: kg, over the time that is covered, missing where none is; water: m³,
    over the same time; covered, due: int64, periods with both concentration and flow, and all periods of the group.
    What is not covered is not estimated.
    """

    kilograms: Amounts
    water: Amounts
    covered: np.ndarray
    due: np.ndarray


def load_rates(concentration: Amounts, flow: Amounts) -> Amounts:
    """Load of each row, g/s: mg/L times m³/s; missing where one of the two is. Raises ValueError for negative amounts
    and for a load beyond int64 (some 10⁶ t/s).
    """
    if (concentration.values < 0).any() or (flow.values < 0).any():
        raise ValueError("a concentration or a flow is below zero")
    if (concentration.values.astype(np.float64) * flow.values >= 2.0**61 * SCALE).any():
        raise ValueError("a load is beyond what can be counted")
    # The product does not fit, its parts do: both are cut into whole units and millionths.
    whole, rest = np.divmod(flow.values, SCALE)
    high, low = np.divmod(concentration.values, SCALE)
    grams = concentration.values * whole + high * rest + divide_half_even(low * rest, SCALE)
    missing = concentration.missing | flow.missing
    return Amounts(np.where(missing, 0, grams), missing)


def total_loads(concentration: Amounts, flow: Amounts, seconds: int, groups: np.ndarray, number: int) -> Loads:
    """What passes in each group: the sum of concentration, flow and time.

    concentration: mg/L; flow: m³/s; seconds: how long each row stands for (3600 for hourly values); groups: int (rows),
    0 to ``number - 1``. Rounded once, to a millionth of kg and m³.
    """
    groups = np.asarray(groups)
    used = ~concentration.missing & ~flow.missing
    chosen = groups[used]
    sums = product_sums(concentration.values[used], flow.values[used], chosen, number) * seconds
    grams_per_kilogram = 1000
    kilograms = divide_big(sums, SCALE * grams_per_kilogram)
    water = np.zeros(number, np.int64)
    np.add.at(water, chosen, flow.values[used] * seconds)
    covered = np.bincount(chosen, minlength=number).astype(np.int64)
    none = covered == 0
    due = np.bincount(groups, minlength=number).astype(np.int64)
    return Loads(Amounts(kilograms, none), Amounts(water, none.copy()), covered, due)
