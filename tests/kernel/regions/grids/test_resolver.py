"""Which grid a place belongs to. Expected values follow from the squares drawn here."""

import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod
from shapely.geometry import Point, box

from ecocloud.base.geo import GeoError
from ecocloud.kernel.regions.grids.checking import check
from ecocloud.kernel.regions.grids.resolver import Cell, Resolver

WEST = Cell("V-1", 3, "990102100", box(115.0, 27.0, 115.1, 27.1), parent="T")
EAST = Cell("V-2", 3, "990102100", box(115.1, 27.0, 115.2, 27.1), parent="T")
TOWN = Cell("T", 2, "990102100", box(115.0, 27.0, 115.3, 27.1))
LISTED = Cell("V-3", 3, "990102100", members=("990102100201", "990102100202"))
TOWNSHIP = Cell("L-2", 2, "990102", members=("990102100",))
ALL = [WEST, EAST, TOWN, LISTED, TOWNSHIP]


def test_the_lowest_grid_wins_and_a_shared_border_goes_to_the_smaller_code():
    found = Resolver(ALL)
    assert found.at(115.05, 27.05).cell == WEST
    assert found.at(115.1, 27.05).cell == WEST  # on the border of V-1 and V-2
    assert found.at(115.25, 27.05).cell == TOWN  # no grid of level 3 there
    assert (found.at(116.0, 27.05).cell, found.at(116.0, 27.05).by) == (None, "none")
    assert found.at().by == "none"


def test_lists_resolve_by_the_division_and_a_drawn_area_goes_first():
    found = Resolver(ALL)
    assert (found.at(region="990102100202").cell, found.at(region="990102100202").by) == (LISTED, "list")
    assert found.at(region="990102100999").cell == TOWNSHIP
    assert found.at(region="990102200").cell is None
    assert found.at(115.15, 27.05, "990102100202").cell == EAST


def test_what_is_no_place_is_refused():
    with pytest.raises(GeoError):
        Resolver(ALL).at(27.05, 115.05)


SQUARES = st.lists(
    st.builds(
        lambda n, level, x, y, w, h: Cell(f"G-{n:03d}", level, "990102", box(x, y, x + w, y + h)),
        st.integers(0, 999), st.integers(1, 3), st.integers(0, 8), st.integers(0, 8), st.integers(1, 5),
        st.integers(1, 5),
    ),
    max_size=8, unique_by=lambda cell: cell.code,
)  # fmt: skip


@given(SQUARES, st.integers(0, 26), st.integers(0, 26), st.randoms())
def test_exactly_one_grid_whatever_the_order(cells, x, y, chance):
    lon, lat = x / 2, y / 2  # half of them on borders
    found = Resolver(cells).at(lon, lat)
    shuffled = list(cells)
    chance.shuffle(shuffled)
    assert Resolver(shuffled).at(lon, lat) == found
    holding = [one for one in cells if one.shape.intersects(Point(lon, lat))]
    if not holding:
        assert found.cell is None
    else:
        lowest = max(one.level for one in holding)
        assert found.cell.code == min(one.code for one in holding if one.level == lowest)


def test_overlap_and_gap_have_the_area_of_an_independent_ellipsoid():
    """Areas by GeographicLib on the same ellipsoid; Albers is equal-area, edges differ by less than 1e-4."""
    wide = Cell("V-1", 3, "990102100", box(115.0, 27.0, 115.12, 27.1), parent="T")
    report = check([wide, EAST, TOWN], Decimal(100))
    geod = Geod(ellps="GRS80")
    (overlap,), (gap,) = report.overlaps, report.gaps
    for fault, shape in ((overlap, box(115.1, 27.0, 115.12, 27.1)), (gap, box(115.2, 27.0, 115.3, 27.1))):
        wanted = abs(geod.geometry_area_perimeter(shape)[0])
        assert float(fault.square_meter) == pytest.approx(wanted, rel=1e-4)
        assert shape.contains(Point(fault.lon, fault.lat))
    assert [one.code for one in overlap.grids] == ["V-1", "V-2"] and gap.grids == (TOWN,)


def test_the_least_area_itself_is_told_and_touching_is_no_overlap():
    assert check([WEST, EAST], Decimal(0)).clean
    both = [WEST, Cell("V-2", 3, "990102100", box(115.0999, 27.0, 115.2, 27.1))]
    area = check(both, Decimal(0)).overlaps[0].square_meter
    assert len(check(both, area).overlaps) == 1
    assert check(both, area + Decimal("0.01")).clean


def test_divisions_in_two_lists_or_in_none():
    double = Cell("V-4", 3, "990102100", members=("990102100202",))
    report = check([LISTED, double], Decimal(100), ["990102100201", "990102100202", "990102100203", "990102200201"])
    told = [(one.kind, one.region, [grid.code for grid in one.grids]) for one in report.lists]
    assert told == [("double", "990102100202", ["V-3", "V-4"]), ("missing", "990102100203", [])]


def test_two_hundred_grids_in_any_order_give_the_same_report():
    cells = [Cell(f"G-{n}", 3, "990102", box(n * 0.01, 27, n * 0.01 + 0.011, 27.01)) for n in range(50)]
    shuffled = random.Random(7).sample(cells, len(cells))
    assert check(cells, Decimal(1)) == check(shuffled, Decimal(1))
