"""Flue gas: conversion, validity and exceedance; limits of GB 18485, GB 13223 and GB 25464 typed by hand."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecocloud.intake.monitoring.evaluation.emission.gas import (
    convert,
    hour_means,
    judge_days,
    judge_hours,
    month_means,
)
from ecocloud.intake.monitoring.evaluation.emission.limits import limits_of
from ecocloud.intake.monitoring.evaluation.emission.verdicts import REASON_WORDS, Reason, counted, excused
from ecocloud.intake.monitoring.evaluation.scaled import Amounts
from tests.intake.monitoring.evaluation.emission.made import DAY, hours, limit, rules
from tests.intake.monitoring.evaluation.water.made import amounts

SO2 = limit("gb13223.coal_new.so2.hour")
PM_DAY = limit("gb18485.incinerator.pm.day")


def test_limits_as_printed():
    kiln = {one.item: one for one in limits_of("gb25464_gas", ("kiln",), DAY)}
    assert [(kiln[key].most, kiln[key].oxygen) for key in ("pm", "so2", "nox")] == [
        (30 * 10**6, 18 * 10**6), (50 * 10**6, 18 * 10**6), (180 * 10**6, 18 * 10**6),
    ]  # fmt: skip
    assert (kiln["pb"].unverified, kiln["so2"].unverified) == (True, False)
    burner = {(one.item, one.averaging): one.most for one in limits_of("gb18485", ("incinerator",), DAY)}
    assert [burner[key, "day"] for key in ("pm", "nox", "so2", "hcl", "co")] == [
        20 * 10**6, 250 * 10**6, 80 * 10**6, 50 * 10**6, 80 * 10**6,
    ]  # fmt: skip
    assert limits_of("gb18485", ("incinerator",), date(2014, 6, 30)) == ()  # in force from 2014-07-01
    assert limits_of("gb13223", ("nothing",), DAY) == ()


def test_conversion_to_reference_oxygen():
    """Coal, 6 % reference: 80 mg/m³ at 9 % oxygen are 80 × 15 / 12 = 100."""
    found = convert(amounts(80, 80, 10), amounts(9, 6, "3.5"), SO2.oxygen, rules())
    assert [found.amounts.number(row) for row in range(3)] == [Decimal(100), Decimal(80), Decimal("8.571429")]
    assert convert(amounts(80), None, None, rules()).amounts.number(0) == Decimal(80)  # nothing to convert


@pytest.mark.parametrize(
    ("concentration", "oxygen", "reason"),
    [
        (80, 21, Reason.OXYGEN_AS_AIR), (80, "21.5", Reason.OXYGEN_AS_AIR), (80, "20.999999", Reason.JUDGED),
        (80, None, Reason.NO_OXYGEN), (80, -1, Reason.NO_OXYGEN), (80, 26, Reason.NO_OXYGEN), (None, 9, Reason.MISSING),
        (-1, 9, Reason.TOO_LOW), (0, 9, Reason.JUDGED), (200_001, 9, Reason.TOO_HIGH),
    ],
)  # fmt: skip
def test_what_cannot_be_converted_proves_nothing(concentration, oxygen, reason):
    found = judge_hours(hours(concentration), hours(oxygen), SO2, rules())
    assert found.reason[0, 0] == reason
    assert found.judged[0, 0] == (reason == Reason.JUDGED)
    assert found.values.missing[0, 0] == (reason != Reason.JUDGED)
    assert not found.exceeds[0, 0] or reason == Reason.JUDGED
    assert all(REASON_WORDS[reason]) or reason == Reason.JUDGED


def test_an_hour_equal_to_the_limit_keeps_it():
    found = judge_hours(hours(80, "80.000001", 200), hours(9, 9, 9), SO2, rules())
    assert found.exceeds.tolist() == [[False, True, True]]
    assert found.multiples.tolist() == [[0, 0, 150]]
    assert "gas.hour_exceedance" in found.unverified
    # 80.000007 × 15 / 12.000001 is over 100 by less than half a millionth: rounded it is equal, but it exceeds.
    hair = judge_hours(hours("80.000007"), hours("8.999999"), SO2, rules())
    assert (hair.values.number(0, 0), hair.exceeds[0, 0]) == (Decimal(100), True)


def test_marked_data_prove_no_exceedance():
    flags = np.array([["N", "C", "", "D", "M", "T", "B", "F", "S"]])
    found = judge_hours(hours(*[900] * 9), hours(*[9] * 9), SO2, rules(), excluded=~counted(flags, rules()))
    assert found.exceeds.tolist() == [[True, False, True, False, False, False, False, False, False]]
    assert set(found.reason[0].tolist()) == {Reason.JUDGED, Reason.EXCLUDED}


def test_marks_of_an_incinerator():
    marks = np.array(["启炉", "", "故障", "别的"])
    assert excused(marks, rules()).tolist() == [True, False, True, False]
    assert not excused(marks, rules("flags.incinerator")).any()


def test_a_limit_is_judged_by_its_own_averaging_time():
    values, oxygen = hours(*[900] * 24), hours(*[9] * 24)
    assert judge_hours(values, oxygen, PM_DAY, rules()).reason[0, 0] == Reason.ANOTHER_TIME
    assert judge_days(values, oxygen, SO2, rules()).reason[0, 0] == Reason.ANOTHER_TIME
    assert judge_hours(values, oxygen, SO2, rules("gas.hour_exceedance")).reason[0, 0] == Reason.SWITCHED_OFF


@pytest.mark.parametrize(("valid", "reason"), [(20, Reason.JUDGED), (19, Reason.TOO_FEW), (0, Reason.MISSING)])
def test_a_day_needs_twenty_hours(valid, reason):
    values = hours(*[21] * valid, *[None] * (24 - valid))
    found = judge_days(values, hours(*[11] * 24), PM_DAY, rules())
    assert found.reason.tolist() == [[reason]]
    assert found.exceeds.tolist() == [[reason == Reason.JUDGED]]


def test_a_day_equal_to_its_limit_keeps_it_whatever_its_hours():
    """GB 18485: 20 mg/m³ as a mean of 24 hours; hours of 40 and 0 make 20."""
    found = judge_days(hours(*[40, 0] * 12), hours(*[11] * 24), PM_DAY, rules())
    assert found.exceeds.tolist() == [[False]]
    more = judge_days(hours(*[40, 0] * 11, 40, "0.000001"), hours(*[11] * 24), PM_DAY, rules())
    assert more.exceeds.tolist() == [[True]]
    assert more.values.number(0, 0) == Decimal(20)  # as rounded


def test_minutes_of_an_hour_and_days_of_a_month():
    assert [hour_means(amounts(*[6] * n, *[None] * (60 - n)), 1, rules()).number(0) for n in (45, 44)] == [6, None]
    assert [hour_means(amounts(*[6] * n, *[None] * (12 - n)), 5, rules()).number(0) for n in (9, 8)] == [6, None]
    months, means = month_means(Amounts.from_numbers([1] * 25 + [None] * 6 + [2] * 23 + [None] * 5 + [3] * 30),
                                date(2026, 1, 1), rules())  # fmt: skip
    assert months == [date(2026, 1, 1), date(2026, 2, 1)]  # March is not whole
    assert [means.number(month) for month in (0, 1)] == [1, 2]
    short = month_means(Amounts.from_numbers([1] * 24 + [None] * 7 + [2] * 22 + [None] * 6), date(2026, 1, 1), rules())[
        1
    ]
    assert short.missing.tolist() == [True, True]
    assert month_means(amounts(1, 2), date(2026, 1, 5), rules())[0] == []


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2 * 10**11), st.integers(-(10**6), 26 * 10**6)), min_size=1, max_size=30))
def test_equal_to_fractions(pairs):
    values, oxygen = (np.array([column], np.int64) for column in zip(*pairs, strict=True))
    none = np.zeros(values.shape, bool)
    found = judge_hours(Amounts(values, none), Amounts(oxygen, none), SO2, rules())
    for place, (value, air) in enumerate(pairs):
        if not 0 <= air < 21 * 10**6:
            assert not found.judged[0, place]
            continue
        exact = Fraction(value * 15 * 10**6, 21 * 10**6 - air)
        assert found.values.values[0, place] == round(exact)
        assert found.exceeds[0, place] == (exact > 100 * 10**6)
