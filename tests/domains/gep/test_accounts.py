"""Totals, ratios, constant prices, decomposition and comparison; sums agree to the last digit whatever the numbers."""

from dataclasses import replace
from decimal import Decimal as D

from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from ecocloud.domains.gep import accounts, pricing
from ecocloud.domains.gep.calculation import Gap
from ecocloud.domains.gep.pricing import Price
from tests.domains.gep.test_calculation import FACTS, account, given

WATER = ["water_retention"]


def small(rain=1600, area=10, year=2023, prices=None):
    return account(given(area__11=area, rain=rain, evapotranspiration=800), services=WATER, year=year, prices=prices)


def test_totals_by_any_keys_sum_to_the_account():
    made = account(
        given(area__11=10, area__33=4, rain=1600, evapotranspiration=800, nep__11=3000, crops_value=120,
              timber_value=30, livestock_value=80, fishery_value=10),
        services=[*WATER, "carbon_fixation", "farm_products"],
    )  # fmt: skip
    groups = accounts.totals([made], accounts.by_group(FACTS))
    assert groups[("provisioning",)] == 240 and set(groups) == {("provisioning",), ("regulating",)}
    by_class = accounts.totals([made], accounts.by_ecosystem, accounts.by_service)
    assert set(by_class) == {
        ("", "farm_products"),
        ("1", "water_retention"),
        ("3", "water_retention"),
        ("1", "carbon_fixation"),
    }
    for keys in (
        (accounts.by_service,),
        (accounts.by_item, accounts.by_ecosystem),
        (accounts.by_region, accounts.by_year),
    ):
        assert sum(accounts.totals([made], *keys).values()) == made.total


def test_ratio_of_nothing_is_none_and_is_rounded_half_to_even():
    assert accounts.ratio(D(1), None) is None and accounts.ratio(D(1), D(0)) is None
    assert accounts.ratio(D("305"), D("100")) == D("3.05")
    assert accounts.ratio(D("0.125"), D(1)) == D("0.12")
    assert accounts.ratio(D("-1"), D(3), 4) == D("-0.3333")


def test_constant_prices_value_the_same_amounts_anew():
    """7 256 000 m³ at 7.06 = 5122.74, at 5 = 3628.00 万元; money stays."""
    base = {"reservoir": Price("reservoir", 2005, "", D(5), "基年")}
    made = account(given(area__11=10, rain=1600, evapotranspiration=800, crops_value=120, timber_value=0,
                         livestock_value=0, fishery_value=0), services=[*WATER, "farm_products"])  # fmt: skip
    constant = accounts.at_prices(FACTS, made, base)
    assert constant.total == D("3628.00") + 120 and made.total == D("5122.74") + 120
    (water,) = [one for one in constant.lines if one.item == "retained"]
    assert [one.source for one in water.used if one.kind == "price"] == ["基年"]


def test_a_change_by_hand():
    """Area 10 -> 12 km², rain 1600 -> 1650 mm, price 7.06 -> 8.
    Before 5122.736 -> 5122.74. Area: 7 256 000 × 1.2 = 8 707 200 m³ at 7.06 = 6147.28 (6147.2832), so 1024.54.
    After: 12·10⁶ × (1650 × 0.9535 − 800) mm = 9 279 300 m³ at 8 = 7423.44; at 7.06 = 6551.19 (6551.1858), so price
    872.25. Quality 7423.44 − 5122.74 − 1024.54 − 872.25 = 403.91."""
    after = small(rain=1650, area=12, year=2024, prices=[Price("reservoir", 2024, "", D(8), "新价")])
    (change,) = accounts.decompose(FACTS, small(), after)
    assert (change.before, change.after) == (D("5122.74"), D("7423.44"))
    assert (change.area, change.quality, change.price) == (D("1024.54"), D("403.91"), D("872.25"))


def test_what_is_new_or_gone_is_all_area_and_what_has_no_area_all_quality():
    before = account(given(nep__11=100), services=["carbon_fixation"])
    after = account(given(nep__11=150, nep__12=10), services=["carbon_fixation"])
    first, second = accounts.decompose(FACTS, before, after)
    assert (first.area, first.price) == (0, 0) and first.quality == first.after - first.before > 0
    assert (second.part, second.area, second.quality) == ("12", second.after, 0)
    (gone,) = [one for one in accounts.decompose(FACTS, after, before) if one.part == "12"]
    assert gone.after == 0 and gone.area == -gone.before


NUMBERS = st.decimals(min_value=0, max_value=5000, places=3)


@settings(max_examples=60, deadline=None)
@drawn(st.lists(NUMBERS, min_size=6, max_size=6), st.lists(NUMBERS, min_size=6, max_size=6), NUMBERS, NUMBERS)
def test_effects_always_sum_to_the_change(first, second, price, dearer):
    def made(numbers, year, value):
        found = given(area__11=numbers[0], area__12=numbers[1], rain__11=numbers[2], rain__12=numbers[3],
                      evapotranspiration__11=numbers[4], evapotranspiration__12=numbers[5])  # fmt: skip
        return account(found, services=WATER, year=year, prices=[Price("reservoir", year, "", value, "试")])

    before, after = made(first, 2022, price), made(second, 2023, dearer)
    changes = accounts.decompose(FACTS, before, after)
    assert all(one.area + one.quality + one.price == one.after - one.before for one in changes)
    assert sum(one.after - one.before for one in changes) == after.total - before.total


def test_against_a_published_report_with_reasons():
    made = small()
    made = replace(made, gaps=(Gap("datum", "carbon_fixation", "co2", "", "nep"),))
    told = {"water_retention": D(5000), "carbon_fixation": D(10), "oxygen_release": D(3)}
    found = {one.key: one for one in accounts.against(told, made, FACTS)}
    assert found["water_retention"].gap == D("122.74") and found["water_retention"].reasons == ("price",)
    assert found["carbon_fixation"].reasons == ("gap",) and found["carbon_fixation"].gap == -10
    assert found["oxygen_release"].reasons == ("absent",)


def test_published_prices_are_those_of_the_file():
    assert len(pricing.published(FACTS)) == len(FACTS.prices)
