"""Relief: pits filled to where they spill, slope. Kernels on padded arrays (see the package)."""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange


@njit(cache=True, nogil=True)
def _push(heights, cells, size, height, cell):
    """Put a cell on the heap; the new size."""
    place = size
    while place > 0:
        parent = (place - 1) >> 1
        if heights[parent] <= height:
            break
        heights[place] = heights[parent]
        cells[place] = cells[parent]
        place = parent
    heights[place] = height
    cells[place] = cell
    return size + 1


@njit(cache=True, nogil=True)
def _pop(heights, cells, size):
    """Take the lowest cell off the heap, which then stands first beyond its end; the new size."""
    top_height, top_cell = heights[0], cells[0]
    size -= 1
    height, cell = heights[size], cells[size]
    place = 0
    child = 1
    while child < size:
        if child + 1 < size and heights[child + 1] < heights[child]:
            child += 1
        if heights[child] >= height:
            break
        heights[place] = heights[child]
        cells[place] = cells[child]
        place = child
        child = 2 * place + 1
    heights[place] = height
    cells[place] = cell
    heights[size] = top_height
    cells[size] = top_cell
    return size


@njit(cache=True, nogil=True)
def _raise_pit(heights, steps, done, level, pit, slope):
    """Raise to ``level`` what lies around the cell ``pit[0]`` and is not higher, from cell to cell.

    How many were raised, and how many higher cells around them were put into ``slope``.
    """
    raised, pits, slopes, first = 0, 1, 0, 0
    while first < pits:
        cell = pit[first]
        first += 1
        for k in range(8):
            near = cell + steps[k]
            if done[near]:
                continue
            done[near] = 1
            if heights[near] <= level:
                if heights[near] < level:
                    raised += 1
                    heights[near] = level
                pit[pits] = near
                pits += 1
            else:
                slope[slopes] = near
                slopes += 1
    return raised, slopes


@njit(cache=True, nogil=True)
def _climb(heights, steps, done, slope, slopes, heap_heights, heap_cells, size):
    """Follow what rises from the cells in ``slope``: it drains into them, whatever its height.

    A cell beside one that is not higher waits in the heap for its turn; the heap's new size.
    """
    first = 0
    while first < slopes:
        cell = slope[first]
        first += 1
        height = heights[cell]
        waits = False
        for k in range(8):
            near = cell + steps[k]
            if done[near]:
                continue
            if heights[near] > height:
                done[near] = 1
                slope[slopes] = near
                slopes += 1
            elif not waits:
                waits = True
                size = _push(heap_heights, heap_cells, size, height, cell)
    return size


@njit(cache=True, nogil=True)
def fill_pits(heights, valid, width):
    """Raise every pit to the height at which it spills, in place; the number of cells raised.

    Cells drain over the edge of what is valid. The result does not depend on any order: it is the lowest surface,
    nowhere below the given one, from which every cell drains without rising. Grown from the outside by height
    (priority flood), with the cells of pits and of slopes kept out of the heap.

    Parameters: ``heights`` m (changed), ``valid`` 0 or 1, both padded; ``width`` of a padded row.
    """
    count = heights.size
    steps = np.array([1, 1 - width, -width, -width - 1, -1, width - 1, width, width + 1])
    done = np.empty(count, np.uint8)
    heap_heights, heap_cells = np.empty(count, heights.dtype), np.empty(count, np.int32)
    pit, slope = np.empty(count, np.int32), np.empty(count, np.int32)
    size = 0
    for cell in range(count):
        done[cell] = 1 - valid[cell]
    for cell in range(count):
        if valid[cell]:
            for k in range(8):
                if not valid[cell + steps[k]]:
                    done[cell] = 1
                    size = _push(heap_heights, heap_cells, size, heights[cell], cell)
                    break
    total = 0
    while size > 0:
        size = _pop(heap_heights, heap_cells, size)
        pit[0] = heap_cells[size]
        raised, slopes = _raise_pit(heights, steps, done, heap_heights[size], pit, slope)
        total += raised
        size = _climb(heights, steps, done, slope, slopes, heap_heights, heap_cells, size)
    return total


@njit(cache=True, nogil=True)
def _across(first, middle, last, own, first_valid, middle_valid, last_valid):
    """Difference along one side of a window and its weight: of the corners, else of a corner and the middle, else of
    a corner and the cell itself over the diagonal.
    """
    if first_valid and last_valid:
        return first - last, 2
    if first_valid and middle_valid:
        return first - middle, 1
    if middle_valid and last_valid:
        return middle - last, 1
    if first_valid:
        return (first - own) * math.sqrt(2.0), 1
    if last_valid:
        return (own - last) * math.sqrt(2.0), 1
    return 0.0, 0


@njit(cache=True, nogil=True)
def _through(first, own, last, first_valid, last_valid):
    """Difference along the middle of a window, counted twice, and its weight."""
    if first_valid and last_valid:
        return 2 * (first - last), 4
    if first_valid:
        return 2 * (first - own), 2
    if last_valid:
        return 2 * (own - last), 2
    return 0.0, 0


@njit(cache=True, nogil=True, parallel=True)
def slope_percent(heights, valid, width, cell_size, out):
    """Slope in per cent from the eight neighbours (Horn 1981), where some are missing from those that are there.

    ``out`` is filled for valid cells. ``cell_size`` m, square cells.
    """
    rows = heights.size // width
    for row in prange(1, rows - 1):
        for cell in range(row * width + 1, row * width + width - 1):
            if not valid[cell]:
                continue
            up, down = cell - width, cell + width
            a, b, c = float(heights[up - 1]), float(heights[up]), float(heights[up + 1])
            d, e, f = float(heights[cell - 1]), float(heights[cell]), float(heights[cell + 1])
            g, h, i = float(heights[down - 1]), float(heights[down]), float(heights[down + 1])
            has_a, has_b, has_c = valid[up - 1], valid[up], valid[up + 1]
            has_d, has_f = valid[cell - 1], valid[cell + 1]
            has_g, has_h, has_i = valid[down - 1], valid[down], valid[down + 1]
            top, top_weight = _across(a, b, c, e, has_a, has_b, has_c)
            middle, middle_weight = _through(d, e, f, has_d, has_f)
            bottom, bottom_weight = _across(g, h, i, e, has_g, has_h, has_i)
            left, left_weight = _across(a, d, g, e, has_a, has_d, has_g)
            centre, centre_weight = _through(b, e, h, has_b, has_h)
            right, right_weight = _across(c, f, i, e, has_c, has_f, has_i)
            east = top_weight + middle_weight + bottom_weight
            south = left_weight + centre_weight + right_weight
            dx = (top + middle + bottom) / (east * cell_size) if east else 0.0
            dy = (left + centre + right) / (south * cell_size) if south else 0.0
            out[cell] = 100 * math.sqrt(dx * dx + dy * dy)
