"""Rounding: the examples of GB/T 8170-2008, 3.2, and Python's exact Decimal as an independent way."""

from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecocloud.intake.monitoring.evaluation.rounding import ceiling, divide_half_even, divide_up, from_units, half_even
from ecocloud.intake.monitoring.evaluation.scaled import GREATEST, Amounts, mean_units

WIDE = Context(prec=80)


@pytest.mark.parametrize(
    ("given", "places", "rounded"),
    [  # GB/T 8170-2008, 3.2.1 to 3.2.4 and 3.3
        ("12.1498", 0, "12"), ("12.1498", 1, "12.1"), ("10.5002", 0, "11"), ("1.050", 1, "1.0"), ("0.35", 1, "0.4"),
        ("-355", -1, "-360"), ("-325", -1, "-320"), ("-0.0365", 3, "-0.036"), ("15.4546", 0, "15"),
    ],
)  # fmt: skip
def test_examples_of_the_standard(given, places, rounded):
    assert half_even(Decimal(given), places) == Decimal(rounded)


def test_all_places_are_written():
    assert str(half_even(Decimal("2.04"), 1)) == "2.0"
    assert str(half_even(Fraction(1, 8), 2)) == "0.12"
    assert str(half_even(7, 2)) == "7.00"
    assert str(half_even(Decimal("-0.04"), 1)) == "0.0"
    assert from_units(-5, 3) == Decimal("-0.005")


def test_a_float_is_refused():
    with pytest.raises(TypeError):
        half_even(0.145, 2)
    with pytest.raises(TypeError):
        ceiling(np.float64(1))
    with pytest.raises(ValueError, match="no number"):
        half_even(Decimal("NaN"))
    with pytest.raises(TypeError):
        divide_half_even(np.array([1.0]), 2)
    with pytest.raises(ValueError, match="above zero"):
        divide_up(np.array([1]), np.array([0]))
    with pytest.raises(ValueError, match="beyond"):
        divide_half_even(np.array([2**62]), 1)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=9, min_value=-(10**20), max_value=10**20),
       st.integers(0, 8))  # fmt: skip
def test_single_numbers_as_decimal_does(value, places):
    assert half_even(value, places) == value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN, WIDE)
    assert ceiling(value) == int(value.to_integral_value(ROUND_CEILING, WIDE))


@given(st.lists(st.tuples(st.integers(-(10**15), 10**15), st.integers(1, 10**6)), min_size=1, max_size=20))
def test_arrays_as_single_numbers(pairs):
    top, bottom = (np.array(column, np.int64) for column in zip(*pairs, strict=True))
    exact = [Fraction(*pair) for pair in pairs]
    assert divide_half_even(top, bottom).tolist() == [int(half_even(one)) for one in exact]
    assert divide_up(top, bottom).tolist() == [ceiling(one) for one in exact]


@given(st.integers(-200, 200), st.sampled_from([1, 2, 4, 8, 20, 24]))
def test_ties_go_to_the_even_neighbour(top, bottom):
    found = int(divide_half_even(np.array([top]), bottom)[0])
    rest = abs(Fraction(top, bottom) - found)
    assert rest < Fraction(1, 2) or (rest == Fraction(1, 2) and found % 2 == 0)


def test_floats_mean_their_shortest_decimal():
    found = Amounts.from_floats(np.array([0.1, 35.5, 2.675, -0.3, np.nan, np.inf, 1e12, 0.0]))
    assert [found.number(place) for place in range(8)] == [
        Decimal("0.1"), Decimal("35.5"), Decimal("2.675"), Decimal("-0.3"), None, None, None, Decimal(0)
    ]  # fmt: skip
    assert found.values[found.missing].tolist() == [0, 0, 0]
    masked = Amounts.from_floats(np.array([1.0, 2.0]), np.array([False, True]))
    assert masked.missing.tolist() == [False, True]


def test_amounts_are_checked():
    with pytest.raises(ValueError, match="no amounts"):
        Amounts.of(np.array([1.5]), np.array([False]))
    with pytest.raises(ValueError, match="no amounts"):
        Amounts.of(np.array([1, 2]), np.array([False]))
    with pytest.raises(ValueError, match="beyond"):
        Amounts.of(np.array([GREATEST + 1]), np.array([False]))
    with pytest.raises(ValueError, match="beyond"):
        Amounts.from_numbers([Decimal("1e10")])
    assert Amounts.of(np.array([GREATEST + 1]), np.array([True])).values.tolist() == [0]
    numbers = Amounts.from_numbers([Decimal("20.45"), None, 3, Fraction(1, 3)])
    assert numbers.values.tolist() == [20_450_000, 0, 3_000_000, 333_333]
    assert numbers.rounded(1).tolist() == [204, 0, 30, 3]


def test_a_mean_is_rounded_once():
    # 60.45 rounded to tenths first would be 60.4 or 60.5; the mean of 60.45 and 60.55 is 60.5, even neighbour 60
    amounts = Amounts.from_numbers([Decimal("60.45"), Decimal("60.55")])
    assert mean_units(amounts.values.sum(keepdims=True), np.array([2]), 0).tolist() == [60]
    assert mean_units(np.array([0]), np.array([0]), 0).tolist() == [0]
