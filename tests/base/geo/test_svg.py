"""The choropleth map: geometry of the drawing, classes and refusals."""

import re
from decimal import Decimal

import pytest
from shapely.geometry import LineString, MultiPolygon, box

from ecocloud.base.geo import GeoError, boundaries, equal_count_limits, polygon_area, svg_map

COUNTIES = boundaries("county")
D = Decimal


def points(d):
    return [tuple(map(float, pair.split(","))) for pair in re.findall(r"-?[\d.]+,-?[\d.]+", d)]


def test_every_county_is_drawn_inside_the_view():
    drawn = svg_map(COUNTIES, {}, width=640)
    assert len(drawn.shapes) == 100 and drawn.missing == 100 and drawn.classes == ()
    assert drawn.view_box == f"0 0 640 {drawn.height}"
    assert 700 < drawn.height < 900, "the province is taller than wide"
    for shape in drawn.shapes:
        assert re.fullmatch(r"(M[-\d.,]+L[-\d., ]+Z)+", shape.d), shape.name
        assert shape.css_class == "ramp-none"
        assert all(0 <= x <= 640 and 0 <= y <= drawn.height for x, y in points(shape.d))
        assert 0 < shape.x < 640 and 0 < shape.y < drawn.height
    assert sum(len(shape.d) for shape in drawn.shapes) < 400_000


def test_drawn_areas_are_proportional_and_north_is_up():
    drawn = {shape.code: shape for shape in svg_map(COUNTIES, {}, width=1000).shapes}

    def drawn_area(code):
        ring = points(drawn[code].d)
        pairs = zip(ring, ring[1:] + ring[:1], strict=True)
        return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs)) / 2

    true = {entry.code: float(polygon_area(entry.geometry).square_meter) for entry in COUNTIES}
    for code in ("360724", "361128", "360424", "361130"):
        assert drawn_area(code) / drawn_area("360730") == pytest.approx(true[code] / true["360730"], rel=0.02)
    assert drawn["360424"].y < drawn["360728"].y, "Xiushui lies north of Dingnan"
    assert drawn["360321"].x < drawn["361130"].x, "Lianhua lies west of Wuyuan"


def test_lines_and_areas_lie_where_their_points_do():
    west, south, east, north = COUNTIES[0].geometry.bounds
    line = LineString([(west, south), (east, south), (east, north)])
    patch = MultiPolygon([box(west, south, east, north), box(east + 1, south, east + 2, north)])
    drawn = svg_map(COUNTIES, {}, points=line.coords, outlines=[line, patch])
    first, second = drawn.outlines
    assert points(first.d) == list(drawn.points) and not first.is_area and "Z" not in first.d
    assert second.is_area and second.d.count("M") == second.d.count("Z") == 2
    (x1, _y1), (x2, y2), (_x3, y3) = drawn.points
    assert first.extent == pytest.approx(max(x2 - x1, y2 - y3), abs=3)  # sides of the box lie not quite straight


def test_classes():
    values = {entry.code: D(index) for index, entry in enumerate(COUNTIES[:60])}
    values[COUNTIES[60].code] = None
    drawn = svg_map(COUNTIES, values)
    assert [entry.count for entry in drawn.classes] == [10] * 6
    assert drawn.missing == 40
    assert drawn.classes[0].low is None and drawn.classes[-1].high is None
    by_code = {shape.code: shape for shape in drawn.shapes}
    assert by_code[COUNTIES[0].code].css_class == "ramp-1"
    assert by_code[COUNTIES[59].code].css_class == "ramp-6"
    assert by_code[COUNTIES[60].code].value is None


def test_given_limits_and_their_edges():
    codes = [entry.code for entry in COUNTIES[:4]]
    drawn = svg_map(COUNTIES, dict(zip(codes, (D("-1"), D(0), D("89.9"), D(90)), strict=True)), limits=[D(0), D(90)])
    assert [shape.css_class for shape in drawn.shapes[:4]] == ["ramp-1", "ramp-2", "ramp-2", "ramp-3"]
    assert [(entry.low, entry.high, entry.count) for entry in drawn.classes] == [
        (None, D(0), 1), (D(0), D(90), 2), (D(90), None, 1)]  # fmt: skip


def test_one_county_and_one_value():
    drawn = svg_map(COUNTIES[:1], {COUNTIES[0].code: D(5)}, width=100)
    assert drawn.shapes[0].css_class == "ramp-1"
    assert len(drawn.classes) == 1


def test_limits_by_count():
    assert equal_count_limits([]) == ()
    assert equal_count_limits([D(1), D(1)]) == ()
    assert equal_count_limits([D(1), D(2)]) == (D(2),)
    assert len(equal_count_limits([D(number) for number in range(100)])) == 5


def test_refusals():
    with pytest.raises(GeoError):
        svg_map((), {})
    with pytest.raises(GeoError) as caught:
        svg_map(COUNTIES, {"110000": D(1)})
    assert caught.value.value == "110000"
    for limits in ([D(2), D(1)], [D(1), D(1)], [D(number) for number in range(6)]):
        with pytest.raises(GeoError):
            svg_map(COUNTIES, {}, limits=limits)
