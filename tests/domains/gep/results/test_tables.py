"""Tables: every total is the sum of its rows, and every table of values has the total of the accounts."""

from dataclasses import replace
from decimal import Decimal as D

import pytest

from ecocloud.domains.gep import pricing
from ecocloud.domains.gep.calculation import Account, Gap, Line
from ecocloud.domains.gep.results import outcome, tables
from ecocloud.domains.gep.results.outcome import Outcome
from ecocloud.domains.gep.results.tables import Speech
from tests.domains.gep.results.county import EDITION, FACTS, SPEECH, WEST, WHOLE, account, made

ENGLISH = Speech(english=True, regions={WHOLE: "Qingxi", WEST: "West"})
VALUES = [tables.services, tables.groups, tables.items, tables.ecosystems, tables.regions, tables.lines]


@pytest.mark.parametrize("table", VALUES, ids=lambda one: one.__name__)
@pytest.mark.parametrize("base_year", [0, 2022])
def test_every_table_has_the_total_of_the_accounts(table, base_year):
    found = made(base_year)
    shown = table(found, SPEECH)
    whole = {"ecosystems": 4, "regions": 4}.get(shown.key)
    at = whole or max(at for at, head in enumerate(shown.heads) if head.unit == "万元" and "不变" not in head.label)
    assert shown.total.cells[at] == found.total == sum(shown.column(at))
    for number, head in enumerate(shown.heads):
        if head.places is not None:
            assert shown.total.cells[number] == sum(shown.column(number))
    if shown.heads[-1].unit == "%":
        assert shown.total.cells[-1] == 100
    constant = [n for n, head in enumerate(shown.heads) if "不变" in head.label]
    assert not base_year or not constant or shown.total.cells[constant[0]] == outcome.total(found.constant)


def test_rows_of_groups_add_up_across():
    for table in (tables.ecosystems, tables.regions):
        for row in table(made(), SPEECH).rows:
            assert sum(row.cells[1:4]) == row.cells[4]


def test_rows_are_named():
    assert [row.cells[0] for row in tables.regions(made(), SPEECH).rows] == ["青溪县（未分到各地）", "东乡", "西乡"]
    assert [row.cells[0] for row in tables.ecosystems(made(), SPEECH).rows] == ["森林", "草地", "不分生态系统"]
    assert [row.cells[:2] for row in tables.services(made(), SPEECH).rows] == [
        ("农林牧渔产品", "物质供给"), ("水源涵养", "调节服务"), ("固碳", "调节服务"), ("旅游康养", "文化服务"),
    ]  # fmt: skip
    assert tables.services(made(), ENGLISH).rows[1].cells[:2] == ("Water retention", "Regulating")
    assert tables.services(made(), ENGLISH).heads[2].unit == "×10⁴ yuan"


def test_against_gdp_area_and_people():
    found = tables.against(made(), SPEECH)
    assert [row.cells[0] for row in found.rows] == ["东乡", "西乡"]  # what was not divided has no ratio
    assert found.total.cells[2:5] == (D(250000), D("512.3"), D(123456))
    assert found.total.cells[5] == (made().total / 250000).quantize(D("0.01"))
    assert found.rows[1].cells[2] is None and found.rows[1].cells[5] is None


def test_years():
    found = tables.years(made(), SPEECH)
    (first, second) = found.rows
    assert first.cells[0] == "2022" and first.cells[1] == first.cells[2] and first.cells[3] is None
    fixed = (second.cells[2] - first.cells[2]) * 100 / first.cells[2]
    assert second.cells[3] == fixed.quantize(D("0.01"))
    assert len(tables.years(made(0), SPEECH).heads) == 4


def test_changes_add_up():
    found = tables.changes(made(), SPEECH, 2022)
    for row in (*found.rows, found.total):
        _, before, after, change, *effects = row.cells
        assert after - before == change == sum(effects)
    for at in range(1, 7):
        assert sum(found.column(at)) == found.total.cells[at]
    alone = replace(made(), earlier=())
    assert tables.changes(alone, SPEECH, 0).rows == ()


def test_gaps_say_why():
    found = tables.open_points(made(), SPEECH)
    assert [row.cells for row in found.rows if row.key[2] == "runoff"] == [
        ("水源涵养", "水源涵养量", "耕地", "缺参数：平均径流系数", "东乡")
    ]
    none = account(WEST, 2023, services=["carbon_fixation", "water_purification"], emission_tn=1)
    reasons = {row.cells[3] for row in tables.open_points(Outcome(FACTS, 2023, (none,)), SPEECH).rows}
    assert reasons == {
        "缺数据：净生态系统生产力（碳）", "缺价格：总氮治理成本", "缺数据：化学需氧量排放量", "缺数据：氨氮排放量",
        "缺数据：总磷排放量",
    }  # fmt: skip


def test_a_gap_of_an_edition_and_one_of_all_regions():
    gap = Gap("edition", "water_retention", "", "", EDITION.id)
    found = made()
    every = replace(found, accounts=tuple(replace(one, gaps=(gap,)) for one in found.accounts))
    (row,) = tables.open_points(every, SPEECH).rows
    assert row.cells == ("水源涵养", "", "", "未见到该版本的公式", "全部地区")


@pytest.mark.parametrize(
    ("amount", "expected"),
    [("0", "0"), ("39225.80645", "39226"), ("999.96", "1000.0"), ("12.3456", "12.35"), ("0.000123456", "0.0001235"),
     ("-7256000.4", "-7256000")],
)  # fmt: skip
def test_amounts_are_shown_with_four_digits_that_count(amount, expected):
    assert str(tables.shown(D(amount))) == expected


# Ganzi 2010, table 3 of ChinaXiv-201711.00120V1: amounts in the item's unit; of what is printed with one or two digits
# only, the amount is the printed value over the printed price.
GANZI = {
    "crops": "122875", "timber": "23777", "livestock": "220760", "fishery": "356", "water_domestic": "1.36e8",
    "water_industry": "150.17e8", "water_farming": "17.31e8", "hydropower": "95.3e8", "retained": "321.49e8",
    "silt": "10.03e8", "nitrogen": "1437.94e4", "phosphorus": "419.72e4", "sand_area": "60.89e6",
    "flood_lake": "2.4282e8", "flood_reservoir": "968839", "flood_marsh": "5.9977e8", "so2": "1137", "nox": "2772",
    "dust": "941", "cod": "5424", "nh3n": "625", "co2": "30882842", "o2": "250607730", "transpiration": "2799.1e8",
    "evaporation": "1272.35e8", "pest_forest": "158e4", "pest_grass": "711.13e4", "tourism": "706669",
}  # fmt: skip


def test_ganzi_2010_as_published():
    """Products 632.64, regulating 6842.28, culture 70.67, together 7545.59 亿元; services as table 3 prints them."""
    known, lines = pricing.published(FACTS), []
    for code, amount in GANZI.items():
        service, item = FACTS.items[code]
        price = pricing.choose(item.price, 2010, (), known) if item.price else None
        lines.append(Line(service.code, code, "", "", D(amount), item.unit, price,
                          pricing.value(item, D(amount), price), ()))  # fmt: skip
    found = Outcome(FACTS, 2010, (Account("guide-2020", "513300", 2010, tuple(lines), ()),))
    groups = tables.groups(found, SPEECH)
    for value, printed in zip([*groups.column(1), groups.total.cells[1]],
                              ["632.64", "6842.28", "70.67", "7545.59"], strict=True):  # fmt: skip
        assert abs(value / 10_000 - D(printed)) <= D("0.06"), (value, printed)
    services = {row.key[0]: row.cells[2] / 10_000 for row in tables.services(found, SPEECH).rows}
    for code, printed in (("water_retention", "2269.7074"), ("soil_retention", "399.598"), ("flood_storage", "59.555"),
                          ("climate_regulation", "2157.8641"), ("pest_control", "13.9253")):  # fmt: skip
        assert abs(services[code] - D(printed)) <= D("0.05"), code
    assert groups.total.cells[1] == found.total
