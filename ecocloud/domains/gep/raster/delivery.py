"""Where eroded soil goes: connectivity, share delivered to streams, what is deposited on the way. Kernels on padded
arrays.

Definitions are those of the sediment delivery ratio model (Borselli 2008, Vigiak 2012) as InVEST computes it.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from ecocloud.domains.gep.raster.routing import _steps, parts

UNKNOWN = -1.0


@njit(cache=True, nogil=True)
def distance_to_stream(direction, order, stream, width, weight, out):
    """Mean weighted way from each cell down to a stream: each step costs the ``weight`` of the cell stepped on.

    ``out`` gets 0 on streams and :data:`UNKNOWN` where no stream is reached; parts of the water that reach none do
    not count.
    """
    steps = _steps(width)
    for n in range(order.size - 1, -1, -1):
        cell = order[n]
        if stream[cell] == 1:
            out[cell] = 0.0
            continue
        total, summed = 0, 0.0
        for k in range(8):
            part = int((direction[cell] >> np.uint32(4 * k)) & np.uint32(15))
            near = cell + steps[k]
            if part and stream[near] != 255 and out[near] != UNKNOWN:
                total += part
                summed += part * (float(weight[near]) + out[near])
        out[cell] = summed / total if total else UNKNOWN


@njit(cache=True, nogil=True)
def delivery_ratio(above, below, stream, k_param, ic0, most, out):
    """Share of eroded soil that reaches a stream: ``most / (1 + exp((IC0 − IC)/k))`` with ``IC =
    log10(above/below)``.

    1 on streams; :data:`UNKNOWN` where there is no way to a stream. ``above`` and ``below`` m.
    """
    for cell in range(out.size):
        if stream[cell] == 255:
            out[cell] = UNKNOWN
        elif stream[cell] == 1:
            out[cell] = 1.0
        elif below[cell] == UNKNOWN or below[cell] == 0 or above[cell] == 0:
            out[cell] = UNKNOWN
        else:
            index = np.float32(math.log10(above[cell] / below[cell]))
            out[cell] = most / (1 + math.exp((ic0 - index) / k_param))


@njit(cache=True, nogil=True)
def deposition(direction, order, ratio, staying, width, flux, out):
    """Soil deposited in each cell, in the unit of ``staying`` (what erodes in a cell and does not reach a stream).

    ``d = (Σ ratio downslope · part − ratio)/(1 − ratio)``, not below 0; deposited is ``d`` of what flows in, the rest
    flows on with what stays of the cell. ``flux`` and ``out`` are filled; :data:`UNKNOWN` where the ratio is.
    """
    steps = _steps(width)
    for n in range(order.size):
        cell = order[n]
        arriving = 0.0
        for k in range(8):
            near = cell + steps[k]
            part = int((direction[near] >> np.uint32(4 * ((k + 4) & 7))) & np.uint32(15))
            if part and flux[near] != UNKNOWN:
                arriving += part * float(flux[near]) / int(parts(direction[near]))
        total, below = 0, 0.0
        for k in range(8):
            part = int((direction[cell] >> np.uint32(4 * k)) & np.uint32(15))
            if part:
                near = cell + steps[k]
                total += part
                if ratio[near] != UNKNOWN:
                    below += part * (1.0 if ratio[near] == 0 else float(ratio[near]))
        own = float(ratio[cell])
        if own == UNKNOWN or staying[cell] == UNKNOWN:
            flux[cell] = out[cell] = UNKNOWN
            continue
        below = max(below / total if total else 0.0, own)
        share = 1.0 if own == 1 else (below - own) / (1 - own)
        out[cell] = max(share * arriving, 0.0)
        flux[cell] = max((1 - share) * arriving + float(staying[cell]), 0.0)
