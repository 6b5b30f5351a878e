"""Packs of water offices (水利、生态环境、住建、城管): each system is walked from the sample workbook to its own indicator
and paragraph. Values worked out by hand from the sample rows, as noted; edges of what grades by a threshold."""

from decimal import Decimal

import pytest

from tests.kernel.registers.walking import Step, Walk, computed, walked

# What the samples of a pack give before anything is done.
ZONES = {"WAT.ZONE.ATTAIN": "85.7", "WAT.ZONE.LIMITED": "64.3", "WAT.ZONE.OVER": "20.0", "WAT.THREE.GOOD": "60.0"}

WALKS = {
    # Nine of 14 zones have their limit (seven issued, two restricted), then ten. Six of seven important zones attain (the
    # industrial zone 9 of 12). COD 1872.5 of 1733 tons, ammonia 159.05 of 142.9; with this zone 2274.5 of 2213 and
    # 195.85 of 186.9. Over by 138 + 37.5 + 128.7 tons of COD; ammonia of the scenic zone is 3.5 times its limit.
    "S105": Walk(
        "water-zones", "function_zone", "青溪出境缓冲区",
        (
            Step("allot", refused="Both limits"),
            Step("allot", {"limit_cod": "729.1", "limit_nh": 44}, refused="neither is above the capacity"),
            Step("allot", {"limit_cod": 480, "limit_nh": 44}),
            Step("restrict", refused="that attains its target"),
        ),
        "allotted", "allotted", "64.3", "71.4", ZONES | {"WAT.ZONE.LIMITED": "71.4", "WAT.ZONE.OVER": "18.2"},
        "zones", ("水功能区14个，重要水功能区达标率85.7%，限排总量下达率71.4%", "占限排总量的102.8%、104.8%，超载水功能区2个",
                  "应削减化学需氧量304.2"),
    ),
    # Six of ten units assessed are good in all three, then seven of eleven. Flow on 3362 of 3571 days and 173 of 182.
    # The town stretch dried up and is class V, the bank at the lock is walled, the lower Baisha lacks flow and life.
    "S021": Walk(
        "water-zones", "water_unit", "柳林港入河口单元2025年",
        (
            Step("assess", refused="at least 180 days"),
            Step("assess", {"flow_days": 182, "flow_met": 173, "ibi": None}, refused="all three sets"),
            Step("assess", {"flow_days": 182, "flow_met": 173}),
            Step("confirm", {"natural_bank": "49.9"}, refused="only with measures"),
            Step("confirm"),
        ),
        "confirmed", "units_good", "60.0", "63.6", ZONES | {"WAT.THREE.GOOD": "63.6"},
        "three", ("三水统筹单元12个，三水均达标比例63.6%，生态流量满足程度94.2%", "分别为2个、2个、3个"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("system", WALKS)
def test_system(system, place, county, imported, photo):
    walked(WALKS[system], place, county, imported, photo)


ZONE = {"river": "青溪", "first": "reserve", "approved_on": "2012-03-20", "important": True, "target": "c3"}


@pytest.mark.parametrize(("tested", "met", "found"), [(10, 8, True), (12, 9, False), (6, 5, True), (5, 5, None)])
def test_a_zone_attains_with_four_fifths_of_at_least_six_tests(tested, met, found):
    assert computed("water-zones", "function_zone", {**ZONE, "tested": tested, "met": met}).get("attained") is found


@pytest.mark.parametrize(
    ("cod", "ammonia", "found"),
    [("109.9", "0.5", "spare"), (110, "0.5", "near"), ("119.9", "0.5", "near"), (50, "1.2", "over"), (50, 3, "far"),
     ("299.9", "1", "over"), (50, None, None)],
)  # fmt: skip
def test_a_zone_is_as_loaded_as_its_worse_pollutant(cod, ammonia, found):
    """Limits of 100 and 1 tons a year; 1.1, 1.2 and 3 times as the dictionary says."""
    given = {**ZONE, "limit_cod": 100, "limit_nh": 1, "load_cod": cod, "load_nh": ammonia}
    assert computed("water-zones", "function_zone", given).get("carry") == found


@pytest.mark.parametrize(("inflow", "found"), [(10, "315.4"), (20, "0"), (25, "0")])
def test_the_capacity_by_dilution_is_a_mass_balance(inflow, found):
    """(20 - 10) mg/L times 1 m3/s are 10 g/s, 315.36 tons in 365 days."""
    seen = computed("water-zones", "function_zone", {**ZONE, "design_flow": 1, "c0_cod": inflow, "cs_cod": 20})
    assert seen["dilute_cod"] == Decimal(found)


UNIT = {"unit_no": "1", "review_year": 2025, "target": "c3", "class": "c3", "dried": False, "flow_days": 100,
        "flow_met": 90, "ibi": 60, "natural_bank": 50}  # fmt: skip


@pytest.mark.parametrize(
    ("more", "three", "lag"),
    [
        ({}, "all", "none"),
        ({"flow_met": 89}, "two", "flow"),
        ({"dried": True}, "two", "flow"),
        ({"class": "c4"}, "two", "quality"),
        ({"ibi": "59.9"}, "two", "ecology"),
        ({"natural_bank": "49.9", "class": "c6"}, "one", "several"),
        ({"natural_bank": "49.9", "class": "c6", "flow_met": 0}, "none", "several"),
        ({"ibi": None}, None, None),
    ],
)
def test_a_unit_is_good_when_all_three_are(more, three, lag):
    seen = computed("water-zones", "water_unit", {**UNIT, **more})
    assert (seen.get("three"), seen.get("lag")) == (three, lag)
