"""An account of a small county, worked out by hand; gaps; prices; the digest."""

from dataclasses import replace
from decimal import Decimal as D

import pytest

from ecocloud.domains.gep import calculation, editions, pricing
from ecocloud.domains.gep.asking import Given, Inputs
from ecocloud.domains.gep.calculation import Gap
from ecocloud.domains.gep.errors import GepError, NoPrice
from ecocloud.domains.gep.facts import load
from ecocloud.domains.gep.pricing import Price

FACTS = load()
EDITION = FACTS.editions["ndrc-481-2022"]


def given(**values):
    """Inputs from ``datum__part=value``."""
    found = []
    for name, value in values.items():
        datum, _, part = name.partition("__")
        found.append(Given(datum, part, D(str(value)), f"form:{datum}"))
    return found


def account(inputs, wanted=None, prices=None, services=None, year=2023, parameters=()):
    chosen = editions.choices(FACTS, EDITION, wanted)
    chosen = [one for one in chosen if services is None or one.service in services]
    known = pricing.published(FACTS) if prices is None else prices
    return calculation.calculate(
        FACTS, EDITION, chosen, "360802", year, Inputs(FACTS, inputs, parameters), known, ["360800"]
    )


def test_water_of_two_forests_by_hand():
    """Broadleaf, 10 km²: 10⁷ m² × (1600 − 1600 × 4.65 % − 800) mm = 7 256 000 m³ at 7.06 = 5122.74 万元 (5122.736).
    Conifers, 2 km², the same rain: 2·10⁶ × (1600 × 0.9548 − 800) mm = 1 455 360 m³ -> 1027.48 (1027.48416)."""
    made = account(given(area__11=10, area__12=2, rain=1600, evapotranspiration__1=800), services=["water_retention"])
    assert [(one.part, one.amount, one.value) for one in made.lines] == [
        ("11", D(7_256_000), D("5122.74")),
        ("12", D(1_455_360), D("1027.48")),
    ]
    assert made.total == D("6150.22") and not made.gaps
    used = {(one.kind, one.code, one.part): (one.value, one.unit) for one in made.lines[1].used}
    assert used == {
        ("datum", "area", "12"): (D(2), "平方公里"),
        ("datum", "rain", ""): (D(1600), "毫米"),
        ("parameter", "runoff", "12"): (D("4.52"), "%"),
        ("datum", "evapotranspiration", "1"): (D(800), "毫米"),
        ("price", "reservoir", ""): (D("7.06"), "元/立方米"),
    }


def test_soil_by_hand():
    """5 km² of 12: R 8000 × K 0.01 × LS 4 × (1 − 0.05) = 304 t/hm², 152 000 t. Silt 0.24 × 152000 / 0.93 = 39225.806 m³
    at 15.58 = 61.11 万元; nitrogen 562.4 t at 875 = 49.21; phosphorus 164.16 t at 2800 = 45.96 (45.9648)."""
    made = account(
        given(area__12=5, erosivity=8000, erodibility=0.01, slope_length=4, cover__12=0.05), services=["soil_retention"]
    )
    assert [(one.item, one.value) for one in made.lines] == [
        ("silt", D("61.11")), ("nitrogen", D("49.21")), ("phosphorus", D("45.96")),
    ]  # fmt: skip
    assert made.lines[1].amount == D("562.4") and made.lines[2].amount == D("164.16")


def test_soil_from_the_raster_engine_is_another_method():
    made = account(given(soil_kept__12=152000), {"soil_retention": ("soil.kept",)}, services=["soil_retention"])
    assert [one.method for one in made.lines] == ["soil.kept"] * 3
    assert made.lines[1].amount == D("562.4")


def test_floods_of_lake_reservoir_and_marsh_by_hand():
    """A lake of 1 km² with one exchange holds e^4.924 = 137.55 万 m³; 200 万 m³ of reservoir count 70; 0.5 km² of marsh
    hold 15 万 m³. A second lake is computed by itself."""
    made = account(
        given(lake_area__东湖=1, lake_exchanges__东湖=1, lake_area__西湖=2, lake_exchanges__西湖=2,
              reservoir_capacity__石桥水库=200, area__41=0.5),
        services=["flood_storage"],
    )  # fmt: skip
    amounts = {(one.item, one.part): one.amount for one in made.lines}
    assert amounts["flood_lake", "东湖"].quantize(D(1)) == D(1375517)  # e(4.924) of bc: 137.5517211
    assert (amounts["flood_lake", "西湖"] / amounts["flood_lake", "东湖"]).quantize(D("0.0001")) == D(
        "4.3711"
    )  # 2·2^1.128
    assert amounts["flood_reservoir", "石桥水库"] == 700_000 and amounts["flood_marsh", "41"] == 150_000
    assert made.gaps == (Gap("datum", "flood_storage", "flood_vegetation", "", "storm_rain"),)


def test_tourism_by_travel_cost():
    """10 000 visitors, 8 h at 30 元 and 260 元 each: 10000 × 500 / 10⁴ = 500 万元."""
    made = account(
        given(visitors__省内=10000, visit_hours__省内=8, hour_wage__省内=30, trip_cost__省内=260),
        services=["recreation"],
    )
    assert [(one.part, one.value, one.price) for one in made.lines] == [("省内", D("500.00"), None)]


def test_products_from_outside_the_region_are_deducted_where_the_edition_says_so():
    inputs = given(crops_value=120, timber_value=30, livestock_value=80, fishery_value=10,
                   crops_outside=20, timber_outside=0, livestock_outside=35.5, fishery_outside=0)  # fmt: skip
    assert account(inputs, services=["farm_products"]).total == 240
    assert account(inputs, {"farm_products": ("products.local",)}, services=["farm_products"]).total == D("184.5")


def test_what_is_missing_is_a_gap_and_never_zero():
    made = account(
        given(area__11=10, area__12=2, rain__11=1600, evapotranspiration=800, nep__11=0),
        services=["water_retention", "carbon_fixation"],
    )
    assert [(one.item, one.part, one.amount) for one in made.lines] == [("retained", "11", 7_256_000), ("co2", "11", 0)]
    assert made.gaps == (Gap("datum", "water_retention", "retained", "12", "rain"),)
    assert account([], services=["carbon_fixation"]).gaps == (Gap("datum", "carbon_fixation", "co2", "", "nep"),)


def test_a_class_without_a_published_coefficient_is_a_gap_until_the_office_gives_its_own():
    inputs = given(area__51=4, rain=1600, evapotranspiration=900)
    made = account(inputs, services=["water_retention"])
    assert made.gaps == (Gap("parameter", "water_retention", "retained", "51", "runoff"),)
    own = [Given("runoff", "5", D(30), "县水利局2023年试验")]
    (line,) = account(inputs, services=["water_retention"], parameters=own).lines
    assert line.amount == 4 * 10**6 * (D(1600) * D("0.7") - 900) / 1000
    assert [(one.source, one.mark) for one in line.used if one.kind == "parameter"] == [
        ("县水利局2023年试验", "decided")
    ]


def test_amounts_of_a_wider_class_do_not_stand_for_a_part():
    """The area of all forests is not that of its conifers; their rain is."""
    made = account(given(area__1=10, rain__1=1600, evapotranspiration__1=800), services=["water_retention"])
    assert made.gaps == (Gap("parameter", "water_retention", "retained", "1", "runoff"),)


def test_without_a_price_there_is_no_line():
    made = account(
        given(emission_tn=3, emission_cod=2, emission_nh3n=1, emission_tp=1), services=["water_purification"]
    )
    assert [one.item for one in made.lines] == ["cod", "nh3n"]
    assert {gap.code for gap in made.gaps} == {"tn", "tp"} and {gap.kind for gap in made.gaps} == {"price"}


def test_optional_services_nobody_has_are_left_out_without_a_gap():
    made = account(given(coast_length=3), services=["coast_protection", "noise_reduction", "sand_fixation"])
    assert {(gap.service, gap.kind) for gap in made.gaps} == {("coast_protection", "price")}


def test_an_edition_with_gaps_lists_them():
    newest = FACTS.editions["gbt-46869-2025"]
    made = calculation.calculate(FACTS, newest, editions.choices(FACTS, newest), "360802", 2025, Inputs(FACTS, []), [])
    assert Gap("edition", "water_retention", "", "", "gbt-46869-2025") in made.gaps
    assert len([one for one in made.gaps if one.kind == "edition"]) == 10


def prices(*rows):
    return [Price("reservoir", year, place, D(value), source, mark) for year, place, value, source, mark in rows]


def test_the_price_of_the_nearest_place_then_the_newest_not_younger_holds():
    known = prices((2010, "", "7.06", "甲", "verified"), (2020, "", "8", "乙", "verified"),
                   (2024, "", "9", "丙", "verified"),
                   (2015, "360800", "5", "丁", "decided"), (2020, "360100", "1", "戊", "decided"))  # fmt: skip
    places = ("360802", "360800")
    assert pricing.choose("reservoir", 2023, places, known).source == "丁"
    assert pricing.choose("reservoir", 2014, places, known).source == "甲"
    assert pricing.choose("reservoir", 2020, (), known).source == "乙"  # its own year counts
    assert pricing.choose("reservoir", 2023, (), known).source == "乙"  # one of the year after does not
    with pytest.raises(NoPrice):
        pricing.choose("reservoir", 2009, (), known)


def test_an_own_price_stands_before_a_published_one_of_the_same_place_and_year():
    known = prices((2020, "", "8", "甲", "verified"), (2020, "", "6", "乙", "decided"))
    assert pricing.choose("reservoir", 2020, (), known).source == "乙"


@pytest.mark.parametrize("bad", [{"year": 0}, {"source": ""}, {"value": D("-0.01")}])
def test_a_price_without_year_or_source_or_below_zero_is_refused(bad):
    with pytest.raises(GepError, match="lacks year or source"):
        Price(**{"kind": "reservoir", "year": 2020, "place": "", "value": D(1), "source": "甲"} | bad)


@pytest.mark.parametrize(
    ("amount", "expected"), [("50", "0.00"), ("150", "0.02"), ("250", "0.02"), ("250.1", "0.03"), ("-150", "-0.02")]
)
def test_values_are_rounded_half_to_even(amount, expected):
    """GB/T 8170; 150 m³ at 1 元 are 0.015 万元."""
    price = Price("reservoir", 2020, "", D(1), "甲")
    assert str(pricing.value(FACTS.items["retained"][1], D(amount), price)) == expected


def test_the_digest_is_that_of_everything_and_changes_with_anything():
    inputs = given(area__11=10, rain=1600, evapotranspiration=800)
    made = account(inputs, services=["water_retention"])
    again = account(list(reversed(inputs)), services=["water_retention"])
    assert calculation.digest(made, "1") == calculation.digest(again, "1")
    others = [
        calculation.digest(made, "2"),
        calculation.digest(replace(made, year=2022), "1"),
        calculation.digest(account(inputs, services=["water_retention", "carbon_fixation"]), "1"),
        calculation.digest(account([replace(one, source="x") for one in inputs], services=["water_retention"]), "1"),
        calculation.digest(
            account(given(area__11=10, rain=1601, evapotranspiration=800), services=["water_retention"]), "1"
        ),
    ]  # fmt: skip
    assert len({calculation.digest(made, "1"), *others}) == 6


@pytest.mark.parametrize("years", [0, -1])
def test_present_value_needs_years(years):
    with pytest.raises(GepError):
        pricing.present_value(D(1), D("0.03"), years)


def test_present_value_of_one_year_is_the_value():
    assert pricing.present_value(D(7), D("0.03"), 1) == 7
    assert pricing.present_value(D(1), D(0), 5) == 5
    with pytest.raises(GepError):
        pricing.present_value(D(1), D(-1), 2)
