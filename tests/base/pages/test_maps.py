"""The choropleth: words for every class, gaps hatched, the same numbers as a table."""

from decimal import Decimal

from shapely.geometry import LineString, box

from ecocloud.base.geo import Boundary, svg_map
from ecocloud.base.pages.maps import Choropleth, close_up, county_choropleth


def sample(values, limits=None, **options):
    shapes = [Boundary(code, f"区{code}", "county", "", box(115 + n, 27, 116 + n, 28)) for n, code in enumerate("abc")]
    return Choropleth("比例", svg_map(shapes, values, limits=limits), "%", **options)


def test_legend_and_table_speak_of_every_class(render):
    spec = sample({"a": Decimal(90), "b": Decimal(95), "c": None}, [Decimal(93), Decimal(95)], urls={"a": "/a"})
    assert [step["label"] for step in spec.legend] == ["低于 93", "93–95", "95 及以上"]
    # a value equal to a limit belongs to the class above it
    assert [area.css_class for area in spec.areas] == ["ramp-1", "ramp-3", "ramp-none"]
    html = render("{% choropleth spec %}", spec=spec)
    assert html.count("<td") == 3 and "无数据" in html and 'href="/a"' in html and "style=" not in html
    assert spec.sentence == "比例：2 个区域，最低 区a 90，最高 区b 95"


def test_the_outlined_division_is_drawn_last_but_keeps_its_row():
    spec = sample({"a": Decimal(1)}, current="a")
    assert [area.code for area in spec.areas] == ["b", "c", "a"]
    assert [area.code for area in spec.rows] == ["a", "b", "c"]


def test_a_map_without_values_says_so():
    spec = sample({})
    assert spec.legend == [] and spec.has_gaps and spec.sentence == "比例：无数据"


def test_a_shape_by_itself_fills_its_picture_and_says_how_wide_it_is(render):
    # A hundredth of a degree of longitude at 27 N is 0.994 km (a / sqrt(1 - e2 sin2) cos, GRS 80): with 15 % on both
    # sides 1.29 km.
    spec = close_up(box(115, 27, 115.01, 27.005), title="形状")
    (shape,) = spec.drawing.outlines
    assert shape.is_area and abs(shape.extent / spec.drawing.width - 1 / 1.3) < 0.02
    html = render("{% locator spec %}", spec=spec)
    assert 'class="outline filled"' in html and "图宽约 1.3 公里" in html and "<circle" not in html


def test_a_line_north_south_is_no_tower():
    spec = close_up(LineString([(115, 27), (115, 27.005)]), title="形状")
    (shape,) = spec.drawing.outlines
    assert not shape.is_area and not shape.d.endswith("Z")
    assert spec.drawing.height < 2 * spec.drawing.width and "图宽约 400 米" in spec.note


def test_the_cities_of_a_province_are_drawn_as_the_counties_of_a_city():
    """Jiangxi has eleven cities."""
    cities = county_choropleth("360000", {"360100": Decimal(3)}, title="t", level="city")
    assert len(cities.areas) == 11
    assert county_choropleth("990000", {}, title="t", level="city") is None
    counties = county_choropleth("360100", {"360102": Decimal(3)}, title="t")
    assert {area.code[:4] for area in counties.areas} == {"3601"}
