"""Where an incident may come from: stretches above, what lies against the wind.

Distances are compared with pyproj's geodesic (a sphere differs by less than 0.6 %); the rivers are made up.
"""

import pytest
from pyproj import Geod

from ecocloud.intake.monitoring.alarms.hints import Place, Reach, Wind, apart, mean_wind, reach_of, upstream, upwind

RIVER = [
    Reach("obj:1", "上段", "青溪", "源头", "大桥"), Reach("obj:2", "中段", "青溪", "大桥", "石桥闸"),
    Reach("obj:3", "下段", "青溪", "石桥闸", "双江口"), Reach("obj:4", "支流", "白河", "山里", "石桥闸"),
    Reach("obj:5", "别处", "黑水", "甲", "乙"),
]  # fmt: skip


def test_a_place_finds_its_stretch():
    assert reach_of(RIVER, "青溪", ["石桥闸断面"]).ref == "obj:2"  # at the lower end
    assert reach_of(RIVER, "青溪", ["源头断面"]).ref == "obj:1"
    assert reach_of(RIVER, "中段", []).ref == "obj:2"  # an outfall names its stretch
    assert reach_of(RIVER, "黑水", ["没有"]).ref == "obj:5"  # the only one of its water
    assert reach_of(RIVER, "青溪", ["没有"]) is None
    placed = [one._replace(region="甲镇" if one.ref in ("obj:1", "obj:2") else "乙镇") for one in RIVER]
    assert reach_of(placed, "青溪", ["没有"], "甲镇").ref == "obj:2"  # the lowest one there
    assert reach_of(placed, "青溪", ["没有"], "丙镇") is None
    assert reach_of(RIVER, "无名", ["石桥闸"]) is None


def test_stretches_above_nearest_first_with_tributaries():
    found = [(one.reach.ref, one.steps) for one in upstream(RIVER, RIVER[2])]
    assert found == [("obj:3", 0), ("obj:2", 1), ("obj:4", 1), ("obj:1", 2)]
    assert len(upstream(RIVER, RIVER[2], most=1)) == 3


def test_a_circle_of_names_ends():
    circle = [Reach("a", "", "w", "x", "y"), Reach("b", "", "w", "y", "x")]
    assert [one.reach.ref for one in upstream(circle, circle[0])] == ["a", "b"]


def test_mean_wind_is_a_mean_of_vectors():
    north = mean_wind([(350, 2), (10, 2)])
    assert (round(north.direction) % 360, round(north.speed, 6)) == (0, 2)
    assert mean_wind([(90, 1), (270, 1)]) is None  # from everywhere
    assert mean_wind([(90, 0), (-1, 3), (400, 3)]) is None
    assert mean_wind([]) is None


@pytest.mark.parametrize("other", [(115.3, 27.3), (115.2, 27.5), (114.9, 27.0)])
def test_distance_and_bearing(other):
    here = (115.2, 27.3)
    azimuth, _back, metres = Geod(ellps="WGS84").inv(*here, *other)
    distance, bearing = apart(here, other)
    assert distance == pytest.approx(metres / 1000, rel=0.006)
    assert bearing == pytest.approx(azimuth % 360, abs=0.5)


def test_upwind_is_against_the_wind_and_no_farther_than_it_blew():
    here = (115.2, 27.3)
    north, south, far = (Place(ref, ref, "enterprise", 115.2, lat) for ref, lat in
                         (("n", 27.4), ("s", 27.2), ("f", 27.9)))  # fmt: skip
    wind = Wind(0.0, 1.0, 6, 1.0)  # 21.6 km in six hours
    assert [one.place.ref for one in upwind(here, wind, [south, far, north], 30)] == ["n"]
    assert [one.place.ref for one in upwind(here, Wind(0, 9.0, 6, 1.0), [south, far, north], 90)] == ["n", "f"]
    assert upwind(here, Wind(0, 9.0, 6, 1.0), [far], 30) == []
