"""City index beside a plain computation; ties; change. Form of 《城市地表水环境质量排名技术规定（试行）》."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from ecocloud.intake.monitoring.evaluation.water.classes import classify
from ecocloud.intake.monitoring.evaluation.water.ranking import changes, city_indices, ranks
from ecocloud.intake.monitoring.evaluation.water.standard import standard_on
from tests.intake.monitoring.evaluation.water import printed
from tests.intake.monitoring.evaluation.water.made import DAY, book, readings

STANDARD = standard_on(DAY)
CLEAN = dict.fromkeys(printed.EVALUATED, "0.00001") | {"do": 5, "ph": 7}


def index_of(rows, lake=False, cities=None, items=None, off=()):
    table = readings(rows, lake)
    cities = np.zeros(len(rows), int) if cities is None else np.array(cities)
    return city_indices(table, classify(table).use, cities, int(cities.max()) + 1, STANDARD, book(*off), items)


def plainly(rows):
    """One body of water: the sum of single indices of means, in Fractions."""
    total = Fraction(0)
    for key in printed.EVALUATED:
        values = [Fraction(str(row[key])) for row in rows]
        mean = sum(values) / len(values)
        if key == "ph":
            total += (7 - mean) if mean <= 7 else (mean - 7) / 2
        elif key == "do":
            total += 5 / mean
        else:
            total += mean / Fraction(printed.limits(key, False)[2])
    return total


def test_single_indices():
    found = index_of([{"codmn": 3, "do": 10, "ph": "6.5", "tp": "0.1"}], items=("codmn", "do", "ph", "tp"))[0]
    assert found.terms["river"] == {"codmn": Fraction(1, 2), "do": Fraction(1, 2), "ph": Fraction(1, 2),
                                    "tp": Fraction(1, 2)}  # fmt: skip
    assert (found.value, found.sections, found.points) == (Decimal("2.0000"), 1, 0)
    assert index_of([{"ph": 8}], items=("ph",))[0].value == Decimal("0.5000")
    assert index_of([{"tp": "0.1"}], lake=True, items=("tp",))[0].value == Decimal("2.0000")  # III of lakes: 0.05


def test_all_twenty_one_items_beside_the_plain_sum():
    generator = np.random.default_rng(5)
    drawn = generator.uniform(0.01, 9, (7, 21)).round(4).astype(str)
    rows = [dict(zip(printed.EVALUATED, own, strict=True)) | {"ph": "7.31"} for own in drawn]
    found = index_of(rows)[0]
    assert found.value == Decimal(round(plainly(rows) * 10**4)) / 10**4
    assert index_of(rows[::-1])[0].value == found.value


def test_a_city_with_rivers_and_lakes_is_weighted_by_their_number():
    rows = [{"codmn": 6}, {"codmn": 6}, {"codmn": 3}]
    found = index_of(rows, lake=[False, False, True], items=("codmn",))[0]
    assert found.value == Decimal("0.8333")  # (1 × 2 + 0.5 × 1) / 3
    assert (found.sections, found.points) == (2, 1)
    assert "cwqi.by_sections" in found.unverified


def test_an_item_nobody_measured_leaves_no_index():
    found = index_of([{**CLEAN, "hg": None}, CLEAN], cities=[0, 1])
    assert (found[0].value, found[0].missing) == (None, (("river", "hg"),))
    assert found[1].value is not None
    assert index_of([{"codmn": 1}], cities=[1], items=("codmn",))[0].value is None  # a city without sections
    assert index_of([{"do": 0}], items=("do",))[0].missing == (("river", "do"),)
    assert index_of([{"codmn": -1}], items=("codmn",))[0].missing == (("river", "codmn"),)


def test_ranks_with_ties():
    values = [Decimal("3.1000"), None, Decimal("2.5"), Decimal("3.1"), Decimal("9"), Decimal("2.4999")]
    assert ranks(values) == [3, 0, 2, 3, 5, 1]
    assert ranks([]) == []
    assert ranks([None]) == [0]


def test_change_against_a_base_period():
    before = [Decimal(4), Decimal("4"), None, Decimal(3)]
    now = [Decimal(3), Decimal("4.0002"), Decimal(1), Decimal(3)]
    # A quarter better; 0.005 % rounds half to even.
    assert changes(before, now, book()) == [Decimal("-25.00"), Decimal("0.00"), None, Decimal("0.00")]
    # The local rule is off; on, sections of class II or better stay out.
    classes = [2, 3, 3, 1]
    assert changes(before, now, book(), classes)[0] == Decimal("-25.00")
    on = changes(before, now, book(on=("cwqi.leave_out_good",)), classes)
    assert on == [None, Decimal("0.00"), None, None]
    with pytest.raises(ValueError, match="shorter|longer"):
        changes(before, now[:1], book())
