"""IAQI, AQI, primary pollutants, categories, exceedance: vectors of the standards, edges, an independent way."""

import csv
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecocloud.intake.monitoring.evaluation.air.daily import evaluate_items
from ecocloud.intake.monitoring.evaluation.air.index import (
    UnknownItem,
    exceedance,
    exceedances,
    index,
    indices,
    joined,
    never_primary_when_polluted,
    sub_index,
    sub_indices,
)
from ecocloud.intake.monitoring.evaluation.air.means import Means, Reason, Rounded
from ecocloud.intake.monitoring.evaluation.air.rules import Editions, editions
from ecocloud.intake.monitoring.evaluation.facts import FactError, NoFact, facts, read_facts
from ecocloud.intake.monitoring.evaluation.scaled import Amounts
from tests.intake.monitoring.evaluation.air import oracle

OLD, TRANSITION, FINAL = (editions().named(name) for name in ("2012", "2026-transition", "2026-final"))
ALL = (OLD, TRANSITION, FINAL)
FULL = {"so2_24h": 10, "no2_24h": 20, "pm10_24h": 40, "co_24h": Decimal("0.8"), "o3_8h": 90, "pm25_24h": 20}


def means(*values):
    return Means.of(Amounts.from_numbers(values))


def vectors():
    lines = [
        line for line in (Path(__file__).parent / "sub_indices.csv").read_text("utf-8").splitlines() if line[0] != "#"
    ]
    return [tuple(row.values()) for row in csv.DictReader(lines)]


@pytest.mark.parametrize(("column", "concentration", "old", "new"), vectors())
def test_sub_indices_of_the_standards(column, concentration, old, new):
    value = Decimal(concentration)
    assert sub_index(OLD, column, value) == (None if old == "-" else int(old))
    assert sub_index(TRANSITION, column, value) == int(new)
    assert sub_index(FINAL, column, value) == int(new)


@pytest.mark.parametrize("edition", ALL)
@pytest.mark.parametrize("column", sorted(oracle.TABLE))
def test_every_rounded_concentration_as_the_plain_way(edition, column):
    scale = 10 if column.startswith("co") else 1
    units = np.arange((oracle.TABLE[column][-1] + 3) * scale)
    iaqi, reason = sub_indices(edition, column, Rounded(units, scale // 10, np.zeros(len(units), np.uint8)))
    found = [None if why else int(one) for one, why in zip(iaqi, reason, strict=True)]
    assert found == [oracle.iaqi(edition.id, column, Fraction(int(one), scale)) for one in units]


@pytest.mark.parametrize("column", sorted(oracle.TABLE))
def test_equal_to_a_breakpoint_is_its_level_and_more_is_above(column):
    for edition, table in ((OLD, oracle.TABLE), (TRANSITION, oracle.NEW)):
        step = Decimal("0.1") if column.startswith("co") else 1
        for point, level in zip(table[column], oracle.LEVELS, strict=False):
            assert sub_index(edition, column, point) == level
            if point < table[column][-1]:
                assert sub_index(edition, column, point + step) > level


def test_a_binary_float_is_refused_and_below_zero_is_none():
    with pytest.raises(TypeError):
        sub_index(OLD, "pm25_24h", 35.0)
    assert sub_index(OLD, "pm25_24h", Decimal("-0.6")) is None
    assert sub_index(OLD, "pm25_24h", Decimal("-0.4")) == 0, "rounds to zero"
    assert index(OLD, "daily", {"pm25_24h": -3}).reasons["pm25_24h"] == Reason.BELOW_ZERO
    with pytest.raises(NoFact):
        sub_index(OLD, "pm1_24h", 3)


def test_a_true_zero():
    """HJ 633-2012 prints 0 to 500, HJ 633-2026 prints 1 to 500; the sub-index is 0 in both."""
    zero = dict.fromkeys(FULL, 0)
    old, new = index(OLD, "daily", zero | {"o3_1h": 0}), index(FINAL, "daily", zero)
    assert (old.aqi, new.aqi) == (0, 1)
    assert (old.category, new.category) == (1, 1)
    assert old.iaqi["pm25_24h"] == new.iaqi["pm25_24h"] == 0
    assert old.primary == new.primary == ()


def test_the_days_around_each_change():
    days = np.array(["2026-02-28", "2026-03-01", "2030-12-31", "2031-01-01"], "datetime64[D]")
    items = {item: means(*[value] * 4) for item, value in (FULL | {"pm25_24h": 75, "o3_1h": 100}).items()}
    found = evaluate_items(editions(), days, items)
    assert found.indices.aqi.tolist() == [100, 114, 114, 114]
    assert [found.indices.one(n).edition for n in range(4)] == [
        "2012",
        "2026-transition",
        "2026-transition",
        "2026-final",
    ]
    assert [found.exceeded(n) for n in range(4)] == [(), ("pm25_24h",), ("pm25_24h",), ("pm25_24h",)]
    at_55 = evaluate_items(editions(), days, items | {"pm25_24h": means(55, 55, 55, 55)})
    assert [at_55.exceeded(n) for n in range(4)] == [(), (), (), ("pm25_24h",)], "final limit 50, index as before"
    assert at_55.indices.aqi[2] == at_55.indices.aqi[3] < 100
    under = evaluate_items(editions(), days, items, under=OLD)
    assert under.indices.aqi.tolist() == [100] * 4
    assert under.indices.editions == ("2012",)
    with pytest.raises(NoFact):
        evaluate_items(editions(), np.array(["2012-02-28"], "datetime64[D]"), {"pm25_24h": means(3)})


def test_equal_to_the_limit_meets_it():
    for edition in ALL:
        for item, limits in oracle.LIMITS[edition.id].items():
            for grade, limit in enumerate(limits, 1):
                assert exceedance(edition, item, limit, grade) is None
                assert exceedance(edition, item, limit + Decimal("0.04"), grade) is None, "rounds to the limit"
                assert exceedance(edition, item, limit + 1, grade) == oracle.half_even(Fraction(1, limit), 2)


def test_multiples_and_items_without_limit():
    assert exceedance(TRANSITION, "pm25_24h", 99) == Decimal("0.65")
    assert exceedance(OLD, "pm25_24h", 99, 1) == Decimal("1.83")
    assert exceedance(TRANSITION, "pm10_1h", 5000) is None
    assert exceedances(TRANSITION, "pm10_1h", means(5000)).reason.tolist() == [Reason.NO_LIMIT]
    # Pb 0.5: compared with one place (GB/T 8170, 4.3.3), half to even: 0.55 is 0.6, 0.549 is 0.5
    assert exceedance(OLD, "pb_annual", Decimal("0.549")) is None
    assert exceedance(OLD, "pb_annual", Decimal("0.55")) == Decimal("0.20")
    assert exceedance(TRANSITION, "nox_24h", 80) is None
    assert exceedance(FINAL, "nox_24h", 80) == Decimal("0.14")
    assert index(TRANSITION, "daily", FULL).facts == ()
    assert exceedances(OLD, "co_24h", means(5)).facts == ("statistic.multiple_decimals",)


def test_primary_pollutants():
    assert index(TRANSITION, "daily", FULL | {"pm25_24h": 35}).primary == (), "50 is not above 50"
    tie = index(TRANSITION, "daily", FULL | {"pm25_24h": 60, "o3_8h": 160})
    assert (tie.aqi, tie.primary) == (100, ("o3", "pm25"))
    both = index(OLD, "daily", FULL | {"o3_8h": 160, "o3_1h": 200})
    assert (both.aqi, both.primary) == (100, ("o3",)), "one pollutant by two items"


def test_names_that_are_no_item_are_refused():
    """They would count as missing without a word."""
    for wrong in ("pm2.5_24h", "pm25", "o3_mda8", "PM25_24h"):
        with pytest.raises(UnknownItem) as error:
            index(TRANSITION, "daily", FULL | {wrong: 3})
        assert wrong in error.value.sentence_zh()
    with pytest.raises(UnknownItem):
        index(TRANSITION, "daily", FULL, not_monitored=["so2"])
    assert index(TRANSITION, "daily", FULL | {"o3_1h": 1200, "pm25_1h": 900}).aqi == 45, "of another edition, of hours"
    with pytest.raises(ValueError, match="no days"):
        evaluate_items(editions(), np.array([], "datetime64[D]"), {"pm25_24h": means()})


def test_missing_items_by_edition():
    """HJ 633-2026, 5.3: published when above 100, otherwise NA; '/' for what need not be monitored."""
    some = {item: value for item, value in FULL.items() if item != "so2_24h"}
    na = index(TRANSITION, "daily", some)
    assert (na.aqi, na.reason, na.computed, na.category, na.primary) == (None, Reason.ITEM_MISSING, 45, None, ())
    assert na.reasons["so2_24h"] == Reason.MISSING
    equal = index(TRANSITION, "daily", some | {"pm25_24h": 60})
    assert (equal.aqi, equal.computed) == (None, 100), "100 is not above 100"
    above = index(TRANSITION, "daily", some | {"pm25_24h": 61})
    assert (above.aqi, above.primary, above.category) == (101, ("pm25",), 3)
    exempt = index(TRANSITION, "daily", some, not_monitored=["so2_24h"])
    assert (exempt.aqi, exempt.reasons["so2_24h"]) == (45, Reason.NOT_MONITORED)
    there = index(TRANSITION, "daily", FULL, not_monitored=["so2_24h"])
    assert there.reasons["so2_24h"] == Reason.PRESENT, "an exempt item that is there counts"
    assert index(OLD, "daily", some).aqi == 45, "2012 has no such rule"
    nothing = index(TRANSITION, "daily", {})
    assert (nothing.aqi, nothing.reason, nothing.computed) == (None, Reason.MISSING, None)
    assert index(OLD, "daily", dict.fromkeys(FULL)).aqi is None


def test_above_a_column_another_averaging_time_stands_in():
    day = index(OLD, "daily", FULL | {"o3_8h": 801, "o3_1h": 810})
    assert (day.iaqi["o3_8h"], day.iaqi["o3_1h"], day.aqi, day.primary) == (None, 305, 305, ("o3",))
    assert index(TRANSITION, "daily", FULL | {"o3_8h": 801}).aqi == 300
    full = {"so2_1h": 801, "no2_1h": 10, "o3_1h": 10, "co_1h": 1, "o3_8h": 10, "pm10_24h": 10, "pm25_24h": 10}
    hour = index(OLD, "hourly", full | {"so2_24h": 475})
    assert (hour.iaqi["so2_1h"], hour.iaqi["so2_24h"], hour.aqi, hour.primary) == (None, 150, 150, ("so2",))
    below = index(OLD, "hourly", full | {"so2_1h": 800, "so2_24h": 2620})
    assert (below.aqi, below.reasons["so2_24h"]) == (200, Reason.NOT_AN_ITEM), "counts only where it stands in"
    new = {"so2_1h": 801, "no2_1h": 10, "co_1h": 1, "o3_1h": 10, "pm10_1h": 10, "pm25_1h": 10}
    assert index(FINAL, "hourly", new).aqi == 200
    assert index(FINAL, "hourly", new | {"pm25_1h": 61}).iaqi["pm25_1h"] == 101, "an hour on the 24-h breakpoints"


def test_never_primary_on_a_polluted_day():
    items = {item: means(*[value] * 3) for item, value in FULL.items()}
    days = indices(TRANSITION, "daily", items | {"pm25_24h": means(10, 59, 61), "so2_24h": means(60, 140, 5)})
    assert days.primaries(1) == ("pm25",)
    assert not never_primary_when_polluted(days, "pm25_24h")
    assert never_primary_when_polluted(days, "so2_24h"), "primary on a good day only"


def test_joined_keeps_what_an_edition_does_not_ask_for():
    old = indices(OLD, "daily", {"pm25_24h": means(36), "o3_1h": means(100)})
    new = indices(FINAL, "daily", {"pm25_24h": means(200)})
    both = joined([old, new])
    place = both.items.index("o3_1h")
    assert both.reason[place].tolist() == [Reason.PRESENT, Reason.NOT_AN_ITEM]
    assert (both.primaries(0), both.primaries(1)) == (("pm25",), ("pm25",))
    assert both.aqi.tolist() == [52, 250]


AMOUNT = st.one_of(st.none(), st.decimals(-5, 900, places=3), st.integers(0, 3000))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.dates(date(2012, 3, 1), date(2035, 1, 1)), *[AMOUNT] * 7), min_size=1, max_size=12),
       st.sampled_from([1, 2]))  # fmt: skip
def test_days_of_any_concentrations_as_the_plain_way(rows, grade):
    rows.sort(key=lambda row: row[0])
    days = np.array([row[0] for row in rows], "datetime64[D]")
    items = {item: means(*[row[n] for row in rows]) for n, item in enumerate(oracle.DAILY_2012, 1)}
    found = evaluate_items(editions(), days, items, grade=grade)
    for n, row in enumerate(rows):
        edition, given_ = oracle.edition_of(row[0]), dict(zip(oracle.DAILY_2012, row[1:], strict=True))
        plain = {item: None if value is None else Fraction(value) for item, value in given_.items()}
        one = found.indices.one(n)
        assert (one.edition, one.aqi, set(one.primary), one.category) == (edition, *oracle.aqi(edition, plain))
        assert set(found.exceeded(n)) == oracle.over(edition, plain, grade)
        asked = editions().on(row[0]).items("daily")
        single = index(editions().on(row[0]), "daily", {item: given_[item] for item in asked})
        assert (single.aqi, single.primary, single.reason) == (one.aqi, one.primary, one.reason)


def test_eleven_cities_of_two_years(shared_folder, full_size):
    """Every day of 2015 and 2016, under each edition, equal to the plain way."""
    path = shared_folder / "data" / "air" / "jiangxi_cities_daily_201312-201701.csv"
    names = {"so2_24h": "so2", "no2_24h": "no2", "pm10_24h": "pm10", "co_24h": "co", "o3_8h": "o3", "pm25_24h": "pm25"}
    with path.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["date"][:4] in ("2015", "2016")]
    cities = sorted({row["adcode"] for row in rows})
    days = np.arange("2015-01-01", "2017-01-01", dtype="datetime64[D]")
    table = {(row["adcode"], row["date"]): row for row in rows}
    grid = {item: [[table.get((city, str(day)), {}).get(name) or None for day in days] for city in cities]
            for item, name in names.items()}  # fmt: skip
    exact = {
        item: [[None if one is None else Decimal(one) for one in line] for line in lines]
        for item, lines in grid.items()
    }
    items = {
        item: Means.of(
            Amounts(
                *(
                    np.stack(parts)
                    for parts in zip(*((a.values, a.missing) for a in map(Amounts.from_numbers, lines)), strict=True)
                )
            )
        )
        for item, lines in exact.items()
    }
    compared = 0
    for under in (None, OLD, TRANSITION, FINAL) if full_size else (None, TRANSITION):
        found = evaluate_items(editions(), days, items, under=under)
        edition = under.id if under else "2012"
        for city in range(len(cities)):
            for n in range(len(days)):
                plain = {item: None if (one := exact[item][city][n]) is None else Fraction(one) for item in names}
                one = found.indices.one(city, n)
                assert (one.aqi, set(one.primary), one.category) == oracle.aqi(edition, plain), (city, days[n])
                assert set(found.exceeded(city, n)) == oracle.over(edition, plain, 2)
                compared += one.aqi is not None
    assert len(cities) == 11
    assert compared > 12_000


def test_the_editions_are_checked():
    assert editions().on(date(2026, 2, 28)) is OLD
    assert editions().on(date(2026, 3, 1)).id == "2026-transition"
    with pytest.raises(NoFact):
        editions().named("2019")
    with pytest.raises(ValueError, match="ascending"):
        editions().slices(np.array(["2026-03-02", "2026-03-01"], "datetime64[D]"))
    assert editions().slices(np.array([], "datetime64[D]")) == []
    text = """facts:
  - {name: edition, value: a, unit: text, valid_from: 2020-01-01, citation: A, mark: verified}
  - {name: x, value: 1, unit: text, valid_to: 2021-01-01, citation: A, mark: verified}
"""
    with pytest.raises(FactError, match="within an edition"):
        Editions(read_facts(text, "x.yaml"))
    assert editions().gas_states(np.array(["2018-08-31", "2018-09-01"], "datetime64[D]")) == (
        Decimal("273.15"),
        Decimal("298.15"),
    )


def test_limits_as_typed_from_the_standard():
    for edition in ALL:
        for item, limits in oracle.LIMITS[edition.id].items():
            assert (edition.limit(item, 1), edition.limit(item, 2)) == limits
    annual = {"2012": (60, 40, 70, 35), "2026-transition": (60, 40, 60, 30), "2026-final": (20, 30, 50, 25)}
    for edition in ALL:  # GB 3095 table 1, grade 2
        assert tuple(edition.limit(f"{one}_annual") for one in ("so2", "no2", "pm10", "pm25")) == annual[edition.id]
    assert OLD.limit("pm1_24h") is None


def test_every_fact_is_cited_and_days_follow():
    found = list(facts("air"))
    assert len(found) > 100
    days = {fact.valid_from for fact in found if fact.valid_from}
    assert days == {date(2012, 2, 29), date(2018, 9, 1), date(2026, 3, 1), date(2031, 1, 1)}
    assert {fact.valid_to + timedelta(days=1) for fact in found if fact.valid_to} <= days


def test_each_row_of_the_tables_of_facts_is_carried(shared_folder):
    """Limits and breakpoints as the fact sheet has them, row by row, with a mark no better than its own."""
    marks = {"verified-primary": "verified", "verified-secondary": "verified-secondary"}
    folder = shared_folder / "standards" / "environment" / "data"

    def rows(name):
        return list(csv.DictReader((folder / name).read_text("utf-8").splitlines()))

    def key(row):
        return row["pollutant"].lower().replace("pm2.5", "pm25"), row["averaging"].replace("mda8", "8h")

    named = {"GB 3095-2012": [OLD], "GB 3095-2026 transition": [TRANSITION], "GB 3095-2026 final": [FINAL]}
    for row in rows("air_limits.csv"):
        for edition in named[row["standard"]]:
            fact = edition.fact("limit.{}.{}".format(*key(row)))
            assert (fact.mapping()["grade1"], fact.mapping()["grade2"]) == (
                Decimal(row["grade1"]),
                Decimal(row["grade2"]),
            )
            assert (fact.mark, fact.unit) == (marks[row["status"]], row["unit"].replace("ug", "µg").replace("m3", "m³"))
    carried = [row for row in rows("air_other_limits.csv") if "A.1" not in row["table"]]
    split = {key(row) for row in carried if "transition" in row["table"]}
    for row in carried:
        later = [TRANSITION] if "transition" in row["table"] else [FINAL] if key(row) in split else [TRANSITION, FINAL]
        for edition in [OLD] if row["standard"] == "GB 3095-2012" else later:
            found = [edition.limit("_".join(key(row)), grade) for grade in (1, 2)]
            assert found == [Decimal(row["grade1"]), Decimal(row["grade2"])], row
    for row in rows("iaqi_breakpoints.csv"):
        points = [int(row[f"bp_iaqi_{level}"]) for level in oracle.LEVELS if row[f"bp_iaqi_{level}"]]
        for edition in [OLD] if row["standard"] == "HJ 633-2012" else [TRANSITION, FINAL]:
            fact = edition.fact("iaqi.breakpoints." + row["column"].lower().replace("pm2.5", "pm25"))
            assert (list(fact.listed()), fact.mark) == (points, marks[row["status"]])
