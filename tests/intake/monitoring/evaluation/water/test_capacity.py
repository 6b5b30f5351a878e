"""Assimilative capacity by the formulas of GB/T 25173-2010, worked out with the math module; loads."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecocloud.intake.monitoring.evaluation.scaled import Amounts
from ecocloud.intake.monitoring.evaluation.water import capacity
from ecocloud.intake.monitoring.evaluation.water.loads import load_rates, total_loads
from tests.intake.monitoring.evaluation.water.made import amounts, book

# 0.2 a day over 10 km at 0.2 m/s.
DECAY, LENGTH, SPEED = 0.2 / 86400, 10_000, 0.2
LEFT = math.exp(-DECAY * LENGTH / SPEED)


def test_no_dimension():
    found = capacity.river_zero(1.0, 0.4, 5, 0.5, book())
    assert found.grams_per_second == pytest.approx(3.3)
    assert found.tonnes_per_year == pytest.approx(3.3 * 31.536)
    assert found.unverified == ("capacity.zero",)


def test_along_a_reach():
    found = capacity.river_one(1.0, 0.8, 5, 0.5, DECAY, LENGTH, SPEED, book())
    assert found.grams_per_second == pytest.approx((1 - 0.8 * LEFT) * 5.5)
    middle = capacity.river_middle(1.0, 0.8, 5, DECAY, LENGTH, SPEED, book())
    assert middle.grams_per_second == pytest.approx((1 - 0.8 * LEFT) * math.exp(0.5 * DECAY * LENGTH / SPEED) * 5)
    spread = capacity.river_spread(1.0, 0.8, 5, DECAY, LENGTH, SPEED, 0.9, book())
    travel = DECAY * LENGTH / SPEED
    assert spread.tonnes_per_year == pytest.approx(31.536 * 0.9 * (1 - 0.8 * LEFT) * 5 * travel / (1 - LEFT))
    assert spread.unverified == ()


def test_outlets_at_the_end_in_the_middle_and_spread_agree_without_decay():
    flows = np.array([1.0, 20.0])
    ways = [
        capacity.river_one(1, 0.4, flows, 0, 0, LENGTH, SPEED, book()),
        capacity.river_middle(1, 0.4, flows, 0, LENGTH, SPEED, book()),
        capacity.river_spread(1, 0.4, flows, 0, LENGTH, SPEED, 1, book()),
        capacity.river_zero(1, 0.4, flows, 0, book()),
    ]
    for way in ways:
        assert way.grams_per_second.tolist() == pytest.approx([0.6, 12.0])


def test_dirty_water_leaves_less_than_nothing_and_missing_stays_missing():
    found = capacity.river_zero([1.0, 1.0], [1.5, np.nan], 2, 0, book())
    assert found.grams_per_second[0] == -1
    assert np.isnan(found.grams_per_second[1])
    with pytest.raises(ValueError, match="velocity"):
        capacity.river_one(1, 1, 1, 1, 1, 1, 0, book())


def test_velocity_mixing_and_lakes():
    assert capacity.velocity(16, 0.1, 0.5) == pytest.approx(0.4)
    assert capacity.mixed(1, 3, 9, 1) == pytest.approx(3)
    assert capacity.lake_mixed(0.05, 0.03, 1e6, book()) == pytest.approx(2e4)
    assert capacity.lake_steady(0.05, 1e-7, 1e6, 0.5, book()).tonnes_per_year == pytest.approx(31.536 * 0.0025)
    # After a long time the lake is in balance with what comes in: m / (QL + K V).
    long = capacity.lake_concentration(9, 2, 3, 1e-6, 1e6, 1e9)
    assert long == pytest.approx(2 / (3 + 1))
    assert capacity.lake_concentration(9, 2, 3, 1e-6, 1e6, 0) == pytest.approx(9)


def test_loads_have_units():
    """2.5 mg/L in 4 m³/s are 10 g/s; an hour of it 36 kg in 14,400 m³."""
    assert load_rates(amounts("2.5", None, 1), amounts(4, 4, None)).number(0) == Decimal(10)
    found = total_loads(amounts("2.5", "2.5", None, 1), amounts(4, 4, 4, None), 3600, np.array([0, 0, 0, 1]), 3)
    assert [found.kilograms.number(group) for group in range(3)] == [Decimal(72), None, None]
    assert found.water.number(0) == Decimal(28800)
    assert (found.covered.tolist(), found.due.tolist()) == ([2, 0, 0], [3, 1, 0])
    with pytest.raises(ValueError, match="below zero"):
        load_rates(amounts(-1), amounts(1))
    with pytest.raises(ValueError, match="below zero"):
        total_loads(amounts(-1), amounts(1), 3600, np.array([0]), 1)


BIG = st.integers(0, 2**46)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(BIG, BIG, st.integers(0, 2)), min_size=1, max_size=20))
def test_sums_of_products_are_exact(rows):
    left, right, groups = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    none = np.zeros(len(rows), bool)
    found = total_loads(Amounts(left, none), Amounts(right >> 12, none), 3600, groups, 3)
    for group in range(3):
        exact = sum(Fraction(a * (b >> 12) * 3600, 10**9) for a, b, own in rows if own == group)
        assert found.kilograms.values[group] == round(exact)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**11), st.integers(0, 10**10)), min_size=1, max_size=20))
def test_rates_are_rounded_once(rows):
    left, right = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    none = np.zeros(len(rows), bool)
    found = load_rates(Amounts(left, none), Amounts(right, none))
    assert found.values.tolist() == [round(Fraction(a * b, 10**6)) for a, b in rows]
