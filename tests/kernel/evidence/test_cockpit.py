"""Tiles of the cockpit: the figures are those of the rules (worked out by hand), each with its data time and link."""

import pytest
from django.utils import timezone

from ecocloud.kernel.evidence import catalogue, cockpit, home, services

pytestmark = pytest.mark.django_db
YEAR = timezone.localdate().year - 1  # a whole year, whatever today is


def test_every_code_of_the_data_is_in_the_catalogue_and_units_agree():
    data, known = cockpit.cockpit_file(), catalogue.load().by_code
    assert sorted(code for code in data.codes if code not in known) == []
    assert sorted(code for code in data.names if code not in known) == []
    assert {line.unit for line in data.limits} == {known[data.trend].unit}
    assert len(data.key) == 4 and len({one.key for one in data.map}) == len(data.map)


def test_limits_of_the_standard_leave_no_year_out():
    lines = sorted(cockpit.cockpit_file().limits, key=lambda line: line.first_year)
    assert all(after.first_year == before.last_year + 1 for before, after in zip(lines, lines[1:], strict=False))


def test_air_tile_shows_the_share_of_good_days_and_its_months(place, put, ind):
    services.set_target(place.office, ind("AIR.GOODDAYS.RATE"), place.city, str(YEAR), ">=", 95, document="doc:1#1-2")
    put("AIR.GOODDAYS.RATE", f"{YEAR}-01", 100, denominator=31)
    put("AIR.GOODDAYS.RATE", f"{YEAR}-03", 80, denominator=30)
    put("AIR.PM25.MEAN", f"{YEAR}-01", 30)
    put("AIR.PM25.MEAN", f"{YEAR - 1}-01", 40)
    made = cockpit.air_tile(place.office, place.city, YEAR)
    # 31 of 31 and 24 of 30 days: 55 / 61
    assert float(made["first"]["row"].value) == pytest.approx(5500 / 61, abs=0.01)
    assert str(made["until"]) == f"{YEAR}-03-31"
    assert [box.css for box in made["chart"].boxes] == ["bar-full", "bar-pale"]  # February is a gap, no bar
    assert made["beside"][0]["name"] == "PM2.5 平均浓度" and made["beside"][0]["change"] == "同比下降 25.0%"
    assert f"year={YEAR}" in made["first"]["url"] and f"region={place.city.pk}" in made["first"]["url"]


def test_tiles_without_data_have_nothing_to_show(place):
    for tile in (cockpit.air_tile, cockpit.water_tile, cockpit.projects_tile):
        assert tile(place.office, place.city, YEAR)["first"] is None
    assert cockpit.key_tile(place.office, place.city, YEAR)["lines"] == []
    assert cockpit.trend_tile(place.office, place.city, YEAR)["drawing"] is None
    assert cockpit.years_tile(place.office, place.city, YEAR)["drawing"] is None


def test_trend_has_the_limit_of_its_year_and_the_year_before_dotted(place, put):
    put("AIR.PM25.MEAN", f"{YEAR}-01", 30)
    put("AIR.PM25.MEAN", f"{YEAR}-02", 28)
    put("AIR.PM25.MEAN", f"{YEAR - 1}-01", 40)
    put("AIR.PM25.MEAN", f"{YEAR - 1}-02", 41)
    made = cockpit.trend_tile(place.office, place.city, YEAR)
    strokes = [stroke.css for stroke in made["drawing"].strokes]
    assert strokes.count("now-line") == 1 and strokes.count("ref-line") == 1 and strokes.count("limit-line") == 1
    limit = next(line for line in cockpit.cockpit_file().limits if line.first_year <= YEAR <= line.last_year)
    assert any(word.text.endswith(f"{limit.value}") for word in made["drawing"].words if word.css == "limit-word")


def test_counts_of_targets_are_those_of_the_lists(client, place, put, ind):
    for code, value in (("FOR.COVER", 66), ("AIR.PM25.MEAN", 20)):
        operator = ">=" if code == "FOR.COVER" else "<="
        services.set_target(place.office, ind(code), place.city, str(YEAR), operator, 67 if operator == ">=" else 25,
                            document="doc:1#1-2")  # fmt: skip
        put(code, str(YEAR), value)
    client.force_login(place.office)
    for one in cockpit.target_tile(place.office, place.city, YEAR)["counts"]:
        assert client.get(one["url"]).context["listing"].total == one["count"], one["level"]


def test_warnings_are_the_red_and_yellow_ones_and_equal_their_list(client, place, put, ind):
    year = timezone.localdate().year
    services.set_target(place.office, ind("FOR.COVER"), place.city, str(year), ">=", 80, document="doc:1#1-2")
    services.set_target(place.office, ind("AIR.PM25.MEAN"), place.city, str(year), "<=", 50, document="doc:1#1-2")
    put("FOR.COVER", str(year - 1), 60)
    put("AIR.PM25.MEAN", f"{year}-01", 20)
    client.force_login(place.office)
    count = home.warning_count(place.office, "warning")
    assert count == len(home.warning_rows(place.office, "warning", 50))
    assert client.get(home.warning_url(place.office, "warning")).context["listing"].total == count


def test_an_unknown_theme_falls_back_to_the_first(place, put):
    put("AIR.GOODDAYS.RATE", f"{YEAR}-01", 90, region=place.east)
    made = cockpit.map_tile(place.office, place.city, YEAR, theme="nothing")
    assert made["title"] == "优良天数比率" and made["spec"] is None  # a made-up city has no boundaries
    assert not made["empty"]
