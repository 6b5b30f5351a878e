"""The topographic factor LS of soil loss, by named methods. Kernels on padded arrays (see the package).

The definition changes avoided erosion by a factor of three to eight (docs/decisions): every output names its method.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange

from ecocloud.domains.gep.raster.powers import power

HJ1173 = "hj1173-2021"
INVEST = "invest-3.14"
METHODS = (HJ1173, INVEST)
# Longest slope over which water runs as a sheet, m: field practice of the national soil survey.
LONGEST_SLOPE = 300.0
# Where the stretches of the standard's S end, as sines of the slope.
_FIRST, _SECOND, _THIRD = (math.sin(math.radians(degrees)) for degrees in (5.14, 10.20, 28.81))


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _exponent(sine):
    """m of the length factor: β/(1+β), β rill to interrill erosion (McCool 1989; HJ 1173-2021, annex A)."""
    ratio = (sine / 0.0896) / (3 * power(sine, 0.8) + 0.56)
    return ratio / (1 + ratio)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _steepness_hj1173(sine):
    steepness = 10.8 * sine + 0.03 if sine < _FIRST else 16.8 * sine - 0.5
    steepness = steepness if sine < _SECOND else 21.9 * sine - 0.96
    return steepness if sine < _THIRD else 9.5988


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def steepness_hj1173(degrees):
    """S by HJ 1173-2021, annex A: four stretches of slope, degrees; constant beyond 28.81°."""
    return _steepness_hj1173(math.sin(math.radians(degrees)))


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def length_hj1173(metres, degrees):
    """L by HJ 1173-2021, annex A: ``(λ/22.13)^m`` with λ m."""
    return power(metres / 22.13, _exponent(math.sin(math.radians(degrees))))


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _factor_hj1173(percent, passed, cell_size, longest):
    """LS of one cell; λ is the root of what drains through it, as an area, at most ``longest``."""
    tangent = percent / 100
    sine = tangent / math.sqrt(1 + tangent * tangent)
    metres = min(math.sqrt(passed) * cell_size, longest)
    return power(metres / 22.13, _exponent(sine)) * _steepness_hj1173(sine)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _factor_invest(percent, passed, cell_size, most):
    """LS of one cell as InVEST 3.14 and later define it; ``most`` the limit of L.

    The root of the upslope area (m) is added to the area of the cell (m²): the units do not agree, it is kept so that
    results can be compared. The steps of m below 9 per cent and the break of S at 9 per cent are its own.
    """
    area = cell_size * cell_size
    upslope = math.sqrt(max((passed - 1) * area, 0.0))
    tangent = percent / 100
    cosine = 1 / math.sqrt(1 + tangent * tangent)
    sine = tangent * cosine
    exponent = 0.3 if percent > 1 else 0.2
    exponent = 0.4 if percent > 3.5 else exponent
    exponent = 0.5 if percent > 5 else exponent
    exponent = _exponent(sine) if percent > 9 else exponent
    across = sine + cosine
    length = power(upslope + area, exponent + 1) - power(upslope, exponent + 1)
    length /= area * power(cell_size * across * 22.13, exponent)
    steepness = 10.8 * sine + 0.03 if percent < 9 else 16.8 * sine - 0.5
    return min(length, most) * steepness


@njit(cache=True, nogil=True, parallel=True, error_model="numpy")
def _fill_hj1173(percent, passed, valid, width, cell_size, limit, out):
    for row in prange(out.size // width):
        for cell in range(row * width, (row + 1) * width):  # every cell: a branch would hinder vector instructions
            found = _factor_hj1173(float(percent[cell]), passed[cell], cell_size, limit)
            out[cell] = found if valid[cell] else 0.0


@njit(cache=True, nogil=True, parallel=True, error_model="numpy")
def _fill_invest(percent, passed, valid, width, cell_size, limit, out):
    for row in prange(out.size // width):
        for cell in range(row * width, (row + 1) * width):
            found = _factor_invest(float(percent[cell]), passed[cell], cell_size, limit)
            out[cell] = found if valid[cell] else 0.0


def factor(method: str, percent, passed, valid, width: int, cell_size: float, limit: float | None = None) -> np.ndarray:
    """LS of every valid cell.

    Parameters
    ----------
    method: one of :data:`METHODS`.
    percent: slope, per cent. passed: cells that drain through each, itself among them. Both padded.
    width: of a padded row. cell_size: m.
    limit: of the slope's length, m (HJ 1173: :data:`LONGEST_SLOPE`), or of the factor L (InVEST: 122).

    Raises ValueError for an unknown method.
    """
    if method not in METHODS:
        raise ValueError(method)
    out = np.empty(percent.size, np.float32)
    bound = limit if limit is not None else (122.0 if method == INVEST else LONGEST_SLOPE)
    fill = _fill_invest if method == INVEST else _fill_hj1173
    fill(percent, passed, valid, width, cell_size, bound, out)
    return out
