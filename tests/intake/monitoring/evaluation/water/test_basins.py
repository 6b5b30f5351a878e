"""Basins: shares, grades at their bounds, change. Bounds as in 环办〔2011〕22号 table 3 and 6."""

from decimal import Decimal

import numpy as np
import pytest

from ecocloud.intake.monitoring.evaluation.water.basins import (
    UNKNOWN_CHANGE,
    basin_changes,
    basin_pollutants,
    change_words,
    grades,
    ratios,
    section_changes,
)
from ecocloud.intake.monitoring.evaluation.water.classes import classify
from ecocloud.intake.monitoring.evaluation.water.standard import standard_on
from tests.intake.monitoring.evaluation.water.made import DAY, book, readings

# A permanganate index of each class, from good to inferior V.
OF_CLASS = {1: 1, 2: 3, 3: 5, 4: 8, 5: 12, 6: 20}


def graded(*classes, groups=None, lake=False):
    table = readings([{"codmn": OF_CLASS.get(one)} for one in classes], lake)
    groups = np.zeros(len(classes), np.int64) if groups is None else np.array(groups)
    return grades(table, classify(table), groups, int(groups.max()) + 1, book())


@pytest.mark.parametrize(
    ("good", "middle", "worst", "word"),
    [
        (9, 1, 0, "优"), (89, 11, 0, "良好"), (90, 0, 10, "优"), (15, 5, 0, "良好"), (74, 26, 0, "轻度污染"),
        (74, 7, 19, "轻度污染"), (4, 4, 2, "中度污染"), (60, 1, 39, "中度污染"),
        (3, 3, 4, "重度污染"), (0, 0, 5, "重度污染"),
        (5, 0, 0, "优"), (0, 5, 0, "轻度污染"),
    ],
)  # fmt: skip
def test_grade_by_shares(good, middle, worst, word):
    found = graded(*[2] * good, *[4] * middle, *[6] * worst)
    assert found.words(book()) == [word]
    assert found.by_shares.all()


def test_fewer_than_five_sections_are_graded_by_the_mean_of_each_item():
    """Means of 3 and 20: 11.5 is class V, 中度污染. Sections without a class do not make five."""
    found = graded(2, 6)
    assert (found.words(book()), found.mean_class.tolist(), found.by_shares.tolist()) == (["中度污染"], [5], [False])
    assert graded(2, 2, 2, 6, 0).words(book()) == ["轻度污染"]  # of four: 29 / 4
    assert graded(0).words(book()) == [""]
    two = graded(2, 3, 6, groups=[0, 1, 1])
    assert two.words(book(), english=True) == ["Excellent", "Moderately polluted"]


def test_rivers_and_lakes_of_a_small_basin_are_averaged_apart():
    table = readings([{"tp": "0.1"}, {"tp": "0.15"}, {"tp": "0.04"}], lake=[False, False, True])
    found = grades(table, classify(table), np.zeros(3, np.int64), 1, book())
    assert found.mean_class.tolist() == [3]  # river 0.125 III, lake 0.04 III


def test_ratios_of_sections():
    classes = np.array([1, 2, 3, 4, 6, 0, 2, 0])
    targets = np.array([2, 2, 2, 4, 3, 3, 0, 0])
    found = ratios(classes, targets, np.array([0, 0, 0, 0, 0, 0, 1, 2]), 3, book())
    assert found.classes[0].tolist() == [1, 1, 1, 1, 0, 1]
    assert (found.good.percent(0), found.worst.percent(0)) == (Decimal("60.0"), Decimal("20.0"))
    assert (found.attained.part[0], found.attained.whole[0]) == (3, 5)
    assert found.without_class.tolist() == [1, 0, 1]
    assert (found.good.percent(1), found.attained.percent(1)) == (Decimal("100.0"), None)  # no target: no share
    assert found.good.percent(2) is None
    assert found.unverified == ("decimals.rate",)


def test_a_share_is_rounded_half_to_even():
    """1 of 16 is 6.25 %, 3 of 16 is 18.75 %."""
    classes = np.array([6] * 1 + [2] * 15 + [6] * 3 + [2] * 13)
    found = ratios(classes, classes * 0, np.repeat([0, 1], 16), 2, book())
    assert [found.worst.percent(0), found.worst.percent(1)] == [Decimal("6.2"), Decimal("18.8")]


def test_change_of_a_section_by_its_grade():
    """From I to II the grade stays 优; from II to V it falls three."""
    before, now = np.array([1, 2, 3, 3, 6, 2, 0, 4]), np.array([2, 3, 2, 5, 4, 5, 3, 0])
    found = section_changes(before, now, book())
    assert found.tolist() == [0, -1, 1, -2, 2, -2, UNKNOWN_CHANGE, UNKNOWN_CHANGE]
    words = change_words(found, book())
    assert words == ["无明显变化", "有所变差", "有所好转", "明显变差", "明显好转", "明显变差", "", ""]
    assert change_words(found, book(), english=True)[1] == "Somewhat worse"


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        ([2] * 8 + [4] * 2, [2] * 9 + [4], 0),  # ΔG 10: no clear change
        ([2] * 8 + [4] * 2, [2] * 10, 1),  # 20: some
        ([2] * 7 + [4] * 2 + [6], [2] * 9 + [4], 2),  # 20 - (-10) = 30: clear
        ([2] * 10, [2] * 9 + [6], -1),  # -10 - 10
        ([2] * 10, [2] * 8 + [6] * 2, -2),
        ([2] * 10, [0] * 10, UNKNOWN_CHANGE),
    ],
)
def test_change_of_a_basin(before, now, change):
    one, two = (ratios(np.array(each), np.zeros(10, int), np.zeros(10, int), 1, book()) for each in (before, now))
    assert basin_changes(one, two, book()).tolist() == [change]


def test_main_pollutants_of_a_basin_by_the_share_of_sections():
    table = readings([
        {"codmn": 8, "nh3n": 3, "do": 8, "tn": 9}, {"codmn": 8, "nh3n": 1, "do": 1, "tn": 9},
        {"codmn": 8, "nh3n": 1, "do": 8, "tn": 9}, {"codmn": 1, "nh3n": None, "do": None, "tn": 9},
    ])  # fmt: skip
    found = basin_pollutants(classify(table), np.zeros(4, int), 2, standard_on(DAY), book())
    assert [(item, share.percent(0)) for item, share in found[0]] == [
        ("codmn", Decimal("75.0")), ("nh3n", Decimal("25.0")), ("do", Decimal("25.0")),
    ]  # fmt: skip
    assert found[1] == ()
