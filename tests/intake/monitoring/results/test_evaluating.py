"""From the lake to stored results: values by an independent computation in fractions, versions, order of arrival."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecocloud.intake.monitoring.evaluation.facts import NoFact
from ecocloud.intake.monitoring.results.models import Result
from ecocloud.kernel.journal.models import Entry
from tests.intake.monitoring.results.conftest import AIR, DAY, WATER

pytestmark = pytest.mark.django_db


def result(kind, span="day", subject=None, **more) -> Result:
    rows = Result.objects.filter(kind=kind, span=span, current=True, **more)
    return rows.get(subject=subject) if subject else rows.get()


def linear(low, high, least, most, concentration):
    """A sub-index, rounded up: HJ 633-2026, formula 1."""
    exact = Fraction(most - least, high - low) * (Fraction(str(concentration)) - low) + least
    return -int(-exact // 1)


def test_a_day_of_a_station(sites):
    """PM2.5 of 40 µg/m³ lies between 35 and 60, PM10 of 90 between 50 and 120 (HJ 633-2026 table 3): PM10 decides."""
    for hour in range(24):
        sites.send("east", hour, AIR)
    sites.run()
    row = result("air_point")
    expected = max(linear(35, 60, 50, 100, 40), linear(50, 120, 50, 100, 90), linear(0, 100, 0, 50, 100))
    assert (row.value, row.level, row.items, row.edition) == (expected, 2, "pm10", "2026-transition")
    assert row.final and row.version == 1 and row.change == "first" and row.device == sites.east
    assert row.body["items"]["pm25_24h"]["mean"] == [24 * 40_000_000, 24]
    assert row.body["hours"]["co"][23] == 800_000
    assert row.sources["lake"]["mn"] == sites.east.mn


def test_a_value_stamped_2300_is_of_the_day_and_one_of_the_next_day_is_not(sites):
    for hour in range(24):
        sites.send("east", hour, AIR)
    sites.send("east", 24, {"a34004": 999})
    sites.run()
    row = result("air_point")
    assert row.body["hours"]["pm25"] == [40_000_000] * 24


def test_too_few_hours_give_no_index_and_say_why(sites):
    """19 of 24 hours: GB 3095-2026 table 4 asks for 20."""
    for hour in range(19):
        sites.send("east", hour, AIR)
    sites.run()
    row = result("air_point")
    assert row.value is None and row.level is None
    assert row.body["items"]["pm25_24h"]["reason"] == "too_few_hours" and row.reason


def test_flagged_values_do_not_count_and_missing_is_not_zero(sites):
    for hour in range(24):
        sites.send("east", hour, AIR, flag="M" if hour == 3 else "N")
    sites.run()
    hours = result("air_point").body["hours"]["pm25"]
    assert hours[3] is None and hours[4] == 40_000_000


def test_units_of_channels_are_brought_to_those_of_the_standard(sites):
    sites.east.channels.filter(code="a34004").update(unit="mg/m³")
    for hour in range(24):
        sites.send("east", hour, AIR | {"a34004": 0.04})
    sites.run()
    assert result("air_point").body["hours"]["pm25"][0] == 40_000_000


def test_a_city_is_the_mean_of_its_points(sites):
    """(40 + 60) / 2 = 50 µg/m³ of PM2.5; the county of one point is that point."""
    for hour in range(24):
        sites.send("east", hour, AIR)
        sites.send("west", hour, AIR | {"a34004": 60})
    sites.run()
    city = result("air_area", subject="region:990100")
    assert city.body["points"] == 2 and city.body["items"]["pm25_24h"]["units"] == 50
    assert city.value == max(linear(35, 60, 50, 100, 50), linear(50, 120, 50, 100, 90))
    assert (
        result("air_area", subject="region:990102").value
        == result("air_point", subject=f"device:{sites.east.pk}").value
    )
    points = Result.objects.filter(kind="air_point", span="day").order_by("pk").values_list("pk", "version")
    assert sorted(city.sources["results"]) == sorted([list(one) for one in points])


def test_late_data_and_corrections_make_versions_with_their_reason(sites):
    for hour in range(20):
        sites.send("east", hour, AIR)
    sites.run()
    first = result("air_point")
    sites.send("east", 22, AIR)
    sites.run()
    second = result("air_point")
    assert (second.version, second.change) == (2, "late")
    sites.send("east", 3, AIR | {"a34004": 70})
    sites.run()
    third = result("air_point")
    assert (third.version, third.change) == (3, "values")
    first.refresh_from_db()
    assert not first.current and first.body["hours"]["pm25"][22] is None
    logged = Entry.objects.filter(action="monitoring.result.version", ref_key=str(third.pk)).get()
    assert json.loads(logged.after)["version"] == 3 and json.loads(logged.before)["version"] == 2


def test_the_same_again_changes_nothing(sites):
    for hour in range(24):
        sites.send("east", hour, AIR)
    sites.run()
    before = list(Result.objects.order_by("pk").values())
    entries = Entry.objects.count()
    sites.send("east", 5, AIR)
    assert set(sites.run().counts) == {"same"}
    assert list(Result.objects.order_by("pk").values()) == before and Entry.objects.count() == entries


def test_a_day_that_is_not_over_is_made_anew_in_its_place(sites):
    noon = datetime(2026, 3, 5, 4, tzinfo=UTC)
    sites.send("east", 0, AIR)
    sites.run(now=noon)
    sites.send("east", 1, AIR)
    sites.run(now=noon)
    row = result("air_point")
    assert (row.version, row.final) == (1, False) and row.body["hours"]["pm25"][1] == 40_000_000
    sites.run(now=noon + timedelta(days=1))
    row.refresh_from_db()
    assert row.final and row.version == 1 and Result.objects.filter(kind="air_point", span="day").count() == 1


def test_another_edition_is_kept_beside_that_of_the_day(sites):
    """55 µg/m³ of PM2.5: 90 by the transition (35 to 60), 110 by the same table; the limits differ from 2031 on."""
    for hour in range(24):
        sites.send("east", hour, AIR | {"a34004": 55})
    sites.run()
    sites.run(under="2026-final")
    rows = Result.objects.filter(kind="air_point", span="day", current=True)
    assert {(row.asked, row.edition) for row in rows} == {("", "2026-transition"), ("2026-final", "2026-final")}
    over = {row.asked: row.body["items"]["pm25_24h"]["over"] for row in rows}
    assert over == {"": False, "2026-final": True}
    with pytest.raises(NoFact):
        sites.run(under="1999")


def test_the_days_around_a_change_of_edition(sites):
    for day in (date(2026, 2, 28), date(2026, 3, 1)):
        for hour in range(24):
            sites.send("east", hour, AIR, day=day)
    sites.run(date(2026, 2, 28), date(2026, 3, 1))
    rows = Result.objects.filter(kind="air_point", span="day").order_by("start")
    # 90 µg/m³ of PM10: 50 to 150 before (HJ 633-2012), 50 to 120 after (HJ 633-2026)
    expected = [max(linear(35, 75, 50, 100, 40), linear(50, 150, 50, 100, 90)), linear(50, 120, 50, 100, 90)]
    assert [row.value for row in rows] == expected


def test_a_section_by_day_month_and_area(sites):
    """Total phosphorus of 0.09 and oxygen of 8.0 and 0.4 of ammonia are class II; CODMn of 3.0 class II; the county has
    one section of class II: grade 优 by the mean of its sections.
    """
    for hour in range(0, 24, 4):
        sites.send("river", hour, WATER)
    sites.send("river", 0, WATER | {"w21003": 1.2}, day=date(2026, 3, 6))
    sites.run(DAY, date(2026, 3, 6))
    days = list(Result.objects.filter(kind="water_section", span="day").order_by("start"))
    assert [(row.value, row.items.split(",")) for row in days][0][0] == 2
    assert (days[1].value, days[1].items) == (4, "nh3n")
    month = result("water_section", "month")
    # (0.4 + 1.2) / 2 = 0.8 mg/L of ammonia: class III
    assert (month.value, month.items) == (3, "nh3n") and month.body["items"]["nh3n"]["value"] == 800_000
    assert month.sources["results"] == [[row.pk, row.version] for row in days]
    area = result("water_area", "month", subject="region:990102")
    assert area.body["good"] == {"part": 1, "whole": 1, "units": 1000, "places": 1}
    year = result("water_section", "year")
    assert year.value is None and year.reason == "no_items"


@given(order=st.permutations(range(24)), cuts=st.sets(st.integers(1, 23), max_size=2), again=st.integers(0, 23))
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_of_arrival_changes_no_result(sites, order, cuts, again):
    """Rows in any order, in any batches, some again, evaluated after each batch: the current results are the same."""
    sites.fresh()
    bounds = [0, *sorted(cuts), len(order)]
    for begin, end in zip(bounds, bounds[1:], strict=False):
        for hour in [*order[begin:end], again if again in order[:end] else order[begin]]:
            sites.send("east", hour, AIR | {"a34002": 50 + hour})
            sites.send("river", hour, WATER | {"w21003": (hour + 1) / 20})
        sites.recalculate()
    rows = Result.objects.filter(current=True)
    found = {(row.kind, row.span, row.subject): (row.value, row.items, row.outcome, row.digest) for row in rows}
    sites.seen.append(found)
    assert found == sites.seen[0] and len(found) == 16


def test_a_month_and_a_year_of_air(sites):
    """Two days of PM2.5 40 and 60: mean 50 µg/m³; one of them good; the year is to date while it goes on."""
    for hour in range(24):
        sites.send("east", hour, AIR)
        sites.send("east", hour, AIR | {"a34004": 80}, day=DAY + timedelta(days=1))
    running = datetime(2026, 3, 8, tzinfo=UTC)
    sites.run(DAY, DAY + timedelta(days=1), now=running)
    month, year = result("air_point", "month"), result("air_point", "year")
    assert month.body["statistics"]["pm25.mean"]["units"] == 60 and month.body["to_date"] == "2026-03-06"
    assert month.body["good"] == {"part": 1, "whole": 2, "units": 500, "places": 1}
    # 10/60 + 30/40 + 90/60 + 60/30 + 0.8/4 + 100/160, limits of GB 3095-2026 (transition)
    exact = sum(Fraction(*one) for one in ((10, 60), (30, 40), (90, 60), (60, 30), (1, 5), (100, 160)))
    assert month.value == round(exact * 100) and month.items == "pm25"
    assert year.value == month.value and not year.final
    assert result("air_area", "year", subject="region:990100").body["good"]["whole"] == 2
    sites.run(DAY, DAY + timedelta(days=1))
    month.refresh_from_db()
    assert month.final and month.value is None and month.body["statistics"]["pm25.mean"]["reason"] == "too_few_days"
