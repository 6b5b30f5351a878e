"""The topographic factor LS of soil loss, by named methods. Kernels on padded arrays (see the package).

The definition changes avoided erosion by a factor of three to eight (docs/decisions): every output names its method.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange

HJ1173 = "hj1173-2021"
INVEST = "invest-3.14"
METHODS = (HJ1173, INVEST)
# Longest slope over which water runs as a sheet, m: field practice of the national soil survey.
LONGEST_SLOPE = 300.0


@njit(cache=True, nogil=True)
def _exponent(sine):
    """m of the length factor: β/(1+β), β rill to interrill erosion (McCool 1989; HJ 1173-2021, annex A)."""
    ratio = (sine / 0.0896) / (3 * sine**0.8 + 0.56)
    return ratio / (1 + ratio)


@njit(cache=True, nogil=True)
def steepness_hj1173(degrees):
    """S by HJ 1173-2021, annex A: four stretches of slope, degrees; constant beyond 28.81°."""
    sine = math.sin(math.radians(degrees))
    if degrees < 5.14:
        return 10.8 * sine + 0.03
    if degrees < 10.20:
        return 16.8 * sine - 0.5
    if degrees < 28.81:
        return 21.9 * sine - 0.96
    return 9.5988


@njit(cache=True, nogil=True)
def length_hj1173(metres, degrees):
    """L by HJ 1173-2021, annex A: ``(λ/22.13)^m`` with λ m."""
    return (metres / 22.13) ** _exponent(math.sin(math.radians(degrees)))


@njit(cache=True, nogil=True)
def _factor_hj1173(percent, passed, cell_size, longest):
    """LS of one cell; λ is the root of what drains through it, as an area, at most ``longest``."""
    degrees = math.degrees(math.atan(percent / 100))
    metres = min(math.sqrt(passed) * cell_size, longest)
    return length_hj1173(metres, degrees) * steepness_hj1173(degrees)


@njit(cache=True, nogil=True)
def _factor_invest(percent, passed, cell_size, most):
    """LS of one cell as InVEST 3.14 and later define it; ``most`` the limit of L.

    The root of the upslope area (m) is added to the area of the cell (m²): the units do not agree, it is kept so that
    results can be compared. The steps of m below 9 per cent and the break of S at 9 per cent are its own.
    """
    area = cell_size * cell_size
    upslope = math.sqrt((passed - 1) * area)
    angle = math.atan(percent / 100)
    sine = math.sin(angle)
    if percent > 9:
        exponent = _exponent(sine)
    elif percent > 5:
        exponent = 0.5
    elif percent > 3.5:
        exponent = 0.4
    elif percent > 1:
        exponent = 0.3
    else:
        exponent = 0.2
    across = abs(sine) + abs(math.cos(angle))
    length = ((upslope + area) ** (exponent + 1) - upslope ** (exponent + 1)) / (
        cell_size ** (exponent + 2) * across**exponent * 22.13**exponent
    )
    steepness = 10.8 * sine + 0.03 if percent < 9 else 16.8 * sine - 0.5
    return min(length, most) * steepness


@njit(cache=True, nogil=True, parallel=True)
def _fill(percent, passed, valid, cell_size, limit, invest, out):
    for cell in prange(out.size):
        if valid[cell]:
            if invest:
                out[cell] = _factor_invest(percent[cell], passed[cell], cell_size, limit)
            else:
                out[cell] = _factor_hj1173(percent[cell], passed[cell], cell_size, limit)


def factor(method: str, percent, passed, valid, cell_size: float, limit: float | None = None) -> np.ndarray:
    """LS of every valid cell.

    Parameters
    ----------
    method: one of :data:`METHODS`.
    percent: slope, per cent. passed: cells that drain through each, itself among them. Both padded.
    cell_size: m.
    limit: of the slope's length, m (HJ 1173: :data:`LONGEST_SLOPE`), or of the factor L (InVEST: 122).

    Raises ValueError for an unknown method.
    """
    if method not in METHODS:
        raise ValueError(method)
    out = np.zeros(percent.size, np.float32)
    bound = limit if limit is not None else (122.0 if method == INVEST else LONGEST_SLOPE)
    _fill(percent, passed, valid, cell_size, bound, method == INVEST, out)
    return out
