"""Lines and areas by workbook: read from several notations, refused row by row, the same again after an export."""

import io
from datetime import date

import pytest
from openpyxl import load_workbook
from shapely import from_wkb

from ecocloud.base.geo import GeoError
from ecocloud.base.sheets import services as sheets
from ecocloud.kernel.regions.services import CONSOLE
from ecocloud.kernel.registers import changes, places, reading, services
from ecocloud.kernel.registers.definition import GeometryRule
from ecocloud.kernel.registers.models import RegisterObject
from ecocloud.kernel.registers.services import importing

RING = [(115.1, 27.1), (115.2, 27.1), (115.2, 27.2), (115.1, 27.1)]
LISTED = "115.1 27.1; 115.2，27.1；\n115.2 27.2"
WKT = "POLYGON((115.1 27.1, 115.2 27.1, 115.2 27.2, 115.1 27.1))"
JSON = '{"type": "Polygon", "coordinates": [[[115.1, 27.1], [115.2, 27.1], [115.2, 27.2], [115.1, 27.1]]]}'
FEATURE = (
    f'{{"type": "FeatureCollection", "features": [{{"type": "Feature", "properties": {{}}, "geometry": {JSON}}}]}}'
)


@pytest.mark.parametrize("text", [LISTED, WKT, JSON, FEATURE, "POLYGON Z((115.1 27.1 9, 115.2 27.1 9, 115.2 27.2 9, "
                                  "115.1 27.1 9))"])  # fmt: skip
def test_an_area_is_read_from_every_notation(text):
    found = places.read(text, GeometryRule(kind="site"))
    assert list(from_wkb(found.wkb).exterior.coords) == RING
    # half of 0.1 degree squared at 27.1 N by hand: 9.92 km x 11.08 km / 2 = 54.9 km2
    assert float(found.area) == pytest.approx(54.9e6, rel=0.005)


@pytest.mark.parametrize(("kind", "text", "reason", "remedy"), [
    ("patch", "115 27; 116 28; 116 27; 115 28", "（115.50000，27.50000）附近自相交", "互不交叉"),
    ("patch", "27.1 115.1; 27.1 115.2; 27.2 115.2", "不是经纬度", "写反了"),
    ("line", "LINESTRING(27 115, 27.1 115.1)", "不是经纬度", "写反了"),
    ("patch", "LINESTRING(115 27, 116 28)", "位置应为图斑", "标出"), ("line", WKT, "位置应为线", "标出"),
    ("line", "115.1 27.1; 115.2", "读不出来", "WKT"), ("patch", "{}", "读不出来", "GeoJSON"),
    ("patch", "POLYGON((115 27,115 27,115 27,115 27))", "点数不够", "描点"),
    ("line", "LINESTRING(115 27, nan nan)", "不是经纬度", "经度"), ("site", "POLYGON EMPTY", "位置应为", "标出"),
    ("line", "LINESTRING(115 27, inf 27)", "不是经纬度", "经度"),
])  # fmt: skip
def test_what_is_no_shape_says_where_and_why(kind, text, reason, remedy):
    with pytest.raises(GeoError) as refused:
        places.read(text, GeometryRule(kind=kind))
    assert reason in refused.value.message_zh and remedy in refused.value.remedy_zh


def made(well_text, kind):
    text = well_text.replace("geometry: {kind: point}", f"geometry: {{kind: {kind}}}")
    return reading.read_type(text.replace("    geometry: {type: Point, coordinates: [115.1, 27.1]}\n", ""), "well.yaml")


def row(number, **more):
    return {"name": f"井{number}", "region": "990102", "owner": f"户{number}", "dug_on": date(2021, 1, 1), **more}


def test_areas_come_by_workbook_and_go_back_unchanged(place, well_text, upload):
    register = services.define(CONSOLE, made(well_text, "site"))
    exact = "POLYGON((115.123456789 27.1, 115.2 27.1, 115.2 27.2, 115.123456789 27.1))"
    batch = upload([
        row(2, geometry=LISTED), row(3, geometry="115 27; 116 28; 116 27; 115 28"), row(4, geometry=exact),
        row(5, lon=115, lat=27), row(6), row(7, geometry="27.1 115.1; 27.1 115.2; 27.2 115.2"),
        row(8, geometry="2.3 48.8; 2.4 48.8; 2.4 48.9"), row(9, lon=115),
    ], register=register)  # fmt: skip
    found = {one.number: one.fault_list()[0] for one in batch.rows.filter(outcome="wrong")}
    assert sorted(found) == [3, 7, 8, 9] and {found[3].title, found[7].title, found[8].title} == {"图形"}
    assert "自相交" in found[3].reason and "写反了" in found[7].remedy and "不在中国范围内" in found[8].reason
    assert sheets.commit(place.office, batch, skip_errors=True).result["created"] == 4
    kinds = {one.name: one.place and from_wkb(bytes(one.place)).geom_type for one in RegisterObject.objects.all()}
    assert kinds == {"井2": "Polygon", "井4": "Polygon", "井5": "Point", "井6": None}
    content = importing.export(place.office, register)
    again = upload(None, content=content, register=register)
    assert (again.same, again.total) == (4, 4)
    book = load_workbook(io.BytesIO(content))
    heads = {cell.value: cell.column for cell in book.worksheets[0][1]}
    for line in range(2, 6):
        book.worksheets[0].cell(line, heads["井深（米）"]).value = 5
    changed = io.BytesIO()
    book.save(changed)
    batch = upload(None, content=changed.getvalue(), register=register)
    assert batch.changed == 4
    sheets.commit(place.office, batch)
    kept = from_wkb(bytes(RegisterObject.objects.get(name="井4").place))
    assert kept.exterior.coords[0] == (115.123456789, 27.1)  # not rounded by the cell it went through


def test_a_shape_too_large_for_a_cell_stays_as_it_is(place, well_text, upload):
    """A ring of 1,600 points is more than the 32,767 characters a cell holds."""
    from math import cos, pi, sin

    register = services.define(CONSOLE, made(well_text, "site"))
    ring = [[115 + cos(2 * pi * n / 1600) / 10, 27 + sin(2 * pi * n / 1600) / 10] for n in range(1600)]
    shape = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    services.create(place.office, register, name="大", region=place.east, given={"owner": "甲", "dug_on": "2020-01-01"},
                    geometry=shape)  # fmt: skip
    content = importing.export(place.office, register)
    again = upload(None, content=content, register=register)
    assert (again.same, again.total) == (1, 1)
    text = places.too_large(from_wkb(bytes(RegisterObject.objects.get().place)))
    batch = upload([row(2, geometry=text)], register=register)  # for another object it is no shape
    assert batch.wrong == 1


def test_a_register_of_points_may_become_one_of_sites(well, well_text):
    assert not changes.plan(well, made(well_text, "site")).conflicts
    assert changes.plan(made(well_text, "site"), well).conflicts


def test_a_place_far_from_its_city_is_refused_where_the_city_is_drawn(place, well_text):
    """Ganzhou (360700) is drawn; 井冈山 lies within half a degree of it, Shanghai does not."""
    from ecocloud.kernel.regions.models import Region
    from ecocloud.kernel.registers.services import nearby

    city = Region(pk="360702", name="章贡区")
    point = GeometryRule(kind="point")
    nearby.check(places.read([114.93, 25.85], point), city)
    nearby.check(places.read([121.47, 31.23], point), place.east)  # nothing is drawn there
    with pytest.raises(GeoError) as refused:
        nearby.check(places.read([121.47, 31.23], point), city)
    assert "太远" in refused.value.message_zh
