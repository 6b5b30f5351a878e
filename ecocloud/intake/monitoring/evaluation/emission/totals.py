"""Emission amounts 排放量: kilograms of a day, of stacks and of outlets. What was not measured is not in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ecocloud.intake.monitoring.evaluation.emission.gas import HOURS
from ecocloud.intake.monitoring.evaluation.emission.verdicts import Reason, checked
from ecocloud.intake.monitoring.evaluation.in_force import InForce
from ecocloud.intake.monitoring.evaluation.products import divide_big, row_product_sums
from ecocloud.intake.monitoring.evaluation.scaled import SCALE, Amounts

MILLIGRAMS, GRAMS = 10**6, 10**3
"""How many of the unit a concentration times a volume comes in make a kilogram: mg/m³ times m³, mg/L times m³."""


@dataclass(frozen=True)
class DayTotals:
    """kilograms: (outlets, days), over the hours that are covered, missing where none is; flow: m³ over the same hours;
    covered: hours with concentration and flow.
    """

    kilograms: Amounts
    flow: Amounts
    covered: np.ndarray


def gas_totals(concentration: Amounts, flow: Amounts, book: InForce, excluded: np.ndarray | None = None) -> DayTotals:
    """``kg = C Q 10⁻⁶`` of each hour (HJ 212-2017 annex D, 33), added up over days.

    concentration: as measured, not converted, mg/m³, dry, standard state, (stacks, days · 24); flow: m³/h, the same
    state.
    """
    return _totals(concentration, flow, MILLIGRAMS, book, excluded)


def water_totals(concentration: Amounts, flow: Amounts, book: InForce, excluded: np.ndarray | None = None) -> DayTotals:
    """``kg = C Q 10⁻³`` of each hour, added up over days. concentration: mg/L, (outlets, days · 24); flow: m³/h."""
    return _totals(concentration, flow, GRAMS, book, excluded)


def _totals(
    concentration: Amounts, flow: Amounts, per_kilogram: int, book: InForce, excluded: np.ndarray | None
) -> DayTotals:
    shape = (concentration.shape[0], concentration.shape[1] // HOURS, HOURS)
    usable = checked(concentration, "concentration", excluded, book) == Reason.JUDGED
    usable &= checked(flow, "flow", None, book) == Reason.JUDGED
    values, flows = (np.where(usable, one.values, 0).reshape(shape) for one in (concentration, flow))
    kilograms = divide_big(row_product_sums(values, flows), SCALE * per_kilogram)
    cubic, covered = flows.sum(axis=-1), usable.reshape(shape).sum(axis=-1)
    none = covered == 0
    return DayTotals(Amounts(kilograms, none), Amounts(cubic, none.copy()), covered)
