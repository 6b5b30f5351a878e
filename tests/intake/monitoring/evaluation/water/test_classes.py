"""Classes by single factor: limits as printed in GB 3838-2002, edges, what is no measurement, editions, properties."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecocloud.intake.monitoring.evaluation.facts import NoFact, facts
from ecocloud.intake.monitoring.evaluation.water.classes import REASON_WORDS, REASONS, classify
from ecocloud.intake.monitoring.evaluation.water.readings import USE_WORDS, Use
from ecocloud.intake.monitoring.evaluation.water.standard import standard_on
from tests.intake.monitoring.evaluation.water import printed
from tests.intake.monitoring.evaluation.water.made import readings

DAY = date(2026, 3, 1)
STEP = Decimal("0.000001")


@pytest.mark.parametrize("lake", [False, True])
@pytest.mark.parametrize("key", [*printed.AT_MOST, "tp", "tn"])
def test_equal_to_a_limit_meets_it_and_one_step_more_does_not(key, lake):
    listed = printed.limits(key, lake)
    if listed is None:
        assert classify(readings([{key: "0.1"}], lake)).item_class[0, 0] == 0
        return
    for limit in listed:
        at, beyond = classify(readings([{key: limit}, {key: limit + STEP}], lake)).item_class[:, 0]
        assert at == 1 + listed.index(limit)  # of equal limits the best class
        assert beyond == 1 + sum(limit + STEP > each for each in listed)


def test_oxygen_is_reversed():
    values = ["7.5", "7.499999", "6", "5.999999", "5", "4.999999", "3", "2.999999", "2", "1.999999", "0"]
    found = classify(readings([{"do": value} for value in values])).overall
    assert found.tolist() == [1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]


def test_oxygen_at_ninety_percent_of_saturation_is_class_one():
    """468 / (31.6 + 28.4) = 7.8 mg/L, of which 90 % are 7.02."""
    rows = [{"do": "7.02", "water_temp": "28.4"}, {"do": "7.019999", "water_temp": "28.4"}, {"do": "7.02"},
            {"do": "7.02", "water_temp": "60"}]  # fmt: skip
    found = classify(readings(rows))
    assert found.overall.tolist() == [1, 2, 2, 2]
    assert found.by_saturation.tolist() == [True, False, False, False]
    assert classify(readings(rows), saturation=False).overall.tolist() == [2, 2, 2, 2]


def test_ph_beyond_its_range_is_the_worst_class():
    found = classify(readings([{"ph": value, "codmn": 1} for value in ("6", "5.99", "9", "9.01", "14")]))
    assert found.overall.tolist() == [1, 6, 1, 6, 6]
    assert found.deciding_items(1) == ("ph",)


def test_the_twenty_one_items():
    standard = standard_on(DAY)
    assert sorted(standard.evaluated) == sorted(printed.EVALUATED)
    assert len(standard.evaluated) == 21
    found = classify(readings([{"codmn": 1, "tn": 9, "coliform": 99999}], lake=True))
    assert found.overall[0] == 1  # total nitrogen and coliforms are told apart
    assert found.item_class[0].tolist() == [1, 6, 6]
    assert found.deciding_items(0) == ("codmn",)


def test_what_is_no_measurement_is_not_evaluated():
    found = classify(readings([
        {"codmn": "-0.1", "nh3n": "0.1", "do": "51", "ph": "14.1"},
        {"codmn": None, "nh3n": "0", "do": "8", "ph": None},
        {"codmn": "-1", "nh3n": None, "do": None, "ph": None},
    ]))  # fmt: skip
    assert found.overall.tolist() == [1, 1, 0]
    assert found.use.tolist() == [
        [Use.TOO_LOW, Use.USED, Use.TOO_HIGH, Use.TOO_HIGH],
        [Use.MISSING, Use.USED, Use.USED, Use.MISSING],
        [Use.TOO_LOW, Use.MISSING, Use.MISSING, Use.MISSING],
    ]
    assert REASONS[found.reason[2]] == "no_items"
    assert not found.deciding[2].any()
    assert set(REASON_WORDS) == set(REASONS) - {""}
    assert set(USE_WORDS) == set(Use)


def test_a_required_item_that_is_missing_leaves_no_class():
    rows = readings([{"codmn": 3, "nh3n": 1}, {"codmn": 3, "nh3n": None}, {"codmn": None, "nh3n": None}])
    found = classify(rows, required=("codmn", "nh3n"))
    assert found.overall.tolist() == [3, 0, 0]
    assert [REASONS[one] for one in found.reason] == ["", "required_missing", "no_items"]
    assert REASONS[classify(rows, required=("do",)).reason[0]] == "required_missing"


def test_the_edition_of_the_day():
    """GB 3838-2002 is in force from 2002-06-01 (its foreword)."""
    before, first = readings([{"codmn": 3}], day=date(2002, 5, 31)), readings([{"codmn": 3}], day=date(2002, 6, 1))
    assert REASONS[classify(before).reason[0]] == "no_edition"
    assert classify(before).edition[0] == -1
    found = classify(first)
    assert (found.overall[0], found.editions[found.edition[0]]) == (2, "GB 3838-2002")
    assert classify(before, edition="GB 3838-2002").overall[0] == 2  # under another edition than that of the day
    with pytest.raises(NoFact, match="GB 3838-1988"):
        classify(before, edition="GB 3838-1988")
    with pytest.raises(ValueError, match="caesium"):
        classify(readings([{"caesium": 3}]))


def test_nothing_the_class_rests_on_is_unverified():
    assert classify(readings([{"codmn": 3}])).unverified == ()
    assert {fact.mark for fact in facts("water") if fact.name.startswith("table")} == {"verified"}


def test_codes_of_hj_212():
    """HJ 212-2017 table B.1: mercury is sent in µg/L, COD in mg/L; dissolved copper has a code of its own."""
    codes = standard_on(DAY).codes
    assert codes["w20111"] == ("hg", 1000)
    assert codes["w01018"] == ("cod", 1)
    assert codes["w20122"] == codes["w20138"] == ("cu", 1)


AMOUNTS = {"water_temp": (0, 35), "ph": (4, 11), "do": (0, 16), "codmn": (0, 20), "nh3n": (0, 3), "tp": (0, 1),
           "tn": (0, 3), "hg": (0, 1), "cu": (0, 2)}  # fmt: skip
ROW = st.fixed_dictionaries({
    key: st.none() | st.decimals(*ends, places=places)
    for (key, ends), places in zip(AMOUNTS.items(), (1, 2, 2, 2, 3, 3, 2, 6, 3), strict=True)
})  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(ROW, st.booleans()), min_size=1, max_size=12), st.randoms())
def test_equal_to_the_plain_evaluation_in_any_order(rows, random):
    table = readings([row for row, _lake in rows], [lake for _row, lake in rows])
    found = classify(table)
    for position, (row, lake) in enumerate(rows):
        overall, items = printed.section_class(row, lake)
        assert found.overall[position] == overall
        assert {key: int(number) for key, number in zip(table.items, found.item_class[position], strict=True)
                if number} == {key: number for key, number in items.items() if number}  # fmt: skip
    order = list(range(len(rows)))
    random.shuffle(order)
    cut = random.randint(0, len(rows))
    parts = [classify(table[order[:cut]]).overall, classify(table[order[cut:]]).overall]
    assert np.concatenate(parts).tolist() == found.overall[order].tolist()


@settings(max_examples=60, deadline=None)
@given(ROW, st.booleans(), st.sampled_from([key for key in AMOUNTS if key not in ("water_temp", "ph")]), st.data())
def test_a_worse_amount_never_gives_a_better_class(row, lake, key, data):
    if row[key] is None:
        return
    ends = (Decimal(0), row[key]) if key == "do" else (row[key], Decimal(AMOUNTS[key][1]))
    worse = {**row, key: data.draw(st.decimals(*ends, places=4))}
    better, now = classify(readings([row, worse], lake)).overall
    assert now >= better
