"""Rows as the lake keeps them to the grids that emissions are evaluated on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from ecocloud.intake.monitoring.evaluation.air.hours import Grid, hour_grid
from ecocloud.intake.monitoring.evaluation.emission.verdicts import counted
from ecocloud.intake.monitoring.evaluation.in_force import InForce
from ecocloud.intake.monitoring.evaluation.scaled import SCALE, Amounts


@dataclass(frozen=True)
class OutletHours:
    """Hours of outlets by the days from ``first`` on. amounts: (outlets, days · 24); excluded: hours whose flag proves
    no exceedance; grid: what could not be placed.
    """

    first: date
    amounts: Amounts
    excluded: np.ndarray
    grid: Grid


def outlet_hours(
    outlets: np.ndarray, stamps: np.ndarray, amounts: Amounts, flags: np.ndarray, *, count: int, first: date, days: int,
    hour_ending: bool, book: InForce,
) -> OutletHours:  # fmt: skip
    """Hourly rows in any order.

    outlets: int (rows), 0 to ``count - 1``; stamps: as of the lake, UTC; flags: data flags of HJ 212, text (rows), ''
    where the device sends none; hour_ending: whether a stamp is the end of its hour (HJ 212: the start). Raises
    :class:`TwoValues` when two rows of one hour differ in amount or in whether they count.
    """
    place = {"count": count, "first": first, "days": days, "hour_ending": hour_ending}
    excluded = ~counted(flags, book)
    grid = hour_grid(outlets, stamps, amounts, **place)
    marks = Amounts(excluded * np.int64(SCALE), amounts.missing)
    marked = hour_grid(outlets, stamps, marks, **place).amounts
    return OutletHours(first, grid.amounts, ~marked.missing & (marked.values > 0), grid)
