"""Pits, slope, directions, order, accumulation and streams: against plain versions, by hand, and by what must hold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ecocloud.domains.gep.raster import pits, relief, routing, single
from ecocloud.domains.gep.raster.padding import Shape, padded, unpadded
from tests.domains.gep.raster import reference

NONE = np.empty(0)
# Few heights make many plateaus and pits, holes make many edges.
HEIGHTS = arrays.arrays(np.float32, (6, 7), elements=st.integers(0, 5).map(np.float32))
HOLES = arrays.arrays(np.uint8, (6, 7), elements=st.integers(0, 6).map(lambda one: np.uint8(one > 0)))


def routed(heights, valid, own=NONE):
    """Filled heights, directions, order and what passes, from grids."""
    shape = Shape(*heights.shape)
    flat, known = padded(heights.astype(np.float32)), padded(valid.astype(np.uint8))
    pits.fill_pits(flat, known, shape.width)
    direction = routing.directions(flat, known, shape.width)
    above = routing.sources(direction, shape.width)
    order = routing.flow_order(direction, above, known, shape.width)
    passed = np.zeros(shape.size)
    routing.accumulate(direction, above, order, shape.width, own, passed)
    return shape, flat, known, direction, order, passed


def split(direction, shape):
    grid = unpadded(direction, shape)
    return np.stack([(grid >> (4 * k)) & 15 for k in range(8)], axis=-1).astype(int)


@settings(max_examples=120, deadline=None)
@given(HEIGHTS, HOLES)
def test_everything_equals_the_plain_versions(heights, valid):
    own = np.arange(1.0, 43).reshape(6, 7)
    shape, flat, known, direction, order, passed = routed(heights, valid, padded(own))
    surface = reference.filled(heights, valid)
    assert np.array_equal(unpadded(flat, shape)[valid == 1], surface[valid == 1])
    parts = reference.directions(np.where(valid, surface, 0), valid)
    assert np.array_equal(split(direction, shape), parts)
    assert sorted(order.tolist()) == np.flatnonzero(known).tolist()
    expected = reference.accumulated(parts, valid, own)
    assert np.allclose(unpadded(passed, shape)[valid == 1], expected[valid == 1], rtol=1e-12)
    steep = np.zeros(shape.size)
    relief.slope_percent(flat, known, shape.width, 30.0, steep)
    wanted = reference.slope(np.where(valid, surface, 0), valid, 30.0)
    assert np.allclose(unpadded(steep, shape)[valid == 1], wanted[valid == 1], rtol=1e-12, atol=1e-12)


@settings(max_examples=120, deadline=None)
@given(HEIGHTS, HOLES)
def test_what_leaves_the_grid_is_what_fell_on_it(heights, valid):
    """With one on every cell, what passes over the edge is the number of cells; nothing is lost on a plateau either."""
    shape, _, known, direction, order, passed = routed(heights, valid)
    leaving = 0.0
    for cell in order:
        total = int(routing.parts(direction[cell]))
        gone = sum(
            int((direction[cell] >> np.uint32(4 * k)) & 15)
            for k, step in enumerate(routing._steps(shape.width))
            if not known[cell + step]
        )
        leaving += passed[cell] * (gone / total if total else 1.0)
    assert leaving == pytest.approx(valid.sum(), abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(HEIGHTS, HOLES)
def test_a_filled_relief_is_not_filled_again_and_nowhere_lower(heights, valid):
    shape, flat, known, *_ = routed(heights, valid)
    again = flat.copy()
    assert pits.fill_pits(again, known, shape.width) == 0 and np.array_equal(again, flat)
    assert (unpadded(flat, shape)[valid == 1] >= heights[valid == 1]).all()


@settings(max_examples=200, deadline=None)
@given(HEIGHTS, HOLES, st.integers(1, 6))
def test_pits_are_filled_over_the_seams_of_tiles(heights, valid, tile):
    shape = Shape(*heights.shape)
    flat, known = padded(heights), padded(valid)
    raised = pits.fill_pits(flat, known, shape.width, tile)
    found, expected = unpadded(flat, shape)[valid == 1], reference.filled(heights, valid)[valid == 1]
    assert np.array_equal(found, expected) and raised == (found > heights[valid == 1]).sum()


def test_a_pit_is_raised_to_the_lowest_way_out():
    """The pit of 1 spills over the 3 in the east, not over the 9."""
    heights = np.array([[9, 9, 9, 9], [9, 1, 3, 0], [9, 9, 9, 9]], np.float32)
    shape, flat, *_ = routed(heights, np.ones((3, 4), np.uint8))
    assert unpadded(flat, shape)[1].tolist() == [9, 3, 3, 0]


@settings(max_examples=60, deadline=None)
@given(HEIGHTS, HOLES)
def test_every_cell_comes_after_those_that_flow_into_it(heights, valid):
    shape, _, known, direction, order, _ = routed(heights, valid)
    place = {int(cell): n for n, cell in enumerate(order)}
    assert len(place) == order.size == valid.sum()
    steps = routing._steps(shape.width)
    above = routing.sources(direction, shape.width)
    for cell, n in place.items():
        to = {int(cell + steps[k]) for k in range(8) if (int(direction[cell]) >> (4 * k)) & 15}
        assert all(place[near] > n for near in to if known[near])
        come = {int(cell + steps[k]) for k in range(8) if (int(above[cell]) >> k) & 1}
        assert come == {near for near in place if cell in {int(near + steps[k]) for k in range(8)
                        if (int(direction[near]) >> (4 * k)) & 15}}  # fmt: skip


@pytest.mark.parametrize("direction", [0, 0xFFFFFFFF, 0x0000000F, 0xF0000000, 0x12345678])
def test_the_parts_of_a_direction_are_summed(direction):
    assert routing.parts(np.uint32(direction)) == sum((direction >> (4 * k)) & 15 for k in range(8))


def test_a_cone_by_hand():
    """A top of 1 over 0: the sides get 15 / (4 + 4/√2) = 2.197 fifteenths, the corners 1.553; all are rounded to 2."""
    heights = np.zeros((3, 3), np.float32)
    heights[1, 1] = 1
    shape, _, _, direction, order, passed = routed(heights, np.ones((3, 3), np.uint8))
    assert split(direction, shape)[1, 1].tolist() == [2] * 8
    assert unpadded(passed, shape).tolist() == [[1.125] * 3, [1.125, 1, 1.125], [1.125] * 3]
    assert order[0] == 2 * 5 + 2 or passed[2 * 5 + 2] == 1


def test_a_slope_of_45_degrees_is_100_per_cent():
    heights = np.tile(np.arange(5, 0, -1, dtype=np.float32) * 30, (5, 1))
    shape = Shape(5, 5)
    out = np.zeros(shape.size)
    relief.slope_percent(padded(heights), padded(np.ones((5, 5), np.uint8)), shape.width, 30.0, out)
    assert unpadded(out, shape).tolist() == [[100.0] * 5] * 5


def test_one_cell_alone_has_no_slope_and_drains_over_the_edge():
    shape, _, _, direction, order, passed = routed(np.ones((1, 1)), np.ones((1, 1), np.uint8))
    out = np.ones(shape.size)
    relief.slope_percent(np.ones(shape.size, np.float32), padded(np.ones((1, 1), np.uint8)), shape.width, 30.0, out)
    assert unpadded(out, shape).tolist() == [[0]] and unpadded(passed, shape).tolist() == [[1]]
    assert split(direction, shape)[0, 0].tolist() == [2] * 8 and order.size == 1


def test_a_grid_without_any_valid_cell():
    shape, flat, known, direction, order, passed = routed(np.ones((2, 2)), np.zeros((2, 2), np.uint8))
    assert order.size == 0 and not direction.any() and not passed.any()
    assert (routing.streams(direction, passed, known, shape.width, 1.0, 0.7) == 255).all()


def valley(rows, cols):
    """A valley that falls to the south, its bottom in the middle column."""
    row, col = np.mgrid[0:rows, 0:cols]
    return (abs(col - cols // 2) * 3 - row * 2 + 100).astype(np.float32)


def test_the_stream_of_a_valley_is_its_bottom():
    shape, _, known, direction, _, passed = routed(valley(9, 5), np.ones((9, 5), np.uint8))
    found = unpadded(routing.streams(direction, passed, known, shape.width, 12.0, 0.7), shape)
    through = unpadded(passed, shape)
    assert found[:, 2].tolist() == (through[:, 2] >= 12).astype(int).tolist()
    assert 0 < found[:, 2].sum() < 9 and found[:, [0, 4]].sum() == 0


@pytest.mark.parametrize("above", [0, 1e-9])
def test_a_cell_at_the_threshold_is_a_stream_and_one_below_is_not(above):
    shape, _, known, direction, _, passed = routed(valley(9, 5), np.ones((9, 5), np.uint8))
    least = unpadded(passed, shape)[8, 2]
    found = unpadded(routing.streams(direction, passed, known, shape.width, least + above, 1.0), shape)
    assert found[8, 2] == (above == 0)


def test_streams_need_an_outlet_and_are_one_to_the_sea():
    """Every stream cell reaches the edge through stream cells."""
    rng = np.random.default_rng(7)
    heights = rng.random((40, 50)).astype(np.float32) + valley(40, 50)
    shape, _, known, direction, _, passed = routed(heights, np.ones((40, 50), np.uint8))
    found = routing.streams(direction, passed, known, shape.width, 40.0, 0.7)
    steps = routing._steps(shape.width)
    cells = set(np.flatnonzero(found == 1).tolist())
    assert cells
    reached = {
        cell for cell in cells
        if any((direction[cell] >> np.uint32(4 * k)) & 15 and not known[cell + steps[k]] for k in range(8))
    }  # fmt: skip
    while True:
        more = {
            cell for cell in cells - reached
            if any((direction[cell] >> np.uint32(4 * k)) & 15 and cell + steps[k] in reached for k in range(8))
        }  # fmt: skip
        if not more:
            break
        reached |= more
    assert reached == cells


def test_padding_goes_and_comes_back():
    grid = np.arange(6, dtype=np.int16).reshape(2, 3)
    shape = Shape(2, 3)
    flat = padded(grid, -1)
    assert flat.size == shape.size == 20 and flat.dtype == np.int16
    assert np.array_equal(unpadded(flat, shape), grid) and flat[0] == flat[-1] == -1
    unpadded(flat, shape)[0, 0] = 9
    assert flat[6] == 9  # a view


@settings(max_examples=120, deadline=None)
@given(HEIGHTS, HOLES)
def test_single_flow_goes_to_the_steepest_neighbour_and_loses_nothing(heights, valid):
    """Where a neighbour is lower the steepest gets all, elsewhere one of those that got a part; what leaves is what
    fell on the grid (O'Callaghan and Mark 1984).
    """
    shape, flat, known, many, order, _ = routed(heights, valid)
    direction = many.copy()
    single.only_steepest(flat, known, shape.width, direction)
    passed = np.zeros(shape.size)
    routing.accumulate(direction, routing.sources(direction, shape.width), order, shape.width, NONE, passed)
    before, after, surface = split(many, shape), split(direction, shape), unpadded(flat, shape)
    leaving = 0.0
    for row, col in zip(*np.nonzero(valid), strict=True):
        there = np.flatnonzero(after[row, col])
        assert there.size == 1 and before[row, col][there[0]] > 0
        near = dict(reference.neighbours(heights.shape, row, col))
        falls = {
            k: (surface[row, col] - surface[to]) / (2**0.5 if k % 2 else 1)
            for k, to in near.items()
            if to and valid[to]
        }
        if max(falls.values(), default=0) > 0:
            assert falls[there[0]] == pytest.approx(max(falls.values()), rel=1e-12)
        to = near[there[0]]
        if to is None or not valid[to]:
            leaving += unpadded(passed, shape)[row, col]
    assert leaving == valid.sum()
