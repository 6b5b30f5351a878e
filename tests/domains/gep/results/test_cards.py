"""What stands behind a number: nothing of it is lost on its card."""

from dataclasses import replace
from decimal import Decimal as D

import pytest

from ecocloud.domains.gep.results import cards
from tests.domains.gep.results.county import EAST, FACTS, SPEECH, WHOLE, account, made
from tests.domains.gep.results.test_tables import ENGLISH


def test_the_card_of_a_line_by_hand():
    """103 km² × (1650 × 0.9535 − 805) mm = 79 132 325 m³ at 8.13 = 64334.580225 -> 64334.58 万元."""
    line = made().accounts[1].lines[0]
    found = cards.card(FACTS, line, SPEECH)
    assert (found.title, found.part, found.name, found.mark) == ("水源涵养量", "阔叶林", "水量平衡法", "已核对原文")
    assert [(one.label, one.part, one.value, one.unit, one.source) for one in found.inputs] == [
        ("生态系统面积", "阔叶林", D(103), "平方公里", "gepdatum:1"),
        ("年降水量", "全区域", D(1650), "毫米", "gepdatum:4"),
        ("年蒸散发量", "全区域", D(805), "毫米", "gepdatum:5"),
    ]
    (runoff,) = found.parameters
    assert (runoff.label, runoff.value, runoff.unit, runoff.verified) == ("平均径流系数", D("4.65"), "%", True)
    (price,) = found.prices
    assert (price.part, price.source, price.mark, price.verified) == (
        "全国通用，2023年", "县水利局2023年概算", "自行确定", False,
    )  # fmt: skip
    assert found.arithmetic == "79132325 立方米 × 8.13 元/立方米 ÷ 10⁴ = 64334.58 万元"
    assert len(line.used) == len(found.inputs) + len(found.parameters) + len(found.prices)


def test_a_card_in_english():
    found = cards.card(FACTS, made().accounts[1].lines[0], ENGLISH)
    assert found.arithmetic == "79132325 m³ × 8.13 yuan/m³ ÷ 10⁴ = 64334.58 ×10⁴ yuan"
    assert found.inputs[0].unit == "km²"


@pytest.mark.parametrize(
    ("amount", "value", "expected"),
    [("500", "500.00", "500.00 万元"), ("500.004", "500.00", "500.004 万元 = 500.00 万元")],
)
def test_money_has_no_price_to_multiply_by(amount, value, expected):
    line = made().accounts[0].lines[0]
    line = replace(line, amount=D(amount), value=D(value))
    assert cards.arithmetic(FACTS, line, SPEECH) == expected


def test_methods_of_a_run_name_each_parameter_and_price_once():
    found = cards.methods(FACTS, made().accounts, SPEECH)
    codes = ["products.value", "water.balance", "carbon.nep", "tourism.travel_cost"]
    assert [one.method.code for one in found] == codes
    water = found[1]
    assert [(one.part, one.value) for one in water.parameters] == [
        ("阔叶林", D("4.65")), ("针叶林", D("4.52")), ("草丛", D("3.87")),
    ]  # fmt: skip
    assert [one.value for one in water.prices] == [D("8.13")] and ("生态系统面积", "平方公里") in water.asks
    assert found[0].prices == () == found[0].parameters
    (co2,) = found[2].prices
    assert co2.part == "青溪县，2023年"


@pytest.mark.parametrize(
    ("number", "expected"), [("1.50", "1.5"), ("100", "100"), ("1E+3", "1000"), ("0.00", "0"), ("-2.30", "-2.3")]
)
def test_numbers_are_plain(number, expected):
    assert cards.plain(D(number)) == expected


def test_an_unknown_place_is_its_code():
    found = cards.methods(FACTS, [account(EAST, 2023, [replace(NEW_AT, place=WHOLE)], nep__11=1,
                                          services=["carbon_fixation"])], replace(SPEECH, regions={}))  # fmt: skip
    assert found[0].prices[0].part == f"{WHOLE}，2023年"


NEW_AT = next(one.price for one in made().accounts[1].lines if one.item == "co2")
