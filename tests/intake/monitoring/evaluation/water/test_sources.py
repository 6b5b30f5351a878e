"""Drinking-water sources: items and limits of GB 3838-2002 tables 1 (class III), 2 and 3; the two rates."""

from decimal import Decimal

import numpy as np
import pytest

from ecocloud.intake.monitoring.evaluation.water.sources import judge_sources, source_rates, source_standard
from ecocloud.intake.monitoring.evaluation.water.standard import standard_on
from tests.intake.monitoring.evaluation.water.made import DAY, amounts, book, readings

STANDARD, LISTED = source_standard(standard_on(DAY), book())
# Printed limits of some items of tables 2 and 3, mg/L; those of t66 to t68 are printed in mg/L and kept in µg/L.
LIMITS = {"so4": "250", "cl": "250", "no3": "10", "fe": "0.3", "mn": "0.1", "t01": "0.06", "t07": "0.005",
          "t19": "0.01", "t29": "0.05", "t33": "0.5"}  # fmt: skip


def judged(rows, lake=False, listed=LISTED):
    return judge_sources(readings(rows, lake), STANDARD, listed, book())


def test_what_a_source_is_judged_by():
    assert len(LISTED) == 20 + 5 + 33
    assert not {"cod", "tn", "coliform", "water_temp"} & set(LISTED)
    whole = source_standard(standard_on(DAY), book(), every_specific=True)[1]
    assert len(whole) == 20 + 5 + 80
    assert {STANDARD.items[key].unit for key in whole[-80:]} == {"mg/L", "µg/L"}
    assert STANDARD.items["t66"].river[0] == 2800  # benzo(a)pyrene, 2.8×10⁻⁶ mg/L


@pytest.mark.parametrize("key", LIMITS)
def test_equal_to_the_limit_meets_it(key):
    limit = Decimal(LIMITS[key])
    found = judged([{key: limit}, {key: limit + Decimal("0.000001")}])
    assert found.meets.tolist() == [True, False]
    assert found.over[:, 0].tolist() == [False, True]


def test_class_three_of_table_one():
    rows = [{"do": 5, "ph": 9, "tp": "0.05"}, {"do": "4.9", "ph": 9, "tp": "0.05"}, {"do": 5, "ph": "9.1", "tp": "0.2"}]
    assert judged(rows).meets.tolist() == [True, False, False]
    assert judged(rows, lake=True).over.tolist() == [[False] * 3, [True, False, False], [False, True, True]]
    multiples = judged([{"tp": "0.2"}], lake=True).multiples
    assert multiples.units[0, 0] == 300  # (0.2 - 0.05) / 0.05


def test_missing_items_are_told_and_nothing_at_all_is_not_judged():
    found = judged([{"so4": 1, "cod": 999}, {"so4": None, "cod": 1}, {"so4": -1, "cod": 1}])
    assert found.judged.tolist() == [True, False, False]
    assert found.meets.tolist() == [True, False, False]
    assert found.lacking.sum(axis=1).tolist() == [57, 58, 58]


def test_the_two_rates():
    verdicts = judged([{"so4": 1}, {"so4": 251}, {"so4": 1}, {"so4": None}, {"so4": 1}])
    intake = amounts(10, 30, 20, 50, None)
    found = source_rates(verdicts, intake, np.zeros(5, int), 2, book())
    assert (found.by_count.percent(0), found.by_volume.percent(0)) == (Decimal("75.0"), Decimal("50.0"))
    assert found.without.tolist() == [1, 0]
    assert (found.by_count.percent(1), found.by_volume.percent(1)) == (None, None)
    with pytest.raises(ValueError, match="below zero"):
        source_rates(verdicts, amounts(1, 1, 1, 1, -1), np.zeros(5, int), 1, book())
