"""Where eroded soil goes: connectivity, share delivered to streams, what is deposited on the way. Kernels on padded
arrays.

Definitions are those of the sediment delivery ratio model (Borselli 2008, Vigiak 2012) as InVEST computes it.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange

from ecocloud.domains.gep.raster.powers import exp, log
from ecocloud.domains.gep.raster.routing import _FIRST, _part_from, _steps, parts

UNKNOWN = -1.0
_LOG10_E = math.log10(math.e)
LEAST_COVER, LEAST_STEEPNESS, MOST_STEEPNESS = np.float32(0.001), np.float32(0.005), np.float32(1)


@njit(cache=True, nogil=True)
def _weight(cover):
    return max(cover, LEAST_COVER)


@njit(cache=True, nogil=True)
def _steepness(slope):
    """Slope as a share, from per cent, held between 0.005 and 1."""
    return min(max(slope / np.float32(100), LEAST_STEEPNESS), MOST_STEEPNESS)


@njit(cache=True, nogil=True)
def upslope(direction, above, order, width, passed, cover, slope, cell_size, both, out):
    """What the land above each cell contributes to its connectivity, m: mean cover times mean steepness times the root
    of the area, of all that drains through it.

    ``both`` (cells, 2) gets cover and steepness accumulated as :func:`routing.accumulate` does, side by side.
    """
    steps = _steps(width)
    for n in range(order.size):
        cell = order[n]
        first, second = float(_weight(cover[cell])), float(_steepness(slope[cell]))
        more = above[cell]
        while more:
            k = _FIRST[more]
            more &= more - np.uint8(1)
            near = cell + steps[k]
            share = float(_part_from(direction[near], k)) / float(parts(direction[near]))
            first += both[near, 0] * share
            second += both[near, 1] * share
        both[cell, 0], both[cell, 1] = first, second
        mean = np.float32(first / passed[cell]) * np.float32(second / passed[cell])
        out[cell] = mean * math.sqrt(passed[cell] * cell_size**2)


@njit(cache=True, nogil=True, parallel=True)
def resistance(cover, slope, valid):
    """What a step onto each cell costs: 1 / (cover · steepness); put in the place of ``cover``."""
    for cell in prange(cover.size):
        if valid[cell]:
            cover[cell] = np.float32(1) / (_weight(cover[cell]) * _steepness(slope[cell]))


@njit(cache=True, nogil=True)
def distance_to_stream(direction, order, stream, width, weight, out):
    """Mean weighted way from each cell down to a stream: each step costs the ``weight`` of the cell stepped on.

    ``out`` is :data:`UNKNOWN` everywhere before; it gets 0 on streams and stays where no stream is reached; parts of
    the water that reach none do not count.
    """
    steps = _steps(width)
    for n in range(order.size - 1, -1, -1):
        cell = order[n]
        if stream[cell] == 1:
            out[cell] = 0.0
            continue
        total, summed = 0, 0.0
        for k in range(8):  # without branches: which neighbours count cannot be foretold
            near = cell + steps[k]
            part = int((direction[cell] >> np.uint32(4 * k)) & np.uint32(15)) * int(out[near] != UNKNOWN)
            total += part
            summed += part * (float(weight[near]) + out[near])
        if total:
            out[cell] = summed / total


@njit(cache=True, nogil=True, parallel=True, error_model="numpy")
def delivery_ratio(above, below, stream, width, k_param, ic0, most, out):
    """Share of eroded soil that reaches a stream: ``most / (1 + exp((IC0 − IC)/k))`` with ``IC =
    log10(above/below)``.

    1 on streams; :data:`UNKNOWN` where there is no way to a stream. ``above`` and ``below`` m; ``out`` may be one of
    them.
    """
    for row in prange(out.size // width):
        for cell in range(row * width, (row + 1) * width):  # every cell: a branch would hinder vector instructions
            index = np.float32(log(above[cell] / below[cell]) * _LOG10_E)
            share = most / (1 + exp((ic0 - index) / k_param))
            led = (below[cell] > 0) & (above[cell] > 0) & (stream[cell] == 0)
            out[cell] = share if led else 1.0 if stream[cell] == 1 else UNKNOWN


@njit(cache=True, nogil=True)
def export(known, stream, ls, erosivity, erodibility, share, ratio, zone, kind, classes, sums, exported, staying):
    """Of one block, what erodes (``share`` of the loss of bare ground) and reaches a stream, and what stays of it,
    t/(hm²·a); :data:`UNKNOWN` where either is not known. Columns of ``sums``: cells, exported.
    """
    for cell in range(known.size):
        exported[cell] = UNKNOWN
        staying[cell] = 0 if stream[cell] == 1 else UNKNOWN
        if known[cell] and stream[cell] == 0 and ratio[cell] >= 0:
            actual = ls[cell] * erosivity[cell] * erodibility[cell] * share[cell]
            exported[cell] = actual * ratio[cell]
            staying[cell] = actual * (np.float32(1) - ratio[cell])
            if zone[cell] >= 0:
                row = zone[cell] * classes + kind[cell]
                sums[row, 0] += 1
                sums[row, 1] += exported[cell]


@njit(cache=True, nogil=True)
def deposition(direction, above, order, ratio, staying, width, flux, out):
    """Soil deposited in each cell, in the unit of ``staying`` (what erodes in a cell and does not reach a stream).

    ``d = (Σ ratio downslope · part − ratio)/(1 − ratio)``, not below 0; deposited is ``d`` of what flows in, the rest
    flows on with what stays of the cell. ``flux`` and ``out`` are filled, :data:`UNKNOWN` where the ratio is; ``out``
    may be ``staying``.
    """
    steps = _steps(width)
    for n in range(order.size):
        cell = order[n]
        own = float(ratio[cell])
        if own == UNKNOWN or staying[cell] == UNKNOWN:
            flux[cell] = out[cell] = UNKNOWN
            continue
        arriving = 0.0
        more = above[cell]
        while more:
            k = _FIRST[more]
            more &= more - np.uint8(1)
            near = cell + steps[k]
            if flux[near] != UNKNOWN:
                part = int(_part_from(direction[near], k))
                arriving += part * float(flux[near]) / int(parts(direction[near]))
        share = 1.0
        if own != 1:
            below = 0.0
            for k in range(8):
                part = int((direction[cell] >> np.uint32(4 * k)) & np.uint32(15))
                found = ratio[cell + steps[k]]
                below += part * (0.0 if found == UNKNOWN else 1.0 if found == 0 else float(found))
            total = int(parts(direction[cell]))
            share = (max(below / total if total else 0.0, own) - own) / (1 - own)
        flux[cell] = max((1 - share) * arriving + float(staying[cell]), 0.0)
        out[cell] = max(share * arriving, 0.0)
