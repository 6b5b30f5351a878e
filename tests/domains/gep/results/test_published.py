"""Against a published report: each difference with its reasons."""

from dataclasses import replace
from decimal import Decimal as D

from ecocloud.domains.gep.results.published import Told, compare
from tests.domains.gep.results.county import SPEECH, made


def test_each_figure_against_ours_the_total_last():
    found = made()
    told = [
        Told("", D("100000"), "2023年公报"),
        Told("carbon_fixation", D("1000"), "2023年公报", "公报用造林成本"),
        Told("oxygen_release", D("50"), "2023年公报"),
        Told("recreation", D("7695.00"), "2023年公报"),
    ]
    rows = {one.service: one for one in compare(found, told, SPEECH)}
    assert list(rows) == ["carbon_fixation", "oxygen_release", "recreation", ""]
    assert rows[""].own == found.total and rows[""].gap == found.total - 100000
    assert rows["carbon_fixation"].reasons(SPEECH) == ("公报用造林成本",)
    assert rows["oxygen_release"].reasons(SPEECH) == ("所用版本不核算此项",) and rows["oxygen_release"].own == 0
    assert rows["recreation"].gap == 0 and rows["recreation"].reasons(SPEECH) == ()
    assert rows[""].codes == ("gap",)  # arable land is not accounted


def test_a_published_total_that_is_not_the_sum_of_its_parts_is_told():
    found = made()
    own = {"farm_products": "1", "water_retention": "2", "carbon_fixation": "3", "recreation": "4"}
    told = [Told(code, D(value), "公报") for code, value in own.items()]
    total = compare(found, [*told, Told("", D(11), "公报")], SPEECH)[-1]
    assert "sum" in total.codes and "公布的分项之和不等于其总值" in total.reasons(SPEECH)
    assert "sum" not in compare(found, [*told, Told("", D(10), "公报")], SPEECH)[-1].codes
    few = [*told[:2], Told("", D(11), "公报")]
    assert "sum" not in compare(found, few, SPEECH)[-1].codes  # not all parts were entered
    assert "sum" in compare(found, [*told[:2], Told("", D(2), "公报")], SPEECH)[-1].codes  # more than the whole


def test_old_prices_and_other_methods_are_reasons():
    found = made()
    old = replace(found, accounts=found.earlier, year=2022)
    (row,) = compare(old, [Told("water_retention", D(1), "公报")], SPEECH)
    assert row.codes == ("price",) and row.reasons(SPEECH) == ("所用价格早于核算年",)
    assert compare(found, [], SPEECH) == ()
