"""Single flow (D8, O'Callaghan and Mark 1984): all water of a cell goes to one neighbour. Kernel on padded arrays."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from ecocloud.domains.gep.raster.routing import _steps


@njit(cache=True, nogil=True)
def only_steepest(heights, valid, width, direction):
    """Make multiple-flow directions single: the steepest of the neighbours that get water, on a plateau or at the edge
    of what is valid the one that gets most, of equals the first counted from the east.

    Water still flows only where it flowed before, so that an order of the cells and the pits filled for it hold.
    """
    steps = _steps(width)
    for cell in range(direction.size):
        if direction[cell] == 0:
            continue
        best, steepest, most = 0, -1.0, 0
        for k in range(8):
            part = int((direction[cell] >> np.uint32(4 * k)) & np.uint32(15))
            near = cell + steps[k]
            if part == 0:
                continue
            fall = 0.0
            if valid[near]:
                fall = (float(heights[cell]) - float(heights[near])) * (1 / math.sqrt(2.0) if k & 1 else 1.0)
            if fall > steepest or (fall == steepest and fall == 0 and part > most):
                best, steepest, most = k, fall, part
        direction[cell] = np.uint32(15) << np.uint32(4 * best)
