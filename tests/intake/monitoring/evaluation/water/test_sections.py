"""Sections beside targets, main pollutants, words. Values worked out by hand from the limits of GB 3838-2002."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecocloud.intake.monitoring.evaluation.facts import NoFact
from ecocloud.intake.monitoring.evaluation.water.classes import classify
from ecocloud.intake.monitoring.evaluation.water.sections import (
    attain,
    class_names,
    main_pollutants,
    section_colours,
    section_words,
)
from ecocloud.intake.monitoring.evaluation.water.standard import standard_on
from tests.intake.monitoring.evaluation.water import printed
from tests.intake.monitoring.evaluation.water.made import DAY, book, readings

STANDARD = standard_on(DAY)


def beside(rows, targets, lake=False):
    table = readings(rows, lake)
    return attain(table, classify(table), np.array(targets), STANDARD, book())


def test_a_section_beside_its_target():
    found = beside([{"codmn": 6}, {"codmn": "6.000001"}, {"codmn": 9}, {"codmn": None}, {"codmn": 3}], [3, 3, 2, 3, 0])
    assert found.judged.tolist() == [True, True, True, False, False]
    assert found.meets.tolist() == [True, False, False, False, False]
    # (9 - 4) / 4 = 1.25 over class II; a millionth over is 0.00
    assert found.multiples.units[:, 0].tolist() == [0, 0, 125, 0, 0]
    assert found.multiples.known[:, 0].tolist() == [False, True, True, False, False]
    assert found.unverified == ("decimals.multiple",)


def test_multiples_are_rounded_half_to_even_and_not_counted_for_oxygen_and_ph():
    """NH3-N 1.125 and 1.135 over 1.0: 0.125 is 0.12, 0.135 is 0.14."""
    found = beside([{"nh3n": "1.125", "do": 1, "ph": 5}, {"nh3n": "1.135", "do": 8, "ph": 7}], [3, 3])
    assert found.multiples.units[:, 0].tolist() == [12, 14]
    assert found.multiples.decimals == 2
    assert found.over.tolist() == [[True, True, True], [True, False, False]]
    assert not found.multiples.known[:, 1:].any()


def test_lakes_have_their_own_phosphorus():
    """0.1 mg/L is class II of a river, class IV of a lake: one time over its limit of class III, 0.05."""
    found = beside([{"tp": "0.1"}, {"tp": "0.1"}], [3, 3], lake=[False, True])
    assert found.meets.tolist() == [True, False]
    assert found.multiples.units[:, 0].tolist() == [0, 100]


@pytest.mark.parametrize("targets", [[6], [-1], [2.0], [2, 2]])
def test_targets_are_classes(targets):
    with pytest.raises(ValueError, match="target class"):
        beside([{"codmn": 3}], targets)


def pollutants(row, *off, lake=False):
    table = readings([row], lake)
    return main_pollutants(table, classify(table), STANDARD, book(*off)).of(0)


def test_main_pollutants_by_class_then_multiple():
    # COD 25 IV (0.25 times), CODMn 12 V (1 time), NH3-N 1.4 IV (0.4 times), TP 0.25 IV (0.25 times), DO 4 IV (none)
    row = {"do": 4, "codmn": 12, "cod": 25, "nh3n": "1.4", "tp": "0.25"}
    assert pollutants(row) == ("codmn", "nh3n", "cod")  # COD and TP equal: the order of table 1
    assert pollutants({**row, "cod": 20, "tp": "0.2"}) == ("codmn", "nh3n", "do")
    assert pollutants({"codmn": 6, "ph": 7}) == ()
    assert pollutants({"ph": 5, "codmn": 16}) == ("codmn", "ph")


def test_toxic_items_come_first_when_they_exceed():
    row = {"codmn": 16, "nh3n": 9, "cod": 50, "pb": "0.06", "cn": "0.2"}
    assert pollutants(row) == ("pb", "nh3n", "codmn")  # 9 times and 2.67 times the limit
    assert pollutants(row, "main.first") == ("nh3n", "codmn", "cod")  # the rule is from memory and can be switched off
    table = readings([row])
    assert main_pollutants(table, classify(table), STANDARD, book()).unverified == (
        "main.standard_class", "main.count", "main.first", "decimals.multiple",
    )  # fmt: skip


def test_the_words_of_a_class():
    classes = np.array([0, 1, 2, 3, 4, 5, 6])
    assert section_words(classes, book()) == ["", "优", "优", "良好", "轻度污染", "中度污染", "重度污染"]
    assert section_words(classes, book(), english=True)[3] == "Good"
    assert class_names(classes, book()) == ["", "Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ", "劣Ⅴ"]
    assert section_colours(classes, book()) == ["", "蓝色", "蓝色", "绿色", "黄色", "橙色", "红色"]
    with pytest.raises(NoFact):
        section_colours(classes, book("section.colours"))


KEYS = ("do", "codmn", "cod", "bod5", "nh3n", "tp", "pb")
ROWS = st.lists(
    st.fixed_dictionaries({key: st.none() | st.decimals(0, 60, places=2) for key in KEYS}), min_size=1, max_size=8
)


def plainly(row):
    """Main pollutants of a river by sorting, in Fractions."""
    order = {key: place for place, key in enumerate(("ph", "do", *printed.AT_MOST, "tp"))}
    order["tp"] = order["nh3n"] + 0.5
    found = []
    for key, value in row.items():
        if value is None or (number := printed.class_of(key, value, False)) <= 3:
            continue
        multiple = Fraction(-1) if key == "do" else Fraction(value) / Fraction(printed.limits(key, False)[2])
        found.append((key != "pb", -number, -multiple, order[key], key))
    return tuple(one[-1] for one in sorted(found)[:3])


@settings(max_examples=50, deadline=None)
@given(ROWS, st.sampled_from([1, 2, 3, 4, 5]))
def test_equal_to_plain_sorting_and_dividing(rows, target):
    table = readings(rows)
    classes = classify(table)
    main = main_pollutants(table, classes, STANDARD, book())
    found = attain(table, classes, np.full(len(rows), target), STANDARD, book())
    for place, row in enumerate(rows):
        assert main.of(place) == plainly(row)
        for column, key in enumerate(table.items):
            value = row[key]
            over = value is not None and printed.class_of(key, value, False) > target
            assert found.over[place, column] == over
            assert found.multiples.known[place, column] == (over and key != "do")
            if over and key != "do":
                limit = printed.limits(key, False)[target - 1]
                exact = (Fraction(value) - Fraction(limit)) / Fraction(limit)
                assert Decimal(int(found.multiples.units[place, column])) / 100 == Decimal(round(exact * 100)) / 100


def test_a_result_names_what_it_rests_on_itself():
    """Not what was asked of the same facts before."""
    table, rules = readings([{"codmn": 9}]), book()
    classes = classify(table)
    main_pollutants(table, classes, STANDARD, rules)
    assert attain(table, classes, np.array([3]), STANDARD, rules).unverified == ("decimals.multiple",)
