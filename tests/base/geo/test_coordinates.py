"""Coordinates. GCJ-02 samples: test vectors of github.com/googollee/eviltransform; both functions invert each other;
zones: the Gauss-Krüger zones of GB/T 13989-2012, and EPSG's definitions as pyproj has them."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from ecocloud.base.geo import GeoError, cgcs2000_zone, from_zone, gcj02_to_wgs84, to_zone, wgs84_to_gcj02


@pytest.mark.parametrize(
    ("wgs", "gcj"),
    [
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    ],
)
def test_published_pairs(wgs, gcj):
    assert wgs84_to_gcj02(*wgs) == pytest.approx(gcj, abs=1e-9)
    assert gcj02_to_wgs84(*gcj) == pytest.approx(wgs, abs=1e-9)


def test_both_ways(full_size):
    @settings(max_examples=2000 if full_size else 200, deadline=None)
    @given(st.floats(75, 134), st.floats(5, 53))
    def check(lon, lat):
        shifted = wgs84_to_gcj02(lon, lat)
        metres = math.hypot((shifted[0] - lon) * 111_320 * math.cos(math.radians(lat)), (shifted[1] - lat) * 110_540)
        assert 10 < metres < 1500
        back = gcj02_to_wgs84(*shifted)
        assert back == pytest.approx((lon, lat), abs=1e-7)

    check()


def test_abroad_is_not_shifted():
    assert wgs84_to_gcj02(2.35, 48.85) == (2.35, 48.85)
    assert gcj02_to_wgs84(2.35, 48.85) == (2.35, 48.85)


@pytest.mark.parametrize(("lon", "lat"), [(28.7, 115.9), (181, 0), (0, -91), (float("nan"), 0), (0, float("inf"))])
def test_wrong_coordinates(lon, lat):
    with pytest.raises(GeoError):
        wgs84_to_gcj02(lon, lat)


@pytest.mark.parametrize(
    ("lon", "width", "number", "meridian"),
    [(114.0, 3, 38, 114), (115.49, 3, 38, 114), (115.5, 3, 39, 117), (118.49, 3, 39, 117), (115.9, 6, 20, 117),
     (113.99, 6, 19, 111), (75.0, 3, 25, 75), (135.0, 3, 45, 135), (75.0, 6, 13, 75)],
)  # fmt: skip
def test_zones(lon, width, number, meridian):
    zone = cgcs2000_zone(lon, width=width)
    assert (zone.number, zone.central_meridian) == (number, meridian)
    crs = CRS.from_epsg(zone.epsg)
    assert crs.geodetic_crs.to_epsg() == 4490
    parameters = {item.name: item.value for item in crs.coordinate_operation.params}
    assert parameters["Longitude of natural origin"] == meridian
    assert parameters["False easting"] == 500_000


def test_no_zone():
    for wrong in (70, 140, -100):
        with pytest.raises(GeoError):
            cgcs2000_zone(wrong)
    with pytest.raises(GeoError):
        cgcs2000_zone(115, width=5)


def test_zone_both_ways():
    zone = cgcs2000_zone(115.89, width=3)
    easting, northing = to_zone(115.89, 28.68, zone)
    assert 380_000 < easting < 400_000 and 3_170_000 < northing < 3_180_000
    assert from_zone(easting, northing, zone) == pytest.approx((115.89, 28.68), abs=1e-8)
    assert to_zone(117.0, 28.0, zone)[0] == pytest.approx(500_000, abs=1e-6)
