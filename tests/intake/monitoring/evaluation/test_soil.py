"""Farmland soil: values of GB 15618-2018 as they are printed (typed here by hand), edges, classes, rate of safe use."""

from decimal import Decimal

import numpy as np
import pytest

from ecocloud.intake.monitoring.evaluation.scaled import Amounts
from ecocloud.intake.monitoring.evaluation.soil import LANDS, REASON_WORDS, REASONS, judge_soil, safe_use_rate
from tests.intake.monitoring.evaluation.water.made import amounts, book

PH = ("5.5", "6.5", "7.5", "7.6")
PADDY, ORCHARD, OTHER, ROTATION = range(4)
# Table 1, mg/kg, at pH ≤5.5, ≤6.5, ≤7.5, >7.5.
SCREENING = {
    ("cd", PADDY): "0.3 0.4 0.6 0.8", ("cd", OTHER): "0.3 0.3 0.3 0.6", ("hg", PADDY): "0.5 0.5 0.6 1.0",
    ("hg", OTHER): "1.3 1.8 2.4 3.4", ("as", PADDY): "30 30 25 20", ("as", OTHER): "40 40 30 25",
    ("pb", PADDY): "80 100 140 240", ("pb", OTHER): "70 90 120 170", ("cr", PADDY): "250 250 300 350",
    ("cr", OTHER): "150 150 200 250", ("cu", ORCHARD): "150 150 200 200", ("cu", OTHER): "50 50 100 100",
    ("cu", PADDY): "50 50 100 100", ("ni", PADDY): "60 70 100 190", ("zn", OTHER): "200 200 250 300",
    ("cd", ORCHARD): "0.3 0.3 0.3 0.6", ("pb", ROTATION): "70 90 120 170", ("hg", ROTATION): "0.5 0.5 0.6 1.0",
    ("hch", OTHER): "0.10 0.10 0.10 0.10", ("ddt", PADDY): "0.10 0.10 0.10 0.10", ("bap", OTHER): "0.55 0.55 0.55 0.55",
}  # fmt: skip
# Table 3.
INTERVENTION = {"cd": "1.5 2.0 3.0 4.0", "hg": "2.0 2.5 4.0 6.0", "as": "200 150 120 100", "pb": "400 500 700 1000",
                "cr": "800 850 1000 1300"}  # fmt: skip
STEP = Decimal("0.000001")


def judged(items, rows, ph, land, rules=None):
    flat = amounts(*(value for row in rows for value in row))
    shape = (len(rows), len(items))
    cells = Amounts(flat.values.reshape(shape), flat.missing.reshape(shape))
    return judge_soil(items, cells, amounts(*ph), np.array(land), rules or book(name="soil"))


@pytest.mark.parametrize(("key", "land"), SCREENING)
def test_screening_values_by_ph(key, land):
    limits = [Decimal(one) for one in SCREENING[key, land].split()]
    at = judged((key,), [[one] for one in limits], PH, [land] * 4)
    beyond = judged((key,), [[one + STEP] for one in limits], PH, [land] * 4)
    assert at.level[:, 0].tolist() == [1] * 4
    assert beyond.level[:, 0].tolist() == [2] * 4
    assert at.words(book(name="soil")) == ["优先保护"] * 4


@pytest.mark.parametrize("key", INTERVENTION)
def test_intervention_values_by_ph(key):
    limits = [Decimal(one) for one in INTERVENTION[key].split()]
    assert judged((key,), [[one] for one in limits], PH, [OTHER] * 4).overall.tolist() == [2] * 4
    beyond = judged((key,), [[one + STEP] for one in limits], PH, [OTHER] * 4)
    assert beyond.words(book(name="soil")) == ["严格管控"] * 4
    assert beyond.words(book(name="soil"), english=True)[0] == "Strict control"


@pytest.mark.parametrize("key", ["cu", "ni", "zn", "hch"])
def test_some_items_have_no_intervention_value(key):
    assert judged((key,), [[900_000]], ["6"], [OTHER]).overall.tolist() == [2]


def test_ph_belongs_to_the_bin_it_is_the_upper_end_of():
    ph = ["5.5", "5.500001", "6.5", "6.500001", "7.5", "7.500001"]
    found = judged(("cd",), [["0.35"], ["0.35"], ["0.5"], ["0.5"], ["0.7"], ["0.7"]], ph, [PADDY] * 6)
    assert found.overall.tolist() == [2, 1, 2, 1, 2, 1]


def test_the_worst_item_decides_with_its_multiple():
    found = judged(("cd", "as", "cu"), [["0.9", 10, 60], [2, 10, 20], ["0.1", 1, 1]], ["5"] * 3, [PADDY] * 3)
    assert found.overall.tolist() == [2, 3, 1]
    assert found.deciding.tolist() == [[True, False, True], [True, False, False], [False] * 3]
    assert found.multiples[0].tolist() == [200, 0, 20]  # 0.9 over 0.3, 60 over 50
    assert (found.edition, found.unverified) == ("GB 15618-2018", ("decimals.multiple",))


def test_what_is_no_measurement_gives_no_class():
    found = judged(("cd", "as"), [[None, 1], [-1, None], [1, 1], ["0.1", 1_000_001], [1, 1]],
                   ["6", "6", None, "6", "15"], [OTHER] * 5)  # fmt: skip
    assert found.overall.tolist() == [1, 0, 0, 1, 0]
    assert [REASONS[one] for one in found.reason] == ["", "no_items", "no_ph", "", "no_ph"]
    rotated = judged(("cd",), [["0.3"]], ["6.6"], [LANDS.index("rotation")])
    assert (rotated.overall.tolist(), rotated.unverified) == ([1], ("decimals.multiple", "rotation_strictest"))
    off = book("rotation_strictest", name="soil")
    assert REASONS[judged(("cd",), [[1]], ["6"], [LANDS.index("rotation")], off).reason[0]] == "no_rule"
    assert set(REASON_WORDS) == set(REASONS) - {""}
    with pytest.raises(ValueError, match="use of land"):
        judged(("cd",), [[1]], ["6"], [4])
    with pytest.raises(ValueError, match="no item sb"):
        judged(("sb",), [[1]], ["6"], [1])


def test_rate_of_safe_use():
    rules = book(name="soil")
    assert safe_use_rate(100, Decimal("720.5"), 80, 950, rules) == Decimal("94.8")  # 94.789 %
    assert safe_use_rate(0, 0, 0, 0, rules) is None
    for areas in ((1, 1, 1, 2), (-1, 1, 1, 2)):
        with pytest.raises(ValueError, match="an area"):
            safe_use_rate(*areas, rules)
