"""Amounts of a day, capture of a quarter, substitution, furnace temperature. Worked out by hand."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from ecocloud.intake.monitoring.evaluation.emission.capture import capture, substitute
from ecocloud.intake.monitoring.evaluation.emission.furnace import furnace_days
from ecocloud.intake.monitoring.evaluation.emission.totals import gas_totals, water_totals
from ecocloud.intake.monitoring.evaluation.scaled import Amounts
from tests.intake.monitoring.evaluation.emission.made import hours, rules
from tests.intake.monitoring.evaluation.water.made import amounts


def test_amounts_have_units():
    """35 mg/m³ in 200,000 m³/h are 7 kg an hour; 40 mg/L in 250 m³/h are 10 kg."""
    gas = gas_totals(hours(35), hours(200_000), rules())
    assert (gas.kilograms.number(0, 0), gas.flow.number(0, 0)) == (Decimal(168), Decimal(4_800_000))
    water = water_totals(hours(*[40] * 20, None, -1, 40, 40), hours(*[250] * 23, None), rules())
    assert (water.kilograms.number(0, 0), water.covered[0, 0]) == (Decimal(210), 21)
    nothing = water_totals(hours(None), hours(250), rules())
    assert (nothing.kilograms.number(0, 0), nothing.flow.number(0, 0)) == (None, None)
    assert gas_totals(hours(0), hours(10), rules()).kilograms.number(0, 0) == 0  # measured, and nothing


def test_capture_leaves_out_the_hours_the_source_stood_still():
    valid, stopped = np.zeros((4, 100), bool), np.zeros((4, 100), bool)
    valid[0, :75] = valid[1, :74] = valid[2, :60] = True
    stopped[2, :20] = stopped[2, 80:] = True
    stopped[3] = True
    found = capture(valid, stopped, rules())
    assert [found.shares.percent(row) for row in range(4)] == [Decimal("75.0"), Decimal("74.0"), Decimal("66.7"), None]
    assert found.passes.tolist() == [True, False, False, False]
    assert "gas.capture" in found.unverified


def filled(gap, ran=1000, before=2500, off=()):
    """A quarter of ``ran`` hours that begins with a gap; emissions before rise by one an hour."""
    values = np.arange(before + ran, dtype=np.int64)[::-1] * 10**6
    missing = np.zeros(before + ran, bool)
    missing[before : before + gap] = True
    return substitute(Amounts(values, missing), np.zeros(before + ran, bool), before, rules(*off)), values, before


@pytest.mark.parametrize(
    ("gap", "looked_back"), [(1, 180), (24, 180), (25, 720), (100, 720), (101, 2160), (250, 2160), (251, None)]
)
def test_what_stands_in_for_invalid_hours(gap, looked_back):
    """Capture is (1000 - gap) / 1000: at 90 % and more the last 180 or 720 hours, from 75 % on the last 2160."""
    found, values, before = filled(gap)
    if looked_back is None:
        assert found.amounts.missing[:gap].all()
        assert not found.by.any()
        return
    assert set(found.amounts.values[:gap].tolist()) == {int(values[before - looked_back])}  # the greatest of them
    assert (found.by.sum(), found.capture) == (gap, Fraction(100 * (1000 - gap), 1000))
    assert not found.amounts.missing.any()


def test_substitution_may_be_switched_off_and_needs_something_to_look_back_on():
    assert filled(5, off=("gas.substitution",))[0].amounts.missing[:5].all()
    assert filled(5, before=0)[0].amounts.missing[:5].all()


def test_a_standstill_is_no_gap():
    values, missing = np.full(1000, 10**6), np.zeros(1000, bool)
    stopped = missing.copy()
    missing[500:520] = stopped[500:520] = True
    found = substitute(Amounts(values, missing), stopped, 0, rules())
    assert (found.by.sum(), found.capture) == (0, 100)
    assert found.amounts.missing.sum() == 20
    assert substitute(amounts(1), np.array([True]), 0, rules()).capture is None


def test_furnace_below_850_more_than_five_times_a_day():
    means = np.full((1, 3 * 288), 900 * 10**6)
    means[0, :5] = means[0, 288:294] = 849_999_999
    means[0, 2 * 288 : 2 * 288 + 9] = 850 * 10**6
    missing = np.zeros(means.shape, bool)
    missing[0, 20] = True
    found = furnace_days(Amounts(means, missing), rules())
    assert found.below.tolist() == [[5, 6, 0]]
    assert found.violates.tolist() == [[False, True, False]]
    assert found.known.tolist() == [[287, 288, 288]]
    excused = np.zeros(means.shape, bool)
    excused[0, 288] = True
    assert not furnace_days(Amounts(means, missing), rules(), excused).violates.any()
    assert found.unverified == ("furnace.minutes", "furnace.times")
