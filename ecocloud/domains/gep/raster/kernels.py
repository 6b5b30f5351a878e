"""Small loops over the cells of one block that would take several passes otherwise."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def survey(values, known, least, most):
    """Of the known values: how many, least and greatest, how many lie beyond ``least`` and ``most``."""
    count, low, high, beyond = 0, np.inf, -np.inf, 0
    for cell in range(values.size):
        if known[cell]:
            value = float(values[cell])
            count += 1
            low, high = min(low, value), max(high, value)
            beyond += (value < least) | (value > most)
    return count, low, high, beyond


@njit(cache=True, nogil=True)
def tally(codes, known, counts):
    """Count the known codes, each in its place; False when one has none in ``counts``."""
    for cell in range(codes.size):
        if known[cell]:
            code = int(codes[cell])
            if code != codes[cell] or not 0 <= code < counts.size:
                return False
            counts[code] += 1
    return True


@njit(cache=True, nogil=True)
def places(codes, known, lookup, out):
    """The place of each code in the table of classes, 0 where it is not known. How many known codes have none."""
    absent = 0
    for cell in range(codes.size):
        out[cell] = 0
        if known[cell]:
            code = int(codes[cell])
            place = lookup[code] if 0 <= code < lookup.size else -1
            if place < 0:
                absent += 1
            else:
                out[cell] = place
    return absent


@njit(cache=True, nogil=True)
def by_class(column, kind):
    """A column of the table of classes for each cell."""
    out = np.empty(kind.size, column.dtype)
    for cell in range(kind.size):
        out[cell] = column[kind[cell]]
    return out


@njit(cache=True, nogil=True)
def present(known, kind, classes):
    """Which classes known cells have."""
    out = np.zeros(classes, np.bool_)
    for cell in range(kind.size):
        if known[cell]:
            out[kind[cell]] = True
    return out


@njit(cache=True, nogil=True)
def masked(known, values, nodata):
    """Values as float32, ``nodata`` where not known."""
    out = np.empty(values.size, np.float32)
    for cell in range(values.size):
        out[cell] = values[cell] if known[cell] else nodata
    return out
