"""Waste water: daily means weighted by flow, GB 18918 with its bracket, validity of a day, pH."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecocloud.intake.monitoring.evaluation.emission.limits import limits_of
from ecocloud.intake.monitoring.evaluation.emission.verdicts import Reason
from ecocloud.intake.monitoring.evaluation.emission.waste_water import (
    day_means,
    judge_days,
    judge_single,
    warnings,
)
from ecocloud.intake.monitoring.evaluation.scaled import Amounts
from tests.intake.monitoring.evaluation.emission.made import DAY, hours, limit, rows, rules

COD = limit("gb18918.1a.cod.day")
AMMONIA = (limit("gb18918.1a.nh3n.warm.day"), limit("gb18918.1a.nh3n.cold.day"))
PH = limit("gb18918.all.ph.instant")
STEADY = hours(10)


def judged(values, flow=STEADY, limits=(COD,), temperature=None, book=None, **more):
    book = book or rules()
    return judge_days(day_means(values, flow, book, **more), limits, book, temperature)


def test_limits_of_a_plant_by_the_year_it_was_built():
    """GB 18918: total phosphorus 1 mg/L in class 1A for plants built by the end of 2005, 0.5 since."""
    found = [next((one.most for one in limits_of("gb18918", ("1a",), DAY, built=built) if one.item == "tp"), None)
             for built in (date(2005, 12, 31), date(2006, 1, 1), None)]  # fmt: skip
    assert found == [10**6, 5 * 10**5, None]
    assert [one.most for one in limits_of("gb18918", ("1b",), DAY) if one.item == "cod"] == [60 * 10**6]
    assert all(one.averaging == "day" for one in limits_of("gb8978", ("1.all", "1.others"), DAY))


def test_a_day_is_weighted_by_flow():
    """100 mg/L in 1 m³ and 40 mg/L in 9 m³ are 46 mg/L: no exceedance of 50, though the plain mean is 70."""
    values, flow = hours(*[100, 40] * 12), hours(*[1, 9] * 12)
    found = judged(values, flow)
    assert (found.values.number(0, 0), found.exceeds[0, 0]) == (Decimal(46), False)
    plain = judged(values, flow, book=rules("water.weighted"))
    assert (plain.values.number(0, 0), plain.exceeds[0, 0], plain.multiples[0, 0]) == (Decimal(70), True, 40)
    assert "water.weighted" in found.unverified


def test_equal_to_the_limit_keeps_it():
    found = judged(rows(hours(50), hours(*[50] * 23, "50.000001")), rows(hours(7), hours(7)))
    assert found.exceeds[:, 0].tolist() == [False, True]
    assert found.values.number(1, 0) == Decimal(50)  # as rounded


def test_hourly_values_only_warn():
    values = hours(*[20] * 23, 300)
    assert judged(values).exceeds.tolist() == [[False]]
    assert warnings(values, COD, rules()).sum() == 1
    assert not warnings(values, COD, rules(), excluded=np.ones((1, 24), bool)).any()


def test_a_day_without_the_rule_of_zero_flow():
    values, flow = hours(*[60] * 12, *[None] * 12), hours(*[10] * 12, *[0] * 12)
    assert judged(values, flow).judged[0, 0]
    assert judged(values, flow, book=rules("water.zero_flow_invalid")).reason[0, 0] == Reason.TOO_FEW


def test_a_daily_range():
    """GB 8978: pH 6 to 9 as a daily mean; a mean just beyond either end exceeds, without a multiple."""
    own = limit("gb8978.1.all.ph.day", "1.all")
    found = judged(rows(hours(6), hours("5.9"), hours("9.1")), rows(*[STEADY] * 3), limits=(own,), kind="ph")
    assert found.exceeds[:, 0].tolist() == [False, True, True]
    assert not found.multiples.any()


def test_what_may_not_be_found_at_all():
    found = judged(rows(hours(0), hours("0.000001")), rows(STEADY, STEADY), limits=(limit("gb18918.all.alkyl_hg.day"),))
    assert found.exceeds[:, 0].tolist() == [False, True]


@pytest.mark.parametrize(
    ("values", "flow", "every", "reason"),
    [
        (hours(*[60] * 18, *[None] * 6), hours(10), 1, Reason.JUDGED),  # three quarters
        (hours(*[60] * 17, *[None] * 7), hours(10), 1, Reason.TOO_FEW),
        (hours(*[60, None] * 12), hours(10), 2, Reason.JUDGED),  # an analyser of two hours
        (hours(*[60, None] * 12), hours(10), 1, Reason.TOO_FEW),
        (hours(60), hours(*[10] * 4, *[0] * 20), 1, Reason.JUDGED),  # only hours with flow are due
        (hours(60), hours(0), 1, Reason.NO_FLOW),
        (hours(60), hours(None), 1, Reason.MISSING),
        (hours(60), hours(*[10] * 17, *[None] * 7), 1, Reason.TOO_FEW),  # nobody knows whether it flowed
        (hours(None), hours(10), 1, Reason.MISSING),
        (hours(-1), hours(10), 1, Reason.MISSING),
    ],
)  # fmt: skip
def test_which_days_are_judged(values, flow, every, reason):
    found = judged(values, flow, every=every)
    assert found.reason[0, 0] == reason
    assert found.exceeds[0, 0] == (reason == Reason.JUDGED)


def test_marked_hours_do_not_count():
    marked = np.zeros((1, 24), bool)
    marked[0, :6] = True
    values = hours(*[900] * 6, *[30] * 18)
    assert judged(values, excluded=marked).values.number(0, 0) == Decimal(30)
    marked[0, :7] = True
    assert judged(values, excluded=marked).reason[0, 0] == Reason.TOO_FEW


@pytest.mark.parametrize(
    ("value", "warmth", "reason", "exceeds"),
    [
        (5, "12.1", Reason.JUDGED, False), ("5.1", "12.1", Reason.JUDGED, True), ("5.1", 12, Reason.JUDGED, False),
        (8, 12, Reason.JUDGED, False), ("8.1", 5, Reason.JUDGED, True),
        (5, None, Reason.JUDGED, False), ("5.1", None, Reason.NO_TEMPERATURE, False),
        ("8.1", None, Reason.JUDGED, True), ("5.1", 101, Reason.NO_TEMPERATURE, False),
    ],
)  # fmt: skip
def test_the_value_in_brackets_is_for_water_of_twelve_degrees_and_less(value, warmth, reason, exceeds):
    found = judged(hours(value), limits=AMMONIA, temperature=hours(warmth))
    assert (found.reason[0, 0], found.exceeds[0, 0]) == (reason, exceeds)
    assert judged(hours(value), limits=AMMONIA[::-1], temperature=hours(warmth)).exceeds[0, 0] == exceeds


def test_ph_at_any_moment():
    found = judge_single(hours(*[6, 9, "5.99", "9.01", 15, None] * 4), PH, rules())
    assert found.exceeds[0, :6].tolist() == [False, False, True, True, False, False]
    assert found.reason[0, 4:6].tolist() == [Reason.TOO_HIGH, Reason.MISSING]
    assert judge_single(hours(7), COD, rules()).reason[0, 0] == Reason.ANOTHER_TIME
    with pytest.raises(ValueError, match="daily limits"):
        judged(hours(7), limits=(PH,))


HOUR = st.tuples(st.integers(0, 10**9), st.integers(0, 10**10))


@settings(max_examples=40, deadline=None)
@given(st.lists(HOUR, min_size=24, max_size=24), st.randoms())
def test_equal_to_fractions_in_any_order_of_hours(pairs, random):
    book = rules()

    def mean(listed):
        values, flow = (np.array([column], np.int64) for column in zip(*listed, strict=True))
        none = np.zeros(values.shape, bool)
        return judge_days(day_means(Amounts(values, none), Amounts(flow, none), book), (COD,), book)

    found = mean(pairs)
    whole = sum(flow for _value, flow in pairs)
    if not whole:
        assert found.reason[0, 0] == Reason.NO_FLOW
        return
    exact = Fraction(sum(value * flow for value, flow in pairs), whole)
    assert found.values.values[0, 0] == round(exact)
    assert found.exceeds[0, 0] == (exact > 50 * 10**6)
    turned = list(pairs)
    random.shuffle(turned)
    assert mean(turned).values.values.tolist() == found.values.values.tolist()
