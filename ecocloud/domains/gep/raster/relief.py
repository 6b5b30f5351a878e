"""Slope of a relief. Kernels on padded arrays (see the package)."""

from __future__ import annotations

import math

from numba import njit, prange


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
