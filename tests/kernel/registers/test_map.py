"""The map of a register: what the script of the map is given, and the page without it. Places are invented."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ecocloud.kernel.registers import map_data, services
from ecocloud.kernel.registers.map_data import Box, tones

pytestmark = pytest.mark.django_db
PAGE, DATA = "/registers/type/well/map/", "/registers/type/well/map/objects.json"
ALL = "box=114,26,117,28"


@pytest.fixture
def enter(client):
    def make(user):
        client.force_login(user)
        return client

    return make


@pytest.fixture
def placed(place, dig, wells):
    """Three wells in the east, two of them close together, one in the west, one without a place."""
    for name, region, at in (("甲井", place.east, [115.10, 27.10]), ("乙井", place.east, [115.11, 27.11]),
                             ("丙井", place.east, [116.50, 26.50]), ("丁井", place.west, [114.50, 27.50])):  # fmt: skip
        row = dig(name, region=region, geometry=at, use="farming" if name == "甲井" else "")
    services.transition(place.office, wells, row.pk, "start")
    dig("无位井")


def test_few_objects_come_one_by_one_with_state_and_link(enter, place, placed):
    found = enter(place.office).get(f"{DATA}?{ALL}").json()
    one = {feature["properties"]["name"]: feature for feature in found["features"]}
    assert set(one) == {"甲井", "乙井", "丙井", "丁井"} and found["total"] == 4 and found["clusters"] == []
    assert one["丁井"]["geometry"] == {"type": "Point", "coordinates": [114.5, 27.5]}
    told = one["丁井"]["properties"]
    assert (told["state"], told["tone"], told["where"]) == ("使用中", "good", "西县")
    assert told["url"].startswith("/registers/object/")


def test_only_what_lies_in_the_view_and_fits_the_filters(enter, place, placed):
    client = enter(place.office)
    names = [one["properties"]["name"] for one in client.get(f"{DATA}?box=115,27,115.5,27.5").json()["features"]]
    assert names == ["甲井", "乙井"]
    assert client.get(f"{DATA}?{ALL}&f_use=farming").json()["total"] == 1
    assert client.get(f"{DATA}?{ALL}&state=in_use").json()["features"][0]["properties"]["name"] == "丁井"


def test_many_objects_come_counted_by_cells(enter, place, placed, monkeypatch):
    monkeypatch.setattr(map_data, "MOST_SINGLE", 2)
    client = enter(place.office)
    with CaptureQueriesContext(connection) as seen:
        found = client.get(f"{DATA}?{ALL}").json()
    assert found["total"] == 4
    assert [(one["lon"], one["lat"], one["count"], one["words"]) for one in found["clusters"]] == [
        (115.105, 27.105, 2, "已登记 2")
    ]
    assert {one["properties"]["name"] for one in found["features"]} == {"丙井", "丁井"}
    assert len(seen) <= 12


def test_cells_of_a_view_are_bounded():
    """A cell is at most a sixteenth of the view and more than a thirty-second."""
    for width in (360, 3, 0.7, 0.001):
        box = Box(0, 0, width, width)
        assert 16 <= width / map_data.cell_of(box) < 32


def test_another_county_sees_nothing_of_it(enter, place, placed):
    client = enter(place.other)
    found = client.get(f"{DATA}?{ALL}").json()
    assert [one["properties"]["name"] for one in found["features"]] == ["丁井"]
    page = client.get(PAGE)
    assert page.context["located"] == 1 and "甲井" not in page.content.decode()


def test_the_page_has_drawing_list_and_legend_without_a_script(enter, place, placed):
    page = enter(place.office).get(PAGE)
    text = page.content.decode()
    assert page.context["missing"] == 1 and "另有 1 个没有位置" in text
    assert sum(mark.count for mark in page.context["drawn"].marks) == 4
    assert [word for _tone, word in page.context["legend"]] == ["已登记", "使用中", "已封井"]
    assert all(name in text for name in ("甲井", "丁井", "无位井")) and "<circle" in text


@pytest.mark.parametrize("box", ["", "1,2,3", "a,b,c,d", "10,10,5,20", "nan,0,1,1", "200,0,210,10"])
def test_what_is_no_view_is_refused_with_a_sentence(enter, place, placed, box):
    answer = enter(place.office).get(f"{DATA}?box={box}", headers={"accept": "application/json"})
    assert answer.status_code == 400 and "box=" in answer.content.decode()


def test_an_empty_register_says_how_places_come(enter, place, wells):
    assert "登记时填写经纬度" in enter(place.office).get(PAGE).content.decode()


def test_lines_and_polygons_only_where_the_view_shows_them():
    from shapely import to_wkb
    from shapely.geometry import Polygon

    place = to_wkb(Polygon([(115, 27), (115.02, 27), (115.02, 27.02), (115, 27.02)]))
    assert map_data._geometry(place, Box(114, 26, 117, 28))["type"] == "Point"  # 0.02 of 3 degrees is a speck
    assert map_data._geometry(place, Box(114.9, 26.9, 115.1, 27.1))["type"] == "Polygon"


def test_states_without_a_tone_darken_step_by_step(well):
    assert tones(well) == {"found": "step-1", "in_use": "good", "sealed": "done", "retired": "muted"}


def test_the_ground_has_divisions_and_graticule(enter, place):
    found = enter(place.office).get("/registers/map/ground.json?box=114.5,26.5,115.5,27.5").json()
    assert {"吉安县", "泰和县"} <= {one["properties"]["name"] for one in found["areas"]["features"]}
    assert [115.0, 25.5] in [line[0] for line in found["lines"]["geometry"]["coordinates"]]
    assert enter(place.office).get("/registers/map/ground.json?box=0,0,1,1").json()["areas"]["features"] == []
