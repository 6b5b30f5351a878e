"""Reading: what counts, for whom, and with how many queries."""

import pytest
from django.test.utils import CaptureQueriesContext

from ecocloud.kernel.evidence import exporting, home, queries, services

pytestmark = pytest.mark.django_db


def test_drafts_do_not_count(place, ind, put):
    services.record_observation(place.office, ind("FOR.COVER"), place.city, "2026", 60, source="doc:1", submitted=True)
    assert queries.latest(place.office, ind("FOR.COVER")) == {}
    put("FOR.COVER", "2025", "67.5")
    assert (
        queries.latest(place.office, ind("FOR.COVER"))[place.city.pk].value
        == queries.latest(place.reader, ind("FOR.COVER"))[place.city.pk].value
    )
    assert [row.period for row in queries.series(place.office, ind("FOR.COVER"), place.city)] == ["2025"]


def test_the_number_of_queries_does_not_grow(place, ind, put, django_assert_max_num_queries):
    from django.db import connection

    for code in ("FOR.COVER", "FOR.STOCK", "WAT.SURFACE.GOOD", "AIR.GOODDAYS.RATE", "ENE.TOTAL"):
        for region in (place.city, place.east, place.west):
            put(code, "2026", 60, region=region)
            services.set_target(place.office, ind(code), region, "2026", ">=", 50, document="doc:1")
    queries.attainment_list(place.office, place.city, 2026)
    with CaptureQueriesContext(
        connection,
    ) as one:
        assert len(queries.attainment_list(place.office, place.city, 2026)) == 5
    with CaptureQueriesContext(connection) as table:
        assert len(queries.county_table(place.office, ind("FOR.COVER"), place.city, 2026)) == 2
    assert len(one) <= 5 and len(table) <= 5


def test_scope_limits_what_is_seen(place, ind, put):
    put("FOR.COVER", "2026", 60, region=place.west, department=None)
    services.record_observation(place.clerk, ind("FOR.COVER"), place.east, "2026", 61, source="doc:1")
    assert {row.region_id for row in queries.observations(place.clerk)} == {place.east.pk}
    assert {row.region_id for row in queries.observations(place.office)} == {place.east.pk, place.west.pk}


def test_conflicts_between_documents(place, ind):
    cover = ind("FOR.COVER")
    services.set_target(place.office, cover, place.city, "2026", ">=", "67.7", document="doc:1#1-5")
    services.set_target(place.office, cover, place.city, "2026", ">=", "67.7", document="doc:2#1-5")
    assert queries.conflicts(place.office) == []
    services.set_target(place.office, cover, place.city, "2026", ">=", "68", document="doc:3#1-5")
    found = queries.conflicts(place.office)
    assert len(found) == 1 and len(found[0].targets) == 3


def test_my_indicators_are_those_of_the_department(place, ind):
    for code, unit in (("FOR.COVER", "forestry"), ("AIR.PM25.MEAN", "ecology")):
        services.set_target(place.office, ind(code), place.city, "2026", ">=", 50, document="doc:1",
                            department=place.units[unit])  # fmt: skip
    mine = {}
    for person in (place.forestry, place.office):
        rows = queries.attainment_list(person, place.city, 2026)
        mine[person] = [row.indicator.code for row in queries.my_indicators(person, rows)]
    assert mine[place.forestry] == ["FOR.COVER"] and len(mine[place.office]) == 2


def test_counts_equal_their_lists(place, ind):
    row = services.record_observation(place.ecology, ind("AIR.PM25.MEAN"), place.city, "2026-01", 30, source="doc:1")
    assert (home.todo_count(place.ecology, "todo"), home.review_count(place.office)) == (1, 0)
    services.submit(place.ecology, row)
    assert home.review_count(place.office) == 1 == len(home.todo_rows(place.office, "todo", 50))
    assert home.todo_count(place.ecology, "started") == 1 and home.todo_count(place.ecology, "todo") == 0
    services.confirm(place.office, row)
    assert home.todo_count(place.office, "done") == 1 and home.review_count(place.office) == 0


def test_tracked_are_those_with_a_value_or_a_target(place, ind, put):
    put("FOR.COVER", "2026", 60)
    services.set_target(place.office, ind("ENE.GDP.FALL"), place.city, "2026", ">=", "2.6", document="doc:1")
    assert {row.indicator.code for row in exporting.tracked(place.office, place.city, 2026)} == {
        "FOR.COVER", "ENE.GDP.FALL"}  # fmt: skip
