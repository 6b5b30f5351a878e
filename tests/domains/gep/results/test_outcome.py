"""Sums over accounts: everything adds up to the same total, whatever it is divided by."""

from dataclasses import replace
from decimal import Decimal as D

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecocloud.domains.gep.calculation import Gap
from ecocloud.domains.gep.results import outcome, tables
from ecocloud.domains.gep.results.outcome import Outcome
from tests.domains.gep.results.county import EAST, FACTS, LOCAL, NEW, SPEECH, WEST, WHOLE, account, made


def test_the_years_that_can_be_compared_have_every_region():
    found = made()
    assert (found.years, found.before) == ((2022, 2023), 2022)
    short = replace(found, earlier=found.earlier[:2])
    assert (short.years, short.before) == ((2023,), 0)
    assert short.of_year(2022)[0].region == WHOLE and len(short.of_year(2022)) == 2


def test_statistics_of_the_whole_are_its_own_else_the_sum_of_its_parts():
    found = made()
    assert found.statistic("gdp", found.regions, 2023) == 250000
    assert found.statistic("gdp", [EAST], 2023) == 90000 and found.statistic("gdp", [WEST], 2023) is None
    assert found.statistic("gdp", [WHOLE], 2023) is None  # what was not divided has none of its own
    summed = replace(found, statistics={key: one for key, one in found.statistics.items() if key[0] != WHOLE})
    assert summed.statistic("land", found.regions, 2023) == D("512.3")
    assert summed.statistic("gdp", found.regions, 2023) is None  # of one township only
    alone = Outcome(FACTS, 2023, found.accounts[:1], statistics=found.statistics, whole=WHOLE)
    assert alone.statistic("gdp", [WHOLE], 2023) == 250000 and not alone.is_rest(WHOLE)


def test_ratios_by_hand():
    """500 000 万元 over 250 000 万元, 512.3 km², 123 456 people: 2.00, 975.99 (975.9906), 40500.26 (40500.2592)."""
    found = made().ratios(D(500000), made().regions, 2023)
    assert (found.gdp, found.land, found.head) == (D("2.00"), D("975.99"), D("40500.26"))
    none = made().ratios(D(1), made().regions, 2021)
    assert (none.gdp, none.land, none.head) == (None, None, None)


def test_constant_prices_are_those_of_the_base_year_and_what_has_none_is_named():
    found = made()
    assert {line.price.value for one in found.constant for line in one.lines if line.item == "retained"} == {D("7.06")}
    assert outcome.total(found.constant) < found.total
    assert [one.amount for one in found.constant[1].lines] == [one.amount for one in found.accounts[1].lines]
    assert outcome.unpriced(found) == ()
    base = {**found.base, EAST: {"reservoir": found.base[EAST]["reservoir"]}}
    assert outcome.unpriced(replace(found, base=base)) == ("co2",)
    plain = replace(found, base_year=0)
    assert plain.constant == found.accounts and outcome.unpriced(plain) == ()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["1", "1", "1"], ["33.34", "33.33", "33.33"]),
        (["0", "0"], [None, None]),
        ([], []),
        (["5"], ["100.00"]),
        (["-1", "3"], ["-50.00", "150.00"]),
    ],
)
def test_shares(values, expected):
    assert [one and str(one) for one in outcome.shares([D(one) for one in values])] == expected


@settings(max_examples=100, deadline=None)
@given(st.lists(st.decimals(min_value=-(10**7), max_value=10**9, places=2), min_size=1, max_size=20))
def test_shares_always_add_up_to_a_hundred(values):
    found = outcome.shares(values)
    assert found == (None,) * len(values) if sum(values) == 0 else sum(found) == 100


def test_the_effects_of_all_services_and_the_steps_of_the_waterfall_add_up_to_the_change():
    found = made()
    parts = outcome.moved(found, 2022)
    change = outcome.whole(parts)
    assert (change.before, change.after) == (outcome.total(found.earlier), found.total)
    for one in (*parts, change):
        assert one.area + one.quality + one.price + one.scope == one.change == one.after - one.before
    steps = outcome.waterfall(parts)
    assert [key for key, _value in steps] == ["area", "quality", "price", "change"]
    assert sum(value for _key, value in steps[:3]) == steps[3][1] == found.total - outcome.total(found.earlier)
    assert all(getattr(change, key) for key in ("area", "quality", "price"))


def test_what_could_be_accounted_in_one_year_only_is_scope_and_no_change_of_nature():
    """Rain of one township is missing in 2023: its water of 2022 is gone by scope; of carbon nothing changes."""
    found = made()
    now = account(WEST, 2023, NEW, services=LOCAL, area__11=60, nep__11=2700, evapotranspiration=790)
    changed = replace(found, accounts=(*found.accounts[:2], now))
    (water,) = [one for one in outcome.moved(changed, 2022) if one.service == "water_retention"]
    gone = sum(line.value for line in found.earlier[2].lines if line.item == "retained" and line.part == "11")
    grass = sum(line.value for line in found.earlier[2].lines if line.part == "33")
    assert water.scope == -gone and water.area + water.quality + water.price + water.scope == water.change
    steps = outcome.waterfall(outcome.moved(changed, 2022))
    assert [key for key, _value in steps] == ["area", "quality", "price", "scope", "change"]
    back = replace(changed, year=2022, accounts=found.earlier, earlier=changed.accounts)
    back = replace(back, accounts=tuple(replace(one, year=2023) for one in back.accounts),
                   earlier=tuple(replace(one, year=2022) for one in back.earlier), year=2023)  # fmt: skip
    (again,) = [one for one in outcome.moved(back, 2022) if one.service == "water_retention"]
    assert again.scope == gone and again.area != 0 and grass > 0
    shown = tables.changes(changed, SPEECH, 2022)
    assert shown.heads[-1].label == "核算范围"
    assert all(row.cells[3] == sum(row.cells[4:]) for row in (*shown.rows, shown.total))


def test_what_nobody_gave_in_a_year_is_told_with_the_whole_and_is_scope_too():
    found = made()
    gap = Gap("datum", "carbon_fixation", "co2", "", "nep")
    now = tuple(replace(one, lines=tuple(line for line in one.lines if line.item != "co2")) for one in found.accounts)
    changed = replace(found, accounts=(replace(now[0], gaps=(gap,)), *now[1:]))
    (carbon,) = [one for one in outcome.moved(changed, 2022) if one.service == "carbon_fixation"]
    assert carbon.after == 0 and carbon.scope == -carbon.before and carbon.area == 0


def test_what_was_accounted_in_one_year_only_is_named():
    """Arable land has no coefficient of runoff: it is a gap of 2023 only. Tussock has carbon in 2023 only."""
    assert outcome.unlike(made(), 2022) == ("retained",)
    same = Outcome(FACTS, 2023, made().accounts, tuple(replace(one, year=2022) for one in made().accounts))
    assert outcome.unlike(same, 2022) == ()


def test_a_gap_is_told_once_with_its_regions():
    first = account(EAST, 2023, services=["carbon_fixation"], area__11=1)
    second = replace(first, region=WEST)
    ((gap, regions),) = outcome.gaps(Outcome(FACTS, 2023, (first, second)))
    assert (gap.code, regions) == ("nep", (EAST, WEST))
